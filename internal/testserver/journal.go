package testserver

import (
	"net/http"
	"net/url"
	"slices"
)

// bodyCap bounds what the journal keeps of a request body.
const bodyCap = 64 << 10

// Request is a request that arrived, as [Server.Requests] returns it.
type Request struct {
	Operation string // the server's operation id; empty for an unknown route
	Method    string
	Path      string // as sent, below the base path, still escaped
	Query     url.Values
	Header    http.Header // with Authorization and Host
	Body      []byte      // the first 64 KiB
	BodySize  int64
	User      string // who sent it; empty for an anonymous caller, or if nobody asked
	Status    int    // the status answered; 0 if nothing was answered
	Fault     string // the fault that struck, empty if none
}

// Requests returns what arrived so far, in order of arrival.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Request, 0, len(s.journal))
	for _, r := range s.journal {
		all = append(all, *r)
	}
	return all
}

// Count returns how many requests arrived for an operation.
func (s *Server) Count(operation string) int {
	n := 0
	for _, r := range s.Requests() {
		if r.Operation == operation {
			n++
		}
	}
	return n
}

// Forget empties the journal.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal = nil
}

// enroll puts a request into the journal.
func (s *Server) enroll(c *call, op string) *Request {
	header := c.r.Header.Clone()
	header.Set("Host", c.r.Host)
	entry := &Request{
		Operation: op, Method: c.r.Method, Path: c.path, Query: c.r.URL.Query(), Header: header,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !c.backstage {
		s.journal = append(s.journal, entry)
	}
	return entry
}

// note updates a journal entry.
func (s *Server) note(entry *Request, change func(*Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(entry)
}

// journalWriter keeps the beginning of a body and counts the rest.
type journalWriter struct {
	kept []byte
	size int64
}

func (w *journalWriter) Write(p []byte) (int, error) {
	w.size += int64(len(p))
	if room := bodyCap - len(w.kept); room > 0 {
		w.kept = slices.Concat(w.kept, p[:min(room, len(p))])
	}
	return len(p), nil
}
