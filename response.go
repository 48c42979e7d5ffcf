package cvat

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
)

// Response is what there is to know of an answer besides its value. Every method that is one API call returns one; it
// is never nil, and holds a StatusCode of 0 if nothing answered.
type Response struct {
	// StatusCode is the HTTP status of the last answer.
	StatusCode int
	// Header holds its headers.
	Header http.Header
	// RequestID is the server's X-Request-Id (since 2.4).
	RequestID string
	// Attempts is how many times the call was sent.
	Attempts int
	// Count is, for a list, how many items match on all pages together.
	Count int
	// NextPage is, for a list, the number of the next page; 0 after the last.
	NextPage int

	// uncertain: an attempt before the last may have reached the server.
	uncertain bool
}

// Content is a file that the server sends: a frame, a chunk, a preview, an archive. Read it to the end and Close it;
// reading reports io.ErrUnexpectedEOF if the connection broke before the last byte.
type Content struct {
	// Name is the file name the server gave, without any folder; "" if it gave none.
	Name string
	// Type is the media type, such as "image/jpeg".
	Type string
	// Size is the number of bytes, -1 if the server does not say.
	Size int64

	from, total int64  // where in the whole file it begins, and how many bytes that has, -1 if the server does not say
	modified    string // when the whole file was written, as the server says
	body        io.ReadCloser
	cancel      context.CancelFunc
}

// Read implements io.Reader.
func (c *Content) Read(p []byte) (int, error) { return c.body.Read(p) }

// Close ends the transfer, finished or not.
func (c *Content) Close() error {
	err := c.body.Close()
	c.cancel()
	return err
}

func newContent(resp *http.Response, cancel context.CancelFunc) *Content {
	content := &Content{Size: resp.ContentLength, total: resp.ContentLength, modified: resp.Header.Get("Last-Modified"), body: resp.Body, cancel: cancel}
	if resp.StatusCode == http.StatusPartialContent {
		content.from, content.total = contentRange(resp.Header.Get("Content-Range"))
	}
	if media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err == nil {
		content.Type = media
	}
	if _, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition")); err == nil {
		content.Name = baseName(params["filename"])
	}
	return content
}

// contentRange reads where a part of a file begins, and how long the file is; -1 is what it does not tell.
func contentRange(header string) (from, total int64) {
	var to int64
	if _, err := fmt.Sscanf(header, "bytes %d-%d/%d", &from, &to, &total); err != nil {
		return -1, -1
	}
	return from, total
}

// baseName reduces a name that a server gave to its last element, so that it cannot lead out of a folder.
func baseName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "." || name == ".." || name == "/" {
		return ""
	}
	return name
}
