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

// cancelledTransfer is what transfers need.
type cancelledTransfer struct {
	task, empty      int64
	archive, picture []byte
	folder           string
}

// TestCancelledTransfersLeaveNothingRunning: a bubble does not end before its last goroutine does.
func TestCancelledTransfersLeaveNothingRunning(t *testing.T) {
	t.Parallel()
	isFrame := func(r *http.Request) bool { return r.URL.Query().Get("type") == "frame" }
	for name, test := range map[string]struct {
		match func(*http.Request) bool
		run   func(ctx context.Context, client *cvat.Client, on cancelledTransfer) error
	}{
		"upload": {isChunk, func(ctx context.Context, client *cvat.Client, on cancelledTransfer) error {
			return client.Tasks.Upload(ctx, on.empty, cvat.Join(cvat.Bytes("a.png", on.picture), cvat.Bytes("b.png", on.picture)), &cvat.UploadOptions{
				ChunkSize: 100, OnProgress: func(cvat.UploadProgress) {},
			})
		}},
		"import": {isChunk, func(ctx context.Context, client *cvat.Client, on cancelledTransfer) error {
			return client.Tasks.ImportAnnotations(ctx, on.task, importFormat, cvat.Bytes("a.zip", on.archive), &cvat.ImportOptions{ChunkSize: 100})
		}},
		"export": {isDownload, func(ctx context.Context, client *cvat.Client, on cancelledTransfer) error {
			_, err := client.Tasks.ExportDatasetToFile(ctx, on.task, exportFormat, filepath.Join(on.folder, "a.zip"), nil)
			return err
		}},
		"frames": {isFrame, func(ctx context.Context, client *cvat.Client, on cancelledTransfer) error {
			_, err := client.Tasks.DownloadFrames(ctx, on.task, on.folder, nil)
			return err
		}},
		"migration": {isChunk, func(ctx context.Context, client *cvat.Client, on cancelledTransfer) error {
			_, err := client.Tasks.Migrate(ctx, on.task, client, &cvat.RestoreOptions{ChunkSize: 100})
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
					on := cancelledTransfer{task: newAnnotatedTask(t, client), empty: newEmptyTask(t, client), picture: big(t, 0, 900), folder: t.TempDir()}
					on.archive = exportOf(t, client.Tasks.ExportAnnotations, on.task)
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					srv.Fail(testserver.Fault{Kind: testserver.Slow, Delay: time.Hour, Match: func(r *http.Request) bool {
						if test.match(r) {
							time.AfterFunc(time.Second, cancel)
						}
						return test.match(r)
					}})
					start := time.Now()
					require.ErrorIs(t, test.run(ctx, client, on), context.Canceled)
					require.Less(t, time.Since(start), time.Hour)
				})
			}
		})
	}
}
