package cvat_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// outcome is how a call ends after a failure that passes.
type outcome string

const (
	repeated outcome = "repeated"
	failed   outcome = "error"
	unknown  outcome = "ErrOutcomeUnknown"
)

// The table of the package documentation.
func TestReplayClasses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		failure                           http.HandlerFunc // nil: the connection is refused
		repeatable, refusable, appendOnce outcome
		status                            int
	}{
		"no connection":            {nil, repeated, repeated, failed, 0},
		"429":                      {detail(429), repeated, repeated, failed, 429},
		"429 with Retry-After":     {detail(429, "Retry-After", "1"), repeated, repeated, failed, 429},
		"503 with Retry-After":     {detail(503, "Retry-After", "1"), repeated, repeated, failed, 503},
		"503 with Retry-After 0":   {detail(503, "Retry-After", "0"), repeated, repeated, failed, 503},
		"503":                      {detail(503), repeated, unknown, unknown, 503},
		"503 with bad Retry-After": {detail(503, "Retry-After", "soon"), repeated, unknown, unknown, 503},
		"408":                      {detail(408), repeated, unknown, unknown, 408},
		"502":                      {detail(502), repeated, unknown, unknown, 502},
		"504":                      {detail(504), repeated, unknown, unknown, 504},
		"connection lost":          {hangUp, repeated, unknown, unknown, 0},
		"broken body":              {breakOff(200, `{"id":`), repeated, unknown, unknown, 200},
		"broken error body":        {breakOff(404, `{"detail":`), repeated, unknown, unknown, 404},
		"400":                      {detail(400), failed, failed, failed, 400},
		"403":                      {detail(403), failed, failed, failed, 403},
		"404":                      {detail(404), failed, failed, failed, 404},
		"409":                      {detail(409), failed, failed, failed, 409},
		"500":                      {detail(500), failed, failed, failed, 500},
		"500 with Retry-After":     {detail(500, "Retry-After", "1"), failed, failed, failed, 500},
		"501":                      {detail(501), failed, failed, failed, 501},
		"206":                      {replyJSON(206, `{"id":7}`), failed, unknown, unknown, 206},
	} {
		for op, want := range map[cvat.Operation]outcome{
			opRead: test.repeatable, opPut: test.repeatable, opCreate: test.refusable, opAppend: test.appendOnce,
		} {
			t.Run(name+"/"+op.ID, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					success := replyJSON(http.StatusOK, `{"id":7}`)
					server := servePipe(t, inTurn(test.failure, success))
					if test.failure == nil {
						server = servePipe(t, success)
						server.refuse(1)
					}
					resp, err := do(t.Context(), server.client(t), op)
					if want == repeated {
						require.NoError(t, err)
						assert.Equal(t, 2, resp.Attempts)
						assert.Equal(t, http.StatusOK, resp.StatusCode)
						return
					}
					require.Error(t, err)
					assert.Equal(t, 1, resp.Attempts)
					assert.Equal(t, test.status, resp.StatusCode)
					assert.Equal(t, want == unknown, errors.Is(err, cvat.ErrOutcomeUnknown), "%v", err)
					assert.Equal(t, want == unknown, strings.Contains(err.Error(), "the server may or may not have carried it out"))
					e, answered := errors.AsType[*cvat.Error](err)
					if assert.Equal(t, test.status != 0, answered) && answered {
						assert.Equal(t, test.status, e.StatusCode)
						assert.Equal(t, 1, e.Attempts)
						assert.Equal(t, op, e.Operation)
					}
					require.NotErrorIs(t, err, context.Canceled)
				})
			})
		}
	}
}

