package cvat_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
)

// endless is a stream that gives 4 KiB at a time, and calls a function at the third.
type endless struct {
	reads int
	third func()
}

func (e *endless) Read(p []byte) (int, error) {
	if e.reads++; e.reads == 3 {
		e.third()
	}
	if e.reads > 1000 {
		return 0, fs.ErrInvalid // it was read on
	}
	return min(len(p), 4<<10), nil
}

// TestSourceIsLeft: what is read before the first byte travels is left when the context ends.
func TestSourceIsLeft(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		_, _, err := client.Server.About(t.Context())
		require.NoError(t, err)
		srv.Forget()
		for name, call := range map[string]func(context.Context, *endless) error{
			"upload of unknown size": func(ctx context.Context, r *endless) error {
				return client.Tasks.Upload(ctx, 7, cvat.Reader("a.png", r, -1), nil)
			},
			"import of unknown size": func(ctx context.Context, r *endless) error {
				return client.Tasks.ImportAnnotations(ctx, 7, importFormat, cvat.Reader("a.zip", r, -1), nil)
			},
			"import in one request": func(ctx context.Context, r *endless) error {
				return client.Tasks.ImportAnnotations(ctx, 7, importFormat, cvat.Reader("a.zip", r, 1<<20), nil)
			},
		} {
			cause := errors.New("the user has left")
			ctx, cancel := context.WithCancelCause(t.Context())
			stream := &endless{third: func() { cancel(cause) }}
			err := call(ctx, stream)
			require.ErrorIs(t, err, context.Canceled, name)
			require.ErrorIs(t, err, cause, name)
			require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown, name)
			assert.Equal(t, 3, stream.reads, name)
		}
		assert.Empty(t, srv.Requests())
	})
}
