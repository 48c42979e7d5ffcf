package cvat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/go-cvat/cvat/models"
)

// upload is one upload under way, to one task.
type upload struct {
	client  *Client
	task    int64
	source  Source
	files   []sourceFile
	opts    *UploadOptions
	request models.DataRequest
	state   *uploadState

	parts   atomic.Bool // files, or parts of them, may lie in the task
	started bool        // the server has, or may have, begun to process them
}

// newUpload checks everything that can be checked before the first byte. done is to be called in the end.
func (c *Client) newUpload(ctx context.Context, source Source, opts *UploadOptions) (u *upload, done func(), err error) {
	opts = cmp.Or(opts, &UploadOptions{})
	if err := opts.validate(source); err != nil {
		return nil, nil, err
	}
	files, err := source.files()
	if err != nil {
		return nil, nil, err
	}
	u = &upload{client: c, source: source, opts: opts, request: opts.request(source)}
	if opts.StateFile != "" && slices.ContainsFunc(files, func(f sourceFile) bool { return f.window > 0 || f.spool != nil }) {
		return nil, nil, &ArgumentError{Field: "UploadOptions.StateFile", Reason: "cannot be used with a Reader, which another process cannot read again"}
	}
	for _, ask := range []func(context.Context, []sourceFile) error{u.order, u.manifest} {
		if err := ask(ctx, files); err != nil {
			return nil, nil, err
		}
	}
	u.files, done, err = spooled(ctx, files)
	return u, done, err
}

// order settles how the server gets to know the order of the files, if that matters.
func (u *upload) order(ctx context.Context, files []sourceFile) error {
	switch {
	case u.opts.SortingMethod != models.SortingPredefined:
		return nil
	case u.source.server != nil && u.source.server.manifest():
		return u.client.need(ctx, orderByManifest)
	case len(files) < 2:
		return nil
	}
	known, err := u.client.has(ctx, uploadsByName)
	switch {
	case err != nil:
		return err
	case known:
		for _, file := range files {
			u.request.UploadFileOrder = append(u.request.UploadFileOrder, file.name)
		}
	case u.opts.Method != UploadMultipart:
		return &ArgumentError{
			Field:  "UploadOptions.SortingMethod",
			Reason: "cannot be predefined for files that travel one by one: servers before 2.4.6 forget their order; set Method to UploadMultipart, or upload one zip",
			Err:    ErrUnsupported,
		}
	}
	return nil
}

// manifest refuses a cloud storage without one, where the server needs it.
func (u *upload) manifest(ctx context.Context, _ []sourceFile) error {
	if u.source.server == nil || u.source.server.storage == 0 || u.source.server.manifest() {
		return nil
	}
	if known, err := u.client.has(ctx, optionalManifests); known || err != nil {
		return err
	}
	return &ArgumentError{Field: "FromCloud: manifest", Reason: "is empty: servers before 2.4.5 need one", Err: ErrUnsupported}
}

// run sends the files and makes the server process them.
func (u *upload) run(ctx context.Context) (*Background, error) {
	if work, known := u.state.finished(); known {
		u.started = true
		return dataOf(u.task, work), nil
	}
	var result *models.DataResult
	var err error
	switch {
	case u.source.server != nil:
		result, err = u.finish(ctx, "")
	case u.opts.Method == UploadMultipart:
		result, err = u.multipart(ctx)
	default:
		if err = u.tus(ctx); err == nil {
			result, err = u.finish(ctx, "Upload-Finish")
		}
	}
	if err != nil {
		return nil, err
	}
	return dataOf(u.task, result.RqID), nil
}

// form is the form of tasks_create_data that a header announces.
func (u *upload) form(header string) call {
	cl := call{op: OpTasksCreateData, args: []any{u.task}, want: []int{http.StatusAccepted}}
	if header != "" {
		cl.header = http.Header{header: {"true"}}
	}
	return cl
}

// finish makes the server process what is there.
func (u *upload) finish(ctx context.Context, header string) (*models.DataResult, error) {
	cl := u.form(header)
	cl.in = u.request
	return u.start(ctx, cl)
}

// start makes the call with which the processing begins.
func (u *upload) start(ctx context.Context, cl call) (*models.DataResult, error) {
	if err := u.state.finishing(); err != nil {
		return nil, err
	}
	result, _, err := fetch[models.DataResult](ctx, u.client, cl, nil)
	u.started = err == nil || errors.Is(err, ErrOutcomeUnknown)
	switch {
	case err == nil:
		u.state.accepted(result.RqID)
	case !errors.Is(err, ErrOutcomeUnknown):
		u.state.refused()
	}
	return result, err
}