func TestAttemptsAreBounded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		policy cvat.RetryPolicy
		call   []cvat.CallOption
		want   int
	}{
		"default":       {cvat.RetryPolicy{}, nil, 4},
		"seven":         {cvat.RetryPolicy{MaxAttempts: 7}, nil, 7},
		"one":           {cvat.RetryPolicy{MaxAttempts: 1}, nil, 1},
		"without retry": {cvat.RetryPolicy{MaxAttempts: 7}, []cvat.CallOption{cvat.WithoutRetry()}, 1},
	} {
		for failure, handler := range map[string]http.HandlerFunc{
			"answer": detail(502), "body": breakOff(200, "{"), "connection": hangUp, "refusal": nil, "asked": detail(429, "Retry-After", "3"),
		} {
			t.Run(name+"/"+failure, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := servePipe(t, handler)
					if handler == nil {
						server.refuse(100)
					}
					resp, err := do(t.Context(), server.client(t, cvat.WithRetryPolicy(test.policy)), opRead, test.call...)
					require.Error(t, err)
					assert.Equal(t, test.want, resp.Attempts)
					if handler == nil {
						assert.Len(t, server.dials(), test.want)
					} else {
						assert.Len(t, server.arrived(), test.want)
					}
					if e, ok := errors.AsType[*cvat.Error](err); ok && failure != "connection" {
						assert.Equal(t, test.want, e.Attempts)
						assert.NotEmpty(t, e.Detail, "the last answer is told, not an empty one")
					}
				})
			})
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	const never = time.Duration(-1)
	at := func(d time.Duration) string { return bubbleStart.Add(d).Format(http.TimeFormat) }
	for name, test := range map[string]struct {
		header string
		policy cvat.RetryPolicy
		wait   time.Duration // never: the call fails at once
		told   time.Duration // what the error says
	}{
		"seconds":              {"7", cvat.RetryPolicy{}, 7 * time.Second, 7 * time.Second},
		"seconds with blanks":  {" 7 ", cvat.RetryPolicy{}, 7 * time.Second, 7 * time.Second},
		"none":                 {"0", cvat.RetryPolicy{}, 0, 0},
		"date":                 {at(90 * time.Second), cvat.RetryPolicy{}, 90 * time.Second, 90 * time.Second},
		"date of other format": {bubbleStart.Add(time.Minute).Format("Monday, 02-Jan-06 15:04:05 GMT"), cvat.RetryPolicy{}, time.Minute, time.Minute},
		"date in the past":     {at(-time.Hour), cvat.RetryPolicy{}, 0, 0},
		"at the cap":           {"120", cvat.RetryPolicy{}, 2 * time.Minute, 2 * time.Minute},
		"beyond the cap":       {"121", cvat.RetryPolicy{}, never, 121 * time.Second},
		"date beyond the cap":  {at(time.Hour), cvat.RetryPolicy{}, never, time.Hour},
		"own cap":              {"3600", cvat.RetryPolicy{MaxRetryAfter: time.Hour}, time.Hour, time.Hour},
		"beyond own cap":       {"2", cvat.RetryPolicy{MaxRetryAfter: time.Second}, never, 2 * time.Second},
		"beyond a Duration":    {"9223372037", cvat.RetryPolicy{}, never, math.MaxInt64},
		"beyond an integer":    {"99999999999999999999", cvat.RetryPolicy{}, never, math.MaxInt64},
	} {
		for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
			t.Run(fmt.Sprint(name, "/", status), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := servePipe(t, inTurn(detail(status, "Retry-After", test.header), replyJSON(http.StatusOK, `{"id":7}`)))
					client := server.client(t, cvat.WithRetryPolicy(test.policy), cvat.WithTimeouts(cvat.Timeouts{}))
					resp, err := do(t.Context(), client, opCreate)
					if test.wait == never {
						e, ok := errors.AsType[*cvat.Error](err)
						require.True(t, ok, "%v", err)
						assert.Equal(t, test.told, e.RetryAfter)
						assert.Equal(t, 1, resp.Attempts)
						assert.Equal(t, bubbleStart, time.Now(), "without waiting")
						assert.Equal(t, fmt.Sprintf("status %d", status), e.Detail)
						return
					}
					require.NoError(t, err)
					gap := server.gaps()[0]
					assert.GreaterOrEqual(t, gap, test.wait)
					assert.LessOrEqual(t, gap, test.wait+500*time.Millisecond, "with some jitter")

					server = servePipe(t, detail(status, "Retry-After", test.header))
					_, err = do(t.Context(), server.client(t), opCreate, cvat.WithoutRetry())
					e, ok := errors.AsType[*cvat.Error](err)
					require.True(t, ok)
					if !strings.Contains(name, "date") {
						assert.Equal(t, test.told, e.RetryAfter)
					}
				})
			})
		}
	}
}

