package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/examples/internal/program"
	"github.com/go-cvat/cvat/models"
)

// gate is one run of the program.
type gate struct {
	settings

	client *cvat.Client
	stdout io.Writer
	me     string // our user name, by which we know our own issues
}

// errChanged says that somebody works on a job: it is left alone until the next run.
var errChanged = errors.New("changed meanwhile; left for the next run")

// run connects and checks.
func (g *gate) run(ctx context.Context) (err error) {
	if g.client, err = g.Client(ctx); err != nil {
		return err
	}
	return g.check(ctx)
}

// check checks all jobs. What fails for one of them does not keep the others.
func (g *gate) check(ctx context.Context) error {
	user, _, err := g.client.Users.Self(ctx)
	if err != nil {
		return err
	}
	g.me = user.Username
	// All of them first: a job that is moved leaves the list, and those behind it would be skipped.
	jobs, err := cvat.Collect(g.client.Jobs.All(ctx, &cvat.JobListOptions{
		Stage: models.JobStageValidation, ProjectID: g.project, TaskID: g.task,
	}))
	if err != nil {
		return err
	}
	failed := 0
	for _, job := range jobs {
		done, err := g.review(ctx, job)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errChanged), errors.Is(err, cvat.ErrNotFound):
			program.Say(g.stdout, "job %d: %v", job.ID, skipped(err))
		case err != nil:
			failed++
			program.Say(g.stdout, "job %d: %s%v", job.ID, done, err)
		default:
			program.Say(g.stdout, "job %d: %s", job.ID, done)
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d jobs could not be dealt with", failed, len(jobs))
	}
	program.Say(g.stdout, "%d jobs checked", len(jobs))
	return nil
}

func skipped(err error) error {
	if errors.Is(err, cvat.ErrNotFound) {
		return errors.New("is gone")
	}
	return err
}

// review checks a job and acts on it. Besides an error it returns what was done all the same.
func (g *gate) review(ctx context.Context, job *models.Job) (done string, err error) {
	meta, _, err := g.client.Jobs.DataMeta(ctx, job.ID)
	if err != nil {
		return "", err
	}
	data, _, err := g.client.Jobs.GetAnnotations(ctx, job.ID)
	if err != nil {
		return "", err
	}
	faults := inspect(job, meta, data, g.minSize)
	if g.dryRun {
		return report(faults), nil
	}
	now, _, err := g.client.Jobs.Get(ctx, job.ID)
	if err != nil {
		return "", err
	}
	if !now.UpdatedDate.Equal(job.UpdatedDate) || now.Stage != job.Stage {
		return "", errChanged // what was checked is no longer what is there
	}
	opened, err := g.openIssues(ctx, job, faults)
	if err != nil {
		return opened, err
	}
	return g.move(ctx, job, faults, opened)
}

// move sends a job where it belongs. CVAT has no update on a condition: what somebody does to the job between the look and
// the update is overruled.
func (g *gate) move(ctx context.Context, job *models.Job, faults []fault, opened string) (string, error) {
	now, _, err := g.client.Jobs.Get(ctx, job.ID)
	if err != nil {
		return opened, err
	}
	if now.Stage != job.Stage || now.State != job.State {
		return opened, errChanged
	}
	patch, done := models.JobPatch{Stage: new(models.JobStageAcceptance)}, "passed, moved on to acceptance"
	if len(faults) > 0 {
		patch = models.JobPatch{Stage: new(models.JobStageAnnotation), State: new(models.JobStateRejected)}
		done = opened + "sent back to annotation"
	}
	if _, _, err := g.client.Jobs.Update(ctx, job.ID, patch); err != nil {
		return opened, err
	}
	return done, nil
}

// openIssues opens an issue at each fault that has none: the first reason is its message, others are comments on it.
func (g *gate) openIssues(ctx context.Context, job *models.Job, faults []fault) (done string, err error) {
	known, err := g.client.Jobs.Issues(ctx, job.ID)
	if err != nil {
		return "", err
	}
	opened := 0
	for _, f := range faults {
		at := slices.IndexFunc(known, func(i *models.Issue) bool { return g.isOurs(i, f) })
		if at >= 0 {
			err = g.complete(ctx, known[at], f.reasons)
		} else if err = g.open(ctx, job.ID, f); err == nil {
			opened++
		}
		if err != nil {
			break
		}
	}
	if len(faults) > 0 {
		done = fmt.Sprintf("%d faults, %d issues opened, ", len(faults), opened)
	}
	return done, err
}

// isOurs says whether an issue is one that an earlier run opened for a fault, and that is not settled.
func (g *gate) isOurs(i *models.Issue, f fault) bool {
	return !i.Resolved && i.Owner != nil && i.Owner.Username == g.me && i.Frame == f.frame && slices.Equal(i.Position, f.position)
}

func (g *gate) open(ctx context.Context, job int64, f fault) error {
	issue, _, err := g.client.Issues.Create(ctx, models.IssueCreate{
		Job: job, Frame: f.frame, Position: f.position, Message: f.reasons[0],
	})
	if err != nil {
		return err
	}
	return g.comment(ctx, issue.ID, f.reasons[1:])
}

// complete adds the comments that an interrupted run has not come to.
func (g *gate) complete(ctx context.Context, issue *models.Issue, reasons []string) error {
	comments, err := g.client.Issues.Comments(ctx, issue.ID)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(slices.Clone(reasons), func(reason string) bool {
		return slices.ContainsFunc(comments, func(c *models.Comment) bool { return c.Message == reason })
	})
	return g.comment(ctx, issue.ID, missing)
}

func (g *gate) comment(ctx context.Context, issue int64, reasons []string) error {
	for _, reason := range reasons {
		if _, _, err := g.client.Comments.Create(ctx, models.CommentCreate{Issue: issue, Message: reason}); err != nil {
			return err
		}
	}
	return nil
}
