package cvat

import (
	"cmp"
	"context"
	"iter"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Organizations service.
var (
	OpOrganizationsList          = Operation{ID: "organizations_list", Method: http.MethodGet, Path: "/api/organizations", Replay: Repeatable}
	OpOrganizationsCreate        = Operation{ID: "organizations_create", Method: http.MethodPost, Path: "/api/organizations"}
	OpOrganizationsRetrieve      = Operation{ID: "organizations_retrieve", Method: http.MethodGet, Path: "/api/organizations/{id}", Replay: Repeatable}
	OpOrganizationsPartialUpdate = Operation{ID: "organizations_partial_update", Method: http.MethodPatch, Path: "/api/organizations/{id}"}
	OpOrganizationsDestroy       = Operation{ID: "organizations_destroy", Method: http.MethodDelete, Path: "/api/organizations/{id}", Replay: Repeatable}
)

// The fields that organizations can be filtered by.
const (
	OrganizationFieldID    IntField    = "id"
	OrganizationFieldSlug  StringField = "slug"
	OrganizationFieldName  StringField = "name"
	OrganizationFieldOwner UserField   = "owner"
)

// OrganizationsService creates, reads, changes and deletes organizations. [WithOrganization] makes a client work in one.
type OrganizationsService service

// OrganizationListOptions narrow a list of organizations.
type OrganizationListOptions struct {
	ListOptions
	// Slug is the exact slug: at most one organization has it.
	Slug string
	// Name is the exact name.
	Name string
	// Owner is a user name.
	Owner string
}

func (s *OrganizationsService) list(opts *OrganizationListOptions, call []CallOption) list[models.Organization] {
	l := list[models.Organization]{
		client: s.client, op: OpOrganizationsList, sort: "id", id: func(o *models.Organization) any { return o.ID }, call: call,
	}
	if opts != nil {
		l.opts = opts.ListOptions
		l.opts.Filter = And(opts.Filter,
			OrganizationFieldSlug.eqUnlessZero(opts.Slug),
			OrganizationFieldName.eqUnlessZero(opts.Name),
			OrganizationFieldOwner.eqUnlessZero(opts.Owner))
	}
	return l
}

// List returns one page of the organizations that the caller belongs to; an administrator sees all. Servers up to 2.3
// send the whole list for every page.
//
// CVAT API: GET /api/organizations (organizations_list)
func (s *OrganizationsService) List(ctx context.Context, opts *OrganizationListOptions, call ...CallOption) ([]*models.Organization, *Response, error) {
	return s.list(opts, call).one(ctx)
}

// All walks through all organizations that the caller belongs to; see [ListOptions].
//
// CVAT API: GET /api/organizations (organizations_list)
func (s *OrganizationsService) All(ctx context.Context, opts *OrganizationListOptions, call ...CallOption) iter.Seq2[*models.Organization, error] {
	return s.list(opts, call).all(ctx)
}

// Get returns an organization. One that the caller does not belong to matches [ErrNotFound].
//
// CVAT API: GET /api/organizations/{id} (organizations_retrieve)
func (s *OrganizationsService) Get(ctx context.Context, id int64, opts ...CallOption) (*models.Organization, *Response, error) {
	return fetch[models.Organization](ctx, s.client, call{op: OpOrganizationsRetrieve, args: []any{id}}, opts)
}

// Create makes an organization, whose owner and first member is the caller. A slug that is taken matches [ErrInvalid].
// Servers bound how many organizations an ordinary user may own: beyond that the error matches [ErrForbidden].
//
// CVAT API: POST /api/organizations (organizations_create)
func (s *OrganizationsService) Create(ctx context.Context, body models.OrganizationCreate, opts ...CallOption) (*models.Organization, *Response, error) {
	err := cmp.Or(
		checkSlug("OrganizationCreate.Slug", body.Slug),
		checkLengths("OrganizationCreate", maxOrgName, "Name", body.Name))
	if err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.Organization](ctx, s.client, call{op: OpOrganizationsCreate, in: body}, opts)
}

// Update changes the fields that are set in body and returns the whole organization. It takes a maintainer or the owner,
// or else the error matches [ErrForbidden]. Clients that work in the organization by its old slug fail after a new one.
//
// CVAT API: PATCH /api/organizations/{id} (organizations_partial_update)
func (s *OrganizationsService) Update(ctx context.Context, id int64, body models.OrganizationPatch, opts ...CallOption) (*models.Organization, *Response, error) {
	err := checkLengths("OrganizationPatch", maxOrgName, "Name", valueOf(body.Name))
	if body.Slug != nil {
		err = cmp.Or(checkSlug("OrganizationPatch.Slug", *body.Slug), err)
	}
	if err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.Organization](ctx, s.client, call{op: OpOrganizationsPartialUpdate, args: []any{id}, in: body}, opts)
}

// Delete deletes an organization with its memberships and invitations. Its projects and tasks stay, as personal ones of
// their owners. It takes the owner, or else the error matches [ErrForbidden].
//
// CVAT API: DELETE /api/organizations/{id} (organizations_destroy)
func (s *OrganizationsService) Delete(ctx context.Context, id int64, opts ...CallOption) (*Response, error) {
	return s.client.perform(ctx, call{op: OpOrganizationsDestroy, args: []any{id}}, nil, opts)
}

const maxSlug = 16

// checkSlug refuses what cannot be the slug of an organization on any server.
func checkSlug(field, slug string) error {
	switch i := strings.IndexFunc(slug, func(r rune) bool { return !isSlugRune(r) }); {
	case slug == "":
		return &ArgumentError{Field: field, Reason: "is empty"}
	case i >= 0:
		return &ArgumentError{Field: field, Reason: "is " + strconv.Quote(slug) + ": a slug has letters, digits, hyphens and underscores of ASCII only"}
	case len(slug) > maxSlug:
		return &ArgumentError{
			Field:  field,
			Reason: "is " + strconv.Quote(slug) + ", " + strconv.Itoa(len(slug)) + " characters: a slug has at most " + strconv.Itoa(maxSlug),
		}
	}
	return nil
}

func isSlugRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_'
}
