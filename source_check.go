package cvat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// maxFileSize is what servers take in one file, maxUploadName what their disks take for a name.
const (
	maxFileSize   = 25 << 30
	maxUploadName = 255
)

// Check reports, without sending anything, what [TasksService.Upload] would refuse about the source, in one error: a folder
// that is not there or holds no pictures, a file that is empty, too large or cannot be read, a name that the server would
// refuse, two of one base name, kinds that a task cannot hold together. Asked before the task is made, it saves an empty
// task. [TasksService.CreateFromData] asks by itself.
func (s Source) Check() error {
	_, err := s.files()
	return err
}

// files lists what is on this side and reports everything that would go wrong with it on the server, in one error.
func (s Source) files() ([]sourceFile, error) {
	switch {
	case s.err != nil:
		return nil, s.err
	case s.server != nil:
		return nil, nil
	case s.list == nil:
		return nil, &ArgumentError{Field: "Source", Reason: "is empty: use Files, Dir, Glob, Bytes, or another of its constructors"}
	}
	files, err := s.list()
	problems := []error{err}
	first := map[string]string{}
	for _, file := range files {
		if reason := file.refusal(first); reason != "" {
			problems = append(problems, &ArgumentError{Field: "file " + strconv.Quote(file.path), Reason: reason})
		}
		first[file.name] = file.path
	}
	return files, errors.Join(append(problems, checkMix(files))...)
}

// refusal says why the server would not take a file. The names before it are known by the paths that have them.
func (f *sourceFile) refusal(first map[string]string) string {
	earlier, used := first[f.name]
	switch {
	case used:
		return "has the base name of " + strconv.Quote(earlier) + ": the server knows files by base name"
	case f.name == "" || f.name != baseName(f.name) || strings.ContainsFunc(f.name, unicode.IsControl):
		return "has a name that the server would refuse"
	case len(f.name) > maxUploadName:
		return fmt.Sprintf("has a name of %d bytes: the server's disk takes %d", len(f.name), maxUploadName)
	case f.size == 0:
		return "is empty"
	case f.size > maxFileSize:
		return fmt.Sprintf("has %d bytes: servers take %d (25 GiB)", f.size, int64(maxFileSize))
	}
	return ""
}

// alone are the kinds of files of which a task holds one and nothing else besides. CVAT too goes by the extension; what is not
// here, it may know.
var alone = map[string][]string{
	"video":   {".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".webm", ".wmv"},
	"archive": {".7z", ".bz2", ".gz", ".rar", ".tar", ".tgz", ".xz", ".zip"},
	"PDF":     {".pdf"},
}

// kindOf names the kind of a file that a task holds alone, "" for every other.
func kindOf(name string) string {
	extension := strings.ToLower(path.Ext(name))
	for kind, extensions := range alone {
		if slices.Contains(extensions, extension) {
			return kind
		}
	}
	return ""
}

// checkMix refuses files that a task cannot hold together.
func checkMix(files []sourceFile) error {
	media := 0
	for _, file := range files {
		if !isManifest(file.name) {
			media++
		}
	}
	manifest := ""
	for _, file := range files {
		what := "file " + strconv.Quote(file.path)
		if kind := kindOf(file.name); kind != "" && media > 1 {
			return &ArgumentError{Field: what, Reason: "is one of " + strconv.Itoa(media) + " files and a kind (" + kind + ") of which a task holds one, and nothing else"}
		}
		if !isManifest(file.name) {
			continue
		}
		if manifest != "" {
			return &ArgumentError{Field: what, Reason: "is a second manifest besides " + strconv.Quote(manifest) + ": a task takes one"}
		}
		manifest = file.path
	}
	return nil
}

func isManifest(name string) bool { return strings.EqualFold(path.Ext(name), ".jsonl") }

// spooled gives every file a size, and what is to be called when the upload is over. It is the last thing before the first
// byte.
func spooled(ctx context.Context, files []sourceFile) (ready []sourceFile, done func(), err error) {
	ready = slices.Clone(files)
	done = func() {
		for _, file := range ready {
			if file.done != nil {
				file.done()
			}
		}
	}
	for i, file := range ready {
		if file.spool == nil {
			continue
		}
		if ready[i], err = file.spool(ctx); err != nil {
			done()
			return nil, nil, cmp.Or(interrupted(ctx, "stopped reading "+strconv.Quote(file.path)), cannotRead(file, err))
		}
		if reason := ready[i].refusal(nil); reason != "" {
			done()
			return nil, nil, &ArgumentError{Field: "file " + strconv.Quote(file.path), Reason: reason}
		}
	}
	return ready, done, nil
}

func cannotRead(file sourceFile, err error) error {
	return &ArgumentError{Field: "file " + strconv.Quote(file.path), Reason: "cannot be read", Err: withoutPath(err)}
}
