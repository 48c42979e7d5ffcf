package testserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxBody bounds the bodies that are read into memory, as the server's own front does.
const maxBody = 1 << 30

// body is what a request carried.
type body struct {
	mediaType string
	raw       []byte     // JSON and forms
	values    url.Values // the plain fields of forms and multipart
	files     []formFile
	err       error // the body could not be parsed
}

// formFile is a file of a multipart body.
type formFile struct {
	field, name string
	blob        *blob
}

// readBody takes in the body, before the server is locked. Streaming routes read theirs themselves.
func (c *call) readBody() {
	mediaType, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil {
		mediaType = c.r.Header.Get("Content-Type")
	}
	c.body.mediaType = mediaType
	if c.route != nil && c.route.stream {
		return
	}
	if mediaType == "multipart/form-data" {
		c.body.err = c.body.readMultipart(multipart.NewReader(c.r.Body, params["boundary"]), c.s.cfg.discard)
		return
	}
	c.body.raw, c.body.err = io.ReadAll(io.LimitReader(c.r.Body, maxBody))
	if mediaType == "application/x-www-form-urlencoded" && c.body.err == nil {
		c.body.values, c.body.err = url.ParseQuery(string(c.body.raw))
	}
}

// checkChunks refuses bodies without a length, where the dialect does.
func (s *Server) checkChunks(c *call) *answer {
	if len(c.r.TransferEncoding) == 0 {
		return nil
	}
	s.report(c, ChunkedBody, "a Content-Length is needed")
	if s.cfg.dialect == V2_73 {
		return nil // nginx adds the length
	}
	a := newAnswer(http.StatusLengthRequired, "text/html; charset=iso-8859-1", []byte("<!DOCTYPE HTML PUBLIC "+
		"\"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>411 Length Required</title>\n</head><body>\n"+
		"<h1>Length Required</h1>\n</body></html>\n"))
	a.viewless = true
	return a
}

func (b *body) readMultipart(parts *multipart.Reader, discard bool) error {
	b.values = url.Values{}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading a multipart body: %w", err)
		}
		if part.FileName() == "" {
			value, err := io.ReadAll(io.LimitReader(part, maxBody))
			if err != nil {
				return fmt.Errorf("reading the field %s: %w", part.FormName(), err)
			}
			b.values.Add(part.FormName(), string(value))
			continue
		}
		sink := newBlobWriter(discard)
		if _, err := io.Copy(sink, part); err != nil {
			return fmt.Errorf("reading the file %s: %w", part.FileName(), err)
		}
		b.files = append(b.files, formFile{part.FormName(), part.FileName(), sink.blob()})
	}
}

// isForm says whether the body is a form of either kind.
func (b *body) isForm() bool {
	return b.mediaType == "multipart/form-data" || b.mediaType == "application/x-www-form-urlencoded"
}

// file returns the file of a multipart field.
func (b *body) file(field string) *formFile {
	for i := range b.files {
		if b.files[i].field == field {
			return &b.files[i]
		}
	}
	return nil
}

// parse returns the JSON value or the form of the body: an empty map if there is none. Like the real server it is the
// first to look at the type of the body, so what nobody parses may have any type.
func (c *call) parse() (any, *answer) {
	if c.r.ContentLength == 0 {
		return map[string]any{}, nil
	}
	if refusal := c.refuseBody(); refusal != nil {
		return nil, refusal
	}
	if c.body.isForm() {
		return formObject(c.body.values), nil
	}
	var v any
	dec := json.NewDecoder(bytes.NewReader(c.body.raw))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, c.malformed("JSON", err)
	}
	return v, nil
}

// refuseBody refuses bodies of a wrong type and those that could not be taken apart.
func (c *call) refuseBody() *answer {
	if !c.takes(c.body.mediaType) {
		c.s.report(c, WrongContentType, c.body.mediaType)
		return detail(http.StatusUnsupportedMediaType,
			fmt.Sprintf("Unsupported media type %q in request.", c.r.Header.Get("Content-Type")))
	}
	if c.body.err != nil {
		return c.malformed("Multipart form", c.body.err)
	}
	return nil
}

func (c *call) malformed(kind string, err error) *answer {
	c.s.report(c, MalformedBody, err.Error())
	return detail(http.StatusBadRequest, kind+" parse error - "+err.Error())
}

func (c *call) takes(mediaType string) bool {
	switch mediaType {
	case "application/json":
		return c.route.bodies != chunkBodies
	case "multipart/form-data":
		return c.s.cfg.dialect == V2_3 || c.route.bodies == fileBodies
	case "application/x-www-form-urlencoded":
		return c.s.cfg.dialect == V2_3
	case "application/offset+octet-stream":
		return c.route.bodies == chunkBodies
	}
	return false
}

// formObject reads a form as JSON: strings, and lists where the keys have indexes, as in server_files[0].
func formObject(values url.Values) map[string]any {
	o := map[string]any{}
	for key := range values {
		o[key] = values.Get(key)
	}
	for key := range values {
		name, index, found := cutIndex(key)
		if !found || index != 0 {
			continue
		}
		var list []any
		for i := 0; ; i++ {
			item := fmt.Sprintf("%s[%d]", name, i)
			if !values.Has(item) {
				break
			}
			list = append(list, values.Get(item))
			delete(o, item)
		}
		o[name] = list
	}
	return o
}

// cutIndex splits a key such as client_files[3].
func cutIndex(key string) (name string, index int, ok bool) {
	name, rest, found := strings.Cut(key, "[")
	if !found {
		return "", 0, false
	}
	index, err := strconv.Atoi(strings.TrimSuffix(rest, "]"))
	return name, index, err == nil
}
