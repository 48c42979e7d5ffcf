package testserver

import (
	"cmp"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// FaultKind says what goes wrong.
type FaultKind int

// What can go wrong. A fault whose kind says "before" leaves the state as it was; one that says "after" lets the server
// act exactly once, and then spoils the answer.
const (
	// Refuse answers with Status, Header, Body and ContentType: before, unless Fault.Acts is set.
	Refuse FaultKind = iota
	// Slow answers as always, after Fault.Delay.
	Slow
	// CutBefore closes the connection when the request has been read: before.
	CutBefore
	// CutAfter closes the connection where the answer would begin: after.
	CutAfter
	// CutBody sends a body without a length and closes the connection half-way through it, or at Fault.Share: after.
	CutBody
	// TruncateBody announces the whole length, and closes the connection half-way through the body, or at Fault.Share:
	// after.
	TruncateBody
	// ShortLength announces half of the length, or Fault.Share, and sends as much, which looks complete to HTTP: after.
	ShortLength
	// HTMLPage answers with a page of HTML and Status (200 if zero): before, unless Fault.Acts is set.
	HTMLPage
	// RepeatPage answers a list with its first page, whatever page was asked for: after.
	RepeatPage
	// Redirect sends the client to Fault.Location, or to the same URL if that is empty: before, unless Acts is set.
	Redirect
)

// String returns the kind's name.
func (k FaultKind) String() string {
	names := [...]string{
		"Refuse", "Slow", "CutBefore", "CutAfter", "CutBody", "TruncateBody", "ShortLength", "HTMLPage", "RepeatPage",
		"Redirect",
	}
	if k < 0 || int(k) >= len(names) {
		return "FaultKind(" + strconv.Itoa(int(k)) + ")"
	}
	return names[k]
}

// Fault is a piece of trouble that [Server.Fail] plans.
type Fault struct {
	Kind      FaultKind
	Operation string                   // the operation it strikes; empty for any
	Match     func(*http.Request) bool // narrows it further; nil for any request
	Skip      int                      // how many requests pass first
	Times     int                      // how many requests it strikes; 0 is all
	Delay     time.Duration            // passes before anything else

	Status      int // the status answered by Refuse (503 if zero), HTMLPage and Redirect (302 if zero)
	RetryAfter  time.Duration
	Header      http.Header
	ContentType string
	Body        string
	Share       float64 // how much of the body is sent, over 0 to 1: of CutBody, TruncateBody and ShortLength; 0 is half
	Location    string  // where Redirect sends the client; the path and query of the request are added to a bare host
	Acts        bool    // the server acts before it answers wrongly
}

type plannedFault struct {
	Fault
	passed, struck int
}

// Fail plans a fault. Faults are tried in the order of planning, and the first that fits strikes.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &plannedFault{Fault: f})
}

// Heal drops the planned faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// strike returns the fault that hits a call, and nil if it is spared.
func (s *Server) strike(c *call, entry *Request) *Fault {
	if c.backstage {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.faults {
		if p.Operation != "" && p.Operation != c.op || p.Times > 0 && p.struck >= p.Times {
			continue
		}
		if p.Match != nil && !p.Match(c.r) {
			continue
		}
		if p.passed < p.Skip {
			p.passed++
			continue
		}
		p.struck++
		entry.Fault = p.Kind.String()
		return &p.Fault
	}
	return nil
}

// actWith answers a call under a fault, if there is one. A nil answer cuts the connection.
func (s *Server) actWith(c *call, f *Fault) *answer {
	c.readBody() // first, so that the client has sent everything when trouble comes
	if sent, isSent := c.r.Body.(*sentBody); isSent && sent.broken {
		return nil // nobody acts on half a request
	}
	if f == nil {
		return s.answer(c)
	}
	if !s.wait(c, f.Delay) {
		return nil
	}
	if f.Kind == RepeatPage {
		c.query.Set("page", "1")
	}
	var a *answer
	if f.actsFirst() {
		a = s.answer(c)
	} else {
		_, _ = io.Copy(io.Discard, c.r.Body) // what streaming routes have not read
	}
	switch f.Kind {
	case CutBefore, CutAfter:
		return nil
	case Refuse, HTMLPage, Redirect:
		return f.answer(c)
	case Slow, CutBody, TruncateBody, ShortLength, RepeatPage:
	}
	return a
}

// wait lets time pass, less if the client leaves: the server acts on what it was sent all the same. It returns false if
// the server is closed meanwhile.
func (s *Server) wait(c *call, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-c.r.Context().Done():
	case <-s.closing:
		return false
	}
	return true
}

func (f *Fault) actsFirst() bool {
	switch f.Kind {
	case Refuse, HTMLPage, Redirect:
		return f.Acts
	case CutBefore:
		return false
	case Slow, CutAfter, CutBody, TruncateBody, ShortLength, RepeatPage:
	}
	return true
}

// answer is what Refuse, HTMLPage and Redirect say.
func (f *Fault) answer(c *call) *answer {
	a := newAnswer(f.Status, f.ContentType, []byte(f.Body))
	switch f.Kind {
	case HTMLPage:
		a.status = orStatus(f.Status, http.StatusOK)
		a.contentType = "text/html"
		if f.Body == "" {
			a.body = []byte("<!DOCTYPE html><html><head><title>A page from a proxy</title></head><body></body></html>")
		}
	case Redirect:
		a.status = orStatus(f.Status, http.StatusFound)
		a.header.Set("Location", f.target(c))
	default:
		a.status = orStatus(f.Status, http.StatusServiceUnavailable)
	}
	for name, values := range f.Header {
		a.header[http.CanonicalHeaderKey(name)] = values
	}
	if f.RetryAfter > 0 {
		a.header.Set("Retry-After", strconv.Itoa(int(f.RetryAfter/time.Second)))
	}
	return a
}

func orStatus(status, otherwise int) int {
	if status == 0 {
		return otherwise
	}
	return status
}

// target is where Redirect leads: the same path and query, unless Location has a path of its own.
func (f *Fault) target(c *call) string {
	u, err := url.Parse(f.Location)
	if err != nil || u.Path != "" {
		return f.Location
	}
	u.Path, u.RawPath, u.RawQuery = c.r.URL.Path, c.r.URL.RawPath, c.r.URL.RawQuery
	return u.String()
}

// spoils says whether the fault is one of the answer's body.
func (f *Fault) spoils() bool {
	return f.Kind == CutBody || f.Kind == TruncateBody || f.Kind == ShortLength
}

// spoil sends a part of a body in the way of the fault.
func (f *Fault) spoil(w http.ResponseWriter, status int, body []byte) {
	sent := body[:int(float64(len(body))*cmp.Or(f.Share, 0.5))]
	switch f.Kind {
	case ShortLength:
		w.Header().Set("Content-Length", strconv.Itoa(len(sent)))
	case TruncateBody:
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	default: // without a length the body is sent in chunks
	}
	w.WriteHeader(status)
	_, _ = w.Write(sent) // a client that left is its own business
	if f.Kind == ShortLength {
		return
	}
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}
