package cvat_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
)

// eighth is a size of chunks of which an archive needs eight.
func eighth(archive []byte) int64 { return int64(len(archive)+7) / 8 }

// TestImportUploadLost: the last chunk never arrives, and the server forgets the rest: the call that uses the archive tells.
func TestImportUploadLost(t *testing.T) {
	t.Parallel()
	eachImport(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, a *importCase) {
		t.Helper()
		before, last := a.count(t), strconv.FormatInt(7*eighth(a.good), 10)
		lost, err := client.With(cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			var once sync.Once
			return transport(func(r *http.Request) (resp *http.Response, err error) {
				if isChunk(r) && r.Header.Get("Upload-Offset") == last {
					once.Do(func() {
						srv.ForgetUploads()
						_ = r.Body.Close()
						err = errors.New("connection cut")
					})
				}
				if err != nil {
					return nil, err
				}
				return next.RoundTrip(r)
			})
		}))
		require.NoError(t, err)
		if err := a.run(t.Context(), lost, a.good, eighth(a.good)); err != nil {
			require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown, "the server has refused")
			assert.Equal(t, before, a.count(t))
		} else {
			assert.Equal(t, before+a.delta, a.count(t))
		}
		assert.Equal(t, 1, started(srv), "never a second start")
	})
}

// TestImportCancelledUnderEachRequest ends the context under each request in turn, before and after the server acts. Whatever it
// says, nothing is imported twice, and what is not unknown has not begun.
func TestImportCancelledUnderEachRequest(t *testing.T) {
	t.Parallel()
	for name, chunked := range map[string]bool{"in one request": false, "in chunks": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachImport(t, func(t *testing.T, srv *testserver.Server, _ *cvat.Client, a *importCase) {
				t.Helper()
				cause, chunk := errors.New("the user has left"), int64(0)
				if chunked {
					chunk = int64(len(a.good)+1) / 2
				}
				attempt := func(nth int, acts bool) error {
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					n := 0
					fresh := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"), cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
						return transport(func(r *http.Request) (*http.Response, error) {
							if n++; n != nth {
								return next.RoundTrip(r)
							}
							if acts {
								if resp, err := next.RoundTrip(r); err == nil {
									_ = resp.Body.Close()
								}
							}
							cancel(cause)
							return nil, context.Canceled
						})
					}))
					return a.run(ctx, fresh, a.good, chunk)
				}
				for _, acts := range []bool{false, true} {
					for nth := 1; ; nth++ {
						srv.Forget()
						err := attempt(nth, acts)
						if err == nil {
							require.Greater(t, nth, 3)
							break
						}
						if errors.Is(err, cvat.ErrConflict) {
							nth-- // the one before goes on: again
							continue
						}
						require.ErrorIs(t, err, context.Canceled, "request %d", nth)
						require.ErrorIs(t, err, cause)
						assert.LessOrEqual(t, started(srv), 1)
						if !errors.Is(err, cvat.ErrOutcomeUnknown) && started(srv) > 0 {
							assert.Contains(t, a.starts, "backup", "request %d: the restored object was only to be read", nth)
						}
					}
				}
			})
		})
	}
}
