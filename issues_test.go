package cvat_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// What every server refuses is not sent.
func TestIssuesThatNoServerTakes(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusCreated, `{}`))
	client := server.client(t)
	refuse := func(field string, resp *cvat.Response, err error) {
		t.Helper()
		refused := new(cvat.ArgumentError)
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, field, refused.Field)
		assert.NotNil(t, resp)
	}
	good := models.IssueCreate{Job: 1, Position: []float64{1, 2}, Message: "wrong"}
	for field, spoil := range map[string]func(*models.IssueCreate){
		"IssueCreate.Job":      func(i *models.IssueCreate) { i.Job = 0 },
		"IssueCreate.Frame":    func(i *models.IssueCreate) { i.Frame = -1 },
		"IssueCreate.Position": func(i *models.IssueCreate) { i.Position = nil },
		"IssueCreate.Message":  func(i *models.IssueCreate) { i.Message = "" },
	} {
		body := good
		spoil(&body)
		_, resp, err := client.Issues.Create(t.Context(), body)
		refuse(field, resp, err)
	}
	_, resp, err := client.Comments.Create(t.Context(), models.CommentCreate{Message: "why?"})
	refuse("CommentCreate.Issue", resp, err)
	_, resp, err = client.Comments.Create(t.Context(), models.CommentCreate{Issue: 1})
	refuse("CommentCreate.Message", resp, err)
	assert.Empty(t, server.dials())

	_, _, err = client.Issues.Create(t.Context(), good)
	require.NoError(t, err)
	assert.JSONEq(t, `{"job":1,"frame":0,"position":[1,2],"message":"wrong"}`, string(server.only(t).Body))
}

// The lists of an object travel as filters: servers before 2.4 ignore simple parameters.
func TestIssuesAndCommentsOfAnObject(t *testing.T) {
	t.Parallel()
	for filter, run := range map[string]func(context.Context, *cvat.Client) (int, error){
		`{"==":[{"var":"job_id"},7]}`: func(ctx context.Context, c *cvat.Client) (int, error) {
			issues, err := c.Jobs.Issues(ctx, 7)
			return len(issues), err
		},
		`{"==":[{"var":"issue_id"},7]}`: func(ctx context.Context, c *cvat.Client) (int, error) {
			comments, err := c.Issues.Comments(ctx, 7)
			return len(comments), err
		},
	} {
		server := servePipe(t, newShelf(101).ServeHTTP)
		n, err := run(t.Context(), server.client(t))
		require.NoError(t, err)
		assert.Equal(t, 101, n, "all pages")
		for _, r := range server.arrived() {
			assert.JSONEq(t, filter, r.URL.Query().Get("filter"))
		}
	}
}

// The lists inside of objects come as one array, and have no parameters.
func TestNestedLists(t *testing.T) {
	t.Parallel()
	lists := map[string]func(context.Context, *cvat.Client) (int, *cvat.Response, error){
		"/base/api/jobs/7/issues": func(ctx context.Context, c *cvat.Client) (int, *cvat.Response, error) {
			issues, resp, err := c.Jobs.ListIssues(ctx, 7)
			return len(issues), resp, err
		},
		"/base/api/issues/7/comments": func(ctx context.Context, c *cvat.Client) (int, *cvat.Response, error) {
			comments, resp, err := c.Issues.ListComments(ctx, 7)
			return len(comments), resp, err
		},
		"/base/api/tasks/7/jobs": func(ctx context.Context, c *cvat.Client) (int, *cvat.Response, error) {
			jobs, resp, err := c.Tasks.ListJobs(ctx, 7)
			return len(jobs), resp, err
		},
	}
	for uri, run := range lists {
		server := servePipe(t, replyJSON(http.StatusOK, `[{"id":1},{"id":2}]`))
		n, resp, err := run(t.Context(), server.client(t))
		require.NoError(t, err)
		assert.Equal(t, 2, n)
		assert.Equal(t, 2, resp.Count)
		assert.Equal(t, uri, server.only(t).RequestURI)

		for _, none := range []string{`[null]`, `{}`, `{"results":null}`} {
			_, _, err = run(t.Context(), servePipe(t, replyJSON(http.StatusOK, none)).client(t))
			require.Error(t, err, none)
		}
		_, _, err = run(t.Context(), servePipe(t, reply(http.StatusNotFound, "text/html", "<h1>Not Found</h1>")).client(t))
		require.ErrorIs(t, err, cvat.ErrUnsupported)
		require.ErrorContains(t, err, "2.3.0")
	}
}

// A list without search, filter and sort sends its page and nothing else.
func TestPageOptions(t *testing.T) {
	t.Parallel()
	for want, opts := range map[string]*cvat.PageOptions{
		"page=1&page_size=100": nil,
		"page=3&page_size=20":  {Page: 3, PageSize: 20},
		"page=1&page_size=all": {PageSize: cvat.PageSizeAll},
	} {
		server := servePipe(t, lastPageOf(1, 1))
		client := server.client(t)
		commits, _, err := client.Jobs.ListCommits(t.Context(), 7, opts)
		require.NoError(t, err)
		assert.Len(t, commits, 1)
		tasks, _, err := client.Projects.ListTasks(t.Context(), 7, opts)
		require.NoError(t, err)
		assert.Len(t, tasks, 1)
		requests := server.arrived()
		assert.Equal(t, "/base/api/jobs/7/commits?"+want, requests[0].RequestURI)
		assert.Equal(t, "/base/api/projects/7/tasks?"+want, requests[1].RequestURI)
	}
	_, _, err := servePipe(t, lastPageOf(0)).client(t).Jobs.ListCommits(t.Context(), 7, &cvat.PageOptions{Page: -1})
	refused := new(cvat.ArgumentError)
	require.ErrorAs(t, err, &refused)
}
