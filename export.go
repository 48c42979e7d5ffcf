package cvat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-cvat/cvat/models"
)

// ExportOptions say how to wait for an export.
type ExportOptions struct {
	// Wait says how to wait for the server to write the archive.
	Wait WaitOptions
}

// ExportedFile describes an archive that was written to the caller's writer.
type ExportedFile struct {
	// Name is the file name that the server suggests, without any folder.
	Name string
	// Size is the number of bytes written.
	Size int64
}

// IncompleteError is a download that ended before its last byte: what was written so far is of no use.
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

// export is one kind of archive of one object.
type export struct {
	client *Client
	work   string // "dataset of task 7"
	id     int64
	format string
	images bool
	opts   *ExportOptions

	poll     Operation // up to 2.15: one address to start, to look, and to download
	start    Operation // from 2.16
	download Operation // from 2.32; before, the result is at the address of poll
}

func (e export) run(ctx context.Context, w io.Writer) (*ExportedFile, error) {
	switch {
	case e.id <= 0:
		return nil, badID(e.id)
	case e.format == "":
		return nil, &ArgumentError{Field: "format", Reason: `is empty: give a name that Server.Formats lists, such as "CVAT for images 1.1"`}
	case w == nil:
		return nil, &ArgumentError{Field: "writer", Reason: "is nil"}
	}
	if e.opts == nil {
		e.opts = &ExportOptions{}
	}
	requests, err := e.client.has(ctx, backgroundRequests)
	if err != nil {
		return nil, err
	}
	if requests {
		return e.byRequest(ctx, w)
	}
	return e.byPolling(ctx, w)
}

// maxRestarts is how often an export starts anew because its result was gone when it was to be fetched.
const maxRestarts = 3

// errGone: the server no longer has the result.
var errGone = errors.New("cvat: the result is gone")

// byPolling exports on servers up to 2.15, where one address, asked again and again, starts an export, tells how far it is,
// and gives the result away once.
func (e export) byPolling(ctx context.Context, w io.Writer) (*ExportedFile, error) {
	distinct, err := e.client.has(ctx, distinctExports)
	if err != nil {
		return nil, err
	}
	if !distinct {
		if err := e.drain(ctx); err != nil {
			return nil, err
		}
	}
	for restarts := 0; ; restarts++ {
		if err := poll(ctx, &e.opts.Wait, e.look); err != nil {
			return nil, err
		}
		content, err := e.fetchOnce(ctx, e.poll, e.pollQuery("download"))
		if errors.Is(err, errGone) && restarts < maxRestarts {
			continue
		}
		if err != nil {
			return nil, err
		}
		return e.write(w, content)
	}
}

// pollQuery keeps exports from going to the cloud storage that the object may have as its default.
func (e export) pollQuery(action string) url.Values {
	query := url.Values{"format": {e.format}, "use_default_location": {"false"}, "location": {"local"}}
	if action != "" {
		query.Set("action", action)
	}
	return query
}

// look asks once how far the export is, which starts it if there is none.
func (e export) look(ctx context.Context) (done bool, err error) {
	resp, err := e.client.perform(ctx, call{
		op: e.poll.as(Repeatable), args: []any{e.id}, query: e.pollQuery(""), want: []int{http.StatusAccepted, http.StatusCreated},
	}, nil, nil)
	if failed, ok := errors.AsType[*Error](err); ok && failed.StatusCode == http.StatusInternalServerError && !isHTML(resp.Header, failed.Body) {
		// The server says so once, and would start anew.
		return false, &BackgroundError{Work: e.work, Message: failed.Detail}
	}
	if err != nil {
		return false, err
	}
	status := WorkStatus{Work: e.work, State: models.RqStateStarted}
	if resp.StatusCode == http.StatusCreated {
		status.State, status.Progress = models.RqStateFinished, 1
	}
	e.opts.Wait.report(status)
	return resp.StatusCode == http.StatusCreated, nil
}

// drain takes away a result that is ready before the export was asked for. Servers up to 2.3 keep one result for the
// dataset and the annotations of an object, for all users: it may be the other kind, or old.
func (e export) drain(ctx context.Context) error {
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
	content, err := e.fetchOnce(ctx, e.poll, e.pollQuery("download"))
	if errors.Is(err, errGone) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, content)
	return errors.Join(err, content.Close())
}

