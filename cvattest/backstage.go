package cvattest

import (
	"bytes"
	"io"
	"net/http"
)

// backstage is a transport that hands requests to a handler in the same goroutine.
type backstage struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (b backstage) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	arrived := r.Clone(r.Context())
	arrived.Host = r.URL.Host
	arrived.RemoteAddr = "127.0.0.1:1"
	if arrived.Body == nil {
		arrived.Body = http.NoBody
	}
	defer arrived.Body.Close()
	w := &answer{header: http.Header{}, status: http.StatusOK}
	b.handler.ServeHTTP(w, arrived)
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

// answer is an http.ResponseWriter in memory.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

func (a *answer) WriteHeader(status int) { a.status = status }
