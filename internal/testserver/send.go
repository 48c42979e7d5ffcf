package testserver

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// gzipFrom is the size from which 2.73 compresses answers.
const gzipFrom = 200

// serve takes a request from the journal to the answer.
func (s *Server) serve(w http.ResponseWriter, c *call) {
	s.enter()
	defer s.leave()
	entry := s.enroll(c, c.op)
	kept := &journalWriter{}
	sent := &sentBody{ReadCloser: http.MaxBytesReader(w, c.r.Body, maxBody), copy: kept}
	c.r.Body = sent
	fault := s.strike(c, entry)
	a := s.actWith(c, fault)
	s.note(entry, func(e *Request) {
		e.Body, e.BodySize = kept.kept, kept.size
		if c.user != nil {
			e.User = c.user.username
		}
	})
	if a == nil || sent.broken {
		panic(http.ErrAbortHandler) // cuts the connection
	}
	s.note(entry, func(e *Request) { e.Status = a.status })
	s.send(w, c, a, fault)
}

// sentBody is a request body that is also written down. It remembers whether it broke off.
type sentBody struct {
	io.ReadCloser
	copy   io.Writer
	broken bool
}

// Read reads on.
func (b *sentBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	_, _ = b.copy.Write(p[:n]) // into memory
	b.broken = b.broken || err != nil && !errors.Is(err, io.EOF)
	return n, err
}

// send writes an answer, spoiled by the fault if there is one.
func (s *Server) send(w http.ResponseWriter, c *call, a *answer, fault *Fault) {
	h := w.Header()
	s.cfg.dialect.setHeaders(h)
	for _, cookie := range c.cookies {
		http.SetCookie(w, cookie)
	}
	maps.Copy(h, a.header)
	if allowed := c.allowHeader(a); allowed != "" {
		h.Set("Allow", allowed)
	}
	if a.contentType == "" {
		h["Content-Type"] = nil // keeps net/http from guessing
	} else {
		h.Set("Content-Type", a.contentType)
	}
	if a.file != nil {
		h.Set("ETag", s.cfg.dialect.etag(a.file))
		s.sendContent(w, c, a, fault)
		return
	}
	body := s.render(c, a, h)
	if fault != nil && fault.spoils() {
		fault.spoil(w, a.status, body)
		return
	}
	if a.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(body) //nolint:gosec // of a test; and a client that left is its own business
}

// sendContent answers with a file, or the part of it that was asked for, spoiled by the fault if there is one.
func (s *Server) sendContent(w http.ResponseWriter, c *call, a *answer, fault *Fault) {
	content := bytes.NewReader(a.file.content)
	if fault == nil || !fault.spoils() {
		http.ServeContent(w, c.r, "", a.file.modified, content)
		return
	}
	kept := &keptResponse{header: w.Header()}
	http.ServeContent(kept, c.r, "", a.file.modified, content)
	kept.header.Del("Content-Length")
	fault.spoil(w, kept.status, kept.body.Bytes())
}

// keptResponse is an answer that is not sent yet.
type keptResponse struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (k *keptResponse) Header() http.Header { return k.header }

// WriteHeader implements http.ResponseWriter.
func (k *keptResponse) WriteHeader(status int) { k.status = status }

// Write implements http.ResponseWriter.
func (k *keptResponse) Write(p []byte) (int, error) { return k.body.Write(p) }

// render returns the bytes of the body: the browsable page if asked for, compressed if the client may have it so.
func (s *Server) render(c *call, a *answer, h http.Header) []byte {
	body := a.body
	if c.browsable && a.contentType == jsonType {
		h.Set("Content-Type", "text/html; charset=utf-8")
		body = []byte("<!DOCTYPE html>\n<html>\n  <head><title>Django REST framework</title></head>\n  <body><pre>" +
			string(body) + "</pre></body>\n</html>\n")
	}
	if s.cfg.dialect == V2_3 || len(body) < gzipFrom || !strings.Contains(c.r.Header.Get("Accept-Encoding"), "gzip") {
		return body
	}
	h.Set("Content-Encoding", "gzip")
	h.Set("Vary", "Accept, Accept-Encoding, Origin, Cookie")
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body) // into memory
	_ = z.Close()
	return b.Bytes()
}

// etag tells files apart, except at 2.3, where every file has the same.
func (d Dialect) etag(f *download) string {
	if d == V2_3 {
		return `"660f20a2d70e7"`
	}
	w := newBlobWriter(true)
	_, _ = w.Write(f.content)
	return `"` + w.blob().sha256[:16] + `"`
}
