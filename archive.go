package cvat

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"path"
	"slices"
	"strings"
)

// mediaZip is the type of the archives that servers make.
const mediaZip = "application/zip"

// archiveTail is how much of the end of an archive is looked at when all that is known of it is what passed by: enough for
// the directory of some 10,000 files.
const archiveTail = 1 << 20

// errDamaged: an archive does not end where it should, although the transfer did.
var errDamaged = errors.New("the archive is damaged: it does not end as a zip file does")

// Parts of a zip file.
const (
	zipEntry         = "PK\x01\x02" // of a file in the directory
	zipEntrySize     = 46
	zipEnd           = "PK\x05\x06" // of the directory
	zipEndSize       = 22
	zip64Locator     = "PK\x06\x07" // of zip64End
	zip64LocatorSize = 20
	zip64End         = "PK\x06\x06" // of the directory, where zipEnd is too small
	zip64EndSize     = 56
)

// zipDirectory is where the directory of a zip file is.
type zipDirectory struct{ at, size int64 }

// findDirectory finds the directory of a zip file of size bytes, of which r has those after the first start. A file that was
// cut has none.
func findDirectory(r io.ReaderAt, start, size int64) (zipDirectory, error) {
	at := max(start, size-zipEndSize-math.MaxUint16)
	tail := make([]byte, size-at)
	if _, err := r.ReadAt(tail, at); err != nil && !errors.Is(err, io.EOF) {
		return zipDirectory{}, err
	}
	end := len(tail) - zipEndSize
	for ; end >= 0; end-- {
		comment := func() int { return int(binary.LittleEndian.Uint16(tail[end+20:])) }
		if bytes.HasPrefix(tail[end:], []byte(zipEnd)) && end+zipEndSize+comment() == len(tail) {
			break
		}
	}
	if end < 0 {
		return zipDirectory{}, errDamaged
	}
	directory := zipDirectory{
		at:   int64(binary.LittleEndian.Uint32(tail[end+16:])),
		size: int64(binary.LittleEndian.Uint32(tail[end+12:])),
	}
	ends := at + int64(end) // where the directory must end
	if directory.at == math.MaxUint32 || directory.size == math.MaxUint32 || binary.LittleEndian.Uint16(tail[end+10:]) == math.MaxUint16 {
		// Too large for the fields: the numbers stand in a record of their own, before the end.
		locator := end - zip64LocatorSize
		if locator < 0 || !bytes.HasPrefix(tail[locator:], []byte(zip64Locator)) {
			return zipDirectory{}, errDamaged
		}
		ends = int64(binary.LittleEndian.Uint64(tail[locator+8:])) //nolint:gosec // negative is damage, too
		record := ends - at
		if record < 0 || record+zip64EndSize > int64(locator) || !bytes.HasPrefix(tail[record:], []byte(zip64End)) {
			return zipDirectory{}, errDamaged
		}
		directory.size = int64(binary.LittleEndian.Uint64(tail[record+40:])) //nolint:gosec // negative is damage, too
		directory.at = int64(binary.LittleEndian.Uint64(tail[record+48:]))   //nolint:gosec // negative is damage, too
	}
	if directory.at < 0 || directory.size < 0 || directory.at > ends || directory.size != ends-directory.at {
		return zipDirectory{}, errDamaged
	}
	return directory, nil
}

// checkArchive looks whether a zip file of size bytes, of which r has those after the first start, is there to its end, and
// whether there are pictures in it. What begins before start is taken to hold pictures.
func checkArchive(r io.ReaderAt, start, size int64) (pictures bool, err error) {
	directory, err := findDirectory(r, start, size)
	if err != nil || directory.at < start {
		return true, err
	}
	entries := bufio.NewReader(io.NewSectionReader(r, directory.at, directory.size))
	for left := directory.size; left > 0; {
		var header [zipEntrySize]byte
		if _, err := io.ReadFull(entries, header[:]); err != nil || !bytes.HasPrefix(header[:], []byte(zipEntry)) {
			return false, errDamaged
		}
		name := make([]byte, binary.LittleEndian.Uint16(header[28:]))
		rest := int(binary.LittleEndian.Uint16(header[30:])) + int(binary.LittleEndian.Uint16(header[32:]))
		if _, err := io.ReadFull(entries, name); err != nil {
			return false, errDamaged
		}
		if _, err := entries.Discard(rest); err != nil {
			return false, errDamaged
		}
		left -= zipEntrySize + int64(len(name)) + int64(rest)
		pictures = pictures || isMedia(string(name))
	}
	return pictures, nil
}

// readArchive reads a zip file to its end, which compares every file in it with its checksum.
func readArchive(r io.ReaderAt, size int64) error {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return errDamaged
	}
	for _, file := range archive.File {
		content, err := file.Open()
		if err != nil {
			return errDamaged
		}
		_, err = io.Copy(io.Discard, content) //nolint:gosec // nothing of it is kept, however much it is
		_ = content.Close()                   // what was only read
		if err != nil {
			return errDamaged
		}
	}
	return nil
}

// masks are folders in which formats keep pictures that are annotations.
var masks = []string{"segmentationobject", "segmentationclass", "masks", "instances", "instance", "semantic", "semantic_rgb", "gtfine"}

// isMedia reports whether a file of a dataset is one of the pictures, or point clouds, that were annotated.
func isMedia(name string) bool {
	name = strings.ToLower(name)
	for folder := range strings.SplitSeq(path.Dir(name), "/") {
		if slices.Contains(masks, folder) || strings.HasSuffix(folder, "annot") {
			return false
		}
	}
	ext := path.Ext(name)
	return slices.Contains(pictures, ext) || ext == ".pcd" || ext == ".bin"
}

// tailWriter passes bytes on, and keeps at least the last archiveTail of them.
type tailWriter struct {
	w     io.Writer
	total int64 // how many are to come, -1 if nobody knows
	seen  int64
	tail  []byte
}

// Write implements io.Writer.
func (t *tailWriter) Write(p []byte) (int, error) {
	n, err := t.w.Write(p)
	t.seen += int64(n)
	if early := t.total - archiveTail; t.total < 0 || t.seen > early {
		kept := p[:n]
		if t.total >= 0 {
			kept = p[max(0, int64(n)-(t.seen-early)):n]
		}
		t.tail = append(t.tail, kept...)
	}
	if len(t.tail) > 2*archiveTail {
		t.tail = t.tail[:copy(t.tail, t.tail[len(t.tail)-archiveTail:])]
	}
	return n, err
}

// start is how many bytes are not kept.
func (t *tailWriter) start() int64 { return t.seen - int64(len(t.tail)) }

// ReadAt implements io.ReaderAt, for what is kept.
func (t *tailWriter) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(t.tail).ReadAt(p, at-t.start())
}
