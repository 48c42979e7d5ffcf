package cvat

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-cvat/cvat/models"
)

// ExportOptions say how to wait for an export.
type ExportOptions struct {
	// Wait says how to wait for the server to write the archive.
	Wait WaitOptions
	// Overwrite lets an export to a file replace one that is there already.
	Overwrite bool
}

// ExportedFile describes an archive that was written to the caller's writer, or to a file.
type ExportedFile struct {
	// Name is the file name that the server suggests, without any folder.
	Name string
	// Path is where the file is; "" for a writer.
	Path string
	// Size is the number of bytes.
	Size int64
}

// IncompleteError is a download that ended before its last byte: what a writer got so far is of no use, and of a file
// nothing is left.
type IncompleteError struct {
	// Work says what was downloaded, such as "dataset of task 7".
	Work string
	// Written is the number of bytes that reached the writer.
	Written int64
	// Err is what went wrong: the connection (it matches [io.ErrUnexpectedEOF], then), the context or the writer.
	Err error
}

// Error implements error.
func (e *IncompleteError) Error() string {
	return fmt.Sprintf("cvat: %s: ended after %d bytes, which are incomplete: %v", e.Work, e.Written, e.Err)
}

// Unwrap returns what went wrong.
func (e *IncompleteError) Unwrap() error { return e.Err }

// exportForm are the operations that export one kind of archive of one kind of object.
type exportForm struct {
	poll     Operation // up to 2.15: one address to start, to look, and to download
	start    Operation // from 2.16
	download Operation // from 2.32; before, the result is at the address of poll
}

// exportFormOf returns the form of an export, false for what is none.
func exportFormOf(b *Background) (exportForm, bool) {
	const last = "2.31.0"
	tasks := exportForm{OpTasksRetrieveDataset, OpTasksCreateDatasetExport, OpTasksRetrieveDatasetDownload}
	jobs := exportForm{OpJobsRetrieveDataset, OpJobsCreateDatasetExport, OpJobsRetrieveDatasetDownload}
	projects := exportForm{OpProjectsRetrieveDataset, OpProjectsCreateDatasetExport, OpProjectsRetrieveDatasetDownload}
	switch b.Kind {
	case BackgroundExportDataset:
	case BackgroundExportAnnotations:
		tasks.poll = OpTasksRetrieveAnnotations.until(last)
		jobs.poll = OpJobsRetrieveAnnotations.until(last)
		projects.poll = OpProjectsRetrieveAnnotations
	case BackgroundExportBackup: // jobs have none
		tasks = exportForm{OpTasksRetrieveBackup, OpTasksCreateBackupExport, OpTasksRetrieveBackupDownload}
		projects = exportForm{OpProjectsRetrieveBackup, OpProjectsCreateBackupExport, OpProjectsRetrieveBackupDownload}
	default:
		return exportForm{}, false
	}
	switch b.Target {
	case targetTask:
		return tasks, true
	case targetJob:
		return jobs, b.Kind != BackgroundExportBackup
	case targetProject:
		return projects, true
	}
	return exportForm{}, false
}

// export is an export under way.
type export struct {
	client *Client
	work   *Background
	form   exportForm
	opts   ExportOptions

	cloud     *cloudFile // where it goes; nil: to the caller
	delivered bool       // it is there
}

func exported(kind BackgroundKind, target string, id int64, format string) *Background {
	return &Background{Kind: kind, Target: target, ID: id, Format: format, StartedAt: time.Now()}
}

// exportOf is the export that a handle stands for.
func (c *Client) exportOf(b *Background, opts *ExportOptions) (*export, error) {
	form, ok := exportFormOf(b)
	switch {
	case !ok:
		return nil, &ArgumentError{Field: "Background", Reason: fmt.Sprintf("is no export: %q of a %q", b.Kind, b.Target)}
	case b.ID <= 0:
		return nil, badID(b.ID)
	case b.Format == "" && b.Kind != BackgroundExportBackup:
		return nil, &ArgumentError{Field: "format", Reason: `is empty: give a name that Server.Formats lists, such as "CVAT for images 1.1"`}
	}
	return &export{client: c, work: b, form: form, opts: *cmp.Or(opts, &ExportOptions{})}, nil
}

