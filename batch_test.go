package cvat_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
)

// TestBatch runs a limited number of things at once, and tells of each as soon as it is done.
func TestBatch(t *testing.T) {
	t.Parallel()
	for parallel, want := range map[int]time.Duration{0: 3 * time.Second, 1: 10 * time.Second, 3: 4 * time.Second, 100: time.Second} {
		synctest.Test(t, func(t *testing.T) {
			items := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
			odd := errors.New("odd")
			var running, most atomic.Int32
			start := time.Now()
			seen := map[int]bool{}
			for result := range cvat.Batch(t.Context(), parallel, items, func(_ context.Context, n int) (int, error) {
				now := running.Add(1)
				most.Store(max(most.Load(), now))
				defer running.Add(-1)
				time.Sleep(time.Second)
				if n%2 == 1 {
					return 0, odd
				}
				return n * n, nil
			}) {
				assert.Equal(t, result.Item, items[result.Index])
				assert.False(t, seen[result.Item])
				seen[result.Item] = true
				if result.Item%2 == 1 {
					require.ErrorIs(t, result.Err, odd)
					continue
				}
				require.NoError(t, result.Err)
				assert.Equal(t, result.Item*result.Item, result.Value)
			}
			assert.Len(t, seen, len(items), "one result for each")
			assert.Equal(t, want, time.Since(start))
			assert.LessOrEqual(t, int(most.Load()), len(items))
		})
	}
	for range cvat.Batch(t.Context(), 2, nil, func(context.Context, int) (int, error) { return 0, nil }) {
		assert.Fail(t, "there are no items")
	}
}

// TestBatchIsLeft cancels what is under way, waits for it, and begins nothing more.
func TestBatchIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var begun, ended atomic.Int32
		for result := range cvat.Batch(t.Context(), 3, make([]int, 100), func(ctx context.Context, _ int) (int, error) {
			if begun.Add(1) == 1 {
				return 1, nil
			}
			<-ctx.Done()
			time.Sleep(time.Second)
			ended.Add(1)
			return 0, ctx.Err()
		}) {
			assert.Equal(t, 1, result.Value)
			break
		}
		assert.Equal(t, begun.Load()-1, ended.Load(), "none is left running")
		assert.LessOrEqual(t, begun.Load(), int32(4))
	})
}

// TestBatchIsCancelled: every item has a result all the same.
func TestBatchIsCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("the user has left")
		ctx, cancel := context.WithCancelCause(t.Context())
		begun, failed := 0, 0
		for result := range cvat.Batch(ctx, 1, make([]int, 10), func(ctx context.Context, _ int) (int, error) {
			if begun++; begun == 3 {
				cancel(cause)
			}
			return 0, context.Cause(ctx)
		}) {
			if result.Err != nil {
				require.ErrorIs(t, result.Err, cause)
				failed++
			}
		}
		assert.Equal(t, 3, begun)
		assert.Equal(t, 8, failed)
	})
}

// TestBatchOfExports: one that fails does not keep the others from their archives.
func TestBatchOfExports(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		var ids []int64
		for range 6 {
			ids = append(ids, newAnnotatedTask(t, client))
		}
		_, download := exports(srv.Dialect())
		srv.Fail(testserver.Fault{Operation: download, Match: isDownload, Skip: 2, Times: 1, Status: http.StatusForbidden})
		folder := t.TempDir()
		failed := 0
		for result := range cvat.Batch(t.Context(), 3, ids, func(ctx context.Context, id int64) (*cvat.ExportedFile, error) {
			return client.Tasks.ExportDatasetToFile(ctx, id, exportFormat, folder+"/"+string(rune('a'+id))+".zip", toFile)
		}) {
			if result.Err != nil {
				require.ErrorIs(t, result.Err, cvat.ErrForbidden)
				failed++
				continue
			}
			checkDataset(t, result.Value.Path)
		}
		assert.Equal(t, 1, failed)
		assert.Len(t, filesIn(t, folder), 5)
	})
}

// TestExportToWriterThatFails tells how much the writer got.
func TestExportToWriterThatFails(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newAnnotatedTask(t, client)
		_, download := exports(srv.Dialect())
		srv.Fail(testserver.Fault{Kind: testserver.ShortLength, Operation: download, Match: isDownload, Times: 1})
		var incomplete *cvat.IncompleteError
		_, err := client.Tasks.ExportDataset(t.Context(), id, exportFormat, io.Discard, toFile)
		require.ErrorAs(t, err, &incomplete, "HTTP takes it for the whole")
		assert.Positive(t, incomplete.Written)
		full := errors.New("disk full")
		_, err = client.Tasks.ExportDataset(t.Context(), id, exportFormat, writerFunc(func(p []byte) (int, error) { return len(p) / 2, full }), toFile)
		require.ErrorAs(t, err, &incomplete)
		require.ErrorIs(t, err, full)
		assert.Positive(t, incomplete.Written)
	})
}
