package cvat

import (
	"context"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Restrictions service. A server that calls itself 2.3 may be the alpha, which has them, or the release,
// which does not.
var (
	OpRestrictionsRetrieveUserAgreements = Operation{ID: "restrictions_retrieve_user_agreements", Method: http.MethodGet, Path: "/api/restrictions/user-agreements", Until: "2.3.0", Replay: Repeatable}
	OpRestrictionsRetrieveTermsOfUse     = Operation{ID: "restrictions_retrieve_terms_of_use", Method: http.MethodGet, Path: "/api/restrictions/terms-of-use", Until: "2.3.0", Replay: Repeatable}
)

// RestrictionsService tells what servers of 2.2 and 2.3.0-alpha ask of new users. Its calls are anonymous. Later servers
// have none of it: [ErrUnsupported].
type RestrictionsService service

// UserAgreements returns what a new user is asked to agree to; most servers ask nothing.
//
// CVAT API: GET /api/restrictions/user-agreements (restrictions_retrieve_user_agreements)
func (s *RestrictionsService) UserAgreements(ctx context.Context, opts ...CallOption) ([]*models.UserAgreement, *Response, error) {
	return nested[models.UserAgreement](ctx, s.client, call{op: OpRestrictionsRetrieveUserAgreements, anonymous: true}, opts)
}

// TermsOfUse returns the server's terms of use, a page of HTML. The caller closes the content.
//
// CVAT API: GET /api/restrictions/terms-of-use (restrictions_retrieve_terms_of_use)
func (s *RestrictionsService) TermsOfUse(ctx context.Context, opts ...CallOption) (*Content, *Response, error) {
	return s.client.open(ctx, call{op: OpRestrictionsRetrieveTermsOfUse, anonymous: true, html: true}, opts)
}
