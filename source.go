package cvat

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Source is where the data of a task, or the archive of an import, comes from. It is read when the upload starts; [Source.Check] looks at it before.
//
// On this side of the network: [Files], [Dir] and [Glob] for the disk, [FS], [Zip], [ReaderAt], [Reader] and
// [Bytes] for everything else. The server knows each file by its base name. On the other side: [Share] for what the
// server finds on its own disk, [FromCloud] and [Remote] for what it fetches. [Join] makes one source of several.
//
// A task holds either pictures, as many as there are, or one video, one archive or one PDF.
type Source struct {
	list   func() ([]sourceFile, error) // on this side
	server *serverFiles                 // on the other side
	err    error                        // what is wrong with the arguments
}

// sourceFile is a file that can be read from anywhere, as often as it takes.
type sourceFile struct {
	name     string // as the server will know it
	path     string // as the caller knows it
	size     int64  // -1: not known before it is spooled
	modified time.Time
	open     func() (readerAtCloser, error)

	window int64                                     // how far back it can be read again; 0: all of it
	spool  func(context.Context) (sourceFile, error) // makes a file of known size of it; nil: it is one
	done   func()                                    // ends what spooling has begun
}

type readerAtCloser interface {
	io.ReaderAt
	io.Closer
}

// pictures are the file types that [Dir] looks for.
var pictures = []string{
	".bmp", ".gif", ".ico", ".jfif", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp",
}

// Files uploads files from the local disk: pictures, or one video, one archive or one PDF. The server knows each by
// its base name, so no two may have the same.
func Files(paths ...string) Source {
	if len(paths) == 0 {
		return Source{err: &ArgumentError{Field: "Files", Reason: "names no file"}}
	}
	return Source{list: func() ([]sourceFile, error) { return localFiles(paths) }}
}

// Dir uploads all pictures that lie in a folder, in the order of their names; subfolders and other files are left out.
// A folder without pictures is an error.
func Dir(folder string) Source {
	return Source{list: func() ([]sourceFile, error) {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, &ArgumentError{Field: "folder " + strconv.Quote(folder), Reason: "cannot be read", Err: withoutPath(err)}
		}
		var paths []string
		for _, entry := range entries {
			if !entry.IsDir() && slices.Contains(pictures, strings.ToLower(filepath.Ext(entry.Name()))) {
				paths = append(paths, filepath.Join(folder, entry.Name()))
			}
		}
		if len(paths) == 0 {
			return nil, &ArgumentError{Field: "folder " + strconv.Quote(folder), Reason: "holds no pictures (" + strings.Join(pictures, " ") + ")"}
		}
		return localFiles(paths)
	}}
}

// Glob uploads the files that match a pattern, as [filepath.Glob] understands it, in the order of their names. No match
// is an error.
func Glob(pattern string) Source {
	return Source{list: func() ([]sourceFile, error) {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			return nil, &ArgumentError{Field: "pattern " + strconv.Quote(pattern), Reason: "cannot be used", Err: err}
		}
		if len(paths) == 0 {
			return nil, &ArgumentError{Field: "pattern " + strconv.Quote(pattern), Reason: "matches no file"}
		}
		return localFiles(paths)
	}}
}

// localFiles opens every file once, so that one that cannot be read is found before anything is sent.
func localFiles(paths []string) ([]sourceFile, error) {
	var files []sourceFile
	var problems []error
	for _, path := range paths {
		info, err := readable(path)
		if err != nil {
			problems = append(problems, &ArgumentError{Field: "file " + strconv.Quote(path), Reason: "cannot be read", Err: withoutPath(err)})
			continue
		}
		files = append(files, sourceFile{
			name: filepath.Base(path), path: path, size: info.Size(), modified: info.ModTime(),
			open: func() (readerAtCloser, error) { return os.Open(path) }, //nolint:gosec // the caller names the files
		})
	}
	return files, errors.Join(problems...)
}

var errNotRegular = errors.New("it is no regular file")

func readable(path string) (fs.FileInfo, error) {
	file, err := os.Open(path) //nolint:gosec // the caller names the files
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	return info, nil
}

// withoutPath drops the path from a file error: the argument error names it already.
func withoutPath(err error) error {
	if wrapped, ok := errors.AsType[*os.PathError](err); ok {
		return wrapped.Err
	}
	return err
}
