package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/examples/internal/program"
	"github.com/go-cvat/cvat/models"
)

// run makes the tasks, one after the other: the server has the work.
func (i *ingest) run(ctx context.Context) error {
	for _, prepare := range []func(context.Context) error{i.connect, i.findStorage, i.findPictures, i.findProject} {
		if err := prepare(ctx); err != nil {
			return err
		}
	}
	for _, folder := range i.folders {
		done, err := i.create(ctx, folder)
		if err != nil {
			i.failed++
			done = "failed: " + err.Error()
		}
		program.Say(i.stdout, "%s: %s", folder.name, done)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	program.Say(i.stdout, "%s made, %d there already, %d failed", program.Counted(i.made, "task"), i.there, i.failed)
	if i.failed > 0 {
		return fmt.Errorf("%d of %s failed", i.failed, program.Counted(len(i.folders), "folder"))
	}
	return nil
}

// connect makes a client that works in one place: without an organization, in the personal workspace alone.
func (i *ingest) connect(ctx context.Context) (err error) {
	if i.client, err = i.Client(ctx); err == nil && i.Organization == "" {
		i.client, err = i.client.With(cvat.WithPersonalWorkspace())
	}
	return err
}

// findProject looks up the project, if there is to be one, or makes it.
func (i *ingest) findProject(ctx context.Context) error {
	name := i.settings.project
	if name == "" {
		return nil
	}
	project, _, err := i.client.Projects.GetByName(ctx, name)
	if errors.Is(err, cvat.ErrNotFound) {
		project, _, err = i.client.Projects.Create(ctx, models.ProjectCreate{Name: name, Labels: i.newLabels()})
	}
	if err != nil {
		return err
	}
	i.project = project.ID
	return nil
}

func (i *ingest) newLabels() (labels []models.LabelCreate) {
	for _, name := range i.labels {
		labels = append(labels, models.LabelCreate{Name: name})
	}
	return labels
}

// create makes the task of a folder, if it is not there.
func (i *ingest) create(ctx context.Context, folder folder) (done string, err error) {
	task, err := i.find(ctx, folder.name)
	switch {
	case err != nil:
		return "", err
	case task == nil:
	case task.Size == 0:
		return "", fmt.Errorf("task %d has no frames: remove it, or give it data", task.ID)
	case task.Size != len(folder.pictures):
		return "", fmt.Errorf("task %d is there already, with %s for %s", task.ID,
			program.Counted(task.Size, "frame"), program.Counted(len(folder.pictures), "picture"))
	default:
		i.there++
		return fmt.Sprintf("task %d is there already", task.ID), nil
	}
	if task, err = i.make(ctx, folder); err != nil {
		return "", err
	}
	if err := i.verify(ctx, task.ID, len(folder.pictures)); err != nil {
		return "", err
	}
	i.made++
	return fmt.Sprintf("task %d, %s", task.ID, program.Counted(task.Size, "frame")), nil
}

// find returns the task of a folder in the project, or in none if there is none; nil if it is not there.
func (i *ingest) find(ctx context.Context, name string) (*models.Task, error) {
	tasks, err := cvat.Collect(i.client.Tasks.All(ctx, &cvat.TaskListOptions{Name: name, ProjectID: i.project}))
	tasks = slices.DeleteFunc(tasks, func(t *models.Task) bool { return t.ProjectID != i.project })
	switch {
	case err != nil:
		return nil, err
	case len(tasks) > 1:
		return nil, fmt.Errorf("there are %d tasks of that name", len(tasks))
	case len(tasks) == 1:
		return tasks[0], nil
	}
	return nil, nil //nolint:nilnil // a task that is not there is no failure
}

// make makes a task of the pictures and waits for its frames. What fails half-way is removed, after Ctrl-C too.
func (i *ingest) make(ctx context.Context, folder folder) (*models.Task, error) {
	spec := models.TaskCreate{Name: folder.name, ProjectID: i.project}
	if i.project == 0 {
		spec.Labels = i.newLabels()
	}
	source := cvat.FromCloud(i.storage.ID, i.manifest, folder.pictures...)
	options := cvat.UploadOptions{UseCache: true, SortingMethod: models.SortingPredefined, RemoveOnFailure: true}
	task, err := i.client.Tasks.CreateFromData(ctx, spec, source, &options)
	if errors.Is(err, cvat.ErrUnsupported) {
		options.SortingMethod = "" // an older server, which sorts by name; nothing is made yet
		task, err = i.client.Tasks.CreateFromData(ctx, spec, source, &options)
	}
	return task, err
}

// verify makes sure that each picture has become a frame: servers leave out in silence what they take for something else. A
// task that lacks some is removed, or the next run would find it.
func (i *ingest) verify(ctx context.Context, task int64, pictures int) error {
	meta, _, err := i.client.Tasks.DataMeta(ctx, task)
	if err != nil {
		return fmt.Errorf("task %d is made, but its frames cannot be counted: %w", task, err)
	}
	if meta.Size == pictures {
		return nil
	}
	err = fmt.Errorf("task %d got %s for %s", task, program.Counted(meta.Size, "frame"), program.Counted(pictures, "picture"))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if _, lost := i.client.Tasks.Delete(ctx, task); lost != nil {
		return errors.Join(err, lost)
	}
	return fmt.Errorf("%w (now deleted)", err)
}
