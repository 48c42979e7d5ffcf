package testserver

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// extent is the part of a task's frames that a call may see: all of them, or those of a job.
type extent struct {
	media  *media
	frames []int64
	job    *job // nil for a task
}

func retrieveTaskData(c *call, t *task) *answer {
	e := extent{media: t.media}
	if t.media != nil {
		for n := range t.media.frames {
			e.frames = append(e.frames, int64(n))
		}
	}
	return e.retrieve(c)
}

func retrieveJobData(c *call, j *job) *answer {
	return (&extent{media: j.task.media, frames: j.frames(), job: j}).retrieve(c)
}

// retrieve answers with the part of the data that the query names.
func (e *extent) retrieve(c *call) *answer {
	d := c.s.cfg.dialect
	kind, quality := c.query.Get("type"), c.query.Get("quality")
	if e.media == nil || len(e.frames) == 0 {
		if d == V2_3 {
			return d.crash()
		}
		return plain(http.StatusNotFound, "Task image preview not found")
	}
	switch {
	case !slices.Contains([]string{"chunk", "frame", "preview", "context_image"}, kind):
		return invalid("Data type not specified or has wrong value")
	case kind == "preview":
		return e.media.preview(c, "Task", e.frames[0])
	case kind == "chunk" && d == V2_73 && e.job != nil && c.query.Has("index"):
	case !c.query.Has("number"):
		return invalid("Number is not specified")
	case !slices.Contains([]string{"", "compressed", "original"}, quality):
		return invalid("Wrong quality value")
	}
	number, err := strconv.ParseInt(c.query.Get("number"), 10, 64)
	if err != nil && c.query.Has("number") {
		return d.crash()
	}
	original := quality == "original"
	switch kind {
	case "frame":
		return e.frame(d, number, original)
	case "chunk":
		return e.chunk(c, number, original)
	}
	return e.context(d, number)
}

// outside refuses the number of a frame.
func (e *extent) outside(d Dialect, number int64) *answer {
	size := int64(len(e.media.frames))
	switch first, last := e.allowed(); {
	case e.job != nil && d == V2_73:
		return bare(http.StatusBadRequest, fmt.Sprintf("Incorrect requested frame number: %d", number))
	case d == V2_73:
		return bare(http.StatusBadRequest,
			fmt.Sprintf("Invalid frame '%d'. The frame number should be in the [0, %d] range", number, size))
	case number >= first && number <= last:
		return invalid(fmt.Sprintf("Incorrect requested frame number: %d", number))
	default:
		return invalid(fmt.Sprintf("The frame number should be in [%d, %d] range", first, last))
	}
}

// allowed is what 2.3 compares the number of a frame with: for a task, though the number is counted in the task, frames of
// the source.
func (e *extent) allowed() (first, last int64) {
	if e.job != nil {
		return e.job.start, e.job.stop
	}
	return e.media.start, e.media.stop
}

// holds reports whether a frame can be asked for.
func (e *extent) holds(d Dialect, number int64) bool {
	first, last := e.allowed()
	return slices.Contains(e.frames, number) && (d == V2_73 || first <= number && number <= last)
}

func (e *extent) frame(d Dialect, number int64, original bool) *answer {
	if !e.holds(d, number) {
		return e.outside(d, number)
	}
	content, ext := e.media.frames[number].content(original, e.media.quality)
	return newAnswer(http.StatusOK, typeOf(ext), content)
}

// content returns the image as uploaded, or compressed, and its extension.
func (f *frame) content(original bool, quality int64) ([]byte, string) {
	ext := path.Ext(f.name)
	if original {
		return f.blob.data, ext
	}
	picture, _, err := image.Decode(bytes.NewReader(f.blob.data))
	if err != nil {
		return f.blob.data, ext
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: int(max(quality, 1))}); err != nil {
		return f.blob.data, ext
	}
	return b.Bytes(), ".jpeg"
}

func typeOf(ext string) string {
	if t := mime.TypeByExtension(ext); t != "" {
		return t
	}
	return "application/octet-stream"
}

