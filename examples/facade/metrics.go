package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-cvat/cvat"
)

// metrics counts the requests to CVAT by operation, never by URL: there are as many operations as the API has, and as
// many URLs as there are tasks. It speaks Prometheus' text format without any library.
type metrics struct {
	mu       sync.Mutex
	inFlight int
	answers  map[answer]int
	times    map[string]*histogram // by operation
}

// answer is an operation and how a request for it ended: with a status, "canceled" or "failed".
type answer struct{ operation, code string }

// histogram counts durations up to each of the bounds.
type histogram struct {
	counts [len(bounds)]int
	count  int
	sum    time.Duration
}

var bounds = [...]time.Duration{
	10 * time.Millisecond, 50 * time.Millisecond, 250 * time.Millisecond, time.Second, 5 * time.Second, 30 * time.Second,
}

func newMetrics() *metrics {
	return &metrics{answers: map[answer]int{}, times: map[string]*histogram{}}
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// middleware measures each attempt, up to the head of the answer.
func (m *metrics) middleware(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		op, _ := cvat.OperationFromContext(r.Context())
		m.change(func() { m.inFlight++ })
		started := time.Now()
		resp, err := next.RoundTrip(r)
		m.change(func() {
			m.inFlight--
			m.record(op.ID, code(resp, err), time.Since(started))
		})
		return resp, err
	})
}

func code(resp *http.Response, err error) string {
	switch {
	case err == nil:
		return strconv.Itoa(resp.StatusCode)
	case errors.Is(err, context.Canceled):
		return "canceled"
	}
	return "failed"
}

func (m *metrics) change(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f()
}

func (m *metrics) record(operation, code string, took time.Duration) {
	m.answers[answer{operation, code}]++
	if m.times[operation] == nil {
		m.times[operation] = &histogram{}
	}
	h := m.times[operation]
	h.count++
	h.sum += took
	for i, bound := range bounds {
		if took <= bound {
			h.counts[i]++
		}
	}
}

// ServeHTTP implements http.Handler.
func (m *metrics) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	var text strings.Builder
	m.change(func() { m.write(&text) })
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write([]byte(text.String())) // a scraper that left is its own business
}

func (m *metrics) write(w *strings.Builder) {
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	line("# HELP cvat_requests_in_flight Requests that CVAT has not answered yet.")
	line("# TYPE cvat_requests_in_flight gauge")
	line("cvat_requests_in_flight %d", m.inFlight)
	line("# HELP cvat_requests_total Requests to CVAT, repeated ones too, by operation and status.")
	line("# TYPE cvat_requests_total counter")
	for _, a := range slices.SortedFunc(maps.Keys(m.answers), func(a, b answer) int {
		return strings.Compare(a.operation+" "+a.code, b.operation+" "+b.code)
	}) {
		line("cvat_requests_total{operation=%q,code=%q} %d", a.operation, a.code, m.answers[a])
	}
	line("# HELP cvat_request_duration_seconds Time until CVAT begins to answer, by operation.")
	line("# TYPE cvat_request_duration_seconds histogram")
	for _, operation := range slices.Sorted(maps.Keys(m.times)) {
		h := m.times[operation]
		for i, bound := range bounds {
			line("cvat_request_duration_seconds_bucket{operation=%q,le=\"%g\"} %d", operation, bound.Seconds(), h.counts[i])
		}
		line("cvat_request_duration_seconds_bucket{operation=%q,le=\"+Inf\"} %d", operation, h.count)
		line("cvat_request_duration_seconds_sum{operation=%q} %g", operation, h.sum.Seconds())
		line("cvat_request_duration_seconds_count{operation=%q} %d", operation, h.count)
	}
}
