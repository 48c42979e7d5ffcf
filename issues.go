package cvat

import (
	"context"
	"iter"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Issues service.
var (
	OpIssuesList          = Operation{ID: "issues_list", Method: http.MethodGet, Path: "/api/issues", Replay: Repeatable}
	OpIssuesCreate        = Operation{ID: "issues_create", Method: http.MethodPost, Path: "/api/issues"}
	OpIssuesRetrieve      = Operation{ID: "issues_retrieve", Method: http.MethodGet, Path: "/api/issues/{id}", Replay: Repeatable}
	OpIssuesPartialUpdate = Operation{ID: "issues_partial_update", Method: http.MethodPatch, Path: "/api/issues/{id}"}
	OpIssuesDestroy       = Operation{ID: "issues_destroy", Method: http.MethodDelete, Path: "/api/issues/{id}", Replay: Repeatable}
	OpIssuesListComments  = Operation{ID: "issues_list_comments", Method: http.MethodGet, Path: "/api/issues/{id}/comments", Until: "2.3.0", Replay: Repeatable}
)

// The fields that issues can be filtered by.
const (
	IssueFieldID       IntField  = "id"
	IssueFieldJobID    IntField  = "job_id"
	IssueFieldTaskID   IntField  = "task_id"
	IssueFieldOwner    UserField = "owner"
	IssueFieldAssignee UserField = "assignee"
	IssueFieldResolved BoolField = "resolved"
)

// IssuesService creates, reads, changes and deletes issues, the remarks of reviewers.
type IssuesService service

// IssueListOptions narrow a list of issues.
type IssueListOptions struct {
	ListOptions
	// JobID picks the issues of one job.
	JobID int64
	// TaskID picks the issues of one task.
	TaskID int64
	// Owner and Assignee are user names.
	Owner, Assignee string
	// Resolved, if set, picks the issues that are resolved, or those that are not.
	Resolved *bool
}

func (s *IssuesService) list(opts *IssueListOptions, call []CallOption) list[models.Issue] {
	l := list[models.Issue]{
		client: s.client, op: OpIssuesList, sort: "id", id: func(i *models.Issue) any { return i.ID }, call: call,
	}
	if opts != nil {
		l.opts = opts.ListOptions
		l.opts.Filter = And(opts.Filter,
			IssueFieldJobID.eqUnlessZero(opts.JobID),
			IssueFieldTaskID.eqUnlessZero(opts.TaskID),
			IssueFieldOwner.eqUnlessZero(opts.Owner),
			IssueFieldAssignee.eqUnlessZero(opts.Assignee),
			IssueFieldResolved.isUnlessNil(opts.Resolved))
	}
	return l
}

// List returns one page of the issues that the caller may see.
//
// CVAT API: GET /api/issues (issues_list)
func (s *IssuesService) List(ctx context.Context, opts *IssueListOptions, call ...CallOption) ([]*models.Issue, *Response, error) {
	return s.list(opts, call).one(ctx)
}

// All walks through all issues that the caller may see; see [ListOptions].
//
// CVAT API: GET /api/issues (issues_list)
func (s *IssuesService) All(ctx context.Context, opts *IssueListOptions, call ...CallOption) iter.Seq2[*models.Issue, error] {
	return s.list(opts, call).all(ctx)
}

// Get returns an issue.
//
// CVAT API: GET /api/issues/{id} (issues_retrieve)
func (s *IssuesService) Get(ctx context.Context, id int64, opts ...CallOption) (*models.Issue, *Response, error) {
	return fetch[models.Issue](ctx, s.client, call{op: OpIssuesRetrieve, args: []any{id}}, opts)
}

// Create makes an issue with its first comment. A job that does not exist matches [ErrInvalid].
//
// CVAT API: POST /api/issues (issues_create)
func (s *IssuesService) Create(ctx context.Context, body models.IssueCreate, opts ...CallOption) (*models.Issue, *Response, error) {
	if err := checkIssue(body); err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.Issue](ctx, s.client, call{op: OpIssuesCreate, in: body}, opts)
}

func checkIssue(body models.IssueCreate) error {
	switch {
	case body.Job <= 0:
		return &ArgumentError{Field: "IssueCreate.Job", Reason: "is missing"}
	case body.Frame < 0:
		return &ArgumentError{Field: "IssueCreate.Frame", Reason: "is negative: frames are counted from 0"}
	case len(body.Position) == 0:
		return &ArgumentError{Field: "IssueCreate.Position", Reason: "is empty"}
	}
	return checkFilled("IssueCreate", "Message", body.Message)
}

// Update changes the fields that are set in body and returns the whole issue. Outside organizations ordinary users can
// assign an issue only to themselves: anybody else matches [ErrForbidden].
//
// CVAT API: PATCH /api/issues/{id} (issues_partial_update)
func (s *IssuesService) Update(ctx context.Context, id int64, body models.IssuePatch, opts ...CallOption) (*models.Issue, *Response, error) {
	if err := checkReference("IssuePatch.Assignee", body.Assignee); err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.Issue](ctx, s.client, call{op: OpIssuesPartialUpdate, args: []any{id}, in: body}, opts)
}

// Delete deletes an issue with its comments.
//
// CVAT API: DELETE /api/issues/{id} (issues_destroy)
func (s *IssuesService) Delete(ctx context.Context, id int64, opts ...CallOption) (*Response, error) {
	return s.client.perform(ctx, call{op: OpIssuesDestroy, args: []any{id}}, nil, opts)
}

// ListComments returns the comments of an issue in one call. Servers from 2.4 on have lost the operation
// ([ErrUnsupported]): [IssuesService.Comments] works everywhere.
//
// CVAT API: GET /api/issues/{id}/comments (issues_list_comments)
func (s *IssuesService) ListComments(ctx context.Context, id int64, opts ...CallOption) ([]*models.Comment, *Response, error) {
	return nested[models.Comment](ctx, s.client, call{op: OpIssuesListComments, args: []any{id}}, opts)
}

// Comments returns the comments of an issue, by id. It is [CommentsService.All] with a filter, which every server
// understands.
//
// CVAT API: GET /api/comments (comments_list)
func (s *IssuesService) Comments(ctx context.Context, id int64) ([]*models.Comment, error) {
	if id <= 0 {
		return nil, badID(id)
	}
	return Collect(s.client.Comments.All(ctx, &CommentListOptions{IssueID: id}))
}
