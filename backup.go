package cvat

import (
	"archive/zip"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
)

// RestoreOptions say how a backup travels.
type RestoreOptions struct {
	// ChunkSize is how many bytes travel in one request, at most 100 MiB. A larger backup travels by TUS in chunks that are
	// repeated one by one when the network fails, a smaller one in a single request. If 0, that is 10 MiB to begin with, and
	// chunks adapt to the network.
	ChunkSize int64
	// OnProgress, if set, is called when the upload starts and after each request.
	OnProgress func(UploadProgress)
	// Wait says how to wait for the servers.
	Wait WaitOptions
}

func (o *RestoreOptions) importOptions() *ImportOptions {
	if o == nil {
		return nil
	}
	return &ImportOptions{ChunkSize: o.ChunkSize, OnProgress: o.OnProgress, Wait: o.Wait}
}

// restore makes an object of a backup and returns its id.
func (c *Client) restore(ctx context.Context, target string, source Source, opts *RestoreOptions) (int64, error) {
	result, err := c.importArchive(ctx, imported(BackgroundImportBackup, target, 0, ""), source, opts.importOptions())
	if err != nil {
		return 0, err
	}
	return result.ID, nil
}

// backupName reads the name of the object in a backup, and refuses what is no backup of such an object.
func backupName(file sourceFile, target string) (string, error) {
	refused := func(err error) error {
		return &ArgumentError{
			Field: "file " + strconv.Quote(file.path), Reason: "is no backup of a " + target + ": it has no " + target + ".json", Err: err,
		}
	}
	content, err := file.open()
	if err != nil {
		return "", &ArgumentError{Field: "file " + strconv.Quote(file.path), Reason: "cannot be read", Err: withoutPath(err)}
	}
	defer func() { _ = content.Close() }() // opened for reading
	files, err := zip.NewReader(content, file.size)
	if err != nil {
		return "", refused(err)
	}
	document, err := files.Open(target + ".json")
	if err != nil {
		return "", refused(nil)
	}
	var object struct {
		Name string `json:"name"`
	}
	err = json.NewDecoder(io.LimitReader(document, maxErrorBody<<8)).Decode(&object)
	if err = errors.Join(err, document.Close()); err != nil {
		return "", refused(err)
	}
	return object.Name, nil
}

// migrate restores a backup of an object of this client's server on another server and returns the id there.
func (c *Client) migrate(ctx context.Context, target string, id int64, name string, to *Client, opts *RestoreOptions) (int64, error) {
	options := cmp.Or(opts.importOptions(), &ImportOptions{})
	if err := options.validate(ctx, to); err != nil {
		return 0, err
	}
	e, err := c.exportOf(exported(BackgroundExportBackup, target, id, ""), &ExportOptions{Wait: options.Wait})
	if err != nil {
		return 0, err
	}
	unlock, err := e.exclusively(ctx)
	if err != nil {
		return 0, err
	}
	defer unlock()
	content, err := e.open(ctx, 0)
	if err != nil {
		return 0, err
	}
	defer func() { _ = content.Close() }() // read as far as it was wanted
	work := imported(BackgroundImportBackup, target, 0, "")
	work.Name = name
	passage := &passage{content: content, work: e.work.String(), tail: &tailWriter{w: io.Discard, total: content.total}}
	result, err := to.importArchive(ctx, work, Reader(cmp.Or(content.Name, "backup.zip"), passage, content.Size), options)
	switch {
	case passage.err != nil:
		return 0, passage.err
	case err != nil:
		return 0, err
	}
	return result.ID, nil
}

// passage reads an archive on its way from one server to another, and keeps what ended it too early.
type passage struct {
	content *Content
	work    string
	tail    *tailWriter
	err     error
}

// Read implements [io.Reader]. The end of an archive is not given away before it has been looked at: with it the other server
// would begin to restore.
func (p *passage) Read(b []byte) (int, error) {
	n, err := p.content.Read(b)
	_, _ = p.tail.Write(b[:n]) // into memory
	switch {
	case errors.Is(err, io.EOF), err == nil && p.tail.seen == p.content.total:
		if damage := p.check(); damage != nil {
			p.err = &IncompleteError{Work: p.work, Written: p.tail.seen, Err: damage}
			return 0, p.err
		}
	case err != nil:
		p.err = &IncompleteError{Work: p.work, Written: p.tail.seen, Err: err}
	}
	return n, err
}

// check looks whether the archive that has passed by is there to its end.
func (p *passage) check() error {
	if p.content.Type != mediaZip {
		return nil
	}
	_, err := findDirectory(p.tail, p.tail.start(), p.tail.seen)
	return err
}