// bubbleStart is when time starts in a synctest bubble.
var bubbleStart = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Local() //nolint:gosmopolitan // time.Now is local too

func TestRetryAfterThatIsNone(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"", "soon", "-5", "1.5", "-99999999999999999999", "2000-01-01"} {
		synctest.Test(t, func(t *testing.T) {
			server := servePipe(t, inTurn(detail(503, "Retry-After", header), replyJSON(200, `{}`)))
			_, err := do(t.Context(), server.client(t), opRead)
			require.NoError(t, err, "waited for as ever")
			_, err = do(t.Context(), servePipe(t, detail(503, "Retry-After", header)).client(t), opCreate)
			require.ErrorIs(t, err, cvat.ErrOutcomeUnknown, "%q promises nothing", header)
		})
	}
}

func TestWaitsGrowAndAreSpread(t *testing.T) {
	t.Parallel()
	const lo, hi = time.Second, 10 * time.Second
	for _, handler := range []http.HandlerFunc{detail(http.StatusBadGateway), hangUp} {
		early, late := map[int]bool{}, map[int]bool{}
		for range 40 {
			synctest.Test(t, func(t *testing.T) {
				server := servePipe(t, handler)
				client := server.client(t, cvat.WithRetryPolicy(cvat.RetryPolicy{MaxAttempts: 8, MinWait: lo, MaxWait: hi}))
				_, err := do(t.Context(), client, opRead)
				require.Error(t, err)
				gaps := server.gaps()
				require.Len(t, gaps, 7)
				for i, gap := range gaps {
					top := min(hi, lo<<(i+1))
					assert.GreaterOrEqual(t, gap, lo, "wait %d", i)
					assert.LessOrEqual(t, gap, top, "wait %d", i)
					if gap < (lo+top)/2 {
						early[i] = true
					} else {
						late[i] = true
					}
				}
			})
		}
		for i := range 7 {
			assert.True(t, early[i] && late[i], "wait %d is spread over its range", i)
		}
	}
}

func TestLongestWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := servePipe(t, inTurn(detail(502), replyJSON(200, `{"id":7}`)))
		client := server.client(t, cvat.WithTimeouts(cvat.Timeouts{}), cvat.WithRetryPolicy(cvat.RetryPolicy{MinWait: math.MaxInt64}))
		_, err := do(t.Context(), client, opRead, cvat.WithTimeout(time.Hour))
		require.ErrorIs(t, err, context.DeadlineExceeded, "no overflow makes it short")
		assert.Equal(t, time.Hour, time.Since(bubbleStart))
	})
}

func TestDefaultWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := servePipe(t, detail(http.StatusBadGateway))
		client := server.client(t, cvat.WithTimeouts(cvat.Timeouts{}), cvat.WithRetryPolicy(cvat.RetryPolicy{MaxAttempts: 20}))
		_, err := do(t.Context(), client, opRead)
		require.Error(t, err)
		longest := time.Duration(0)
		for _, gap := range server.gaps() {
			assert.GreaterOrEqual(t, gap, 500*time.Millisecond)
			assert.LessOrEqual(t, gap, 30*time.Second)
			longest = max(longest, gap)
		}
		assert.Greater(t, longest, 10*time.Second)
	})
}

func TestDeadlineBeforeRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := servePipe(t, detail(429, "Retry-After", "60"))
		resp, err := do(t.Context(), server.client(t), opCreate, cvat.WithTimeout(time.Minute))
		require.ErrorIs(t, err, cvat.ErrRateLimited)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 1, resp.Attempts)
		assert.Equal(t, bubbleStart, time.Now(), "waiting would be in vain")

		resp, err = do(t.Context(), server.client(t), opCreate, cvat.WithTimeout(time.Minute+2*time.Second))
		require.Error(t, err)
		assert.Equal(t, 2, resp.Attempts)
	})
}

