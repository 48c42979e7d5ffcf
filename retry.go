package cvat

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// RetryPolicy says how hard to try; which calls may be repeated at all is settled by their [Replay] class. A field
// that is zero keeps its default.
type RetryPolicy struct {
	// MaxAttempts is how many times a call is sent at most, the first time included. Default 4; 1 repeats nothing. Fresh
	// credentials after a 401 ([WithCredentials]) send it once more in any case.
	MaxAttempts int
	// MinWait and MaxWait bound the wait before a repetition, which grows exponentially and is spread at random.
	// Defaults 500 ms and 30 s.
	MinWait, MaxWait time.Duration
	// MaxRetryAfter is the longest Retry-After that is waited for; a server that asks for more gets no repetition and
	// the caller gets the answer. Default 2 minutes.
	MaxRetryAfter time.Duration
}

func (p RetryPolicy) withDefaults() (RetryPolicy, error) {
	if p.MaxAttempts < 0 || p.MinWait < 0 || p.MaxWait < 0 || p.MaxRetryAfter < 0 {
		return p, &ArgumentError{Field: "RetryPolicy", Reason: "has a negative field"}
	}
	if p.MaxAttempts == 0 {
		p.MaxAttempts = 4
	}
	if p.MinWait == 0 {
		p.MinWait = 500 * time.Millisecond
	}
	if p.MaxWait == 0 {
		p.MaxWait = max(30*time.Second, p.MinWait)
	}
	if p.MaxRetryAfter == 0 {
		p.MaxRetryAfter = 2 * time.Minute
	}
	if p.MaxWait < p.MinWait {
		return p, &ArgumentError{Field: "RetryPolicy.MaxWait", Reason: "is shorter than MinWait"}
	}
	return p, nil
}

// exchange follows one call through its attempts. It travels in the request's context, because go-retryablehttp shows
// its policy neither the request nor, after a transport error, an answer.
type exchange struct {
	op        Operation
	policy    RetryPolicy
	stream    bool // the caller reads the body
	bulk      bool // it goes over the transport of transfers
	attempts  int
	uncertain bool   // an attempt without a definite answer may have reached the server
	last      *Error // the last answer that led to a repetition
}

type exchangeKey struct{}

func exchangeFrom(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// pooled hides CloseIdleConnections: go-retryablehttp calls it after every failure and cancellation, which would
// empty the pool that other goroutines use.
type pooled struct{ next http.RoundTripper }

func (p pooled) RoundTrip(r *http.Request) (*http.Response, error) { return p.next.RoundTrip(r) }

// retrier is the loop that repeats attempts.
type retrier = retryablehttp.Client

func newRetrying(client http.Client, policy RetryPolicy) *retrier {
	client.Transport = pooled{client.Transport}
	return &retrier{
		HTTPClient:   &client,
		RetryMax:     policy.MaxAttempts - 1,
		RetryWaitMin: policy.MinWait,
		RetryWaitMax: policy.MaxWait,
		CheckRetry:   checkRetry,
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
		RequestLogHook: func(_ retryablehttp.Logger, r *http.Request, _ int) {
			exchangeFrom(r.Context()).attempts++
		},
	}
}

// checkRetry decides on one attempt. It never returns an error of its own: go-retryablehttp would then hand back the
// answer and the error together, and the body would leak.
func checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	x := exchangeFrom(ctx)
	if err != nil {
		again := x.repeatsAfter(err)
		x.uncertain = x.uncertain || !neverSent(err) && !halfSent(err)
		return again && x.mayRepeat(ctx, 0), nil
	}
	after, given := retryAfter(resp.Header, time.Now())
	again, definite := x.repeatsStatus(resp.StatusCode, given)
	x.uncertain = x.uncertain || !definite
	if !again || after > x.policy.MaxRetryAfter || !x.mayRepeat(ctx, after) {
		return false, nil
	}
	x.last = x.newError(resp)
	return true, nil
}

// mayRepeat reports whether there is an attempt left and time to wait for it.
func (x *exchange) mayRepeat(ctx context.Context, wait time.Duration) bool {
	if ctx.Err() != nil || x.attempts >= x.policy.MaxAttempts {
		return false
	}
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > wait
}

// repeatsAfter decides on a transport error.
func (x *exchange) repeatsAfter(err error) bool {
	if _, untrusted := errors.AsType[*tls.CertificateVerificationError](err); untrusted || errors.Is(err, errForeignOrigin) {
		return false
	}
	if halfSent(err) {
		return false // it would break again
	}
	switch x.op.Replay {
	case Repeatable:
		return true
	case Refusable:
		return neverSent(err)
	case NeverRepeated:
	}
	return false
}

// repeatsStatus decides on a status, and says whether the status tells for certain what the server did.
func (x *exchange) repeatsStatus(status int, retryAfterGiven bool) (again, definite bool) {
	switch status {
	case http.StatusTooManyRequests:
		return x.op.Replay != NeverRepeated, true
	case http.StatusServiceUnavailable:
		if retryAfterGiven {
			return x.op.Replay != NeverRepeated, true
		}
		return x.op.Replay == Repeatable, false
	case http.StatusBadGateway, http.StatusGatewayTimeout, http.StatusRequestTimeout:
		return x.op.Replay == Repeatable, false
	}
	return false, true
}

// halfSent reports whether the body of a request broke off at its source: no server acts on a request that is shorter than
// it has announced.
func halfSent(err error) bool {
	_, broken := errors.AsType[*sourceError](err)
	return broken
}

// neverSent reports whether a transport error means that no connection was made.
func neverSent(err error) bool {
	if errors.Is(err, errForeignOrigin) {
		return true
	}
	if _, untrusted := errors.AsType[*tls.CertificateVerificationError](err); untrusted {
		return true
	}
	network, ok := errors.AsType[*net.OpError](err)
	return ok && (network.Op == "dial" || network.Op == "proxyconnect")
}

// backoff waits what the server asked for, plus some jitter, or else a random time between lo and a bound that grows
// exponentially up to hi.
func backoff(lo, hi time.Duration, n int, resp *http.Response) time.Duration {
	if resp != nil {
		if asked, ok := retryAfter(resp.Header, time.Now()); ok {
			return asked + rand.N(lo+1)
		}
	}
	top := hi
	if lo <= hi>>(n+1) {
		top = lo << (n + 1)
	}
	return lo + rand.N(top-lo+1)
}

// retryAfter reads a Retry-After header in either form. A wait too long for a Duration is the longest Duration.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value == "" {
		return 0, false
	}
	// A number out of range is returned as the largest, or smallest, there is.
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		switch {
		case seconds < 0:
			return 0, false
		case seconds > math.MaxInt64/int64(time.Second):
			return math.MaxInt64, true
		}
		return time.Duration(seconds) * time.Second, true
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now)), true
	}
	return 0, false
}

// newError reads the bounded beginning of an answer's body and makes an Error of it. It does not close the body.
func (x *exchange) newError(resp *http.Response) *Error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // what could be read is what can be shown
	e := &Error{
		Operation:  x.op,
		StatusCode: resp.StatusCode,
		RequestID:  resp.Header.Get("X-Request-Id"),
		Attempts:   x.attempts,
	}
	e.RetryAfter, _ = retryAfter(resp.Header, time.Now())
	e.describe(resp.Header, body)
	return e
}
