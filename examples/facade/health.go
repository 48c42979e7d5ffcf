package main

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/go-cvat/cvat"
)

// health tells whether CVAT answers. However often it is asked, it asks CVAT at most every few seconds, one at a time.
type health struct {
	client *cvat.Client

	mu      sync.Mutex
	until   time.Time // how long the last answer is good for
	version string    // that of CVAT; empty if it did not answer
}

// How long an answer about health is good for, and how long CVAT has to give it.
const (
	healthAge     = 5 * time.Second
	healthTimeout = 3 * time.Second
)

// ServeHTTP implements http.Handler.
func (h *health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if version := h.check(r.Context()); version != "" {
		_ = reply(w, http.StatusOK, map[string]string{"status": "ok", "cvat": version})
		return
	}
	_ = reply(w, http.StatusServiceUnavailable, map[string]string{"status": "CVAT does not answer"})
}

// check returns the version of CVAT, empty if it does not answer. A caller that leaves spoils it for nobody else.
func (h *health) check(ctx context.Context) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Now().Before(h.until) {
		return h.version
	}
	h.version = ""
	about, _, err := h.client.Server.About(context.WithoutCancel(ctx), cvat.WithTimeout(healthTimeout), cvat.WithoutRetry())
	if err == nil {
		h.version = about.Version
	}
	h.until = time.Now().Add(healthAge)
	return h.version
}
