package cvattest

import (
	"net/http"
	"time"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
)

// FaultKind says what goes wrong.
type FaultKind int

// What can go wrong.
const (
	// Refuse answers with [Fault].Status, 503 if it is 0. The server does not act. It is the default.
	Refuse FaultKind = iota
	// Slow answers as always, after [Fault].Delay.
	Slow
	// CutBefore closes the connection when the request has been read. The server does not act.
	CutBefore
	// CutAfter closes the connection where the answer would begin: the server has acted, and nobody hears of it.
	CutAfter
	// TruncateBody closes the connection half-way through the answer. The server has acted.
	TruncateBody
	// HTMLPage answers with a web page and [Fault].Status, 200 if it is 0, as a proxy in front of the server might. The
	// server does not act.
	HTMLPage
)

// String returns the kind's name.
func (k FaultKind) String() string { return k.internal().String() }

func (k FaultKind) internal() testserver.FaultKind {
	switch k {
	case Slow:
		return testserver.Slow
	case CutBefore:
		return testserver.CutBefore
	case CutAfter:
		return testserver.CutAfter
	case TruncateBody:
		return testserver.TruncateBody
	case HTMLPage:
		return testserver.HTMLPage
	case Refuse:
	}
	return testserver.Refuse
}

// Fault is a piece of trouble that [Server.Fail] plans.
type Fault struct {
	// Kind is [Refuse] if not set.
	Kind FaultKind
	// Skip is how many requests pass first.
	Skip int
	// Times is how many requests it strikes; 0 is all.
	Times int
	// Match narrows it further; nil strikes any request of the operation. It must not call the server.
	Match func(*http.Request) bool
	// Delay passes before anything else. It ends early when the client leaves.
	Delay time.Duration

	// Status is that of Refuse and HTMLPage.
	Status int
	// Body is what they answer: for Refuse, the JSON {"detail": …} if it is empty.
	Body string
	// RetryAfter, in whole seconds, is announced with the status.
	RetryAfter time.Duration
}

// Fail plans trouble for an operation, such as [cvat.OpTasksRetrieve]. Faults are tried in the order of planning, and the
// first that fits strikes.
func (s *Server) Fail(op cvat.Operation, f Fault) {
	s.helper()
	s.known(op)
	s.plan(op.ID, f)
}

// FailAny plans trouble for whatever arrives.
func (s *Server) FailAny(f Fault) { s.plan("", f) }

func (s *Server) plan(op string, f Fault) {
	fault := testserver.Fault{
		Kind: f.Kind.internal(), Operation: op, Match: f.Match, Skip: f.Skip, Times: f.Times, Delay: f.Delay,
		Status: f.Status, RetryAfter: f.RetryAfter, Body: f.Body,
	}
	if f.Kind == Refuse {
		fault.ContentType = "application/vnd.cvat+json"
		if f.Body == "" {
			fault.Body = `{"detail":"This is a planned fault."}`
		}
	}
	s.fake.Fail(fault)
}

// Heal drops all planned faults.
func (s *Server) Heal() { s.fake.Heal() }

// known fails the test for an operation that never arrives at this release, and so would never be struck.
func (s *Server) known(op cvat.Operation) {
	s.helper()
	if !s.fake.Has(op.ID) {
		s.fatalf("CVAT %s has no operation %q", s.Version(), op.ID)
	}
}

// Work changes how background work goes, when given to [Server.Plan].
type Work struct {
	// Times is how many pieces of work it changes; 0 is all.
	Times int
	// Duration is how long they take; 0 leaves that as it is.
	Duration time.Duration
	// Failure is the message they fail with; empty if they succeed.
	Failure string
	// Hang is for work that never ends.
	Hang bool
}

// Plan changes how background work goes that an operation, such as [cvat.OpTasksCreateData], starts from now on. The first
// plan that fits counts.
func (s *Server) Plan(op cvat.Operation, w Work) {
	s.helper()
	s.known(op)
	s.fake.Plan(testserver.Work{
		Operation: op.ID, Times: w.Times, Duration: w.Duration, Failure: w.Failure, Hang: w.Hang,
	})
}
