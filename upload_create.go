package cvat

import (
	"context"
	"errors"

	"github.com/go-cvat/cvat/models"
)

// create makes the task, feeds it, and waits for its frames.
func (u *upload) create(ctx context.Context, spec models.TaskCreate) (*models.Task, error) {
	for attempt := 1; ; attempt++ {
		if err := u.makeTask(ctx, spec); err != nil {
			return nil, err
		}
		task, err := u.feed(ctx)
		if err == nil {
			return task, nil
		}
		if _, abandoned := errors.AsType[*abandonedError](err); !abandoned || attempt > 1 || ctx.Err() != nil {
			return nil, err
		}
		if _, lost := u.client.Tasks.Delete(ctx, u.task); lost != nil {
			return nil, errors.Join(err, lost)
		}
		u.task = 0
		u.parts.Store(false)
		if err := u.state.restart(); err != nil {
			return nil, err
		}
	}
}

// feed sends the files, waits for the frames, and returns the task. Before that has been read, nothing is over.
func (u *upload) feed(ctx context.Context) (task *models.Task, err error) {
	work, err := u.run(ctx)
	if err != nil {
		return nil, err
	}
	if _, err = u.client.Wait(ctx, work, &u.opts.Wait); err == nil {
		task, _, err = u.client.Tasks.Get(ctx, u.task)
	}
	u.state.ended(err)
	return task, err
}

// makeTask makes the task, unless another process has.
func (u *upload) makeTask(ctx context.Context, spec models.TaskCreate) error {
	task, known, err := u.state.task()
	if known || err != nil {
		u.task = task
		return err
	}
	if err := u.state.creating(); err != nil {
		return err
	}
	made, _, err := u.client.Tasks.Create(ctx, spec)
	switch {
	case err == nil:
		u.task = made.ID
		return u.state.created(made.ID)
	case !errors.Is(err, ErrOutcomeUnknown):
		u.state.remove()
	}
	return err
}

// clear removes the task of an upload that failed, if that is wanted, and says what stands on the server.
func (u *upload) clear(ctx context.Context, err error) error {
	failed := u.error(err)
	if !u.opts.RemoveOnFailure {
		return failed
	}
	// The caller's context may have ended; the call has a bound of its own.
	if _, lost := u.client.Tasks.Delete(context.WithoutCancel(ctx), u.task); lost != nil {
		failed.Err = errors.Join(err, lost)
		return failed
	}
	failed.Removed = true
	return failed
}
