package cvat_test

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
)

// TestCancelledTransfersLeaveNothingRunning: a bubble does not end before its last goroutine does.
func TestCancelledTransfersLeaveNothingRunning(t *testing.T) {
	t.Parallel()
	isFrame := func(r *http.Request) bool { return r.URL.Query().Get("type") == "frame" }
	for name, test := range map[string]struct {
		match func(*http.Request) bool
		run   func(ctx context.Context, t *testing.T, client *cvat.Client, task int64, archive []byte, folder string) error
	}{
		"upload": {isChunk, func(ctx context.Context, t *testing.T, client *cvat.Client, _ int64, _ []byte, _ string) error {
			return client.Tasks.Upload(ctx, newEmptyTask(t, client), cvat.Join(cvat.Bytes("a.png", big(t, 0, 900)), cvat.Bytes("b.png", big(t, 1, 900))), &cvat.UploadOptions{
				ChunkSize: 100, OnProgress: func(cvat.UploadProgress) {},
			})
		}},
		"import": {isChunk, func(ctx context.Context, t *testing.T, client *cvat.Client, task int64, archive []byte, _ string) error {
			return client.Tasks.ImportAnnotations(ctx, task, importFormat, cvat.Bytes("a.zip", archive), &cvat.ImportOptions{ChunkSize: 100})
		}},
		"export": {isDownload, func(ctx context.Context, t *testing.T, client *cvat.Client, task int64, _ []byte, folder string) error {
			_, err := client.Tasks.ExportDatasetToFile(ctx, task, exportFormat, filepath.Join(folder, "a.zip"), nil)
			return err
		}},
		"frames": {isFrame, func(ctx context.Context, t *testing.T, client *cvat.Client, task int64, _ []byte, folder string) error {
			_, err := client.Tasks.DownloadFrames(ctx, task, folder, nil)
			return err
		}},
		"migration": {isChunk, func(ctx context.Context, t *testing.T, client *cvat.Client, task int64, _ []byte, _ string) error {
			_, err := client.Tasks.Migrate(ctx, task, client, &cvat.RestoreOptions{ChunkSize: 100})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, dialect := range []testserver.Dialect{testserver.V2_3, testserver.V2_73} {
				synctest.Test(t, func(t *testing.T) {
					srv := testserver.New(t, testserver.WithBasePath("/base"), testserver.WithDialect(dialect))
					pipe := servePipe(t, srv.Handler().ServeHTTP)
					client := pipe.client(t, cvat.WithBasicAuth("admin", "admin-password"))
					task := newAnnotatedTask(t, client)
					archive := exportOf(t, client.Tasks.ExportAnnotations, task)
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					srv.Fail(testserver.Fault{Kind: testserver.Slow, Delay: time.Hour, Match: func(r *http.Request) bool {
						if test.match(r) {
							time.AfterFunc(time.Second, cancel)
						}
						return test.match(r)
					}})
					start := time.Now()
					require.ErrorIs(t, test.run(ctx, t, client, task, archive, t.TempDir()), context.Canceled)
					require.Less(t, time.Since(start), time.Hour)
				})
			}
		})
	}
}
