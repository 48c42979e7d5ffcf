package cvat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Tasks service that feed a task.
var (
	OpTasksCreateData            = Operation{ID: "tasks_create_data", Method: http.MethodPost, Path: "/api/tasks/{id}/data/"}
	OpTasksPartialUpdateDataFile = Operation{ID: "tasks_partial_update_data_file", Method: http.MethodPatch, Path: "/api/tasks/{id}/data/{file_id}", Replay: Repeatable}
	OpTasksRetrieveStatus        = Operation{ID: "tasks_retrieve_status", Method: http.MethodGet, Path: "/api/tasks/{id}/status", Replay: Repeatable}
)

// CreateData gives a task data that the server fetches itself: files of its share, of a cloud storage, or of the web. The
// server processes them in the background: see [TasksService.WaitForData]. For local files use [TasksService.Upload].
//
// A task that has data already matches [ErrInvalid].
//
// CVAT API: POST /api/tasks/{id}/data/ (tasks_create_data)
func (s *TasksService) CreateData(ctx context.Context, id int64, body models.DataRequest, opts ...CallOption) (*models.DataResult, *Response, error) {
	err := cmp.Or(
		checkQuality("DataRequest.ImageQuality", body.ImageQuality),
		checkCounts("DataRequest", map[string]int{"ChunkSize": body.ChunkSize}),
		checkRange("DataRequest", body.StartFrame, body.StopFrame, body.FrameFilter))
	if err != nil {
		return nil, &Response{}, err
	}
	cl := call{op: OpTasksCreateData, args: []any{id}, in: body, want: []int{http.StatusAccepted}}
	return fetch[models.DataResult](ctx, s.client, cl, opts)
}

// Upload feeds an empty task with data, and waits until the server has processed them. The task has frames and jobs
// then: [TasksService.Get].
//
// Local files travel in parallel, each in chunks that are streamed from the source, in order. A chunk that fails is sent
// again; where the server stands afterwards is found out by asking it, or from its answers. A file that the server has lost
// starts over. Every byte arrives in its place, or the call fails.
//
// Everything that is wrong with the files themselves (a missing or empty file, two of one base name) is one error, before
// anything is sent; see [Source.Check]. What failed later is an [*UploadError] that says what stands on the server.
// Processing that failed is one with a [*BackgroundError] in it, which has the server's message.
//
// It uses tasks_create_data, tasks_partial_update_data_file and what [Client.Wait] uses.
func (s *TasksService) Upload(ctx context.Context, id int64, source Source, opts *UploadOptions) error {
	if id <= 0 {
		return badID(id)
	}
	u, done, err := s.client.newUpload(ctx, source, opts)
	if err != nil {
		return err
	}
	defer done()
	u.task = id
	if u.state, err = u.openState(id); err != nil {
		return err
	}
	defer u.state.close()
	work, err := u.run(ctx)
	if err != nil {
		return u.failed(err)
	}
	if _, err = s.client.Wait(ctx, work, &u.opts.Wait); err != nil {
		err = u.failed(err)
	}
	u.state.ended(err)
	return err
}

// CreateFromData makes a task, feeds it with data, waits until the server has processed them, and returns the finished
// task. It does what [TasksService.Create] and [TasksService.Upload] do, and knows that the task is its own: if a server like
// 2.3, which takes everything in a task's folder for frames, has lost a part of an upload there, the task is removed and
// made anew, once.
//
// What is wrong with the source or the options is found before the task is made. Every later failure is an [*UploadError], which
// tells the task and what it holds; with [UploadOptions].RemoveOnFailure the task is removed, even if ctx has ended.
//
// It uses tasks_create, tasks_create_data, tasks_partial_update_data_file, tasks_retrieve, tasks_destroy and what
// [Client.Wait] uses.
func (s *TasksService) CreateFromData(ctx context.Context, spec models.TaskCreate, source Source, opts *UploadOptions) (*models.Task, error) {
	u, done, err := s.client.newUpload(ctx, source, opts)
	if err != nil {
		return nil, err
	}
	defer done()
	if u.state, err = u.openState(0); err != nil {
		return nil, err
	}
	defer u.state.close()
	task, err := u.create(ctx, spec)
	if err != nil && u.task != 0 {
		return nil, u.clear(ctx, err)
	}
	return task, err
}

