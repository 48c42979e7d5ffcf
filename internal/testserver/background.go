package testserver

import (
	"errors"
	"slices"
	"time"
)

// Work changes how background work goes, when given to [Server.Plan].
type Work struct {
	Operation string        // the operation that starts the work, such as "tasks_create_data"; empty for any
	Times     int           // how many pieces of work it changes; 0 is all
	Duration  time.Duration // how long they take; 0 leaves that as it is
	Failure   string        // the message they fail with; empty if they succeed
	Hang      bool          // they never come to an end
}

type plannedWork struct {
	Work
	used int
}

// Plan changes how background work goes that is started from now on. The first plan that fits counts.
func (s *Server) Plan(w Work) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plans = append(s.plans, &plannedWork{Work: w})
}

// work is something that goes on in the background. Nothing runs meanwhile: its state follows from the clock, and it
// takes effect when the first request after its end arrives.
type work struct {
	owner   *user
	created time.Time
	takes   time.Duration
	hangs   bool
	failure string
	run     func() error
	settled bool
}

// begin starts work for the operation of a call.
func (c *call) begin(run func() error) *work {
	s := c.s
	w := &work{owner: c.user, created: now(), takes: s.cfg.processing, run: run}
	plans := s.plans
	if c.backstage {
		plans, w.takes = nil, 0
	}
	for _, p := range plans {
		if p.Operation != "" && p.Operation != c.op || p.Times > 0 && p.used >= p.Times {
			continue
		}
		p.used++
		w.hangs, w.failure = p.Hang, p.Failure
		if p.Duration > 0 {
			w.takes = p.Duration
		}
		break
	}
	s.state.works = append(s.state.works, w)
	return w
}

func (w *work) started() time.Time { return w.created.Add(w.takes / 2) }

func (w *work) ended() time.Time { return w.created.Add(w.takes) }

// settle lets the background work that is due take effect, in the order in which it ended.
func (s *Server) settle() {
	at := now()
	var due []*work
	s.state.works = slices.DeleteFunc(s.state.works, func(w *work) bool {
		ended := !w.hangs && !w.ended().After(at)
		if ended {
			due = append(due, w)
		}
		return ended
	})
	slices.SortStableFunc(due, func(a, b *work) int { return a.ended().Compare(b.ended()) })
	for _, w := range due {
		w.settled = true
		if w.failure == "" {
			w.failure = messageOf(w.run())
		}
	}
}

// stop takes work back that has not ended.
func (s *Server) stop(w *work) {
	s.state.works = slices.DeleteFunc(s.state.works, func(x *work) bool { return x == w })
}

func messageOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// failure is an exception of the real server: what it says of work that failed.
func failure(text string) error { return errors.New(text) }

// phase is where work stands.
type phase int

const (
	queued phase = iota
	started
	finished
	failed
)

func (w *work) phase() phase {
	switch {
	case w.settled && w.failure != "":
		return failed
	case w.settled:
		return finished
	case now().Before(w.started()):
		return queued
	}
	return started
}
