package cvat

import (
	"context"
	"iter"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Users service.
var (
	OpUsersList         = Operation{ID: "users_list", Method: http.MethodGet, Path: "/api/users", Replay: Repeatable}
	OpUsersRetrieve     = Operation{ID: "users_retrieve", Method: http.MethodGet, Path: "/api/users/{id}", Replay: Repeatable}
	OpUsersRetrieveSelf = Operation{ID: "users_retrieve_self", Method: http.MethodGet, Path: "/api/users/self", Replay: Repeatable}
)

// The fields that users can be filtered by.
const (
	UserFieldID       IntField    = "id"
	UserFieldUsername StringField = "username"
	UserFieldIsActive BoolField   = "is_active"
)

// UsersService reads users.
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
