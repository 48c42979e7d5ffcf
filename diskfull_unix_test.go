//go:build unix

package cvat_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// fullDisk makes this test binary a process that may write no more than 64 KiB into a file.
const fullDisk = "CVAT_TEST_FULL_DISK"

// TestFullDisk: what does not fit is an error of the file, nothing is left, and the server is not asked again.
func TestFullDisk(t *testing.T) {
	if os.Getenv(fullDisk) == "" {
		t.Parallel()
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
		child.Env = append(os.Environ(), fullDisk+"=1")
		out, err := child.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "--- PASS: TestFullDisk")
		return
	}
	signal.Ignore(syscall.SIGXFSZ) // or it would kill
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 64 << 10, Max: 64 << 10}))
	data := make([]byte, 1<<20)
	downloads := 0
	client := serveArchive(t, func(w http.ResponseWriter, r *http.Request) {
		if filepath.Base(r.URL.Path) == "meta" {
			replyJSON(200, `{"size":1,"start_frame":0,"stop_frame":0,"frame_filter":"","frames":[{"name":"a.png"}],"deleted_frames":[]}`)(w, r)
			return
		}
		downloads++
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Last-Modified", "Mon, 23 Nov 2026 14:47:00 GMT")
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
		_, _ = w.Write(data)
	})
	folder := t.TempDir()
	_, err := client.Tasks.ExportDatasetToFile(t.Context(), 7, exportFormat, filepath.Join(folder, "a.zip"), nil)
	var incomplete *cvat.IncompleteError
	require.ErrorAs(t, err, &incomplete)
	require.ErrorIs(t, err, syscall.EFBIG)
	require.NotErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Equal(t, int64(64<<10), incomplete.Written)
	assert.Equal(t, 1, downloads)
	assert.Empty(t, filesIn(t, folder))

	_, err = client.Tasks.DownloadFrames(t.Context(), 7, folder, nil)
	require.ErrorIs(t, err, syscall.EFBIG)
	assert.Equal(t, 2, downloads)
	assert.Empty(t, filesIn(t, folder))

	t.Setenv("TMPDIR", folder)
	for _, dialect := range []testserver.Dialect{testserver.V2_3, testserver.V2_73} {
		srv := testserver.Start(t, testserver.WithDialect(dialect), testserver.WithAnonymousLimit(0))
		t.Cleanup(srv.Close)
		fullDiskOf(t, srv, newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password")), folder)
	}
}

// fullDiskOf fills the disk with everything that a server sends, and with what is to be sent to it.
func fullDiskOf(t *testing.T, srv *testserver.Server, client *cvat.Client, folder string) {
	t.Helper()
	picture := big(t, 0, 1<<20)
	task, err := client.Tasks.CreateFromData(t.Context(), models.TaskCreate{Name: "street", Labels: labels()}, cvat.Bytes("a.png", picture), &cvat.UploadOptions{Wait: wait})
	require.NoError(t, err)
	srv.Forget()
	unknown := withDownload(t, client, func(resp *http.Response) { resp.ContentLength = -1 })
	for name, transfer := range map[string]func() error{
		"dataset": func() error {
			return second(client.Tasks.ExportDatasetToFile(t.Context(), task.ID, exportFormat, filepath.Join(folder, "a.zip"), toFile))
		},
		"backup": func() error {
			return second(client.Tasks.BackupToFile(t.Context(), task.ID, filepath.Join(folder, "a.zip"), toFile))
		},
		"frames": func() error { return second(client.Tasks.DownloadFrames(t.Context(), task.ID, folder, nil)) },
		"upload of unknown size": func() error {
			return client.Tasks.Upload(t.Context(), task.ID, cvat.Reader("a.png", bytes.NewReader(picture), -1), nil)
		},
		"import of unknown size": func() error {
			return client.Tasks.ImportAnnotations(t.Context(), task.ID, importFormat, cvat.Reader("a.zip", bytes.NewReader(picture), -1), nil)
		},
		"migration of unknown size": func() error {
			return second(unknown.Tasks.Migrate(t.Context(), task.ID, client, &cvat.RestoreOptions{Wait: wait}))
		},
	} {
		err := transfer()
		require.ErrorIs(t, err, syscall.EFBIG, name)
		require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown, name)
		assert.Empty(t, filesIn(t, folder), name)
	}
	assert.Zero(t, started(srv))
	assert.Zero(t, srv.Count(opData))
}
