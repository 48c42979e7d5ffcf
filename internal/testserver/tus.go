package testserver

import (
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	// tusMaxSize is the largest file that may be uploaded.
	tusMaxSize = 26843545600
	// tusTTL is how long 2.3 remembers an upload, progress or not.
	tusTTL = time.Hour
	// chunkType is the content type of the pieces.
	chunkType = "application/offset+octet-stream"
)

// tusRoutes are the pieces of the uploads to one collection.
func tusRoutes(operation, collection string, find func(*call) *answer) []route {
	path := collection + "/{file}"
	return []route{
		{
			op: operation, method: http.MethodPatch, path: path, bodies: chunkBodies, stream: true,
			handle: onUpload(find, tusAppend),
		},
		{
			op: "HEAD " + operation, method: http.MethodHead, path: path, stream: true,
			handle: onUpload(find, tusOffset),
		},
	}
}

func dataUploadRoutes() []route {
	return tusRoutes("tasks_partial_update_data_file", "tasks/{id}/data", func(c *call) *answer {
		return onTask(change, func(*call, *task) *answer { return nil })(c)
	})
}

// tus adds the headers of the protocol.
func tus(a *answer) *answer {
	for name, value := range map[string]string{
		"Tus-Resumable": "1.0.0",
		"Tus-Version":   "1.0.0",
		"Tus-Extension": "",
		"Tus-Max-Size":  strconv.Itoa(tusMaxSize),
		"Cache-Control": "no-store",

		"Access-Control-Allow-Origin":  "*",
		"Access-Control-Allow-Methods": "PATCH,HEAD,GET,POST,OPTIONS",
		"Access-Control-Allow-Headers": "Tus-Resumable,upload-length,upload-metadata,Location,Upload-Offset,content-type",
		"Access-Control-Expose-Headers": "Tus-Resumable,upload-length,upload-metadata,Location," +
			"Upload-Offset",
	} {
		a.header.Set(name, value)
	}
	return a
}

// tusOptions says what uploads can do; at 2.3 a mistake is in the way.
func (d Dialect) tusOptions() *answer {
	if d == V2_3 {
		return d.crash()
	}
	return tus(empty(http.StatusNoContent))
}

// tusName reads the file name from the metadata.
func tusName(metadata string) string {
	for pair := range strings.SplitSeq(metadata, ",") {
		key, encoded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		if name, err := base64.StdEncoding.DecodeString(encoded); key == "filename" && err == nil {
			return string(name)
		}
	}
	return ""
}

// tusCreate opens an upload to a collection.
func (c *call) tusCreate(collection string) *answer {
	d := c.s.cfg.dialect
	size, err := strconv.ParseInt(c.r.Header.Get("Upload-Length"), 10, 64)
	if err != nil {
		return d.crash()
	}
	name := tusName(c.r.Header.Get("Upload-Metadata"))
	area := c.s.area(collection)
	switch {
	case name == "", area.find(name) != nil:
		return tus(bare(http.StatusConflict, "File with same name already exists"))
	case strings.Contains("/"+name+"/", "/../"):
		return tus(bare(http.StatusBadRequest, fmt.Sprintf("File name %s is not allowed", name)))
	case size > tusMaxSize:
		return tus(bare(http.StatusRequestEntityTooLarge,
			fmt.Sprintf("File size exceeds max limit of %d bytes", int64(tusMaxSize))))
	case size <= 0:
		return d.crash() // the file is made by seeking to its last byte
	}
	id := newUUID()
	if d == V2_73 {
		id = fmt.Sprintf("%d_%s", c.user.id, id)
	}
	name = d.uploadFilename(collection, name, id)
	area.open[id] = &tusUpload{
		name: name, size: size, sink: newBlobWriter(c.s.cfg.discard), created: now(), owner: c.user,
	}
	return tus(empty(http.StatusCreated)).
		with("Location", c.tusLocation(collection, id)).
		with("Upload-Filename", mime.BEncoding.Encode("utf-8", name))
}

// tusLocation is where the pieces go. 2.3 glues the id to whatever URL the upload was created at.
func (c *call) tusLocation(collection, id string) string {
	if c.s.cfg.dialect == V2_3 {
		return "http://" + c.r.Host + c.r.URL.RequestURI() + id
	}
	return c.url("/api/%s/%s", collection, id)
}

