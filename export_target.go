package cvat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// archiveTarget is where an archive goes.
type archiveTarget interface {
	// prepare refuses, before anything is sent, what cannot become the archive.
	prepare() error
	// release undoes prepare.
	release()
	// take fetches the archive of an export.
	take(ctx context.Context, e *export, open opener) (*ExportedFile, error)
}

// opener opens an archive from a byte on. Asked from the beginning it may open another one than before.
type opener func(ctx context.Context, from int64) (*Content, error)

// writerTarget is a writer of the caller's. What it got cannot be taken back.
type writerTarget struct{ w io.Writer }

func (t *writerTarget) prepare() error {
	if t.w == nil {
		return &ArgumentError{Field: "writer", Reason: "is nil"}
	}
	return nil
}

func (*writerTarget) release() {}

func (t *writerTarget) take(ctx context.Context, e *export, open opener) (*ExportedFile, error) {
	content, err := open(ctx, 0)
	if err != nil {
		return nil, err
	}
	tail := &tailWriter{w: t.w, total: content.total}
	written, err := copyContent(tail, content)
	if err == nil {
		err = e.check(ctx, content, tail, tail.start(), written)
	}
	if err != nil {
		return nil, &IncompleteError{Work: e.work.String(), Written: written, Err: err}
	}
	return &ExportedFile{Name: content.Name, Size: written}, nil
}

// errNoPictures: up to 2.3 the dataset and the annotations of an object share one result.
var errNoPictures = errors.New("the archive holds no pictures: it is one of the annotations alone, which another program exports meanwhile")

// check looks at an archive that has arrived, of which r has the bytes after the first start: whether it is whole, and a
// dataset where the server may have taken something else for it.
func (e *export) check(ctx context.Context, content *Content, r io.ReaderAt, start, size int64) error {
	if content.Type != mediaZip {
		return nil
	}
	pictures, err := checkArchive(r, start, size)
	if err != nil || pictures || e.work.Kind != BackgroundExportDataset {
		return err
	}
	distinct, err := e.client.has(ctx, distinctExports)
	if err != nil || distinct {
		return err
	}
	if filled, err := e.hasFrames(ctx); err != nil || !filled {
		return err
	}
	return errNoPictures
}

// hasFrames reports whether there are pictures that a dataset must hold.
func (e *export) hasFrames(ctx context.Context) (bool, error) {
	if e.work.Target == targetProject {
		for task, err := range e.client.Tasks.All(ctx, &TaskListOptions{ProjectID: e.work.ID}) {
			if err != nil || task.Size > 0 {
				return err == nil, err
			}
		}
		return false, nil
	}
	frames := e.client.Tasks.Frames(ctx, e.work.ID)
	if e.work.Target == targetJob {
		frames = e.client.Jobs.Frames(ctx, e.work.ID)
	}
	for frame, err := range frames {
		if err != nil || !frame.Deleted {
			return err == nil, err
		}
	}
	return false, nil
}

// fileTarget is a file, or a folder in which the archive gets the server's name.
type fileTarget struct {
	path      string
	overwrite bool

	folder string
	name   string // "": the server's
	root   *os.Root
}

func (t *fileTarget) prepare() error {
	if t.path == "" {
		return &ArgumentError{Field: "path", Reason: "is empty: name a file or a folder"}
	}
	t.folder, t.name = filepath.Split(t.path)
	info, err := os.Stat(t.path)
	switch {
	case err == nil && info.IsDir():
		t.folder, t.name = t.path, ""
	case err == nil && !info.Mode().IsRegular():
		return &ArgumentError{Field: "path " + strconv.Quote(t.path), Reason: "is no regular file: open it and export to the writer"}
	case err == nil && !t.overwrite:
		return fileExists(t.path)
	}
	if t.folder == "" {
		t.folder = "."
	}
	if t.root, err = os.OpenRoot(t.folder); err != nil {
		return &ArgumentError{Field: "folder " + strconv.Quote(t.folder), Reason: "cannot be opened", Err: withoutPath(err)}
	}
	return nil
}

func (t *fileTarget) release() { _ = t.root.Close() } // a handle, nothing that was written

func (t *fileTarget) take(ctx context.Context, e *export, open opener) (*ExportedFile, error) {
	part, err := newPartFile(t.root, ".")
	if err != nil {
		return nil, fmt.Errorf("cvat: %s: cannot write into %q: %w", e.work, t.folder, err)
	}
	defer part.discard() // also if a function of the caller's panics
	d := &archiveDownload{export: e, target: t, part: part, open: open}
	if err := d.run(ctx); err != nil {
		if _, refused := errors.AsType[*ArgumentError](err); refused || d.first == nil {
			return nil, err
		}
		return nil, &IncompleteError{Work: e.work.String(), Written: d.arrived, Err: err}
	}
	name := t.nameOf(d.first, e.work)
	if err := part.commit(name, t.overwrite); err != nil {
		return nil, t.refuse(name, err)
	}
	return &ExportedFile{Name: d.first.Name, Path: filepath.Join(t.folder, name), Size: d.arrived}, nil
}