// DataStatus looks once how far the server is with processing a task's data. "Finished" also means that it knows of no
// work, before an upload and some minutes after: [TasksService.WaitForData] tells the difference.
//
// CVAT API: GET /api/tasks/{id}/status (tasks_retrieve_status)
func (s *TasksService) DataStatus(ctx context.Context, id int64, opts ...CallOption) (*models.RqStatus, *Response, error) {
	return fetch[models.RqStatus](ctx, s.client, call{op: OpTasksRetrieveStatus, args: []any{id}}, opts)
}

// emptyGrace is how long a task may look finished but empty, after its data was accepted, before the outcome counts as
// unknown.
const emptyGrace = 20 * time.Second

// WaitForData waits until the server has processed the data of a task and returns the task, which has frames and jobs
// then. Work that failed is a [*BackgroundError] with the server's message. A task that stays empty although the
// server knows of no work is an error that matches [ErrOutcomeUnknown]: no data was sent, or the server lost it.
//
// It uses [TasksService.DataStatus] and [TasksService.Get].
func (s *TasksService) WaitForData(ctx context.Context, id int64, opts *WaitOptions) (*models.Task, error) {
	if id <= 0 {
		return nil, badID(id)
	}
	w := dataWork{client: s.client, work: dataOf(id, ""), opts: opts}
	if err := poll(ctx, opts, w.look); err != nil {
		return nil, err
	}
	return w.task, nil
}

// dataWork is the processing of a task's data as the task itself shows it.
type dataWork struct {
	client     *Client
	work       *Background
	opts       *WaitOptions
	finished   bool // as a background request has said
	emptySince time.Time
	task       *models.Task // once it has frames
}

// waitForFrames waits for the background request that processes a task's data, and then for the frames.
func (c *Client) waitForFrames(ctx context.Context, b *Background, opts *WaitOptions) (*BackgroundResult, error) {
	_, err := c.waitForRequest(ctx, b, opts)
	forgotten := errors.Is(err, ErrNotFound) // so it is over: the task's status tells how it ended
	if err != nil && !forgotten {
		return nil, err
	}
	w := dataWork{client: c, work: b, opts: opts, finished: !forgotten}
	if err := poll(ctx, opts, w.look); err != nil {
		return nil, err
	}
	return &BackgroundResult{ID: b.ID}, nil
}

func (w *dataWork) look(ctx context.Context) (done bool, err error) {
	if !w.finished {
		if done, err := w.ask(ctx); !done {
			return false, err
		}
	}
	if w.task, _, err = w.client.Tasks.Get(ctx, w.work.ID); err != nil || w.task.Size > 0 {
		return err == nil, err
	}
	if w.emptySince.IsZero() {
		w.emptySince = time.Now()
	}
	if time.Since(w.emptySince) < emptyGrace {
		return false, nil
	}
	return false, &callError{
		text: fmt.Sprintf("cvat: %s: the server knows of no work, but the task has no frames", w.work),
		errs: []error{ErrOutcomeUnknown},
	}
}

// ask asks once whether the processing has ended well.
func (w *dataWork) ask(ctx context.Context) (finished bool, err error) {
	status, _, err := w.client.Tasks.DataStatus(ctx, w.work.ID)
	if err != nil {
		return false, err
	}
	w.opts.report(WorkStatus{Work: w.work.String(), State: status.State, Message: status.Message, Progress: status.Progress})
	if status.State == models.RqStateFailed {
		return false, &BackgroundError{Work: w.work.String(), Message: status.Message}
	}
	return status.State == models.RqStateFinished, nil
}

// dataOf is the processing of a task's data; the request is "" where servers have none.
func dataOf(task int64, request string) *Background {
	return &Background{Kind: BackgroundTaskData, Target: targetTask, ID: task, RequestID: request, StartedAt: time.Now()}
}
