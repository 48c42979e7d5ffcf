package cvat

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
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

// UploadMethod is how the files of an upload travel.
type UploadMethod uint8

const (
	// UploadTUS sends each file in chunks that are repeated one by one when the network fails. It is the default.
	UploadTUS UploadMethod = iota
	// UploadMultipart sends all files in one request, which is quicker for a few small ones. It is never repeated once
	// the server may have got it; deployments bound its size, often at 1 GiB.
	UploadMultipart
)

// UploadOptions say how files travel and what the server makes of them.
type UploadOptions struct {
	// ImageQuality is the JPEG quality, in percent, of the compressed frames; 70 if 0.
	ImageQuality int
	// SortingMethod orders the frames; the server's default is by name.
	SortingMethod models.SortingMethod
	// StartFrame is the first frame to take of a video or of the sorted pictures, counted from 0.
	StartFrame int
	// StopFrame is the last one; nil: take all.
	StopFrame *int
	// FrameFilter as "step=5" takes every fifth frame.
	FrameFilter string
	// ChunkFrames is how many frames the server packs into one chunk; 0: its own choice.
	ChunkFrames int
	// UseCache makes the server pack chunks when they are first asked for.
	UseCache bool
	// UseZipChunks makes the server pack a video as pictures.
	UseZipChunks bool

	// Method is [UploadTUS] if not set.
	Method UploadMethod
	// ChunkSize is how many bytes travel in one request by TUS: 10 MiB if 0, at most 100 MiB.
	ChunkSize int64
	// OnProgress, if set, is called when the upload starts and after each chunk or, by multipart, at the end.
	OnProgress func(UploadProgress)
	// Wait says how to wait for the server to process the files.
	Wait WaitOptions
}

// UploadProgress is how far an upload has come.
type UploadProgress struct {
	// File is the name of the file under way.
	File string
	// Done and Total count the bytes of all files.
	Done, Total int64
}

func (o *UploadOptions) validate() error {
	switch {
	case o.ChunkSize < 0 || o.ChunkSize > maxChunkSize:
		return &ArgumentError{Field: "UploadOptions.ChunkSize", Reason: fmt.Sprintf("is %d bytes: servers take up to %d (100 MiB)", o.ChunkSize, maxChunkSize)}
	case o.Method > UploadMultipart:
		return &ArgumentError{Field: "UploadOptions.Method", Reason: "is unknown"}
	case o.SortingMethod == models.SortingPredefined:
		return &ArgumentError{Field: "UploadOptions.SortingMethod", Reason: "cannot be predefined for local files: give them names that sort"}
	}
	return cmp.Or(
		checkQuality("UploadOptions.ImageQuality", o.ImageQuality),
		checkCounts("UploadOptions", map[string]int{"ChunkFrames": o.ChunkFrames}),
		checkRange("UploadOptions", o.StartFrame, o.StopFrame, o.FrameFilter))
}

// request is what the server is told about the files once they are there.
func (o *UploadOptions) request() models.DataRequest {
	request := models.DataRequest{
		ImageQuality:  o.ImageQuality,
		SortingMethod: o.SortingMethod,
		StartFrame:    o.StartFrame,
		StopFrame:     o.StopFrame,
		FrameFilter:   o.FrameFilter,
		ChunkSize:     o.ChunkFrames,
		UseCache:      o.UseCache,
		UseZipChunks:  o.UseZipChunks,
	}
	if request.ImageQuality == 0 {
		request.ImageQuality = 70
	}
	return request
}

// Upload feeds an empty task with files, and waits until the server has processed them. The task has frames and jobs
// then: [TasksService.Get].
//
// Everything that is wrong with the files themselves (a missing or empty file, two of one base name) is one error, before
// anything is sent. Processing that failed is a [*BackgroundError] with the server's message. An upload that failed
// half-way leaves files in the task that the server would take for frames later: delete the task and start again; the
// error says so.
//
// It uses tasks_create_data, tasks_partial_update_data_file, requests_retrieve on newer servers, and what
// [TasksService.WaitForData] uses.
func (s *TasksService) Upload(ctx context.Context, id int64, source Source, opts *UploadOptions) error {
	if id <= 0 {
		return badID(id)
	}
	if opts == nil {
		opts = &UploadOptions{}
	}
	if err := opts.validate(); err != nil {
		return err
	}
	files, err := source.files()
	if err != nil {
		return err
	}
	up := &upload{client: s.client, task: id, files: files, opts: opts}
	for _, file := range files {
		up.total += file.size
	}
	result, err := up.run(ctx)
	if err != nil {
		return up.failed(err)
	}
	_, err = s.client.Wait(ctx, dataOf(id, result.RqID), &opts.Wait)
	return err
}