// nameOf is the name of the file in its folder.
func (t *fileTarget) nameOf(content *Content, work *Background) string {
	switch {
	case t.name != "":
		return t.name
	case content.Name != "":
		return safeFileName(content.Name)
	}
	return strings.ReplaceAll(work.String(), " ", "_") + ".zip"
}

// refuse says why a file cannot have a name.
func (t *fileTarget) refuse(name string, err error) error {
	full := filepath.Join(t.folder, name)
	if errors.Is(err, os.ErrExist) {
		return fileExists(full)
	}
	return fmt.Errorf("cvat: file %q cannot be written: %w", full, err)
}

// archiveDownload fetches an archive into a file. A transfer that breaks off goes on where it broke if the server still has
// the same archive, and starts over if not.
type archiveDownload struct {
	export *export
	target *fileTarget
	part   *partFile
	open   opener

	first   *Content // how the bytes that are there began
	arrived int64    // how many there are
	pieced  bool     // they came in several transfers
	idle    int      // how many transfers in a row have brought nothing
	over    int      // how often it has started over
}

var errChanges = errors.New("the server has another archive each time")

func (d *archiveDownload) run(ctx context.Context) error {
	for {
		content, err := d.next(ctx)
		if err != nil {
			return err
		}
		n, cut, err := d.part.take(ctx, content)
		d.arrived += n
		if total := d.first.total; err == nil && total >= 0 && d.arrived != total {
			cut, err = true, io.ErrUnexpectedEOF // a part may be shorter than what was asked for
		}
		switch {
		case err == nil:
			err = d.check(ctx)
			again := errors.Is(err, errDamaged) || errors.Is(err, errNoPictures)
			if !again || d.over == maxRestarts {
				return err
			}
			d.over++
			d.arrived = 0
		case !cut:
			return err
		default:
			if err := d.recover(ctx, n, err); err != nil {
				return err
			}
		}
	}
}

// check looks at the archive that has arrived. Two archives that were written within a second can have one length, too:
// only the checksums tell whether the pieces belong together.
func (d *archiveDownload) check(ctx context.Context) error {
	if d.pieced && d.first.Type == mediaZip {
		if err := readArchive(d.part.file, d.arrived); err != nil {
			return err
		}
	}
	return d.export.check(ctx, d.first, d.part.file, 0, d.arrived)
}

// next opens what is missing of the archive, and empties the file if that is all of it.
func (d *archiveDownload) next(ctx context.Context) (*Content, error) {
	for {
		content, err := d.open(ctx, d.arrived)
		refused, ok := errors.AsType[*Error](err)
		outside := ok && d.arrived > 0 && refused.StatusCode == http.StatusRequestedRangeNotSatisfiable
		switch {
		case err != nil && !outside:
			return nil, err
		case err == nil && d.arrived > 0 && content.from == d.arrived && content.continues(d.first):
			d.pieced = true
			return content, nil
		case err == nil && content.from == 0:
			d.first, d.arrived, d.pieced = content, 0, false
			if err := d.begin(); err != nil {
				_ = content.Close()
				return nil, err
			}
			return content, nil
		case err == nil:
			_ = content.Close() // of another archive
		}
		if d.over++; d.over > maxRestarts {
			return nil, errChanges
		}
		d.arrived = 0
	}
}

// continues reports whether the content is of the file that an earlier one began. Servers like 2.3 give one ETag to all
// files, so that it tells nothing.
func (c *Content) continues(first *Content) bool {
	return first.modified != "" && c.modified == first.modified && first.total > 0 && c.total == first.total
}

// begin empties the file, and refuses an archive whose place is taken before its first byte has travelled.
func (d *archiveDownload) begin() error {
	name := d.target.nameOf(d.first, d.export.work)
	if _, err := d.target.root.Lstat(name); err == nil && !d.target.overwrite {
		return fileExists(filepath.Join(d.target.folder, name))
	}
	return d.part.restart()
}

// recover waits for another try after a transfer broke off, as long as the retry policy allows: transfers that bring
// something do not count.
func (d *archiveDownload) recover(ctx context.Context, n int64, err error) error {
	if d.idle++; n > 0 {
		d.idle = 1
	}
	policy := d.export.client.config.retry
	if d.idle >= policy.MaxAttempts {
		return err
	}
	if !d.first.continues(d.first) { // it cannot be told apart from another
		if d.over++; d.over > maxRestarts {
			return err
		}
		d.arrived = 0
	}
	return pause(ctx, backoff(policy.MinWait, policy.MaxWait, d.idle-1, nil))
}
