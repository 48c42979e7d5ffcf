package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/examples/internal/program"
	"github.com/go-cvat/cvat/examples/internal/progress"
	"github.com/go-cvat/cvat/models"
)

// run makes the tasks, one after the other: the files of each travel in parallel.
func (b *bulk) run(ctx context.Context) error {
	folders, err := foldersIn(b.folder)
	if err != nil {
		return err
	}
	for _, prepare := range []func(context.Context) error{b.connect, b.findUsers, b.findProject} {
		if err := prepare(ctx); err != nil {
			return err
		}
	}
	b.folders = folders
	for _, folder := range folders {
		done, err := b.create(ctx, folder)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			b.failed++
			done = "failed: " + err.Error()
		}
		program.Say(b.stdout, "%s: %s", folder, done)
	}
	program.Say(b.stdout, "%s made, %d there already, %d failed", program.Counted(b.made, "task"), b.there, b.failed)
	if b.failed > 0 {
		return fmt.Errorf("%d of %s failed", b.failed, program.Counted(len(folders), "folder"))
	}
	return nil
}

// foldersIn lists the folders in a folder. What is hidden is none of ours.
func foldersIn(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") {
			names = append(names, entry.Name())
		}
	}
	if names == nil {
		return nil, fmt.Errorf("%s holds no folders", folder)
	}
	return names, nil
}

func (b *bulk) connect(ctx context.Context) (err error) {
	b.client, err = b.Client(ctx)
	return err
}

// findUsers looks up who gets jobs, before anything is made.
func (b *bulk) findUsers(ctx context.Context) error {
	for _, name := range b.assignees {
		users, _, err := b.client.Users.List(ctx, &cvat.UserListOptions{Username: name})
		if err != nil {
			return err
		}
		if len(users) == 0 {
			return fmt.Errorf("there is no user %q that you can see: it takes a member of your organization", name)
		}
		b.users = append(b.users, users[0].ID)
	}
	return nil
}

// findProject looks up the project, or makes it.
func (b *bulk) findProject(ctx context.Context) error {
	project, _, err := b.client.Projects.GetByName(ctx, b.settings.project)
	if errors.Is(err, cvat.ErrNotFound) {
		create := models.ProjectCreate{Name: b.settings.project}
		for _, label := range b.labels {
			create.Labels = append(create.Labels, models.LabelCreate{Name: label})
		}
		project, _, err = b.client.Projects.Create(ctx, create)
	}
	if err != nil {
		return err
	}
	b.project = project.ID
	return os.MkdirAll(b.state, 0o755)
}

// create makes the task of a folder, if it is not there, and deals out its jobs.
func (b *bulk) create(ctx context.Context, folder string) (done string, err error) {
	state := filepath.Join(b.state, fmt.Sprintf("%d-%s.state", b.project, folder))
	task, err := b.find(ctx, folder)
	if err != nil {
		return "", err
	}
	finished := &b.made
	_, err = os.Stat(state)
	switch cut := err == nil; {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", err
	case task != nil && task.Size > 0:
		done = fmt.Sprintf("task %d is there already", task.ID)
		finished = &b.there
	case task != nil && !cut:
		return "", fmt.Errorf("task %d has no frames, and %s does not say how to go on: remove the task, or give it data", task.ID, b.state)
	default:
		if task, err = b.upload(ctx, folder, state); err != nil {
			return "", err
		}
		done = fmt.Sprintf("task %d, %s", task.ID, program.Counted(task.Size, "frame"))
		if cut {
			done += ", gone on with"
		}
	}
	dealt, err := b.deal(ctx, task)
	if err != nil {
		return "", fmt.Errorf("%s, but its jobs are not all assigned: %w", done, err)
	}
	*finished++
	return done + dealt, nil
}

// find returns the task of a folder within the project, nil if there is none.
func (b *bulk) find(ctx context.Context, name string) (*models.Task, error) {
	tasks, _, err := b.client.Tasks.List(ctx, &cvat.TaskListOptions{Name: name, ProjectID: b.project})
	switch {
	case err != nil:
		return nil, err
	case len(tasks) > 1:
		return nil, fmt.Errorf("there are %d tasks of that name in the project", len(tasks))
	case len(tasks) == 1:
		return tasks[0], nil
	}
	return nil, nil //nolint:nilnil // a task that is not there is no failure
}

// upload makes a task and uploads the pictures, or goes on where the state says that another run was cut.
func (b *bulk) upload(ctx context.Context, folder, state string) (*models.Task, error) {
	bar := progress.New(b.stdout)
	defer bar.Clear()
	task, err := b.client.Tasks.CreateFromData(ctx,
		models.TaskCreate{Name: folder, ProjectID: b.project, SegmentSize: b.jobSize},
		cvat.Dir(filepath.Join(b.folder, folder)),
		&cvat.UploadOptions{StateFile: state, OnProgress: func(p cvat.UploadProgress) { bar.Show(p.Done, p.Total) }})
	upload, isUpload := errors.AsType[*cvat.UploadError](err)
	if _, broken := errors.AsType[*cvat.BackgroundError](err); broken && isUpload {
		// The server cannot read the pictures. Without the task, another run can try others.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		if _, lost := b.client.Tasks.Delete(ctx, upload.TaskID); lost != nil {
			return nil, errors.Join(err, lost)
		}
		return nil, fmt.Errorf("%w (now deleted)", err)
	}
	return task, err
}

// deal gives the jobs that nobody has to the users in turn. Each job has its turn, so that another run, or one that goes
// on, deals as a single one does.
func (b *bulk) deal(ctx context.Context, task *models.Task) (dealt string, err error) {
	if len(b.users) == 0 {
		return "", nil
	}
	jobs, err := b.client.Tasks.Jobs(ctx, task.ID)
	if err != nil {
		return "", err
	}
	given := map[string]int{}
	for _, job := range jobs {
		turn := b.dealt % len(b.users)
		b.dealt++
		if job.Assignee != nil {
			continue
		}
		if _, _, err := b.client.Jobs.Update(ctx, job.ID, models.JobPatch{Assignee: models.Value(b.users[turn])}); err != nil {
			return "", err
		}
		given[b.assignees[turn]]++
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(given)) {
		fmt.Fprintf(&text, ", %s gets %d", name, given[name])
	}
	return text.String(), nil
}
