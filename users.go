package cvat

import (
	"cmp"
	"context"
	"iter"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Users service.
var (
	OpUsersList          = Operation{ID: "users_list", Method: http.MethodGet, Path: "/api/users", Replay: Repeatable}
	OpUsersRetrieve      = Operation{ID: "users_retrieve", Method: http.MethodGet, Path: "/api/users/{id}", Replay: Repeatable}
	OpUsersPartialUpdate = Operation{ID: "users_partial_update", Method: http.MethodPatch, Path: "/api/users/{id}"}
	OpUsersDestroy       = Operation{ID: "users_destroy", Method: http.MethodDelete, Path: "/api/users/{id}", Replay: Repeatable}
	OpUsersRetrieveSelf  = Operation{ID: "users_retrieve_self", Method: http.MethodGet, Path: "/api/users/self", Replay: Repeatable}
)

// The fields that users can be filtered by.
const (
	UserFieldID       IntField    = "id"
	UserFieldUsername StringField = "username"
	UserFieldIsActive BoolField   = "is_active"
)

// UsersService reads, changes and deletes users. [AuthService.Register] makes them.
type UsersService service

// UserListOptions narrow a list of users.
type UserListOptions struct {
	ListOptions
	// Username is the exact user name.
	Username string
	// IsActive, if not nil, picks users that can, or cannot, log in.
	IsActive *bool
}

func (s *UsersService) list(opts *UserListOptions, call []CallOption) list[models.User] {
	l := list[models.User]{client: s.client, op: OpUsersList, sort: "id", id: func(u *models.User) any { return u.ID }, call: call}
	if opts != nil {
		l.opts = opts.ListOptions
		l.opts.Filter = And(opts.Filter,
			UserFieldUsername.eqUnlessZero(opts.Username),
			UserFieldIsActive.isUnlessNil(opts.IsActive))
	}
	return l
}

// List returns one page of the users that the caller may see: an ordinary user sees himself and the members of his
// organizations.
//
// CVAT API: GET /api/users (users_list)
func (s *UsersService) List(ctx context.Context, opts *UserListOptions, call ...CallOption) ([]*models.User, *Response, error) {
	return s.list(opts, call).one(ctx)
}

// All walks through all users that the caller may see; see [ListOptions].
//
// CVAT API: GET /api/users (users_list)
func (s *UsersService) All(ctx context.Context, opts *UserListOptions, call ...CallOption) iter.Seq2[*models.User, error] {
	return s.list(opts, call).all(ctx)
}

// Get returns a user. What only the user himself and administrators may see stays empty for others.
//
// CVAT API: GET /api/users/{id} (users_retrieve)
func (s *UsersService) Get(ctx context.Context, id int64, opts ...CallOption) (*models.User, *Response, error) {
	return fetch[models.User](ctx, s.client, call{op: OpUsersRetrieve, args: []any{id}}, opts)
}

// Self returns the user that the client's credentials belong to. Credentials that are wrong match [ErrUnauthorized].
//
// CVAT API: GET /api/users/self (users_retrieve_self)
func (s *UsersService) Self(ctx context.Context, opts ...CallOption) (*models.User, *Response, error) {
	return fetch[models.User](ctx, s.client, call{op: OpUsersRetrieveSelf}, opts)
}

// Update changes the fields that are set in body and returns the user. Ordinary users change the names of their own
// account, and get back what everybody may see of it on servers like 2.3; the account of another matches [ErrForbidden],
// fields that take an administrator match [ErrInvalid] on old servers and [ErrForbidden] on new ones.
//
// CVAT API: PATCH /api/users/{id} (users_partial_update)
func (s *UsersService) Update(ctx context.Context, id int64, body models.UserPatch, opts ...CallOption) (*models.User, *Response, error) {
	if err := checkUser(body); err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.User](ctx, s.client, call{op: OpUsersPartialUpdate, args: []any{id}, in: body}, opts)
}

func checkUser(body models.UserPatch) error {
	return cmp.Or(
		checkPatched("UserPatch.Username", body.Username),
		checkLengths("UserPatch", maxUsername, "Username", valueOf(body.Username), "FirstName", valueOf(body.FirstName), "LastName", valueOf(body.LastName)),
		checkAddress("UserPatch.Email", valueOf(body.Email)))
}

// Delete deletes a user, his login key and his memberships. What he made stays, without an owner. Users may delete
// themselves; the account of another matches [ErrForbidden] unless the caller is an administrator. To lock a user out and
// keep him, set [models.UserPatch].IsActive.
//
// CVAT API: DELETE /api/users/{id} (users_destroy)
func (s *UsersService) Delete(ctx context.Context, id int64, opts ...CallOption) (*Response, error) {
	return s.client.perform(ctx, call{op: OpUsersDestroy, args: []any{id}}, nil, opts)
}
