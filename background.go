package cvat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-cvat/cvat/models"
)

// Background is work that the server does in its own time: what a Start method returns. It holds all that is needed to
// wait for the work, so it can be stored as JSON and waited for by another process, with a client of the same user in the
// same organization; see [Client.Wait].
type Background struct {
	// Kind says what is done.
	Kind BackgroundKind `json:"kind"`
	// Target is the kind of object that it is done with: "project", "task" or "job".
	Target string `json:"target"`
	// ID is the object's; 0 for a restore, whose object is still to come.
	ID int64 `json:"id,omitzero"`
	// Format is the format of the archive, if it has one.
	Format string `json:"format,omitzero"`
	// RequestID is the server's name for the work, where it has one.
	RequestID string `json:"request_id,omitzero"`
	// StartedAt is when it was started, by the clock of the program that started it.
	StartedAt time.Time `json:"started_at,omitzero"`
	// Name is the name of what a backup holds, and Before are the highest ids that there were before an import or a restore,
	// on servers up to 2.15. They tell how it ended if the one answer that says so is lost.
	Name   string  `json:"name,omitzero"`
	Before []int64 `json:"before,omitempty"`
}

// BackgroundKind is what background work does, in the words of CVAT's requests.
type BackgroundKind string

// The kinds of background work.
const (
	BackgroundTaskData          BackgroundKind = "create:task"
	BackgroundExportDataset     BackgroundKind = "export:dataset"
	BackgroundExportAnnotations BackgroundKind = "export:annotations"
	BackgroundAutoAnnotation    BackgroundKind = "autoannotate:task"
	BackgroundExportBackup      BackgroundKind = "export:backup"
	BackgroundImportAnnotations BackgroundKind = "import:annotations"
	BackgroundImportDataset     BackgroundKind = "import:dataset"
	BackgroundImportBackup      BackgroundKind = "import:backup"
)

// Objects that background work is done with.
const (
	targetProject = "project"
	targetTask    = "task"
	targetJob     = "job"
)

// BackgroundResult is what background work has led to.
type BackgroundResult struct {
	// ID is the object that was made or changed.
	ID int64

	request *models.Request // where servers have them
}

// String describes the work, as in "dataset of task 7".
func (b *Background) String() string {
	what := string(b.Kind)
	switch b.Kind {
	case BackgroundTaskData:
		what = "data"
	case BackgroundExportDataset:
		what = "dataset"
	case BackgroundExportAnnotations:
		what = "annotations"
	case BackgroundAutoAnnotation:
		what = "automatic annotation"
	case BackgroundExportBackup:
		what = "backup"
	case BackgroundImportAnnotations:
		what = "import of annotations"
	case BackgroundImportDataset:
		what = "import of a dataset"
	case BackgroundImportBackup:
		return "restore of a " + b.Target
	}
	return fmt.Sprintf("%s of %s %d", what, b.Target, b.ID)
}

// Wait waits for background work to end, whichever process started it. The first look comes at once; how long to wait is
// the context's business. Looks that fail by the fault of the network or a proxy are survived.
//
// Work that failed is a [*BackgroundError] with the server's words; it is final. [ErrNotFound] means that the server has
// forgotten the work: some hours after its end, or because it was cancelled. An export is fetched with
// [Client.Download] then; a restore has the id of the new object.
//
// Up to 2.15, a server says once how an import ended. If that answer is lost, the object itself may show that the import
// has gone through; if it does not, the error matches [ErrOutcomeUnknown].
//
// The data of a task have come when it has frames. A server that says that it has finished, and shows none for a while, has
// lost them, which matches [ErrOutcomeUnknown].
//
// It uses lambda_retrieve_requests for automatic annotation; for other work requests_retrieve on servers from 2.16 on, and
// before, or without a RequestID, the operation that started the work; for the data of a task also tasks_retrieve, and
// tasks_retrieve_status where there is no request, or none any more.
func (c *Client) Wait(ctx context.Context, b *Background, opts *WaitOptions) (*BackgroundResult, error) {
	if b == nil {
		return nil, &ArgumentError{Field: "Background", Reason: "is nil"}
	}
	if b.Kind == BackgroundAutoAnnotation {
		return c.waitForAnnotation(ctx, b, opts)
	}
	requests, err := c.has(ctx, backgroundRequests)
	switch {
	case err != nil:
		return nil, err
	case requests && b.RequestID != "" && b.Kind == BackgroundTaskData:
		return c.waitForFrames(ctx, b, opts)
	case requests && b.RequestID != "":
		return c.waitForRequest(ctx, b, opts)
	case requests && b.Kind != BackgroundTaskData:
		return nil, &ArgumentError{Field: "Background.RequestID", Reason: "is empty: this server knows its work by it"}
	}
	result := &BackgroundResult{ID: b.ID}
	look, err := c.lookAt(b, opts, result)
	if err != nil {
		return nil, err
	}
	if err := poll(ctx, opts, look); err != nil {
		return nil, err
	}
	return result, nil
}

// lookAt returns how to look once at work that has no background request. A look that finds out about an object that was
// made puts it into result.
func (c *Client) lookAt(b *Background, opts *WaitOptions, result *BackgroundResult) (look func(context.Context) (done bool, err error), err error) {
	switch b.Kind {
	case BackgroundTaskData:
		return (&dataWork{client: c, work: b, opts: opts}).look, nil
	case BackgroundImportAnnotations, BackgroundImportDataset, BackgroundImportBackup:
		i, err := c.importOf(b)
		return (&importWork{importing: i, opts: opts, result: result}).look, err
	case BackgroundExportDataset, BackgroundExportAnnotations, BackgroundExportBackup:
		e, err := c.exportOf(b, &ExportOptions{Wait: *cmp.Or(opts, &WaitOptions{})})
		return e.look, err
	case BackgroundAutoAnnotation: // has requests of its own on all servers
	}
	return nil, &ArgumentError{Field: "Background.Kind", Reason: fmt.Sprintf("is %q, which this version of the library does not know", b.Kind)}
}

// waitAtOnce is how many works WaitAll looks at in parallel.
const waitAtOnce = 8

// WaitAll waits for many works and returns their results in the same order, nil for one that failed. The error joins all
// failures, each of which names its work; waiting goes on after one of them.
//
// It uses [Client.Wait].
func (c *Client) WaitAll(ctx context.Context, works []*Background, opts *WaitOptions) ([]*BackgroundResult, error) {
	opts = opts.oneAtATime()
	results := make([]*BackgroundResult, len(works))
	failures := make([]error, len(works))
	limit := make(chan struct{}, waitAtOnce)
	var waiting sync.WaitGroup
	for i, work := range works {
		limit <- struct{}{}
		waiting.Go(func() {
			defer func() { <-limit }()
			var err error
			if results[i], err = c.Wait(ctx, work, opts); err != nil {
				failures[i] = fmt.Errorf("%v: %w", work, err)
			}
		})
	}
	waiting.Wait()
	return results, errors.Join(failures...)
}
