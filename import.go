package cvat

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"time"

	"github.com/go-cvat/cvat/models"
)

// ImportOptions say how an archive travels and what the server makes of it.
type ImportOptions struct {
	// Mode says what becomes of the annotations that a task or job has; they are replaced if it is empty. since 2.65
	Mode models.ImportMode
	// ConvMaskToPoly says whether masks become polygons, which they do if it is nil. since 2.4
	ConvMaskToPoly *bool

	// ChunkSize is how many bytes travel in one request, at most 100 MiB. A larger archive travels by TUS in chunks that are
	// repeated one by one when the network fails, a smaller one in a single request. If 0, that is 10 MiB to begin with, and
	// chunks adapt to the network.
	ChunkSize int64
	// OnProgress, if set, is called when the upload starts and after each request.
	OnProgress func(UploadProgress)
	// Wait says how to wait for the server to read the archive.
	Wait WaitOptions
}

func (o *ImportOptions) validate(ctx context.Context, c *Client) error {
	if o.ChunkSize < 0 || o.ChunkSize > maxChunkSize {
		return &ArgumentError{Field: "ChunkSize", Reason: fmt.Sprintf("is %d bytes: servers take up to %d (100 MiB)", o.ChunkSize, maxChunkSize)}
	}
	if o.Mode != "" {
		if err := c.need(ctx, importModes); err != nil {
			return err
		}
	}
	if o.ConvMaskToPoly != nil {
		return c.need(ctx, maskImports)
	}
	return nil
}

// replacing refuses a mode, which datasets do not have: they make tasks of their own.
func (o *ImportOptions) replacing() error {
	if o != nil && o.Mode != "" {
		return &ArgumentError{Field: "ImportOptions.Mode", Reason: "is for annotations: a dataset comes as new tasks"}
	}
	return nil
}

// importForm are the operations that bring one kind of archive into one kind of object.
type importForm struct {
	create Operation // starts; TUS uploads begin at its address too
	chunk  Operation
	put    Operation // of annotations: starts up to 2.37, and looks up to 2.15
	status Operation // of datasets: looks up to 2.15
	field  string    // of the file in a multipart body
}

// importFormOf returns the form of an import, false for what is none.
func importFormOf(b *Background) (importForm, bool) {
	const last = "2.37.0"
	type is struct {
		kind   BackgroundKind
		target string
	}
	switch (is{b.Kind, b.Target}) {
	case is{BackgroundImportAnnotations, targetTask}:
		return importForm{create: OpTasksCreateAnnotations, chunk: OpTasksPartialUpdateAnnotationsFile, put: OpTasksUpdateAnnotations.until(last), field: "annotation_file"}, true
	case is{BackgroundImportAnnotations, targetJob}:
		return importForm{create: OpJobsCreateAnnotations, chunk: OpJobsPartialUpdateAnnotationsFile, put: OpJobsUpdateAnnotations.until(last), field: "annotation_file"}, true
	case is{BackgroundImportDataset, targetProject}:
		return importForm{create: OpProjectsCreateDataset, chunk: OpProjectsPartialUpdateDatasetFile, status: OpProjectsRetrieveDataset.until(last), field: "dataset_file"}, true
	case is{BackgroundImportBackup, targetTask}:
		return importForm{create: OpTasksCreateBackup, chunk: OpTasksPartialUpdateBackupFile, field: "task_file"}, true
	case is{BackgroundImportBackup, targetProject}:
		return importForm{create: OpProjectsCreateBackup, chunk: OpProjectsPartialUpdateBackupFile, field: "project_file"}, true
	}
	return importForm{}, false
}

// importing is an import, or the restore of a backup, of which there is a handle.
type importing struct {
	client *Client
	work   *Background
	form   importForm
}

// importOf is the import that a handle stands for.
func (c *Client) importOf(b *Background) (importing, error) {
	form, ok := importFormOf(b)
	switch {
	case !ok:
		return importing{}, &ArgumentError{Field: "Background", Reason: fmt.Sprintf("is no import: %q of a %q", b.Kind, b.Target)}
	case b.Kind == BackgroundImportBackup:
	case b.ID <= 0:
		return importing{}, badID(b.ID)
	case b.Format == "":
		return importing{}, &ArgumentError{Field: "format", Reason: `is empty: give a name that Server.Formats lists among the importers, such as "CVAT 1.1"`}
	}
	return importing{client: c, work: b, form: form}, nil
}

func imported(kind BackgroundKind, target string, id int64, format string) *Background {
	return &Background{Kind: kind, Target: target, ID: id, Format: format}
}

// args are the path parameters of the operations: a backup has no object yet.
func (i importing) args() []any {
	if i.work.Kind == BackgroundImportBackup {
		return nil
	}
	return []any{i.work.ID}
}

