package cvat_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// firstJob returns a job of a task that goes when the test ends.
func (s *target) firstJob(t *testing.T) *models.Job {
	t.Helper()
	jobs, err := s.admin.Tasks.Jobs(t.Context(), s.taskWithFrames(t).ID)
	require.NoError(t, err)
	return jobs[0]
}

// newIssue makes an issue of a job.
func (s *target) newIssue(t *testing.T, job int64, message string) *models.Issue {
	t.Helper()
	issue, _, err := s.admin.Issues.Create(t.Context(), models.IssueCreate{
		Job: job, Frame: 1, Position: []float64{1.5, 2, 30, 40}, Message: message,
	})
	require.NoError(t, err)
	return issue
}

func conformReview(t *testing.T, s *target) {
	job := s.firstJob(t)
	t.Run("issues", func(t *testing.T) { s.conformIssues(t, job) })
	t.Run("comments", func(t *testing.T) { s.conformComments(t, job) })
	t.Run("missing", s.conformMissingIssues)
}

func (s *target) conformIssues(t *testing.T, job *models.Job) {
	t.Helper()
	ctx := t.Context()
	admin, _, err := s.admin.Users.Self(ctx)
	require.NoError(t, err)
	issue := s.newIssue(t, job.ID, "wrong box")
	assert.Equal(t, job.ID, issue.Job)
	assert.Equal(t, 1, issue.Frame)
	assert.InDeltaSlice(t, []float64{1.5, 2, 30, 40}, issue.Position, 0)
	assert.Equal(t, admin.Username, issue.Owner.Username)
	assert.False(t, issue.Resolved)
	assert.False(t, issue.CreatedDate.IsZero())
	if s.old {
		require.Len(t, issue.Comments.Items, 1)
		assert.Equal(t, "wrong box", issue.Comments.Items[0].Message)
	} else {
		assert.Equal(t, 1, *issue.Comments.Count)
	}

	got, _, err := s.admin.Issues.Update(ctx, issue.ID, models.IssuePatch{Resolved: new(true), Assignee: models.Value(admin.ID)})
	require.NoError(t, err)
	assert.True(t, got.Resolved)
	require.NotNil(t, got.Assignee)
	assert.Equal(t, admin.ID, got.Assignee.ID)

	read, _, err := s.admin.Issues.Get(ctx, issue.ID)
	require.NoError(t, err)
	assert.Equal(t, got, read)

	open := s.newIssue(t, job.ID, "missing box")
	of := cvat.IssueListOptions{JobID: job.ID, TaskID: job.TaskID, Owner: admin.Username, Assignee: admin.Username, Resolved: new(true)}
	found, resp, err := s.admin.Issues.List(ctx, &of)
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, 1, resp.Count)
	assert.Equal(t, issue.ID, found[0].ID)
	all, err := s.admin.Jobs.Issues(ctx, job.ID)
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.Equal(t, open.ID, all[1].ID, "by id")

	got, _, err = s.admin.Issues.Update(ctx, issue.ID, models.IssuePatch{Assignee: models.Null[int64]()})
	require.NoError(t, err)
	assert.Nil(t, got.Assignee)
	assert.True(t, got.Resolved, "fields that are absent stay")

	if !s.old {
		job, _, err = s.admin.Jobs.Get(ctx, job.ID)
		require.NoError(t, err)
		assert.Equal(t, 2, *job.Issues.Count)
	}
	_, _, err = s.user.Issues.Get(ctx, issue.ID)
	require.ErrorIs(t, err, cvat.ErrForbidden)
	for _, i := range all {
		_, err = s.admin.Issues.Delete(ctx, i.ID)
		require.NoError(t, err)
	}
	_, _, err = s.admin.Issues.Get(ctx, issue.ID)
	require.ErrorIs(t, err, cvat.ErrNotFound)
}

