package main

import (
	"cmp"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// config is what a service can be told.
type config struct {
	transport *http.Transport // to CVAT; nil: one that uses the proxy of the environment
	callers   int             // how many are served at a time
	patience  time.Duration   // how long others wait for their turn; 0: a second
	timeout   time.Duration   // how long a call of CVAT may take; 0: 10 seconds
	log       *slog.Logger
}

// service is the facade.
type service struct {
	config

	anonymous *cvat.Client // every caller's client derives from it, and shares its connections
	metrics   *metrics
	health    health
	turns     chan struct{}
	routes    http.ServeMux
}

// reserved is how many connections there are besides those of the callers: a CVAT that lets all of them wait is still
// asked for its health.
const reserved = 2

func newService(url string, c config) (*service, error) {
	c.patience, c.timeout = cmp.Or(c.patience, time.Second), cmp.Or(c.timeout, 10*time.Second)
	if c.transport == nil {
		c.transport = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	}
	c.transport = c.transport.Clone()
	c.transport.MaxConnsPerHost = c.callers + reserved
	c.transport.MaxIdleConnsPerHost = c.callers + reserved
	c.transport.IdleConnTimeout = 30 * time.Second

	s := &service{config: c, metrics: newMetrics(), turns: make(chan struct{}, c.callers)}
	var err error
	s.anonymous, err = cvat.NewClient(url,
		cvat.WithHTTPClient(&http.Client{Transport: c.transport}),
		cvat.WithMiddleware(s.metrics.middleware),
		cvat.WithUserAgent("facade-example/1"),
		// A caller waits meanwhile: it can try again as well as we can.
		cvat.WithRetryPolicy(cvat.RetryPolicy{MaxAttempts: 2, MinWait: 100 * time.Millisecond, MaxRetryAfter: time.Second}),
		cvat.WithTimeouts(cvat.Timeouts{Metadata: c.timeout, Transfer: time.Minute}))
	if err != nil {
		return nil, err
	}
	s.health.client = s.anonymous
	s.routes.Handle("GET /tasks/{id}", s.forCaller(task))
	s.routes.Handle("GET /tasks/{id}/jobs", s.forCaller(jobs))
	s.routes.Handle("GET /tasks/{id}/preview", s.forCaller(preview))
	s.routes.Handle("GET /health", &s.health)
	s.routes.Handle("GET /metrics", s.metrics)
	return s, nil
}

// close drops the connections that nobody uses any more.
func (s *service) close() { s.transport.CloseIdleConnections() }

// ServeHTTP implements http.Handler. The log names the route, never the URL or a header: they are the caller's business.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	seen := &statusWriter{ResponseWriter: w}
	defer func() {
		s.log.Info("served", "route", r.Pattern, "status", seen.status, "duration", time.Since(started))
	}()
	s.routes.ServeHTTP(seen, r)
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter

	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *statusWriter) Write(p []byte) (int, error) {
	w.status = cmp.Or(w.status, http.StatusOK)
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController through.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// handler answers a caller with what CVAT answers its client.
type handler func(http.ResponseWriter, *http.Request, *cvat.Client, int64) error

// forCaller gives a handler the client of the caller, when it is the caller's turn.
func (s *service) forCaller(handle handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.answer(w, r, handle); err != nil {
			refuse(w, r, err)
		}
	})
}

func (s *service) answer(w http.ResponseWriter, r *http.Request, handle handler) error {
	client, err := s.clientFor(r)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return refusal{http.StatusNotFound, "a task has a number"}
	}
	if err := s.takeTurn(r); err != nil {
		return err
	}
	defer func() { <-s.turns }()
	return handle(w, r, client, id)
}

// takeTurn waits until fewer callers than the service takes are being served.
func (s *service) takeTurn(r *http.Request) error {
	select {
	case s.turns <- struct{}{}:
		return nil
	default:
	}
	patience := time.NewTimer(s.patience)
	defer patience.Stop()
	select {
	case s.turns <- struct{}{}:
		return nil
	case <-patience.C:
		return errBusy
	case <-r.Context().Done():
		return r.Context().Err()
	}
}

// taskView and jobView are what this service shows: little, and stable whatever CVAT does.
type taskView struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Frames int    `json:"frames"`
}

type jobView struct {
	ID       int64           `json:"id"`
	Stage    models.JobStage `json:"stage"`
	State    models.JobState `json:"state"`
	Start    int             `json:"start_frame"`
	Stop     int             `json:"stop_frame"`
	Assignee string          `json:"assignee,omitzero"`
}

func task(w http.ResponseWriter, r *http.Request, client *cvat.Client, id int64) error {
	task, _, err := client.Tasks.Get(r.Context(), id)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, taskView{task.ID, task.Name, task.Size})
}

func jobs(w http.ResponseWriter, r *http.Request, client *cvat.Client, id int64) error {
	// A list of the jobs of a task that the caller may not see is empty: ask for the task, which is refused.
	if _, _, err := client.Tasks.Get(r.Context(), id); err != nil {
		return err
	}
	views := []jobView{}
	for job, err := range client.Jobs.All(r.Context(), &cvat.JobListOptions{TaskID: id}) {
		if err != nil {
			return err
		}
		view := jobView{ID: job.ID, Stage: job.Stage, State: job.State, Start: job.StartFrame, Stop: job.StopFrame}
		if job.Assignee != nil {
			view.Assignee = job.Assignee.Username
		}
		views = append(views, view)
	}
	return reply(w, http.StatusOK, views)
}

// preview passes the picture through as it arrives.
func preview(w http.ResponseWriter, r *http.Request, client *cvat.Client, id int64) error {
	picture, _, err := client.Tasks.Preview(r.Context(), id)
	if err != nil {
		return err
	}
	defer func() { _ = picture.Close() }() // it was only read
	w.Header().Set("Content-Type", picture.Type)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if picture.Size >= 0 {
		w.Header().Set("Content-Length", strconv.FormatInt(picture.Size, 10))
	}
	if _, err := io.Copy(w, picture); err != nil {
		panic(http.ErrAbortHandler) // so that the caller does not take half a picture for a whole one
	}
	return nil
}

func reply(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a caller that left is its own business
	return nil
}