// query keeps an import from reading from the cloud storage that the object may have as its default.
func (i importing) query() url.Values {
	if i.work.Kind == BackgroundImportBackup {
		return url.Values{} // which has no such default
	}
	query := url.Values{"format": {i.work.Format}, "use_default_location": {"false"}, "location": {"local"}}
	if i.work.RequestID != "" {
		query.Set("rq_id", i.work.RequestID)
	}
	return query
}

// archive is an import that is to be started.
type archive struct {
	importing
	opts   *ImportOptions
	file   sourceFile
	cloud  *serverFiles // instead of file
	posted bool         // files of annotations come with a POST
	done   func()       // to be called when the file is no longer needed
}

// archiveOf is the import of a source, which must be one file.
func (c *Client) archiveOf(ctx context.Context, b *Background, source Source, opts *ImportOptions) (*archive, error) {
	i, err := c.importOf(b)
	if err != nil {
		return nil, err
	}
	a := &archive{importing: i, opts: cmp.Or(opts, &ImportOptions{}), done: func() {}}
	if err := a.opts.validate(ctx, c); err != nil {
		return nil, err
	}
	return a, a.take(ctx, source)
}

// take reads the one file of a source.
func (a *archive) take(ctx context.Context, source Source) error {
	files, err := source.files()
	switch {
	case err != nil:
		return err
	case source.server != nil && len(source.server.cloud) == 1:
		a.cloud = source.server
		return nil
	case source.server != nil:
		return &ArgumentError{Field: "Source", Reason: "is not for imports: they take one file from this side, or one of a cloud storage without a manifest"}
	case len(files) != 1:
		return &ArgumentError{Field: "Source", Reason: fmt.Sprintf("has %d files: an import takes one", len(files))}
	}
	if files, a.done, err = spooled(ctx, files); err != nil {
		a.done = func() {}
		return err
	}
	a.file = files[0]
	if a.file.window > 0 && a.single() {
		a.file, err = held(ctx, a.file)
	}
	if err == nil && a.work.Kind == BackgroundImportBackup && a.file.window == 0 {
		a.work.Name, err = backupName(a.file, a.work.Target)
	}
	if err != nil {
		a.done()
	}
	return err
}

// single reports whether the file travels in a single request.
func (a *archive) single() bool { return a.file.size <= cmp.Or(a.opts.ChunkSize, defaultChunkSize) }

// held reads a stream into memory: one that ended early, in the middle of the request that starts an import, would leave it
// open what the server makes of that.
func held(ctx context.Context, file sourceFile) (sourceFile, error) {
	content, err := file.open()
	if err != nil {
		return file, cannotRead(file, err)
	}
	defer func() { _ = content.Close() }() // opened for reading
	data := bytes.NewBuffer(make([]byte, 0, file.size))
	pieces := struct{ io.Writer }{data} // small ones, so that a slow stream can be left between them
	n, err := io.CopyBuffer(pieces, whileLasts(ctx, io.NewSectionReader(content, 0, file.size)), make([]byte, 4<<10))
	if n < file.size {
		return file, cmp.Or(interrupted(ctx, "stopped reading "+strconv.Quote(file.path)), cannotRead(file, cmp.Or(err, io.ErrUnexpectedEOF)))
	}
	file.window, file.open = 0, func() (readerAtCloser, error) { return unclosed{bytes.NewReader(data.Bytes())}, nil }
	return file, nil
}

// startImport starts an import.
func (c *Client) startImport(ctx context.Context, b *Background, source Source, opts *ImportOptions) (*Background, error) {
	a, err := c.archiveOf(ctx, b, source, opts)
	if err != nil {
		return nil, err
	}
	defer a.done()
	leave, err := a.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if err := a.start(ctx); err != nil {
		return nil, err
	}
	return a.work, nil
}

// importArchive starts an import and waits for it.
func (c *Client) importArchive(ctx context.Context, b *Background, source Source, opts *ImportOptions) (*BackgroundResult, error) {
	a, err := c.archiveOf(ctx, b, source, opts)
	if err != nil {
		return nil, err
	}
	defer a.done()
	return a.run(ctx)
}

func (a *archive) run(ctx context.Context) (*BackgroundResult, error) {
	leave, err := a.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if err := a.start(ctx); err != nil {
		return nil, err
	}
	result, err := a.client.Wait(ctx, a.work, &a.opts.Wait)
	if err != nil {
		return nil, a.unfinished(err)
	}
	return result, nil
}

// unfinished marks what ended the wait for an import that was started: only the server's own words tell how that ended.
func (a *archive) unfinished(err error) error {
	if _, failed := errors.AsType[*BackgroundError](err); failed || errors.Is(err, ErrOutcomeUnknown) {
		return err
	}
	return &callError{
		text: fmt.Sprintf("cvat: %s: it was started, and may go on: %v", a.work, err),
		errs: []error{err, ErrOutcomeUnknown},
	}
}

