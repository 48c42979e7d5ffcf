package cvat

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Source is where the files of an upload come from: [Files], [Dir], [Glob] or [Bytes]. It is read when the upload starts.
type Source struct {
	list func() ([]sourceFile, error)
}

// sourceFile is a file that can be read from anywhere, as often as it takes.
type sourceFile struct {
	name string // as the server will know it
	path string // as the caller knows it
	size int64
	open func() (readerAtCloser, error)
}

type readerAtCloser interface {
	io.ReaderAt
	io.Closer
}

// maxFileSize is what servers take in one file.
const maxFileSize = 25 << 30

// pictures are the file types that [Dir] looks for.
var pictures = []string{
	".bmp", ".gif", ".ico", ".jfif", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp",
}

// Files uploads files from the local disk: pictures, or one video, one archive or one PDF. The server knows each by
// its base name, so no two may have the same.
func Files(paths ...string) Source {
	return Source{func() ([]sourceFile, error) {
		if len(paths) == 0 {
			return nil, &ArgumentError{Field: "Files", Reason: "names no file"}
		}
		return localFiles(paths)
	}}
}

// Dir uploads all pictures that lie in a folder, in the order of their names; subfolders and other files are left out.
// A folder without pictures is an error.
func Dir(folder string) Source {
	return Source{func() ([]sourceFile, error) {
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
	return Source{func() ([]sourceFile, error) {
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

// Bytes uploads one file that is held in memory. data must not change until the upload is over.
func Bytes(name string, data []byte) Source {
	return Source{func() ([]sourceFile, error) {
		return []sourceFile{{
			name: name, path: name, size: int64(len(data)),
			open: func() (readerAtCloser, error) { return unclosed{bytes.NewReader(data)}, nil },
		}}, nil
	}}
}

type unclosed struct{ io.ReaderAt }

func (unclosed) Close() error { return nil }

// localFiles opens every file once, so that one that cannot be read is found before anything is sent.
func localFiles(paths []string) ([]sourceFile, error) {
	var files []sourceFile
	var problems []error
	for _, path := range paths {
		size, err := readableSize(path)
		if err != nil {
			problems = append(problems, &ArgumentError{Field: "file " + strconv.Quote(path), Reason: "cannot be read", Err: withoutPath(err)})
			continue
		}
		files = append(files, sourceFile{
			name: filepath.Base(path), path: path, size: size,
			open: func() (readerAtCloser, error) { return os.Open(path) }, //nolint:gosec // the caller names the files
		})
	}
	return files, errors.Join(problems...)
}

var errNotRegular = errors.New("it is no regular file")

func readableSize(path string) (int64, error) {
	file, err := os.Open(path) //nolint:gosec // the caller names the files
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, errNotRegular
	}
	return info.Size(), nil
}

// withoutPath drops the path from a file error: the argument error names it already.
func withoutPath(err error) error {
	if wrapped, ok := errors.AsType[*os.PathError](err); ok {
		return wrapped.Err
	}
	return err
}

// Check reports, without sending anything, what [TasksService.Upload] would refuse about the files: a folder that is not
// there or holds no pictures, a file that is empty or cannot be read, two of one base name. Asked before the task is
// made, it saves an empty task.
func (s Source) Check() error {
	_, err := s.files()
	return err
}

// files lists the source and reports everything that would go wrong with it on the server, in one error.
func (s Source) files() ([]sourceFile, error) {
	if s.list == nil {
		return nil, &ArgumentError{Field: "Source", Reason: "is empty: use Files, Dir, Glob or Bytes"}
	}
	files, err := s.list()
	problems := []error{err}
	first := map[string]string{}
	for _, file := range files {
		what := "file " + strconv.Quote(file.path)
		switch earlier, used := first[file.name]; {
		case used:
			problems = append(problems, &ArgumentError{
				Field:  what,
				Reason: "has the base name of " + strconv.Quote(earlier) + ": the server knows files by base name",
			})
		case file.name == "" || file.name != baseName(file.name):
			problems = append(problems, &ArgumentError{Field: what, Reason: "has a name that the server would refuse"})
		case file.size == 0:
			problems = append(problems, &ArgumentError{Field: what, Reason: "is empty"})
		case file.size > maxFileSize:
			problems = append(problems, &ArgumentError{Field: what, Reason: fmt.Sprintf("has %d bytes: servers take %d (25 GiB)", file.size, int64(maxFileSize))})
		}
		first[file.name] = file.path
	}
	return files, errors.Join(problems...)
}
