//go:build unix

package cvat_test

import (
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
)

// fullDisk makes this test binary a process that may write no more than 64 KiB into a file.
const fullDisk = "CVAT_TEST_FULL_DISK"

// TestFullDisk: what does not fit is an error of the file, nothing is left, and the server is not asked again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if os.Getenv(fullDisk) == "" {
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
}
