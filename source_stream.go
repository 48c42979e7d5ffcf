package cvat

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Bytes uploads one file that is held in memory. data must not change until the upload is over.
func Bytes(name string, data []byte) Source {
	return ReaderAt(name, bytes.NewReader(data), int64(len(data)))
}

// ReaderAt uploads size bytes of r as one file. r is not closed.
func ReaderAt(name string, r io.ReaderAt, size int64) Source {
	if r == nil || size < 0 {
		return Source{err: &ArgumentError{Field: "ReaderAt", Reason: "needs a reader and a size that is not negative"}}
	}
	return one(sourceFile{name: name, path: name, size: size, open: func() (readerAtCloser, error) { return unclosed{r}, nil }})
}

// Reader uploads what is left of r as one file. If size is not negative, it is how many bytes that are, no more and no fewer,
// and r is read to its end as the upload goes: the chunk under way, at most 10 MiB, is held in memory so that it can be sent
// again, and an upload that the server has lost cannot start over. If size is negative, r is first written to a temporary
// file, which is removed in the end, because the server wants to know the size before it takes a byte. r is read once, and
// not closed.
func Reader(name string, r io.Reader, size int64) Source {
	if r == nil {
		return Source{err: &ArgumentError{Field: "Reader", Reason: "got nil"}}
	}
	file := sourceFile{name: name, path: name, size: size}
	if size < 0 {
		file.size = -1
		file.spool = func(ctx context.Context) (sourceFile, error) { return spoolFile(ctx, file, r) }
		return one(file)
	}
	content := &window{source: r, size: size}
	file.window = defaultChunkSize
	file.open = func() (readerAtCloser, error) { return content, nil }
	return one(file)
}

func one(file sourceFile) Source {
	return Source{list: func() ([]sourceFile, error) { return []sourceFile{file}, nil }}
}

// spoolFile writes a reader to a temporary file.
func spoolFile(ctx context.Context, file sourceFile, r io.Reader) (sourceFile, error) {
	spool, err := os.CreateTemp("", "cvat-upload-*")
	if err != nil {
		return file, err
	}
	file.done = func() {
		_ = spool.Close() // nobody reads it again
		_ = os.Remove(spool.Name())
	}
	if file.size, err = io.Copy(spool, whileLasts(ctx, r)); err != nil {
		file.done()
		return file, err
	}
	file.open = func() (readerAtCloser, error) { return unclosed{spool}, nil }
	return file, nil
}

// whileLasts reads until a context ends: nobody can end a Read, but nothing is read after it.
func whileLasts(ctx context.Context, r io.Reader) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		if err := interrupted(ctx, "stopped reading"); err != nil {
			return 0, err
		}
		return r.Read(p)
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

type unclosed struct{ io.ReaderAt }

func (unclosed) Close() error { return nil }

// FS uploads files of a file system, such as an [embed.FS]: those that match one of the patterns, as [fs.Glob] understands
// them, in the order of the patterns and of the names. A pattern without a match is an error.
func FS(fsys fs.FS, patterns ...string) Source {
	if fsys == nil || len(patterns) == 0 {
		return Source{err: &ArgumentError{Field: "FS", Reason: "needs a file system and a pattern"}}
	}
	return Source{list: func() ([]sourceFile, error) {
		names, err := matches(patterns, func(pattern string) ([]string, error) { return fs.Glob(fsys, pattern) })
		problems := []error{err}
		var files []sourceFile
		for _, name := range names {
			info, err := fs.Stat(fsys, name)
			if err == nil && !info.Mode().IsRegular() {
				err = errNotRegular
			}
			if err != nil {
				problems = append(problems, cannotRead(sourceFile{path: name}, err))
				continue
			}
			files = append(files, sourceFile{
				name: path.Base(name), path: name, size: info.Size(), modified: info.ModTime(),
				open: func() (readerAtCloser, error) { return openIn(fsys, name, info.Size()) },
			})
		}
		return files, errors.Join(problems...)
	}}
}

// Zip uploads files out of a zip on the local disk, each by its base name: those whose path in the zip, or whose base
// name, matches one of the patterns, as [path.Match] understands them; without a pattern all pictures. No match is an error. The
// zip itself, whole and in its own order, is uploaded by [Files].
func Zip(archive string, patterns ...string) Source {
	return Source{list: func() ([]sourceFile, error) {
		reader, err := zip.OpenReader(archive)
		if err != nil {
			return nil, cannotRead(sourceFile{path: archive}, err)
		}
		defer func() { _ = reader.Close() }() // each member opens it again
		var members []string
		for _, entry := range reader.File {
			if entry.Mode().IsRegular() {
				members = append(members, entry.Name)
			}
		}
		chosen := slices.DeleteFunc(slices.Clone(members), func(name string) bool { return !isPicture(name) })
		if len(patterns) > 0 {
			chosen, err = matches(patterns, func(pattern string) ([]string, error) { return matchMembers(members, pattern) })
		} else if len(chosen) == 0 {
			err = &ArgumentError{Field: "zip " + strconv.Quote(archive), Reason: "holds no pictures"}
		}
		files := make([]sourceFile, 0, len(chosen))
		for _, entry := range reader.File {
			if !slices.Contains(chosen, entry.Name) {
				continue
			}
			files = append(files, sourceFile{
				name: path.Base(entry.Name), path: archive + ":" + entry.Name,
				size: int64(min(entry.UncompressedSize64, maxFileSize+1)), modified: entry.Modified,
				open: func() (readerAtCloser, error) { return openMember(archive, entry) },
			})
		}
		return files, err
	}}
}

