package cvat

import (
	"context"
	"iter"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Memberships service.
var (
	OpMembershipsList          = Operation{ID: "memberships_list", Method: http.MethodGet, Path: "/api/memberships", Replay: Repeatable}
	OpMembershipsRetrieve      = Operation{ID: "memberships_retrieve", Method: http.MethodGet, Path: "/api/memberships/{id}", Replay: Repeatable}
	OpMembershipsPartialUpdate = Operation{ID: "memberships_partial_update", Method: http.MethodPatch, Path: "/api/memberships/{id}"}
	OpMembershipsDestroy       = Operation{ID: "memberships_destroy", Method: http.MethodDelete, Path: "/api/memberships/{id}", Replay: Repeatable}
)

// The fields that memberships can be filtered by. The user is none of them: servers do not agree on his field's name.
const (
	MembershipFieldID   IntField    = "id"
	MembershipFieldRole StringField = "role"
)

// MembershipsService reads, changes and ends memberships of organizations. Memberships begin by an invitation: see
// [InvitationsService.Create]. Call it with a client that works in the organization ([WithOrganization]): servers up to
// 2.3 show the memberships of others nowhere else.
type MembershipsService service

// MembershipListOptions narrow a list of memberships. Search finds members by a part of their user names.
type MembershipListOptions struct {
	ListOptions
	// Role is the role of the members.
	Role models.Role
}

func (s *MembershipsService) list(opts *MembershipListOptions, call []CallOption) list[models.Membership] {
	l := list[models.Membership]{
		client: s.client, op: OpMembershipsList, sort: "id", id: func(m *models.Membership) any { return m.ID }, call: call,
	}
	if opts != nil {
		l.opts = opts.ListOptions
		l.opts.Filter = And(opts.Filter, MembershipFieldRole.eqUnlessZero(string(opts.Role)))
	}
	return l
}

// List returns one page of the memberships of the organization that the client works in, or of the caller's own if it
// works in none. An administrator sees all then.
//
// CVAT API: GET /api/memberships (memberships_list)
func (s *MembershipsService) List(ctx context.Context, opts *MembershipListOptions, call ...CallOption) ([]*models.Membership, *Response, error) {
	return s.list(opts, call).one(ctx)
}

// All walks through all memberships that List would return; see [ListOptions].
//
// CVAT API: GET /api/memberships (memberships_list)
func (s *MembershipsService) All(ctx context.Context, opts *MembershipListOptions, call ...CallOption) iter.Seq2[*models.Membership, error] {
	return s.list(opts, call).all(ctx)
}

// Get returns a membership. That of somebody else matches [ErrNotFound] on servers up to 2.3 unless the client works in
// its organization.
//
// CVAT API: GET /api/memberships/{id} (memberships_retrieve)
func (s *MembershipsService) Get(ctx context.Context, id int64, opts ...CallOption) (*models.Membership, *Response, error) {
	return fetch[models.Membership](ctx, s.client, call{op: OpMembershipsRetrieve, args: []any{id}}, opts)
}

// Update gives a member another role and returns the whole membership. The owner may do that to all others, a maintainer
// to workers and supervisors; what the caller may not do matches [ErrForbidden].
//
// CVAT API: PATCH /api/memberships/{id} (memberships_partial_update)
func (s *MembershipsService) Update(ctx context.Context, id int64, body models.MembershipPatch, opts ...CallOption) (*models.Membership, *Response, error) {
	if err := checkPatched("MembershipPatch.Role", (*string)(body.Role)); err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.Membership](ctx, s.client, call{op: OpMembershipsPartialUpdate, args: []any{id}, in: body}, opts)
}

// Delete takes a member out of the organization, with the invitation that brought him. What he made there stays. Who may
// do it is as for Update; besides, members may leave, which takes a call in no organization on servers up to 2.3. The
// owner's membership stays: deleting it matches [ErrForbidden].
//
// CVAT API: DELETE /api/memberships/{id} (memberships_destroy)
func (s *MembershipsService) Delete(ctx context.Context, id int64, opts ...CallOption) (*Response, error) {
	return s.client.perform(ctx, call{op: OpMembershipsDestroy, args: []any{id}}, nil, opts)
}