// tus sends the files in chunks, several files at once.
func (u *upload) tus(ctx context.Context) error {
	start := u.form("Upload-Start")
	start.op = start.op.as(Repeatable) // it changes nothing
	if _, err := u.client.perform(ctx, start, nil, nil); err != nil {
		return err
	}
	progress := newUploadProgress(u.opts.OnProgress, u.files)
	return u.lanes(ctx, progress, func(ctx context.Context, index int) error {
		file := u.files[index]
		u.parts.Store(true)
		endpoint := tus{
			client: u.client, create: OpTasksCreateData, chunk: OpTasksPartialUpdateDataFile, args: []any{u.task},
			chunkSize: u.opts.ChunkSize, frames: true, record: u.state.record(index),
		}
		progress.moved(index, file.name, 0)
		_, err := endpoint.upload(ctx, file, func(done int64) { progress.moved(index, file.name, done) })
		if err != nil {
			return fmt.Errorf("%s: %w", file.path, err)
		}
		return u.state.trouble()
	})
}

// lanes sends all files, several at once, and ends with the first failure.
func (u *upload) lanes(ctx context.Context, progress *uploadProgress, send func(ctx context.Context, index int) error) error {
	progress.report() // before anything moves
	lane, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	var first error
	var once sync.Once
	var group sync.WaitGroup
	for range min(cmp.Or(u.opts.Parallel, defaultParallel), len(u.files)) {
		group.Go(func() {
			for lane.Err() == nil {
				index := int(next.Add(1)) - 1
				if index >= len(u.files) {
					return
				}
				if err := send(lane, index); err != nil {
					once.Do(func() { first = err })
					stop(err)
				}
			}
		})
	}
	ended := make(chan struct{})
	go func() {
		group.Wait()
		close(ended)
	}()
	defer func() {
		stop(nil) // the caller's function may panic
		<-ended
	}()
	progress.follow(ended)
	return cmp.Or(first, interrupted(ctx, "stopped uploading"))
}

// multipart sends all files, and what the server is told about them, in one request.
func (u *upload) multipart(ctx context.Context) (*models.DataResult, error) {
	fields, err := formFields(u.request)
	if err != nil {
		return nil, err
	}
	cl := u.form("")
	cl.transfer = true
	cl.body, err = multipartBody(fields, u.files, func(i int) string { return "client_files[" + strconv.Itoa(i) + "]" })
	if err != nil {
		return nil, err
	}
	u.tell(u.files[0], 0)
	u.parts.Store(true)
	result, err := u.start(ctx, cl)
	if err == nil {
		var total int64
		for _, file := range u.files {
			total += file.size
		}
		u.tell(u.files[len(u.files)-1], total)
	}
	return result, err
}

// tell is the progress of files that travel together.
func (u *upload) tell(file sourceFile, done int64) {
	if u.opts.OnProgress == nil {
		return
	}
	p := UploadProgress{File: file.name, Done: done}
	for _, file := range u.files {
		p.Total += file.size
	}
	u.opts.OnProgress(p)
}

// failed says what stands on the server.
func (u *upload) failed(err error) error {
	if !u.parts.Load() && !u.started {
		return err
	}
	failed := u.error(err)
	if _, abandoned := errors.AsType[*abandonedError](err); abandoned {
		failed.resumable = false // the task is the caller's, and not made anew
	}
	return failed
}

func (u *upload) error(err error) *UploadError {
	return &UploadError{TaskID: u.task, Parts: u.parts.Load(), Started: u.started, resumable: u.opts.StateFile != "", Err: err}
}

// UploadError is an upload that failed and left something on the server.
type UploadError struct {
	// TaskID is the task that the files were meant for.
	TaskID int64
	// Parts is whether files, or parts of them, may lie in the task: it is of no use for another attempt, unless that
	// goes on with the same StateFile.
	Parts bool
	// Started is whether the server has begun, or may have begun, to process the files; [TasksService.WaitForData] tells.
	Started bool
	// Removed is whether the task was removed: see [UploadOptions].RemoveOnFailure.
	Removed bool
	// Err is what happened.
	Err error

	resumable bool
}

// Error implements error.
func (e *UploadError) Error() string {
	_, failed := errors.AsType[*BackgroundError](e.Err)
	text := fmt.Sprintf("%v; task %d ", e.Err, e.TaskID)
	switch {
	case e.Removed:
		return text + "was removed"
	case failed:
		return text + "has no frames: delete it before trying again"
	case e.resumable && errors.Is(e.Err, ErrNotFound):
		return text + "is gone, or out of sight for this client: remove the file named by StateFile to begin anew"
	case e.Started:
		return text + "may get its frames all the same: WaitForData tells"
	case e.resumable:
		return text + "may hold parts of the upload: the same call with the same StateFile goes on"
	case e.Parts:
		return text + "may hold parts of the upload: delete it before trying again"
	}
	return text + "stands on the server, without data"
}

// Unwrap returns what happened.
func (e *UploadError) Unwrap() error { return e.Err }
