package cvat

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// filePart is a part of a file: what one request carries.
type filePart struct {
	file         sourceFile
	content      readerAtCloser // the file, open
	offset, size int64
}

// open returns a reader of the part, one for each attempt.
func (p filePart) open() (io.Reader, error) {
	if held, ok := p.content.(*os.File); ok {
		if part := p.reopen(held); part != nil {
			return part, nil
		}
	}
	return &partReader{section: io.NewSectionReader(p.content, p.offset, p.size)}, nil
}

// reopen opens a file of the disk once more, so that the attempt has a place in it of its own. If its path leads to another
// file by now, it returns nil.
func (p filePart) reopen(held *os.File) io.Reader {
	again, err := p.file.open()
	if err != nil {
		return nil
	}
	file, ok := again.(*os.File)
	if ok && same(held, file) {
		if _, err := file.Seek(p.offset, io.SeekStart); err == nil {
			return &diskReader{file: file, end: p.offset + p.size}
		}
	}
	_ = again.Close() // opened for reading
	return nil
}

func same(a, b *os.File) bool {
	first, err := a.Stat()
	if err != nil {
		return false
	}
	second, err := b.Stat()
	return err == nil && os.SameFile(first, second)
}

// errChanged: what was read of a file may belong to two states of it, or be a part of the later one.
var errChanged = errors.New("it has changed since it was looked at")

// unchanged looks whether an open file is still what it was when it was listed. What does not tell is not asked.
func (f *sourceFile) unchanged(content readerAtCloser) error {
	open, ok := content.(interface{ Stat() (fs.FileInfo, error) })
	if !ok || f.modified.IsZero() {
		return nil
	}
	info, err := open.Stat()
	if err == nil && (info.Size() != f.size || !info.ModTime().Equal(f.modified)) {
		err = errChanged
	}
	return err
}

// partReader reads a part from its source. What goes wrong there is not the network's fault.
type partReader struct {
	section *io.SectionReader
	read    int64
}

func (r *partReader) Read(p []byte) (int, error) {
	n, err := r.section.Read(p)
	r.read += int64(n)
	return n, sourceFault(err, r.read == r.section.Size())
}

// sourceFault marks an error in reading; the end is one before everything has been read.
func sourceFault(err error, complete bool) error {
	switch {
	case err == nil, errors.Is(err, io.EOF) && complete:
		return err
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return &sourceError{err}
}

// sourceError is a source that cannot be read, or not to the end that it had before.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return e.err.Error() }

func (e *sourceError) Unwrap() error { return e.err }

// diskReader reads a part of a file from where the file stands. Being a [syscall.Conn], it is sent by the kernel from the disk
// to the connection where there is no TLS between them; then the file moves on, and nothing was read.
type diskReader struct {
	file *os.File
	end  int64
}

var _ syscall.Conn = (*diskReader)(nil)

func (r *diskReader) SyscallConn() (syscall.RawConn, error) { return r.file.SyscallConn() }

func (r *diskReader) Read(p []byte) (int, error) {
	at, err := r.file.Seek(0, io.SeekCurrent)
	switch {
	case err != nil:
		return 0, &sourceError{err}
	case at >= r.end:
		return 0, io.EOF
	}
	n, err := r.file.Read(p[:min(int64(len(p)), r.end-at)])
	return n, sourceFault(err, false)
}

func (r *diskReader) Close() error { return r.file.Close() }