func isPicture(name string) bool { return slices.Contains(pictures, strings.ToLower(path.Ext(name))) }

func matchMembers(members []string, pattern string) ([]string, error) {
	var found []string
	for _, name := range members {
		whole, err := path.Match(pattern, name)
		if err != nil {
			return nil, err
		}
		if base, _ := path.Match(pattern, path.Base(name)); whole || base {
			found = append(found, name)
		}
	}
	return found, nil
}

// matches gathers, each once, what matches any pattern, and reports the patterns that match nothing.
func matches(patterns []string, glob func(string) ([]string, error)) ([]string, error) {
	var names []string
	var problems []error
	for _, pattern := range patterns {
		found, err := glob(pattern)
		if err != nil {
			problems = append(problems, &ArgumentError{Field: "pattern " + strconv.Quote(pattern), Reason: "cannot be used", Err: err})
			continue
		}
		if len(found) == 0 {
			problems = append(problems, &ArgumentError{Field: "pattern " + strconv.Quote(pattern), Reason: "matches no file"})
		}
		for _, name := range found {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, errors.Join(problems...)
}

// openIn opens a file of a file system for reading at any place.
func openIn(fsys fs.FS, name string, size int64) (readerAtCloser, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	if anywhere, ok := file.(readerAtCloser); ok {
		return anywhere, nil
	}
	return &rewinder{size: size, current: file, open: func() (io.ReadCloser, error) { return fsys.Open(name) }}, nil
}

// openMember opens a file of a zip for reading at any place.
func openMember(archive string, entry *zip.File) (readerAtCloser, error) {
	reader, err := zip.OpenReader(archive)
	if err != nil {
		return nil, err
	}
	size := int64(entry.UncompressedSize64) //nolint:gosec // larger ones are refused
	return &rewinder{size: size, open: func() (io.ReadCloser, error) { return reader.Open(entry.Name) }, then: reader}, nil
}

// rewinder reads at any place of what can only be read in order: it goes on, or starts again and skips.
type rewinder struct {
	size int64
	open func() (io.ReadCloser, error)
	then io.Closer // closed at the end, unless nil

	mu      sync.Mutex // an attempt that was given up may still read
	current io.ReadCloser
	at      int64
}

func (r *rewinder) ReadAt(p []byte, off int64) (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current != nil && off < r.at {
		err = r.current.Close()
		r.current = nil
	}
	if r.current == nil && err == nil {
		r.current, err = r.open()
		r.at = 0
	}
	if err != nil {
		r.current = nil
		return 0, err
	}
	skipped, err := io.CopyN(io.Discard, r.current, off-r.at)
	r.at += skipped
	if err != nil {
		return 0, err
	}
	n, err = io.ReadFull(r.current, p)
	r.at += int64(n)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	if err == nil && r.at == r.size {
		if err = r.ended(); err != nil {
			return 0, err // the last bytes are kept back, or what is wrong would be complete
		}
	}
	return n, err
}

// ended reads the end, where the checksum of what is in an archive is compared, and which a file that has grown does not
// have there.
func (r *rewinder) ended() error {
	switch n, err := io.ReadFull(r.current, make([]byte, 1)); {
	case n > 0:
		return errChanged
	case errors.Is(err, io.EOF):
		return nil
	default:
		return err
	}
}

func (r *rewinder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	if r.current != nil {
		err = r.current.Close()
		r.current = nil
	}
	if r.then != nil {
		err = errors.Join(err, r.then.Close())
	}
	return err
}

// window reads a stream that cannot be read again. What was read since the last call of hold is kept.
type window struct {
	source io.Reader
	size   int64

	mu    sync.Mutex // an attempt that was given up may still read
	base  int64      // where kept begins
	kept  []byte
	over  bool  // the source has been looked at behind its last byte
	wrong error // what was there
}

// hold forgets what lies before an offset. Nobody has asked for bytes behind it.
func (w *window) hold(offset int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	passed := min(max(0, offset-w.base), int64(len(w.kept)))
	w.kept = w.kept[:copy(w.kept, w.kept[passed:])]
	w.base += passed
}

func (w *window) ReadAt(p []byte, off int64) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if off < w.base {
		return 0, fmt.Errorf("byte %d was asked for again, and the reader cannot go back: it stands at %d", off, w.base)
	}
	if missing := off + int64(len(p)) - w.base - int64(len(w.kept)); missing > 0 {
		have := len(w.kept)
		w.kept = append(w.kept, make([]byte, missing)...)
		n, err := io.ReadFull(w.source, w.kept[have:])
		w.kept = w.kept[:have+n]
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, err
		}
	}
	if err := w.end(); err != nil {
		return 0, err // the last bytes are kept back, or what is wrong would be complete
	}
	n := copy(p, w.kept[min(off-w.base, int64(len(w.kept))):])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// end looks, when all has been read, whether that is the end of the source: it may have more, or end in an error, as one that
// compares a checksum there.
func (w *window) end() error {
	if w.over || w.base+int64(len(w.kept)) < w.size {
		return w.wrong
	}
	w.over = true
	switch n, err := io.ReadFull(w.source, make([]byte, 1)); {
	case n > 0:
		w.wrong = fmt.Errorf("it goes on after the %d bytes that it was said to have", w.size)
	case !errors.Is(err, io.EOF):
		w.wrong = err
	}
	return w.wrong
}

func (w *window) Close() error { return nil }