// slot names what the server has one of. Restores do not get into each other's way.
func (a *archive) slot() string {
	if a.work.Kind == BackgroundImportBackup {
		return ""
	}
	return a.work.String()
}

// enter waits until no other import of this program goes into the same object.
func (a *archive) enter(ctx context.Context) (leave func(), err error) {
	slot := a.slot()
	if slot == "" {
		return func() {}, nil
	}
	return a.client.server.imports.lock(ctx, slot, slot)
}

// start sends the archive and starts the import, once.
func (a *archive) start(ctx context.Context) error {
	requests, err := a.client.has(ctx, backgroundRequests)
	if err != nil {
		return err
	}
	if a.posted, err = a.client.has(ctx, postedAnnotations); err != nil {
		return err
	}
	if a.sharesAddress(requests) {
		if err := a.vacate(ctx); err != nil {
			return err
		}
	}
	if !requests {
		if a.work.Before, err = a.highest(ctx); err != nil {
			return err
		}
	}
	id, err := a.send(ctx)
	if err != nil {
		return err
	}
	if id == "" && requests {
		return a.unfinished(errors.New("the server named no background request"))
	}
	a.work.RequestID, a.work.StartedAt = id, time.Now()
	return nil
}

// sharesAddress reports whether the call that starts the import would be taken for a question how another one goes, or be
// refused because nobody has asked how that ended.
func (a *archive) sharesAddress(requests bool) bool {
	switch a.work.Kind {
	case BackgroundImportAnnotations:
		return !a.posted
	case BackgroundImportDataset:
		return !requests
	default:
		return false
	}
}

// send moves the archive in the way that fits it.
func (a *archive) send(ctx context.Context) (id string, err error) {
	switch {
	case a.cloud != nil:
		query := a.settings()
		query.Set("location", string(models.LocationCloudStorage))
		query.Set("cloud_storage_id", strconv.FormatInt(a.cloud.storage, 10))
		query.Set("filename", a.cloud.cloud[0])
		return a.client.started(ctx, call{op: a.form.create, args: a.args(), query: query})
	case a.single():
		return a.sendMultipart(ctx)
	}
	return a.sendTUS(ctx)
}

// settings are the query of what starts the import.
func (a *archive) settings() url.Values {
	query := a.query()
	if a.opts.Mode != "" {
		query.Set("import_mode", string(a.opts.Mode))
	}
	if a.opts.ConvMaskToPoly != nil {
		query.Set("conv_mask_to_poly", strconv.FormatBool(*a.opts.ConvMaskToPoly))
	}
	return query
}

func (a *archive) sendMultipart(ctx context.Context) (id string, err error) {
	body, err := multipartBody(nil, []sourceFile{a.file}, func(int) string { return a.form.field })
	if err != nil {
		return "", err
	}
	cl := call{op: a.form.create, args: a.args(), query: a.settings(), body: body, transfer: true}
	if a.work.Kind == BackgroundImportAnnotations && !a.posted {
		// Sent again, it would take the result of the first away.
		cl.op = a.form.put.as(Refusable)
	}
	a.progress(0)
	if id, err = a.client.started(ctx, cl); err == nil {
		a.progress(a.file.size)
	}
	return id, err
}

// sendTUS uploads the archive under a name that nobody else has: servers keep such files in a folder that several users
// share, and refuse a second one of a name. What is not finished is not imported.
func (a *archive) sendTUS(ctx context.Context) (id string, err error) {
	endpoint := tus{client: a.client, create: a.form.create.as(Repeatable), chunk: a.form.chunk, args: a.args(), chunkSize: a.opts.ChunkSize}
	file := a.file
	file.name = rand.Text() + path.Ext(file.name)
	a.progress(0)
	name, err := endpoint.upload(ctx, file, a.progress)
	if err != nil {
		return "", fmt.Errorf("%s: %w", a.file.path, err)
	}
	query := a.settings()
	query.Set("filename", name)
	return a.client.started(ctx, call{op: a.form.create, args: a.args(), query: query, header: http.Header{"Upload-Finish": {"true"}}})
}

func (a *archive) progress(done int64) {
	if a.opts.OnProgress != nil {
		a.opts.OnProgress(UploadProgress{File: a.file.name, Done: done, Total: a.file.size})
	}
}

// started makes a call that starts an import and returns the id of the background request, "" from servers up to 2.4.5.
func (c *Client) started(ctx context.Context, cl call) (id string, err error) {
	cl.want = []int{http.StatusAccepted}
	answer, _, err := c.send(ctx, cl, false, nil)
	if err != nil {
		return "", err
	}
	defer answer.cancel()
	defer answer.http.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.http.Body, maxErrorBody))
	if err != nil || len(body) == 0 {
		return "", err
	}
	answer.http.Body = io.NopCloser(bytes.NewReader(body))
	var started models.RqID
	err = answer.decode(&started)
	return started.RqID, err
}
