package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/examples/internal/program"
	"github.com/go-cvat/cvat/examples/internal/progress"
	"github.com/go-cvat/cvat/models"
)

// night is one run of the program.
type night struct {
	settings

	stdout     io.Writer
	client     *cvat.Client
	checkpoint *checkpoint

	total, done, failed int
}

// version is a task as it was after one of its changes.
type version struct {
	id      int64
	changed time.Time
}

func versionOf(task *models.Task) version { return version{task.ID, task.UpdatedDate} }

// changed lists the tasks that have changed since the checkpoint, the oldest change first. A task that changes meanwhile
// moves to the end, and those behind it move up; on numbered pages one of them would be skipped. So each step asks for what
// has changed since the last task that is known.
func (n *night) changed(ctx context.Context) ([]*models.Task, error) {
	var tasks []*models.Task
	seen, since, page := map[version]bool{}, n.checkpoint.Mark, 1
	for {
		var filter cvat.Filter // all tasks, at first
		if !since.IsZero() {
			filter = cvat.TaskFieldUpdatedDate.Since(since)
		}
		found, resp, err := n.client.Tasks.List(ctx, &cvat.TaskListOptions{
			ProjectID:   n.project,
			ListOptions: cvat.ListOptions{Filter: filter, Sort: "updated_date,id", Page: page},
		})
		if err != nil {
			return nil, err
		}
		fresh := false
		for _, task := range found {
			if !seen[versionOf(task)] {
				seen[versionOf(task)], fresh = true, true
				tasks = append(tasks, task)
			}
		}
		last := since
		if len(found) > 0 {
			last = found[len(found)-1].UpdatedDate
		}
		switch {
		case resp.NextPage == 0 && !fresh:
			return n.unfinished(tasks), nil
		case last.After(since):
			since, page = last, 1
		case resp.NextPage != 0:
			page = resp.NextPage // more tasks of one instant than a page holds
		}
	}
}

// unfinished drops what an earlier run has exported, and all but the last version of a task that has changed meanwhile.
func (n *night) unfinished(tasks []*models.Task) []*models.Task {
	latest := map[int64]time.Time{}
	for _, task := range tasks {
		latest[task.ID] = task.UpdatedDate
	}
	var left []*models.Task
	for _, task := range tasks {
		if !n.checkpoint.has(versionOf(task)) && latest[task.ID].Equal(task.UpdatedDate) {
			left = append(left, task)
		}
	}
	return left
}

// export exports tasks, several at once, and writes down each that is done.
func (n *night) export(ctx context.Context, tasks []*models.Task) error {
	n.total = len(tasks)
	var versions []version
	for _, task := range tasks {
		versions = append(versions, versionOf(task))
	}
	n.checkpoint.begin(versions)
	for result := range cvat.Batch(ctx, n.parallel, tasks, n.exportOne) {
		if ctx.Err() != nil && result.Err != nil {
			continue
		}
		if result.Err != nil {
			n.failed++
			program.Say(n.stdout, "task %d, %q: failed: %v", result.Item.ID, result.Item.Name, result.Err)
		} else {
			n.done++
			program.Say(n.stdout, "task %d, %q: %s", result.Item.ID, result.Item.Name, result.Value)
			if err := n.checkpoint.finish(versionOf(result.Item)); err != nil {
				return err
			}
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	program.Say(n.stdout, "%s changed, %d done, %d failed", program.Counted(n.total, "task"), n.done, n.failed)
	if n.failed > 0 {
		return fmt.Errorf("%d of %s failed", n.failed, program.Counted(n.total, "task"))
	}
	return nil
}

// exportOne exports a task to a file whose name is none of the server's, and says what became of it. A file that is there
// is from a run that ended before it could write that down.
func (n *night) exportOne(ctx context.Context, task *models.Task) (string, error) {
	if task.Size == 0 {
		return "has no frames yet", nil // a change that brings some brings it here again
	}
	name := fmt.Sprintf("task_%d_%s.zip", task.ID, task.UpdatedDate.UTC().Format("20060102T150405.000000Z"))
	file, err := n.client.Tasks.ExportDatasetToFile(ctx, task.ID, n.format, filepath.Join(n.out, name), &cvat.ExportOptions{Overwrite: true})
	switch {
	case errors.Is(err, cvat.ErrNotFound) && n.isGone(ctx, task.ID):
		return "was deleted meanwhile", nil
	case err != nil:
		return "", err
	}
	return fmt.Sprintf("%s, %s", file.Path, progress.Bytes(file.Size)), nil
}

// isGone tells a task that is not there from a part of an export that is not.
func (n *night) isGone(ctx context.Context, id int64) bool {
	_, _, err := n.client.Tasks.Get(ctx, id)
	return errors.Is(err, cvat.ErrNotFound)
}

// left says what there is when a run ends early.
func (n *night) left() string {
	if n.total == 0 {
		return "nothing was exported"
	}
	return fmt.Sprintf("%d of %s are done, in %s: run it again for the rest", n.done, program.Counted(n.total, "task"), n.out)
}
