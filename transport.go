package cvat

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// errForeignOrigin: a request was about to leave the client's own origin.
var errForeignOrigin = errors.New("cvat: refusing to send a request to another origin than the base URL's")

// newTransport returns the transport of a client that brings none. It keeps as many idle connections to the one host
// it talks to as read-ahead and parallel transfers use.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          64,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       30 * time.Second, // shorter than most servers': a call on a connection just closed has no certain outcome
		TLSHandshakeTimeout:   15 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// roundTripper is a function that is an http.RoundTripper.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Host, b.Host)
}

// keepOrigin refuses every request, redirected ones too, that would carry the caller's credentials elsewhere.
func keepOrigin(base *url.URL, next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if !sameOrigin(base, r.URL) {
			return nil, errForeignOrigin
		}
		return next.RoundTrip(r)
	})
}

// followRedirect lets reads follow redirects within the origin. Everything else becomes the answer itself: net/http
// would turn a redirected POST into a GET.
func followRedirect(r *http.Request, via []*http.Request) error {
	first := via[0]
	if first.Method != http.MethodGet || !sameOrigin(first.URL, r.URL) || len(via) >= 5 {
		return http.ErrUseLastResponse
	}
	return nil
}

// logged writes one record for each attempt. Query strings, headers and bodies never reach the log.
func logged(logger *slog.Logger, next http.RoundTripper) http.RoundTripper {
	if logger == nil {
		return next
	}
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		start := time.Now()
		resp, err := next.RoundTrip(r)
		x := exchangeFrom(r.Context())
		attrs := []slog.Attr{
			slog.String("operation", x.op.ID),
			slog.String("method", x.op.Method),
			slog.String("path", x.op.Path),
			slog.Int("attempt", x.attempts),
			slog.Duration("duration", time.Since(start)),
		}
		if err != nil {
			attrs = append(attrs, slog.String("error", withoutURL(err).Error()))
		} else {
			attrs = append(attrs, slog.Int("status", resp.StatusCode), slog.String("request_id", resp.Header.Get("X-Request-Id")))
		}
		logger.LogAttrs(r.Context(), slog.LevelDebug, "cvat call", attrs...)
		return resp, err
	})
}

// cutError is an answer whose body broke off.
type cutError struct {
	resp *http.Response
	read int64
	err  error
}

func (e *cutError) Error() string {
	return fmt.Sprintf("the answer broke off after %d bytes: %v", e.read, e.err)
}

func (e *cutError) Unwrap() error { return e.err }

// stream is the body of an answer that the caller reads. Transports tell of a context that ended either its error or its
// cause; reading tells both, as calls do.
type stream struct {
	io.ReadCloser

	interrupted func() error // nil while the context lasts
}

func (s stream) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = cmp.Or(s.interrupted(), err)
	}
	return n, err
}

// whole reads the bodies of answers that are no streams within the attempt, so that one that breaks off counts as a
// failed attempt like any other.
func whole(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err != nil {
			return resp, err
		}
		if ctx := r.Context(); exchangeFrom(ctx).stream {
			resp.Body = stream{resp.Body, func() error { return interrupted(ctx, "stopped reading") }}
			return resp, nil
		}
		defer resp.Body.Close()
		var buf bytes.Buffer
		if resp.ContentLength > 0 {
			buf.Grow(int(min(resp.ContentLength, maxPreallocated)) + bytes.MinRead)
		}
		if n, err := buf.ReadFrom(resp.Body); err != nil {
			return nil, &cutError{resp: resp, read: n, err: err}
		}
		resp.Body = io.NopCloser(&buf)
		return resp, nil
	})
}

// maxPreallocated bounds what a Content-Length alone makes us allocate.
const maxPreallocated = 64 << 20

// withoutURL drops the URL, and with it the query string, from a transport error.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
