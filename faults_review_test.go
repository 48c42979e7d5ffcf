package cvat_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

func faultyReview() map[string]faulty {
	return map[string]faulty{
		"Issues.List": {op: cvat.OpIssuesList, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Issues.List(ctx, nil)
			return err
		})},
		"Issues.All": {op: cvat.OpIssuesList, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, err := cvat.Collect(c.Issues.All(ctx, nil))
			return err
		})},
		"Issues.Get": {op: cvat.OpIssuesRetrieve, prepare: onMade((*faultFixture).issue, func(ctx context.Context, c *cvat.Client, i *models.Issue) error {
			_, _, err := c.Issues.Get(ctx, i.ID)
			return err
		})},
		"Issues.Create": {op: cvat.OpIssuesCreate, delta: 1, count: countIssues, prepare: on(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := c.Issues.Create(ctx, f.remark())
			return err
		})},
		"Issues.Update": {op: cvat.OpIssuesPartialUpdate, count: countIssues, prepare: onMade((*faultFixture).issue, func(ctx context.Context, c *cvat.Client, i *models.Issue) error {
			_, _, err := c.Issues.Update(ctx, i.ID, models.IssuePatch{Resolved: new(true)})
			return err
		})},
		"Issues.Delete": {op: cvat.OpIssuesDestroy, delta: -1, count: countIssues, silent: true, prepare: onMade((*faultFixture).issue, func(ctx context.Context, c *cvat.Client, i *models.Issue) error {
			_, err := c.Issues.Delete(ctx, i.ID)
			return err
		})},
		"Issues.ListComments": {op: cvat.OpIssuesListComments, older: true, prepare: onMade((*faultFixture).issue, func(ctx context.Context, c *cvat.Client, i *models.Issue) error {
			_, _, err := c.Issues.ListComments(ctx, i.ID)
			return err
		})},
		"Comments.List": {op: cvat.OpCommentsList, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Comments.List(ctx, nil)
			return err
		})},
		"Comments.All": {op: cvat.OpCommentsList, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, err := cvat.Collect(c.Comments.All(ctx, nil))
			return err
		})},
		"Comments.Get": {op: cvat.OpCommentsRetrieve, prepare: onMade((*faultFixture).reply, func(ctx context.Context, c *cvat.Client, comment *models.Comment) error {
			_, _, err := c.Comments.Get(ctx, comment.ID)
			return err
		})},
		"Comments.Create": {op: cvat.OpCommentsCreate, delta: 1, count: countComments, prepare: onMade((*faultFixture).issue, func(ctx context.Context, c *cvat.Client, i *models.Issue) error {
			_, _, err := c.Comments.Create(ctx, models.CommentCreate{Issue: i.ID, Message: "why?"})
			return err
		})},
		"Comments.Update": {op: cvat.OpCommentsPartialUpdate, count: countComments, prepare: onMade((*faultFixture).reply, func(ctx context.Context, c *cvat.Client, comment *models.Comment) error {
			_, _, err := c.Comments.Update(ctx, comment.ID, models.CommentPatch{Message: new("so that")})
			return err
		})},
		"Comments.Delete": {op: cvat.OpCommentsDestroy, delta: -1, count: countComments, silent: true, prepare: onMade((*faultFixture).reply, func(ctx context.Context, c *cvat.Client, comment *models.Comment) error {
			_, err := c.Comments.Delete(ctx, comment.ID)
			return err
		})},
		"Jobs.ListIssues": {op: cvat.OpJobsListIssues, older: true, prepare: on(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := c.Jobs.ListIssues(ctx, f.job)
			return err
		})},
		"Jobs.ListCommits": {op: cvat.OpJobsListCommits, older: true, prepare: on(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := c.Jobs.ListCommits(ctx, f.job, nil)
			return err
		})},
		"Tasks.ListJobs": {op: cvat.OpTasksListJobs, older: true, prepare: on(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := c.Tasks.ListJobs(ctx, f.task)
			return err
		})},
		"Projects.ListTasks": {op: cvat.OpProjectsListTasks, older: true, prepare: on(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := c.Projects.ListTasks(ctx, f.project, nil)
			return err
		})},
	}
}

// onMade prepares a call that needs an object of its own.
func onMade[T any](
	made func(*faultFixture, *testing.T) T, run func(context.Context, *cvat.Client, T) error,
) func(*testing.T, *faultFixture) func(context.Context, *cvat.Client) error {
	return func(t *testing.T, f *faultFixture) func(context.Context, *cvat.Client) error {
		t.Helper()
		object := made(f, t)
		return func(ctx context.Context, c *cvat.Client) error { return run(ctx, c, object) }
	}
}

func (f *faultFixture) remark() models.IssueCreate {
	return models.IssueCreate{Job: f.job, Position: []float64{1, 2}, Message: "wrong"}
}

func (f *faultFixture) issue(t *testing.T) *models.Issue {
	t.Helper()
	issue, _, err := f.calm.Issues.Create(t.Context(), f.remark())
	require.NoError(t, err)
	return issue
}

func (f *faultFixture) reply(t *testing.T) *models.Comment {
	t.Helper()
	comment, _, err := f.calm.Comments.Create(t.Context(), models.CommentCreate{Issue: f.issue(t).ID, Message: "why?"})
	require.NoError(t, err)
	return comment
}

func countIssues(t *testing.T, f *faultFixture) int {
	t.Helper()
	_, resp, err := f.calm.Issues.List(t.Context(), nil)
	require.NoError(t, err)
	return resp.Count
}

func countComments(t *testing.T, f *faultFixture) int {
	t.Helper()
	_, resp, err := f.calm.Comments.List(t.Context(), nil)
	require.NoError(t, err)
	return resp.Count
}