// chunk answers with a zip of the frames of one chunk, as far as they lie in the extent.
func (e *extent) chunk(c *call, number int64, original bool) *answer {
	d, size := c.s.cfg.dialect, e.media.chunkSize
	var numbers []int64
	if c.query.Has("index") && e.job != nil {
		index, err := strconv.ParseInt(c.query.Get("index"), 10, 64)
		if err != nil || index < 0 || index >= e.media.chunks(len(e.frames)) {
			return bare(http.StatusBadRequest, "Incorrect requested chunk index: "+c.query.Get("index"))
		}
		numbers = e.frames[index*size : min((index+1)*size, int64(len(e.frames)))]
	} else {
		for _, n := range e.frames {
			if n/size == number {
				numbers = append(numbers, n)
			}
		}
	}
	if len(numbers) == 0 {
		return e.noChunk(d, number)
	}
	content := e.archive(numbers, original)
	if d == V2_73 {
		a := newAnswer(http.StatusOK, "application/zip", content).
			with("Accept-Ranges", "bytes").
			with("X-Checksum", strconv.FormatUint(uint64(crc32.ChecksumIEEE(content)), 10)).
			with("X-Updated-Date", stamp(e.media.updated))
		if c.r.Header.Get("Range") != "" {
			return a.withFile(content, time.Time{})
		}
		return a
	}
	if e.media.useCache {
		return newAnswer(http.StatusOK, "application/zip", content)
	}
	return newAnswer(http.StatusOK, "application/zip", nil).
		withFile(content, e.media.updated).
		with("Content-Disposition", fmt.Sprintf(`inline; filename="%d.zip"`, number))
}

func (e *extent) noChunk(d Dialect, number int64) *answer {
	last := e.media.chunks(len(e.media.frames)) - 1
	if d == V2_3 {
		return invalid(fmt.Sprintf("The chunk number should be in [0, %d] range", last))
	}
	return bare(http.StatusBadRequest,
		fmt.Sprintf("Invalid chunk number '%d'. The chunk number should be in the [0, %d] range", number, last))
}

// archive packs frames without compressing them again.
func (e *extent) archive(numbers []int64, original bool) []byte {
	z := newArchive()
	for i, n := range numbers {
		content, ext := e.media.frames[n].content(original, e.media.quality)
		z.add(fmt.Sprintf("%06d%s", i, ext), content)
	}
	return z.close()
}

// context answers with the context images: one JPEG at 2.3, later an archive of all, empty if there are none.
func (e *extent) context(d Dialect, number int64) *answer {
	if !e.holds(d, number) {
		return e.outside(d, number)
	}
	related := e.media.frames[number].related
	if d == V2_73 {
		z := newArchive()
		for _, f := range related {
			z.add(path.Base(f.name), f.blob.data)
		}
		return newAnswer(http.StatusOK, "", z.close())
	}
	if len(related) == 0 {
		return bare(http.StatusNotFound, "No context image related to the frame")
	}
	content, _ := (&frame{name: related[0].name, blob: related[0].blob}).content(false, 100)
	return newAnswer(http.StatusOK, "image/jpeg", content)
}

// preview answers with a picture of a frame.
func (m *media) preview(c *call, of string, number int64) *answer {
	if m == nil || number >= int64(len(m.frames)) {
		return plain(http.StatusNotFound, of+" image preview not found")
	}
	content, _ := m.frames[number].content(false, 80)
	if c.s.cfg.dialect == V2_73 {
		return newAnswer(http.StatusOK, "image/jpeg", content)
	}
	return newAnswer(http.StatusOK, "image/jpeg", nil).
		withFile(content, m.updated).
		with("Content-Disposition", `inline; filename="preview.jpeg"`)
}

func projectPreview(c *call, p *project) *answer {
	for _, t := range c.s.tasksOf(p) {
		if t.media != nil && t.media.ready {
			return t.media.preview(c, "Project", 0)
		}
	}
	return plain(http.StatusNotFound, "Project image preview not found")
}

// archive is a zip in the making.
type archive struct {
	buffer bytes.Buffer
	zip    *zip.Writer
}

func newArchive() *archive {
	a := &archive{}
	a.zip = zip.NewWriter(&a.buffer)
	return a
}

// add puts a file into the archive, as it is.
func (a *archive) add(name string, content []byte) {
	w, err := a.zip.CreateHeader(&zip.FileHeader{Name: strings.TrimPrefix(name, "/"), Method: zip.Store})
	if err == nil {
		_, err = w.Write(content)
	}
	if err != nil {
		panic(err) // into memory
	}
}

func (a *archive) close() []byte {
	if err := a.zip.Close(); err != nil {
		panic(err) // into memory
	}
	return a.buffer.Bytes()
}