func (s *target) conformComments(t *testing.T, job *models.Job) {
	t.Helper()
	ctx := t.Context()
	issue := s.newIssue(t, job.ID, "wrong box")
	second, _, err := s.admin.Comments.Create(ctx, models.CommentCreate{Issue: issue.ID, Message: "why?"})
	require.NoError(t, err)
	assert.Equal(t, issue.ID, second.Issue)

	edited, _, err := s.admin.Comments.Update(ctx, second.ID, models.CommentPatch{Message: new("so that")})
	require.NoError(t, err)
	assert.Equal(t, "so that", edited.Message)
	got, _, err := s.admin.Comments.Get(ctx, second.ID)
	require.NoError(t, err)
	assert.Equal(t, edited, got)

	comments, err := s.admin.Issues.Comments(ctx, issue.ID)
	require.NoError(t, err)
	require.Len(t, comments, 2)
	assert.Equal(t, "wrong box", comments[0].Message)
	assert.Equal(t, got, comments[1])
	found, resp, err := s.admin.Comments.List(ctx, &cvat.CommentListOptions{IssueID: issue.ID, Owner: second.Owner.Username})
	require.NoError(t, err)
	assert.Len(t, found, 2)
	assert.Equal(t, 2, resp.Count)

	_, err = s.admin.Comments.Delete(ctx, second.ID)
	require.NoError(t, err)
	_, _, err = s.admin.Comments.Get(ctx, second.ID)
	require.ErrorIs(t, err, cvat.ErrNotFound)
	_, err = s.admin.Issues.Delete(ctx, issue.ID)
	require.NoError(t, err)
	_, _, err = s.admin.Comments.Get(ctx, comments[0].ID)
	require.ErrorIs(t, err, cvat.ErrNotFound, "comments go with their issue")
}

func (s *target) conformMissingIssues(t *testing.T) {
	ctx := t.Context()
	_, _, err := s.admin.Issues.Create(ctx, models.IssueCreate{Job: 99999999, Position: []float64{1, 2}, Message: "x"})
	require.ErrorIs(t, err, cvat.ErrInvalid)
	require.ErrorContains(t, err, "Job matching query does not exist.")
	_, _, err = s.admin.Comments.Create(ctx, models.CommentCreate{Issue: 99999999, Message: "x"})
	require.ErrorIs(t, err, cvat.ErrInvalid)
	require.ErrorContains(t, err, "Issue matching query does not exist.")
}

func conformCommits(t *testing.T, s *target) {
	ctx := t.Context()
	_, _, err := s.admin.Server.About(ctx) // a client that knows the version does not ask for what is not there
	require.NoError(t, err)
	job := s.firstJob(t)
	_, _, err = s.admin.Jobs.Update(ctx, job.ID, models.JobPatch{State: new(models.JobStateCompleted)})
	require.NoError(t, err)
	commits, resp, err := s.admin.Jobs.ListCommits(ctx, job.ID, &cvat.PageOptions{PageSize: 1})
	if !s.old {
		require.ErrorIs(t, err, cvat.ErrUnsupported)
		return
	}
	require.NoError(t, err)
	require.Len(t, commits, 1)
	assert.Equal(t, 2, resp.NextPage)
	assert.Greater(t, resp.Count, 1)
	assert.Equal(t, "completed", commits[0].Data["state"], "the latest first")
	older, _, err := s.admin.Jobs.ListCommits(ctx, job.ID, &cvat.PageOptions{Page: 2, PageSize: 1})
	require.NoError(t, err)
	require.Len(t, older, 1)
	assert.Less(t, older[0].ID, commits[0].ID)
}

func conformNestedLists(t *testing.T, s *target) {
	ctx := t.Context()
	_, _, err := s.admin.Server.About(ctx) // a client that knows the version does not ask for what is not there
	require.NoError(t, err)
	job := s.firstJob(t)
	issue := s.newIssue(t, job.ID, "wrong box")
	project := s.newProject(t)
	task, _, err := s.admin.Tasks.Create(ctx, models.TaskCreate{Name: s.name(t), ProjectID: project.ID})
	require.NoError(t, err)

	issues, resp, ofIssues := s.admin.Jobs.ListIssues(ctx, job.ID)
	comments, _, ofComments := s.admin.Issues.ListComments(ctx, issue.ID)
	jobs, _, ofJobs := s.admin.Tasks.ListJobs(ctx, job.TaskID)
	tasks, _, ofTasks := s.admin.Projects.ListTasks(ctx, project.ID, nil)
	for _, err := range []error{ofIssues, ofComments, ofJobs, ofTasks} {
		if s.old {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, cvat.ErrUnsupported)
		}
	}
	if !s.old {
		return
	}
	require.Len(t, issues, 1)
	assert.Equal(t, 1, resp.Count)
	assert.Equal(t, issue, issues[0])
	require.Len(t, comments, 1)
	assert.Equal(t, issue.Comments.Items[0], *comments[0])
	require.Len(t, jobs, 2)
	assert.Equal(t, job.ID, jobs[0].ID)
	require.Len(t, tasks, 1)
	assert.Equal(t, task.ID, tasks[0].ID)
}
