package cvat

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
)

// RestoreOptions say how a backup travels.
type RestoreOptions struct {
	// ChunkSize is how many bytes travel in one request: 10 MiB if 0, at most 100 MiB. A larger backup travels by TUS in
	// chunks that are repeated one by one when the network fails, a smaller one in a single request.
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
	work := imported(BackgroundImportBackup, target, 0, "")
	work.Name = name
	i, err := to.importOf(work)
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
	passing := &passage{from: e, content: content, chunk: cmp.Or(options.ChunkSize, defaultChunkSize)}
	defer passing.close()
	a := &archive{importing: i, opts: options}
	if a.file, err = passing.file(); err != nil {
		return 0, err
	}
	result, err := a.run(ctx)
	switch {
	case passing.err != nil:
		return 0, passing.err
	case err != nil:
		return 0, err
	}
	return result.ID, nil
}

// passage is an archive on its way from one server to another.
type passage struct {
	from    *export
	content *Content
	chunk   int64
	stored  string // a temporary file, if its length was not known

	window []byte // the chunk that is being sent, which may have to be sent again
	start  int64  // of the window
	err    error  // what ended the archive too early
}

// file makes a file of the archive that an upload can read. Small ones are held in memory; of others it is one chunk.
func (p *passage) file() (sourceFile, error) {
	file := sourceFile{name: cmp.Or(p.content.Name, "backup.zip"), path: p.from.work.String(), size: p.content.Size}
	switch {
	case file.size < 0:
		return p.store(file)
	case file.size > maxFileSize:
		return file, &ArgumentError{Field: file.path, Reason: fmt.Sprintf("has %d bytes: servers take %d (25 GiB)", file.size, int64(maxFileSize))}
	case file.size <= p.chunk:
		if err := p.advance(file.size); err != nil {
			return file, err
		}
		file.open = func() (readerAtCloser, error) { return unclosed{bytes.NewReader(p.window)}, nil }
		return file, nil
	}
	file.open = func() (readerAtCloser, error) { return unclosed{p}, nil }
	return file, nil
}

// store puts the archive into a temporary file.
func (p *passage) store(file sourceFile) (_ sourceFile, err error) {
	temporary, err := os.CreateTemp("", "cvat-backup-*.zip")
	if err != nil {
		return file, err
	}
	p.stored = temporary.Name()
	file.size, err = io.Copy(temporary, p.content)
	if err != nil {
		err = p.broken(file.size, err)
	}
	file.open = func() (readerAtCloser, error) { return os.Open(p.stored) }
	return file, errors.Join(err, temporary.Close())
}

// ReadAt implements [io.ReaderAt] for a file that is read from its beginning to its end, a chunk at a time and each as
// often as need be.
func (p *passage) ReadAt(b []byte, offset int64) (int, error) {
	if offset == p.start+int64(len(p.window)) && p.err == nil {
		if err := p.advance(p.chunk); err != nil {
			return 0, err
		}
	}
	at := offset - p.start
	switch {
	case p.err != nil:
		return 0, p.err
	case at < 0 || at >= int64(len(p.window)):
		return 0, fmt.Errorf("cvat: %s: a stream cannot be read at %d", p.from.work, offset)
	}
	n := copy(b, p.window[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// advance reads the next chunk into the window.
func (p *passage) advance(size int64) error {
	p.start += int64(len(p.window))
	p.window = make([]byte, min(size, p.content.Size-p.start))
	if n, err := io.ReadFull(p.content, p.window); err != nil {
		p.err = p.broken(p.start+int64(n), err)
		p.window = nil
	}
	return p.err
}

func (p *passage) broken(after int64, err error) error {
	return &IncompleteError{Work: p.from.work.String(), Written: after, Err: err}
}

func (p *passage) close() {
	_ = p.content.Close() // read as far as it was wanted
	if p.stored != "" {
		_ = os.Remove(p.stored) // the system clears such files too
	}
}