func TestCancelWhileWaiting(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]http.HandlerFunc{
		"Retry-After": detail(503, "Retry-After", "100", "X-Request-Id", "r-9"), "backoff": detail(503, "X-Request-Id", "r-9"),
	} {
		for _, op := range []cvat.Operation{opRead, opCreate} {
			if op == opCreate && name == "backoff" {
				continue // not repeated
			}
			t.Run(name+"/"+op.ID, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := servePipe(t, failure)
					client := server.client(t, cvat.WithRetryPolicy(cvat.RetryPolicy{MinWait: 20 * time.Second}))
					cause := errors.New("the user left")
					ctx, cancel := context.WithCancelCause(t.Context())
					time.AfterFunc(10*time.Second, func() { cancel(cause) })
					resp, err := do(ctx, client, op)
					assert.Equal(t, 10*time.Second, time.Since(bubbleStart), "at once")
					require.ErrorIs(t, err, context.Canceled)
					require.ErrorIs(t, err, cause)
					require.ErrorIs(t, err, cvat.ErrServer)
					require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown)
					e, ok := errors.AsType[*cvat.Error](err)
					require.True(t, ok)
					assert.Equal(t, 503, e.StatusCode)
					assert.Equal(t, "status 503", e.Detail)
					assert.Equal(t, "r-9", e.RequestID)
					require.ErrorContains(t, err, "the user left; before that: ")
					require.ErrorContains(t, err, "status 503")
					assert.Equal(t, 1, resp.Attempts)
				})
			})
		}
	}
}

func TestCancelInFlight(t *testing.T) {
	t.Parallel()
	for _, op := range []cvat.Operation{opRead, opPut, opDelete, opCreate, opAppend} {
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := servePipe(t, inTurn(detail(429), after(time.Hour, replyJSON(200, `{}`))))
				cause := errors.New("the user left")
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(10*time.Second, func() { cancel(cause) })
				if op == opAppend {
					_, err := do(ctx, server.client(t), op)
					require.ErrorIs(t, err, cvat.ErrRateLimited)
				}
				resp, err := do(ctx, server.client(t), op)
				assert.Equal(t, 10*time.Second, time.Since(bubbleStart), "at once")
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, cause)
				assert.Equal(t, op == opCreate || op == opAppend, errors.Is(err, cvat.ErrOutcomeUnknown))
				if op != opAppend {
					assert.Equal(t, 2, resp.Attempts)
					require.ErrorIs(t, err, cvat.ErrRateLimited, "the last answer")
					require.ErrorContains(t, err, "(attempt 2)")
				}
				assert.Zero(t, resp.StatusCode)
			})
		})
	}
}

func TestCancelBefore(t *testing.T) {
	t.Parallel()
	server := servePipe(t, serveAnything)
	cause := errors.New("the user left")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	for name, send := range sends {
		err := send(ctx, server.client(t))
		require.ErrorIs(t, err, context.Canceled, name)
		require.ErrorIs(t, err, cause, name)
		require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown, name)
	}
	assert.Empty(t, server.dials())
}

