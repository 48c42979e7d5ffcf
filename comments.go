package cvat

import (
	"context"
	"iter"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Comments service.
var (
	OpCommentsList          = Operation{ID: "comments_list", Method: http.MethodGet, Path: "/api/comments", Replay: Repeatable}
	OpCommentsCreate        = Operation{ID: "comments_create", Method: http.MethodPost, Path: "/api/comments"}
	OpCommentsRetrieve      = Operation{ID: "comments_retrieve", Method: http.MethodGet, Path: "/api/comments/{id}", Replay: Repeatable}
	OpCommentsPartialUpdate = Operation{ID: "comments_partial_update", Method: http.MethodPatch, Path: "/api/comments/{id}"}
	OpCommentsDestroy       = Operation{ID: "comments_destroy", Method: http.MethodDelete, Path: "/api/comments/{id}", Replay: Repeatable}
)

// The fields that comments can be filtered by.
const (
	CommentFieldID      IntField  = "id"
	CommentFieldIssueID IntField  = "issue_id"
	CommentFieldOwner   UserField = "owner"
)

// CommentsService creates, reads, changes and deletes comments on issues.
type CommentsService service

// CommentListOptions narrow a list of comments.
type CommentListOptions struct {
	ListOptions
	// IssueID picks the comments of one issue.
	IssueID int64
	// Owner is a user name.
	Owner string
}

func (s *CommentsService) list(opts *CommentListOptions, call []CallOption) list[models.Comment] {
	l := list[models.Comment]{
		client: s.client, op: OpCommentsList, sort: "id", id: func(c *models.Comment) any { return c.ID }, call: call,
	}
	if opts != nil {
		l.opts = opts.ListOptions
		l.opts.Filter = And(opts.Filter,
			CommentFieldIssueID.eqUnlessZero(opts.IssueID),
			CommentFieldOwner.eqUnlessZero(opts.Owner))
	}
	return l
}

// List returns one page of the comments that the caller may see.
//
// CVAT API: GET /api/comments (comments_list)
func (s *CommentsService) List(ctx context.Context, opts *CommentListOptions, call ...CallOption) ([]*models.Comment, *Response, error) {
	return s.list(opts, call).one(ctx)
}

// All walks through all comments that the caller may see; see [ListOptions].
//
// CVAT API: GET /api/comments (comments_list)
func (s *CommentsService) All(ctx context.Context, opts *CommentListOptions, call ...CallOption) iter.Seq2[*models.Comment, error] {
	return s.list(opts, call).all(ctx)
}

// Get returns a comment.
//
// CVAT API: GET /api/comments/{id} (comments_retrieve)
func (s *CommentsService) Get(ctx context.Context, id int64, opts ...CallOption) (*models.Comment, *Response, error) {
	return fetch[models.Comment](ctx, s.client, call{op: OpCommentsRetrieve, args: []any{id}}, opts)
}

// Create adds a comment to an issue. An issue that does not exist matches [ErrInvalid].
//
// CVAT API: POST /api/comments (comments_create)
func (s *CommentsService) Create(ctx context.Context, body models.CommentCreate, opts ...CallOption) (*models.Comment, *Response, error) {
	if body.Issue <= 0 {
		return nil, &Response{}, &ArgumentError{Field: "CommentCreate.Issue", Reason: "is missing"}
	}
	if err := checkFilled("CommentCreate", "Message", body.Message); err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.Comment](ctx, s.client, call{op: OpCommentsCreate, in: body}, opts)
}

// Update changes the fields that are set in body and returns the whole comment.
//
// CVAT API: PATCH /api/comments/{id} (comments_partial_update)
func (s *CommentsService) Update(ctx context.Context, id int64, body models.CommentPatch, opts ...CallOption) (*models.Comment, *Response, error) {
	if err := checkPatched("CommentPatch.Message", body.Message); err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.Comment](ctx, s.client, call{op: OpCommentsPartialUpdate, args: []any{id}, in: body}, opts)
}

// Delete deletes a comment. The issue stays, even without any.
//
// CVAT API: DELETE /api/comments/{id} (comments_destroy)
func (s *CommentsService) Delete(ctx context.Context, id int64, opts ...CallOption) (*Response, error) {
	return s.client.perform(ctx, call{op: OpCommentsDestroy, args: []any{id}}, nil, opts)
}