// upload is one upload under way.
type upload struct {
	client *Client
	task   int64
	files  []sourceFile
	opts   *UploadOptions
	total  int64
	sent   bool // something stands on the server
}

func (u *upload) run(ctx context.Context) (*models.DataResult, error) {
	if u.opts.Method == UploadMultipart {
		return u.multipart(ctx)
	}
	return u.tus(ctx)
}

// finish is the form of tasks_create_data that a header announces.
func (u *upload) finish(header string) call {
	cl := call{op: OpTasksCreateData, args: []any{u.task}, want: []int{http.StatusAccepted}}
	if header != "" {
		cl.header = http.Header{header: {"true"}}
	}
	return cl
}

func (u *upload) tus(ctx context.Context) (*models.DataResult, error) {
	start := u.finish("Upload-Start")
	start.op = start.op.as(Repeatable) // it changes nothing
	if _, err := u.client.perform(ctx, start, nil, nil); err != nil {
		return nil, err
	}
	endpoint := tus{
		client: u.client, create: OpTasksCreateData, chunk: OpTasksPartialUpdateDataFile, args: []any{u.task}, chunkSize: u.opts.ChunkSize,
	}
	if endpoint.chunkSize == 0 {
		endpoint.chunkSize = defaultChunkSize
	}
	var done int64
	for _, file := range u.files {
		u.progress(file.name, done)
		u.sent = true
		_, err := endpoint.upload(ctx, file, func(moved int64) { u.progress(file.name, done+moved) })
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file.path, err)
		}
		done += file.size
	}
	finish := u.finish("Upload-Finish")
	finish.in = u.opts.request()
	result, _, err := fetch[models.DataResult](ctx, u.client, finish, nil)
	return result, err
}

func (u *upload) multipart(ctx context.Context) (*models.DataResult, error) {
	fields, err := formFields(u.opts.request())
	if err != nil {
		return nil, err
	}
	cl := u.finish("")
	cl.transfer = true
	cl.body, err = multipartBody(fields, u.files, func(i int) string { return "client_files[" + strconv.Itoa(i) + "]" })
	if err != nil {
		return nil, err
	}
	u.progress(u.files[0].name, 0)
	u.sent = true
	result, _, err := fetch[models.DataResult](ctx, u.client, cl, nil)
	if err == nil {
		u.progress(u.files[len(u.files)-1].name, u.total)
	}
	return result, err
}

func (u *upload) progress(file string, done int64) {
	if u.opts.OnProgress != nil {
		u.opts.OnProgress(UploadProgress{File: file, Done: done, Total: u.total})
	}
}

// failed says what stands on the server.
func (u *upload) failed(err error) error {
	if !u.sent {
		return err
	}
	return fmt.Errorf("%w; task %d may hold parts of the upload: delete it before trying again", err, u.task)
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
	emptySince time.Time
	task       *models.Task // once it has frames
}

func (w *dataWork) look(ctx context.Context) (done bool, err error) {
	status, _, err := w.client.Tasks.DataStatus(ctx, w.work.ID)
	if err != nil {
		return false, err
	}
	w.opts.report(WorkStatus{Work: w.work.String(), State: status.State, Message: status.Message, Progress: status.Progress})
	switch status.State {
	case models.RqStateFailed:
		return false, &BackgroundError{Work: w.work.String(), Message: status.Message}
	case models.RqStateFinished:
	default:
		return false, nil
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

// dataOf is the processing of a task's data; the request is "" where servers have none.
func dataOf(task int64, request string) *Background {
	return &Background{Kind: BackgroundTaskData, Target: targetTask, ID: task, RequestID: request, StartedAt: time.Now()}
}