// fetchOnce opens a result that the server forgets when it is fetched, or reports errGone.
func (e export) fetchOnce(ctx context.Context, op Operation, query url.Values) (*Content, error) {
	content, resp, err := e.client.open(ctx, call{
		op: op.as(Refusable), args: []any{e.id}, query: query, want: []int{http.StatusOK},
	}, nil)
	if err == nil {
		return content, nil
	}
	// Another client took it, the object changed meanwhile, or the answer to an earlier attempt was lost.
	if resp.StatusCode == http.StatusAccepted || resp.StatusCode == 0 && errors.Is(err, ErrOutcomeUnknown) && ctx.Err() == nil {
		return nil, fmt.Errorf("%w: %w", errGone, err)
	}
	return nil, err
}

// byRequest exports on servers from 2.16 on.
func (e export) byRequest(ctx context.Context, w io.Writer) (*ExportedFile, error) {
	for restarts := 0; ; restarts++ {
		id, err := e.begin(ctx)
		if err != nil {
			return nil, err
		}
		request, err := e.client.request(ctx, e.work, id, &e.opts.Wait)
		if errors.Is(err, ErrNotFound) && restarts < maxRestarts {
			continue // taken, expired or cancelled by somebody else
		}
		if err != nil {
			return nil, err
		}
		content, err := e.result(ctx, request)
		if errors.Is(err, errGone) && restarts < maxRestarts {
			continue
		}
		if err != nil {
			return nil, err
		}
		return e.write(w, content)
	}
}

// begin starts the export and returns the id of the background request. One that is already under way is joined.
func (e export) begin(ctx context.Context) (id string, err error) {
	query := url.Values{"format": {e.format}, "save_images": {strconv.FormatBool(e.images)}, "location": {"local"}}
	start := call{
		// An export changes nothing, and starting it twice joins the first.
		op: e.start.as(Repeatable), args: []any{e.id}, query: query, want: []int{http.StatusAccepted},
	}
	err = poll(ctx, &e.opts.Wait, func(ctx context.Context) (bool, error) {
		started, _, err := fetch[models.RqID](ctx, e.client, start, nil)
		if err == nil {
			id = started.RqID
			return true, nil
		}
		conflict, ok := errors.AsType[*Error](err)
		if !ok || conflict.StatusCode != http.StatusConflict {
			return false, err
		}
		var running models.RqID
		if json.Unmarshal(conflict.Body, &running) == nil && running.RqID != "" {
			id = running.RqID
			return true, nil
		}
		return false, nil // up to 2.36 the id of the one under way is not told: wait for its end
	})
	if err == nil && id == "" {
		err = fmt.Errorf("cvat: %s: the server named no background request", e.work)
	}
	return id, err
}

// result opens what a finished request made. Of the address that the server gives only the query is used: its host can be
// wrong behind a proxy, and is none of the server's business.
func (e export) result(ctx context.Context, request *models.Request) (*Content, error) {
	at, err := url.Parse(request.ResultURL)
	if err != nil || request.ResultURL == "" {
		return nil, fmt.Errorf("cvat: %s: the server gave no usable address for the result", e.work)
	}
	query := at.Query()
	query.Del("org")
	if query.Get("rq_id") == "" {
		return e.fetchOnce(ctx, e.poll, query)
	}
	content, _, err := e.client.open(ctx, call{op: e.download, args: []any{e.id}, query: query, want: []int{http.StatusOK}}, nil)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrInvalid) {
		return nil, fmt.Errorf("%w: %w", errGone, err)
	}
	return content, err
}

const copyBuffer = 256 << 10

// write copies a result to the caller's writer.
func (e export) write(w io.Writer, content *Content) (*ExportedFile, error) {
	// The wrappers hide shortcuts that copy in smaller pieces.
	written, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{content}, make([]byte, copyBuffer))
	err = errors.Join(err, content.Close())
	if err != nil {
		return nil, &IncompleteError{Work: e.work, Written: written, Err: err}
	}
	return &ExportedFile{Name: content.Name, Size: written}, nil
}