func TestCancelWhileTheBodyArrives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := servePipe(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"id":`)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		_, err := do(t.Context(), server.client(t), opRead, cvat.WithTimeout(time.Second))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Len(t, server.arrived(), 1)
		assert.Equal(t, time.Second, time.Since(bubbleStart))
	})
}

func TestTransportErrors(t *testing.T) {
	t.Parallel()
	untrusted := &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
	for name, test := range map[string]struct {
		err      error
		attempts int // of a creation
		unknown  bool
	}{
		"dial":        {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, 4, false},
		"proxy":       {&net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}, 4, false},
		"reset":       {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, 1, true},
		"certificate": {untrusted, 1, false},
		"other":       {errors.New("out of order"), 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				transport := roundTrip(func(*http.Request) (*http.Response, error) { calls++; return nil, test.err })
				client, err := cvat.NewClient(pipeURL, cvat.WithHTTPClient(&http.Client{Transport: transport}))
				require.NoError(t, err)
				_, _, err = client.Tasks.Create(t.Context(), models.TaskCreate{Name: "x"}, cvat.ForOrganization("query"))
				require.ErrorIs(t, err, test.err)
				assert.Equal(t, test.unknown, errors.Is(err, cvat.ErrOutcomeUnknown), "%v", err)
				require.ErrorContains(t, err, "tasks_create (POST /api/tasks): "+test.err.Error())
				assert.NotContains(t, err.Error(), "query")
				assert.NotContains(t, err.Error(), "cvat.test")
				assert.Equal(t, test.attempts, calls)

				calls = 0
				_, err = do(t.Context(), client, opRead)
				require.ErrorIs(t, err, test.err)
				if name == "certificate" {
					assert.Equal(t, 1, calls, "it will not be trusted the next time")
				} else {
					assert.Equal(t, 4, calls)
				}
			})
		})
	}
}

func TestRepeatedDeletion(t *testing.T) {
	t.Parallel()
	lost := map[string]http.HandlerFunc{
		"hang up": hangUp, "502": detail(502), "503": detail(503), "504": detail(504), "408": detail(408), "broken body": breakOff(204+1, "x"),
	}
	for name, first := range lost {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := servePipe(t, inTurn(first, detail(404)))
				resp, err := server.client(t).Tasks.Delete(t.Context(), 7)
				require.NoError(t, err, "the first attempt has deleted it")
				assert.Equal(t, 404, resp.StatusCode)
				assert.Equal(t, 2, resp.Attempts)

				_, err = do(t.Context(), servePipe(t, inTurn(first, detail(404))).client(t), opDelete)
				require.NoError(t, err)
				_, err = do(t.Context(), servePipe(t, inTurn(first, detail(404))).client(t), opRead)
				require.ErrorIs(t, err, cvat.ErrNotFound, "of a read it is none")
				_, err = do(t.Context(), servePipe(t, inTurn(first, detail(403))).client(t), opDelete)
				require.ErrorIs(t, err, cvat.ErrForbidden)
			})
		})
	}
	for name, handler := range map[string]http.HandlerFunc{
		"at once": detail(404), "after 429": inTurn(detail(429), detail(404)), "after a 503 that promises": inTurn(detail(503, "Retry-After", "1"), detail(404)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, err := servePipe(t, handler).client(t).Tasks.Delete(t.Context(), 7)
				require.ErrorIs(t, err, cvat.ErrNotFound, "nothing has been deleted")
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		server := servePipe(t, detail(404))
		server.refuse(1)
		_, err := server.client(t).Tasks.Delete(t.Context(), 7)
		require.ErrorIs(t, err, cvat.ErrNotFound, "no connection, nothing deleted")
	})
}

func TestBodyIsTheSameAtEveryAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := servePipe(t, inTurn(hangUp, detail(502), breakOff(200, "{"), replyJSON(200, `{}`)))
		body := models.LabeledData{Shapes: make([]models.LabeledShape, 500)}
		resp, _, err := server.client(t).Jobs.ReplaceAnnotations(t.Context(), 7, body)
		require.NoError(t, err)
		assert.NotNil(t, resp)
		requests := server.arrived()
		require.Len(t, requests, 4)
		require.Greater(t, len(requests[0].Body), 20_000)
		for _, r := range requests[1:] {
			assert.True(t, bytes.Equal(requests[0].Body, r.Body))
			assert.Equal(t, int64(len(r.Body)), r.ContentLength)
			assert.Empty(t, r.TransferEncoding)
		}
	})
}

func TestRedirectsElsewhereAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, location := range []string{
			"http://evil.test{path}", "https://cvat.test{path}", "http://cvat.test:8080{path}", "http://sub.cvat.test{path}",
			"http://cvat.test.evil.test/", "//evil.test/x", "http://cvat.test@evil.test/x", `http:\\evil.test/x`,
		} {
			for _, op := range []cvat.Operation{opRead, opPut, opDelete, opCreate, opAppend} {
				t.Run(fmt.Sprint(status, location, op.ID), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						server := servePipe(t, redirect(status, location))
						resp, err := do(t.Context(), server.client(t, cvat.WithToken("hunter2")), op, cvat.ForOrganization("query"))
						require.Error(t, err)
						assert.Equal(t, []string{"cvat.test:80"}, server.dials(), "credentials go nowhere else")
						assert.Len(t, server.arrived(), 1)
						if strings.Contains(location, `\`) {
							return // no URL at all
						}
						assert.Equal(t, 1, resp.Attempts)
						assert.Equal(t, status, resp.StatusCode)
						require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown)
						e, ok := errors.AsType[*cvat.Error](err)
						require.True(t, ok)
						assert.Equal(t, status, e.StatusCode)
						assert.Contains(t, e.Detail, "redirected to http")
						assert.Contains(t, e.Hint, "use it as base URL")
						assert.NotContains(t, err.Error(), "query")
					})
				})
			}
		}
	}
}

func TestRedirectsWithinTheOrigin(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, location := range []string{"/elsewhere", "http://cvat.test/elsewhere"} {
			t.Run(fmt.Sprint(status, location), func(t *testing.T) {
				t.Parallel()
				server := servePipe(t, inTurn(redirect(status, location), replyJSON(200, `{"id":7}`)))
				client := server.client(t, cvat.WithToken("key"))
				user, resp, err := client.Users.Self(t.Context(), cvat.WithHeader("X-Gateway", "g"))
				require.NoError(t, err)
				assert.Equal(t, int64(7), user.ID)
				assert.Equal(t, 1, resp.Attempts)
				r := server.arrived()[1]
				assert.Equal(t, "/elsewhere", r.URL.Path)
				assert.Equal(t, "Token key", r.Header.Get("Authorization"))
				assert.Equal(t, "g", r.Header.Get("X-Gateway"))
				assert.Contains(t, r.Header.Get("Accept"), "*/*")

				for _, op := range []cvat.Operation{opPut, opDelete, opCreate, opAppend} {
					server := servePipe(t, inTurn(redirect(status, location), replyJSON(200, `{"id":7}`)))
					_, err := do(t.Context(), server.client(t), op)
					e, ok := errors.AsType[*cvat.Error](err)
					require.True(t, ok, "%s would become a GET, and look like success", op.Method)
					assert.Equal(t, status, e.StatusCode)
					assert.Empty(t, e.Hint)
					require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown)
					assert.Len(t, server.arrived(), 1)
				}
			})
		}
	}
}

func TestRedirectLoop(t *testing.T) {
	t.Parallel()
	server := servePipe(t, redirect(http.StatusFound, "{path}"))
	_, _, err := server.client(t).Users.Self(t.Context())
	e, ok := errors.AsType[*cvat.Error](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, http.StatusFound, e.StatusCode)
	assert.Len(t, server.arrived(), 5)
}

func TestRedirectNowhere(t *testing.T) {
	t.Parallel()
	server := servePipe(t, reply(http.StatusFound, "text/plain", "over there"))
	_, _, err := server.client(t).Users.Self(t.Context())
	e, ok := errors.AsType[*cvat.Error](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, "over there", e.Detail)
}

func TestOperationsCannotLeaveTheOrigin(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"@evil.test/x", ".evil.test/x", ":8080/x"} {
		for _, base := range []string{"http://cvat.test", "http://cvat.test/base"} {
			server := servePipe(t, serveAnything)
			client, err := cvat.NewClient(base, cvat.WithHTTPClient(&http.Client{Transport: server.transport}), cvat.WithToken("hunter2"))
			require.NoError(t, err)
			_, err = client.Do(t.Context(), cvat.Operation{ID: "x", Method: http.MethodGet, Path: path, Replay: cvat.Repeatable}, cvat.Args{}, nil, nil)
			for _, dialled := range server.dials() {
				assert.Equal(t, "cvat.test:80", dialled, path)
			}
			if base == "http://cvat.test" {
				require.Error(t, err, path)
			}
		}
	}
}

func TestUnreadableAnswers(t *testing.T) {
	t.Parallel()
	const page = "\n<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>Computer Vision Annotation Tool</title>\n</head><body></body></html>\n"
	short := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", cvatJSON)
		w.Header().Set("Content-Length", "6")
		_, _ = io.WriteString(w, `{"id":7}`[:6])
	}
	for name, test := range map[string]struct {
		answer       http.HandlerFunc
		detail, hint string
	}{
		"HTML":           {reply(200, "text/html; charset=utf-8", page), `an HTML page titled "Computer Vision Annotation Tool"`, "is the base URL the root of a CVAT server?"},
		"truncated":      {replyJSON(200, `{"id":7,"na`), "unexpected end of JSON input", ""},
		"wrong length":   {short, "unexpected end of JSON input", ""},
		"empty":          {replyJSON(200, ""), "unexpected end of JSON input", ""},
		"other shape":    {replyJSON(200, `["x"]`), "cannot unmarshal array", ""},
		"other type":     {replyJSON(200, `{"id":"x"}`), "cannot unmarshal string", ""},
		"text":           {reply(200, "text/plain", "ok"), "invalid character 'o'", ""},
		"more than once": {replyJSON(200, `{"id":7}{"id":8}`), "after top-level value", ""},
		"null":           {replyJSON(200, `null`), "null", ""},
	} {
		for _, op := range []cvat.Operation{opRead, opCreate, opAppend} {
			t.Run(name+"/"+op.ID, func(t *testing.T) {
				t.Parallel()
				server := servePipe(t, test.answer)
				resp, err := do(t.Context(), server.client(t), op)
				e, ok := errors.AsType[*cvat.Error](err)
				require.True(t, ok, "%v", err)
				assert.Equal(t, 200, e.StatusCode)
				assert.Contains(t, e.Detail, test.detail)
				assert.Contains(t, e.Hint, test.hint)
				assert.Equal(t, op, e.Operation)
				assert.Nil(t, e.Fields)
				assert.Equal(t, 200, resp.StatusCode)
				assert.Equal(t, op != opRead, errors.Is(err, cvat.ErrOutcomeUnknown))
				server.only(t)
			})
		}
	}
}

func TestBrokenBodyIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := servePipe(t, breakOff(200, `{"id":7`))
		resp, err := do(t.Context(), server.client(t), opRead)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		e, ok := errors.AsType[*cvat.Error](err)
		require.True(t, ok)
		assert.Contains(t, e.Detail, "the answer broke off after 7 bytes")
		assert.Equal(t, 4, e.Attempts)
		assert.Equal(t, 200, resp.StatusCode)
		assert.Equal(t, []string{cvatJSON}, resp.Header.Values("Content-Type"))
	})
}

func TestBrokenContent(t *testing.T) {
	t.Parallel()
	server := servePipe(t, breakOff(200, "beginning of a picture"))
	content, _, err := server.client(t).Tasks.Frame(t.Context(), 7, 0, nil)
	require.NoError(t, err)
	data, err := io.ReadAll(content)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Equal(t, "beginning of a picture", string(data))
	require.NoError(t, content.Close())
}

func TestPageInPlaceOfAFile(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 201} {
		server := servePipe(t, reply(status, htmlUTF8, crashPage))
		content, resp, err := server.client(t).Tasks.Frame(t.Context(), 7, 0, nil)
		assert.Nil(t, content)
		assert.Equal(t, status, resp.StatusCode)
		e, ok := errors.AsType[*cvat.Error](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, `an HTML page titled "Server Error (500)"`, e.Detail)
		assert.Contains(t, e.Hint, "not a file")
		require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown)
		server.only(t)
	}
}