// uploadFilename is the name to finish an upload with: its own for the data of tasks, from 2.39 the id for others.
func (d Dialect) uploadFilename(collection, name, id string) string {
	if d == V2_73 && !strings.HasSuffix(collection, "/data") {
		return id
	}
	return name
}

// fileID is the shape of the ids of a dialect; other paths do not exist.
func (d Dialect) fileID() *regexp.Regexp {
	const uuid = `[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`
	if d == V2_3 {
		return regexp.MustCompile("^" + uuid)
	}
	return regexp.MustCompile(`^\d+_` + uuid)
}

// onUpload finds an upload, and takes the lock that streaming routes do not have.
func onUpload(find func(*call) *answer, handle func(*call, *uploadArea, string) *answer) handler {
	return func(c *call) *answer {
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		if !c.s.cfg.dialect.fileID().MatchString(c.vars["file"]) {
			return c.s.cfg.dialect.noPage()
		}
		if refusal := find(c); refusal != nil {
			return refusal
		}
		collection, _, _ := strings.Cut(strings.TrimPrefix(c.path, "/api/"), "/"+c.vars["file"])
		return handle(c, c.s.area(collection), c.vars["file"])
	}
}

// upload returns an open upload that the caller may use, or the refusal of the dialect.
func (c *call) upload(area *uploadArea, id string) (*tusUpload, *answer) {
	d := c.s.cfg.dialect
	u := area.open[id]
	if u != nil && (u.forgotten || d == V2_3 && now().Sub(u.created) > tusTTL) {
		u = nil
	}
	switch {
	case u == nil && d == V2_3:
		return nil, d.crash()
	case u == nil:
		return nil, tus(empty(http.StatusNotFound))
	case u.owner != c.user && d == V2_73:
		return nil, forbidden()
	}
	return u, nil
}

func tusOffset(c *call, area *uploadArea, id string) *answer {
	u, refusal := c.upload(area, id)
	if refusal != nil {
		return refusal
	}
	return tus(empty(http.StatusOK)).
		with("Upload-Offset", strconv.FormatInt(u.offset, 10)).
		with("Upload-Length", strconv.FormatInt(u.size, 10))
}

// tusAppend takes in a piece. The lock is free while the bytes arrive.
func tusAppend(c *call, area *uploadArea, id string) *answer {
	if c.body.mediaType != chunkType {
		c.s.report(c, WrongContentType, c.body.mediaType)
		return detail(http.StatusUnsupportedMediaType,
			fmt.Sprintf("Unsupported media type %q in request.", c.r.Header.Get("Content-Type")))
	}
	u, refusal := c.upload(area, id)
	for refusal == nil && u.busy {
		c.s.idle.Wait() // a piece is looked at when it has arrived, and an earlier one is arriving
		u, refusal = c.upload(area, id)
	}
	if refusal != nil {
		return refusal
	}
	offset, err := strconv.ParseInt(c.r.Header.Get("Upload-Offset"), 10, 64)
	length := c.r.ContentLength
	switch {
	case err != nil || offset != u.offset:
		return tus(empty(http.StatusConflict))
	case offset > u.size, offset+length > u.size && c.s.cfg.dialect == V2_73:
		return tus(empty(http.StatusRequestEntityTooLarge))
	}
	u.busy = true
	undo := u.sink.mark()
	c.s.mu.Unlock()
	n, err := io.Copy(u.sink, c.r.Body)
	c.s.mu.Lock()
	u.busy = false
	c.s.idle.Broadcast()
	if err != nil {
		undo() // a piece counts when it is whole
		return c.s.cfg.dialect.badRequest()
	}
	u.offset += n
	if u.offset == u.size {
		u.name = area.free(u.name)
		area.put(u.name, u.sink.blob())
		delete(area.open, id)
	}
	a := tus(empty(http.StatusNoContent)).with("Upload-Offset", strconv.FormatInt(u.offset, 10))
	if c.s.cfg.dialect == V2_3 {
		a.header.Set("Upload-Filename", mime.BEncoding.Encode("utf-8", u.name))
	}
	return a
}
