package cvat

import (
	"cmp"
	"context"
	"iter"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Invitations service.
var (
	OpInvitationsList          = Operation{ID: "invitations_list", Method: http.MethodGet, Path: "/api/invitations", Replay: Repeatable}
	OpInvitationsCreate        = Operation{ID: "invitations_create", Method: http.MethodPost, Path: "/api/invitations"}
	OpInvitationsRetrieve      = Operation{ID: "invitations_retrieve", Method: http.MethodGet, Path: "/api/invitations/{key}", Replay: Repeatable}
	OpInvitationsPartialUpdate = Operation{ID: "invitations_partial_update", Method: http.MethodPatch, Path: "/api/invitations/{key}", Until: "2.69.0"}
	OpInvitationsDestroy       = Operation{ID: "invitations_destroy", Method: http.MethodDelete, Path: "/api/invitations/{key}", Replay: Repeatable}
)

// InvitationFieldOwner is the field that invitations can be filtered by: who invites.
const InvitationFieldOwner UserField = "owner"

// InvitationsService invites users to organizations.
type InvitationsService service

// InvitationListOptions narrow a list of invitations.
type InvitationListOptions struct {
	ListOptions
	// Owner is the user name of who invites.
	Owner string
}

func (s *InvitationsService) list(opts *InvitationListOptions, call []CallOption) list[models.Invitation] {
	l := list[models.Invitation]{
		client: s.client, op: OpInvitationsList, sort: "created_date", id: func(i *models.Invitation) any { return i.Key }, call: call,
	}
	if opts != nil {
		l.opts = opts.ListOptions
		l.opts.Filter = And(opts.Filter, InvitationFieldOwner.eqUnlessZero(opts.Owner))
	}
	return l
}

// List returns one page of the invitations to the organization that the client works in, or of those by and to the caller
// if it works in none. They have no id: the stable order is by creation.
//
// CVAT API: GET /api/invitations (invitations_list)
func (s *InvitationsService) List(ctx context.Context, opts *InvitationListOptions, call ...CallOption) ([]*models.Invitation, *Response, error) {
	return s.list(opts, call).one(ctx)
}

// All walks through all invitations that List would return; see [ListOptions].
//
// CVAT API: GET /api/invitations (invitations_list)
func (s *InvitationsService) All(ctx context.Context, opts *InvitationListOptions, call ...CallOption) iter.Seq2[*models.Invitation, error] {
	return s.list(opts, call).all(ctx)
}

// Get returns an invitation.
//
// CVAT API: GET /api/invitations/{key} (invitations_retrieve)
func (s *InvitationsService) Get(ctx context.Context, key string, opts ...CallOption) (*models.Invitation, *Response, error) {
	return fetch[models.Invitation](ctx, s.client, call{op: OpInvitationsRetrieve, args: []any{key}}, opts)
}

// Create invites a user to the organization that the client works in ([WithOrganization], [ForOrganization]); without one
// nothing is sent. Unless the server is set up to ask the user, he is a member at once. It takes a maintainer or the
// owner, or else the error matches [ErrForbidden]; a user who is a member already matches [ErrInvalid].
//
// An address of nobody matches [ErrInvalid] on old servers. New ones make an account for it and send a mail; one that
// has no mail set up answers [ErrServer] although the invitation is there.
//
// CVAT API: POST /api/invitations (invitations_create)
func (s *InvitationsService) Create(ctx context.Context, body models.InvitationCreate, opts ...CallOption) (*models.Invitation, *Response, error) {
	err := cmp.Or(
		checkFilled("InvitationCreate", "Role", string(body.Role), "Email", body.Email),
		checkAddress("InvitationCreate.Email", body.Email))
	if err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.Invitation](ctx, s.client, call{op: OpInvitationsCreate, in: body, inOrg: true}, opts)
}

// Update sends an invitation again. Servers check the fields of body, change none of them, and return the invitation as
// it is: to give a member another role, use [MembershipsService.Update]. Servers since 2.70 do not have it.
//
// CVAT API: PATCH /api/invitations/{key} (invitations_partial_update)
func (s *InvitationsService) Update(ctx context.Context, key string, body models.InvitationPatch, opts ...CallOption) (*models.Invitation, *Response, error) {
	return fetch[models.Invitation](ctx, s.client, call{op: OpInvitationsPartialUpdate, args: []any{key}, in: body}, opts)
}

// Delete takes an invitation back. A membership that it led to stays: see [MembershipsService.Delete].
//
// CVAT API: DELETE /api/invitations/{key} (invitations_destroy)
func (s *InvitationsService) Delete(ctx context.Context, key string, opts ...CallOption) (*Response, error) {
	return s.client.perform(ctx, call{op: OpInvitationsDestroy, args: []any{key}}, nil, opts)
}