func TestAnswerWithoutContent(t *testing.T) {
	t.Parallel()
	server := servePipe(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	client := server.client(t)
	resp, err := do(t.Context(), client, opRead)
	require.NoError(t, err, "Do takes what the server gives")
	assert.Equal(t, http.StatusNoContent, resp.StatusCode)
	_, _, err = client.Tasks.Get(t.Context(), 7)
	require.Error(t, err, "a task of zeros is no answer")
	_, _, err = client.Tasks.List(t.Context(), nil)
	require.Error(t, err)
	_, err = servePipe(t, replyJSON(200, "{}")).client(t).Tasks.Delete(t.Context(), 7)
	require.Error(t, err, "no server confirms a deletion so")
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "0", "7", "-1", "1e3", "99999999999999999999", "Sat, 01 Jan 2000 00:01:30 GMT", "soon", "Saturday, 01-Jan-00 00:01:30 GMT"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if strings.ContainsFunc(header, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Skip("no header")
		}
		synctest.Test(t, func(t *testing.T) {
			server := servePipe(t, inTurn(detail(429, "Retry-After", header), replyJSON(200, `{}`)))
			resp, err := do(t.Context(), server.client(t, cvat.WithTimeouts(cvat.Timeouts{})), opRead)
			passed := time.Since(bubbleStart)
			if err == nil {
				assert.Equal(t, 2, resp.Attempts)
				assert.LessOrEqual(t, passed, 2*time.Minute+time.Second)
				return
			}
			e, ok := errors.AsType[*cvat.Error](err)
			require.True(t, ok)
			assert.Greater(t, e.RetryAfter, 2*time.Minute, "only a wait beyond the cap is refused")
			assert.Zero(t, passed)
		})
	})
}