// startExport starts an export.
func (c *Client) startExport(ctx context.Context, b *Background, opts *ExportOptions) (*Background, error) {
	e, err := c.exportOf(b, opts)
	if err != nil {
		return nil, err
	}
	unlock, err := e.exclusively(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := e.start(ctx); err != nil {
		return nil, err
	}
	return e.work, nil
}

// export starts an export, waits for it and gives the archive to target.
func (c *Client) export(ctx context.Context, b *Background, target archiveTarget, opts *ExportOptions) (*ExportedFile, error) {
	e, err := c.exportOf(b, opts)
	if err != nil {
		return nil, err
	}
	return e.run(ctx, target)
}

// exportToFile is an export to a file, or to a folder.
func (c *Client) exportToFile(ctx context.Context, b *Background, path string, opts *ExportOptions) (*ExportedFile, error) {
	return c.export(ctx, b, &fileTarget{path: path, overwrite: opts != nil && opts.Overwrite}, opts)
}

// Download writes the archive of an export that has ended to w; see [Client.Wait]. Up to 2.31, servers give an archive
// away once. One that is gone (it was fetched before, it expired, or the object has changed since on an old server)
// matches [ErrNotFound]: start the export anew. A download that breaks off is an [*IncompleteError].
//
// It uses requests_retrieve and the download of the kind of archive, such as tasks_retrieve_dataset_download; up to 2.15
// the operation that started the export.
func (c *Client) Download(ctx context.Context, b *Background, w io.Writer) (*ExportedFile, error) {
	return c.download(ctx, b, &writerTarget{w: w}, nil)
}

// DownloadToFile writes the archive of an export that has ended to a file, or under the server's name into a folder, as
// [TasksService.ExportDatasetToFile] does; otherwise it is as [Client.Download].
//
// It uses what [Client.Download] uses.
func (c *Client) DownloadToFile(ctx context.Context, b *Background, path string, opts *ExportOptions) (*ExportedFile, error) {
	return c.download(ctx, b, &fileTarget{path: path, overwrite: opts != nil && opts.Overwrite}, opts)
}

func (c *Client) download(ctx context.Context, b *Background, target archiveTarget, opts *ExportOptions) (*ExportedFile, error) {
	if b == nil {
		return nil, &ArgumentError{Field: "Background", Reason: "is nil"}
	}
	e, err := c.exportOf(b, opts)
	if err != nil {
		return nil, err
	}
	if err := target.prepare(); err != nil {
		return nil, err
	}
	defer target.release()
	unlock, err := e.exclusively(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	fetched := false
	return target.take(ctx, e, func(ctx context.Context, from int64) (*Content, error) {
		if fetched { // and cut: servers that give a result away once make it again
			return e.await(ctx, from)
		}
		fetched = true
		return e.fetch(ctx)
	})
}

// fetch opens the archive of an export that has ended.
func (e *export) fetch(ctx context.Context) (*Content, error) {
	var request *models.Request
	if id := e.work.RequestID; id != "" {
		var err error
		if request, _, err = fetch[models.Request](ctx, e.client, call{op: OpRequestsRetrieve, args: []any{id}}, nil); err != nil {
			return nil, err
		}
	}
	return e.result(ctx, request, 0)
}

// maxRestarts is how often an export starts anew because its result was gone when it was to be fetched.
const maxRestarts = 3

// errGone: the server no longer has the result.
var errGone error = goneError{}

type goneError struct{}

func (goneError) Error() string { return "the result is gone" }

func (goneError) Is(target error) bool { return target == ErrNotFound }

func (e *export) run(ctx context.Context, target archiveTarget) (*ExportedFile, error) {
	if err := target.prepare(); err != nil {
		return nil, err
	}
	defer target.release()
	unlock, err := e.exclusively(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return target.take(ctx, e, e.open)
}

// open opens the archive from a byte on, having started the export and waited for it. What is fetched from the beginning is
// made anew.
func (e *export) open(ctx context.Context, from int64) (*Content, error) {
	if from == 0 {
		if err := e.start(ctx); err != nil {
			return nil, err
		}
	}
	for restarts := 0; ; restarts++ {
		content, err := e.await(ctx, from)
		switch {
		case err == nil || !errors.Is(err, errGone) || restarts == maxRestarts:
			return content, err
		case e.work.RequestID != "": // the old protocol starts anew when it is asked how far it is
			if err := e.begin(ctx); err != nil {
				return nil, err
			}
		}
	}
}

// exclusively keeps other exports of the same object and format, of this client and of all that share its server, from
// getting in the way: servers up to 2.31 give a result away once, and up to 2.3 it is the same for all.
func (e *export) exclusively(ctx context.Context) (unlock func(), err error) {
	repeatable, err := e.client.has(ctx, repeatableDownloads)
	if err != nil || repeatable {
		return func() {}, err
	}
	return e.client.server.exports.lock(ctx, fmt.Sprintf("%s %d %s", e.work.Target, e.work.ID, e.work.Format), "export of the same object and format")
}

// start starts the export in the way of the server.
func (e *export) start(ctx context.Context) error {
	requests, err := e.client.has(ctx, backgroundRequests)
	if err != nil {
		return err
	}
	if requests {
		return e.begin(ctx)
	}
	distinct, err := e.client.has(ctx, distinctExports)
	if err != nil {
		return err
	}
	if !distinct || e.work.Kind == BackgroundExportBackup {
		leftover := *e
		leftover.cloud = nil // nobody asked for it to go there
		if err := leftover.drain(ctx); err != nil {
			return err
		}
	}
	return poll(ctx, &e.opts.Wait, func(ctx context.Context) (bool, error) {
		_, err := e.look(ctx)
		return true, err
	})
}

// await waits for the archive and opens it from a byte on, or reports errGone.
func (e *export) await(ctx context.Context, from int64) (*Content, error) {
	done, err := e.client.Wait(ctx, e.work, &e.opts.Wait)
	switch {
	case err == nil:
		return e.result(ctx, done.request, from)
	case e.work.RequestID != "" && errors.Is(err, ErrNotFound): // taken, expired or cancelled by somebody else
		return nil, e.gone(err)
	}
	return nil, err
}

// gone is the error of a result that is no longer there.
func (e *export) gone(err error) error { return fmt.Errorf("cvat: %s: %w: %w", e.work, errGone, err) }

// pollQuery is what exports are asked with up to 2.15.
func (e *export) pollQuery(action string) url.Values {
	query := e.cloud.query()
	if e.work.Format != "" {
		query.Set("format", e.work.Format)
	}
	if action != "" {
		query.Set("action", action)
	}
	return query
}

// look asks once how far the export is, which starts it if there is none.
func (e *export) look(ctx context.Context) (done bool, err error) {
	resp, err := e.client.perform(ctx, call{
		op: e.form.poll.as(Repeatable), args: []any{e.work.ID}, query: e.pollQuery(""), want: e.cloud.polled(),
	}, nil, nil)
	if failed, ok := errors.AsType[*Error](err); ok && failed.StatusCode == http.StatusInternalServerError && !isHTML(resp.Header, failed.Body) {
		// The server says so once, and would start anew.
		return false, &BackgroundError{Work: e.work.String(), Message: failed.Detail}
	}
	if err != nil {
		return false, err
	}
	status := WorkStatus{Work: e.work.String(), State: models.RqStateStarted}
	if done = resp.StatusCode != http.StatusAccepted; done {
		status.State, status.Progress = models.RqStateFinished, 1
	}
	e.delivered = resp.StatusCode == http.StatusOK
	e.opts.Wait.report(status)
	return done, nil
}

// drain takes away a result that is ready before the export was asked for. Servers up to 2.3 keep one result for the
// dataset and the annotations of an object, for all users: it may be the other kind, or old. Up to 2.15 the backup of a
// project may be older than its tasks.
func (e *export) drain(ctx context.Context) error {
	var ready bool
	err := poll(ctx, &e.opts.Wait, func(ctx context.Context) (bool, error) {
		var err error
		ready, err = e.look(ctx)
		return true, err
	})
	if _, failed := errors.AsType[*BackgroundError](err); failed {
		return nil // somebody's failure; asking again starts anew
	}
	if err != nil || !ready {
		return err
	}
	content, err := e.fetchOnce(ctx, e.pollQuery("download"), 0)
	if errors.Is(err, errGone) {
		return nil
	}
	if err != nil {
		return err
	}
	// The server has forgotten it as soon as it began to send it. Whether it arrives does not matter.
	_, _ = copyContent(io.Discard, content)
	return interrupted(ctx, "stopped exporting")
}

// fetchOnce opens a result that the server forgets when it is fetched, or reports errGone.
func (e *export) fetchOnce(ctx context.Context, query url.Values, from int64) (*Content, error) {
	content, resp, err := e.client.open(ctx, call{op: e.form.poll.as(Refusable), args: []any{e.work.ID}, query: query}.from(from), nil)
	if err == nil {
		return content, nil
	}
	// Another client took it, the object changed meanwhile, or the answer to an earlier attempt was lost.
	if resp.StatusCode == http.StatusAccepted || lost(resp.StatusCode) && errors.Is(err, ErrOutcomeUnknown) && ctx.Err() == nil {
		return nil, e.gone(err)
	}
	return nil, err
}

// lost reports whether a status says that an answer did not come through; 0 is none at all.
func lost(status int) bool {
	switch status {
	case 0, http.StatusRequestTimeout, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// begin starts the export on servers that have background requests. One that is already under way is joined.
func (e *export) begin(ctx context.Context) error {
	query := e.cloud.query()
	query.Del("use_default_location") // a location is reason enough
	if e.work.Kind != BackgroundExportBackup {
		query.Set("format", e.work.Format)
		query.Set("save_images", strconv.FormatBool(e.work.Kind == BackgroundExportDataset))
	}
	start := call{
		// An export changes nothing, and starting it twice joins the first.
		op: e.form.start.as(Repeatable), args: []any{e.work.ID}, query: query, want: []int{http.StatusAccepted},
	}
	var running models.RqID
	err := poll(ctx, &e.opts.Wait, func(ctx context.Context) (bool, error) {
		started, _, err := fetch[models.RqID](ctx, e.client, start, nil)
		if err == nil {
			running = *started
			return true, nil
		}
		conflict, ok := errors.AsType[*Error](err)
		if !ok || conflict.StatusCode != http.StatusConflict {
			return false, err
		}
		// Up to 2.36 the id of the one under way is not told: wait for its end.
		return json.Unmarshal(conflict.Body, &running) == nil && running.RqID != "", nil
	})
	if err == nil && running.RqID == "" {
		err = fmt.Errorf("cvat: %s: the server named no background request", e.work)
	}
	e.work.RequestID, e.work.StartedAt = running.RqID, time.Now()
	return err
}

// result opens the archive, or reports errGone. Of the address that a finished request gives only the query is used: its
// host can be wrong behind a proxy, and is none of the server's business.
func (e *export) result(ctx context.Context, request *models.Request, from int64) (*Content, error) {
	if request == nil {
		return e.fetchOnce(ctx, e.pollQuery("download"), from)
	}
	at, err := url.Parse(request.ResultURL)
	if err != nil || request.ResultURL == "" {
		return nil, fmt.Errorf("cvat: %s: the server gave no usable address for the result", e.work)
	}
	query := at.Query()
	query.Del("org")
	var content *Content
	if query.Get("rq_id") == "" {
		content, err = e.fetchOnce(ctx, query, from)
	} else {
		content, _, err = e.client.open(ctx, call{op: e.form.download, args: []any{e.work.ID}, query: query}.from(from), nil)
	}
	if !errors.Is(err, errGone) && (errors.Is(err, ErrNotFound) || errors.Is(err, ErrInvalid)) {
		return nil, e.gone(err)
	}
	return content, err
}

// from asks for a file from a byte on.
func (cl call) from(at int64) call {
	cl.want = []int{http.StatusOK}
	if at > 0 {
		cl.want = append(cl.want, http.StatusPartialContent)
		cl.header = http.Header{"Range": {fmt.Sprintf("bytes=%d-", at)}}
	}
	return cl
}
