package cvat

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
)

// partFile is a file in the making: it has a temporary name until it is whole. Nothing that happens to it leaves the
// folder root.
type partFile struct {
	file  *os.File
	root  *os.Root
	name  string // the temporary one
	begun bool   // something was written
	write error  // what kept it from being written
	ended bool   // it has its name, or is gone
}

// newPartFile begins a file in a folder below root, which is made if it is not there.
func newPartFile(root *os.Root, folder string) (*partFile, error) {
	if err := root.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	name := path.Join(folder, ".cvat-"+rand.Text()+".part")
	file, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	return &partFile{file: file, root: root, name: name}, nil
}

// Write implements io.Writer, and remembers why it failed.
func (p *partFile) Write(b []byte) (int, error) {
	p.begun = true
	n, err := p.file.Write(b)
	if err != nil {
		p.write = err
	}
	return n, err
}

// take writes the rest of a content, and closes it. cut tells a transfer that broke off, which may be tried again.
func (p *partFile) take(ctx context.Context, content *Content) (n int64, cut bool, err error) {
	n, err = copyContent(p, content)
	return n, err != nil && p.write == nil && ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded), err
}

const copyBuffer = 256 << 10

// copyContent copies a content to its end, and closes it.
func copyContent(w io.Writer, content *Content) (int64, error) {
	size := int64(copyBuffer)
	if content.Size > 0 {
		size = min(size, content.Size)
	}
	// The wrappers hide shortcuts that copy in smaller pieces.
	n, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{content}, make([]byte, size))
	return n, errors.Join(err, content.Close())
}

// restart empties the file. One that is empty is left alone: some file systems take a truncated file for one that replaces
// another, and write it to the disk before it is closed.
func (p *partFile) restart() error {
	if !p.begun {
		return nil
	}
	_, err := p.file.Seek(0, io.SeekStart)
	if err = errors.Join(err, p.file.Truncate(0)); err != nil {
		p.write = err
	}
	return err
}

// commit closes the file and gives it its name, all at once. What has the name already stays unless overwrite is set:
// the error matches [fs.ErrExist], then. The temporary file is gone in any case.
func (p *partFile) commit(name string, overwrite bool) error {
	p.ended = true
	if err := p.file.Close(); err != nil {
		return errors.Join(err, p.root.Remove(p.name))
	}
	if !overwrite {
		// A rename would replace what has come to be there since the last look; a link does not.
		err := p.root.Link(p.name, name)
		if err == nil || errors.Is(err, fs.ErrExist) {
			return errors.Join(err, p.root.Remove(p.name))
		}
		if _, err := p.root.Lstat(name); err == nil { // a file system without links
			return errors.Join(fs.ErrExist, p.root.Remove(p.name))
		}
	}
	err := p.root.Rename(p.name, name)
	if err != nil {
		err = errors.Join(err, p.root.Remove(p.name))
	}
	return err
}

// discard removes what there is of the file, unless it was given its name.
func (p *partFile) discard() {
	if p.ended {
		return
	}
	_ = p.file.Close() // it goes
	_ = p.root.Remove(p.name)
}

// fileExists refuses to write over a file.
func fileExists(name string) error {
	return &ArgumentError{Field: "file " + strconv.Quote(name), Reason: "is there already: choose another name or set Overwrite", Err: fs.ErrExist}
}
