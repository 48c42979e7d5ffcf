package cvat_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
)

// archiveOf makes a zip of n files.
func archiveOf(t *testing.T, n int, content string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for i := range n {
		entry, err := w.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("obj_train_data/frame_%06d.txt", i)})
		require.NoError(t, err)
		_, err = entry.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return buf.Bytes()
}

// serveArchive is a new server whose exports are ready at once, and end in download.
func serveArchive(t *testing.T, download http.HandlerFunc) *cvat.Client {
	t.Helper()
	return servePipe(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/about"):
			replyJSON(200, `{"version":"2.73.1"}`)(w, r)
		case r.Method == http.MethodPost:
			replyJSON(202, `{"rq_id":"x"}`)(w, r)
		case strings.Contains(r.URL.Path, "/requests/"):
			replyJSON(200, `{"status":"finished","id":"x","result_url":"https://elsewhere.example.com/api/tasks/7/dataset/download?rq_id=x&org=y"}`)(w, r)
		default:
			download(w, r)
		}
	}).client(t, cvat.WithRetryPolicy(cvat.RetryPolicy{MinWait: time.Microsecond, MaxWait: time.Microsecond}))
}

// cutAt sends the beginning of a body whose whole length it announces.
func cutAt(w http.ResponseWriter, data []byte, n int) {
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data[:n])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// TestExportOfManyFiles has a directory that is larger than what is kept of a stream, and its numbers in the fields for
// large archives.
func TestExportOfManyFiles(t *testing.T) {
	t.Parallel()
	data := archiveOf(t, 70_000, "")
	for cut, fails := range map[int]bool{0: false, 1: true, 30: true, 80: true, 100_000: true, len(data) / 2: true} {
		client := serveArchive(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/zip")
			w.Header().Set("Content-Length", strconv.Itoa(len(data)-cut))
			_, _ = w.Write(data[:len(data)-cut])
		})
		var buf bytes.Buffer
		_, err := client.Tasks.ExportDataset(t.Context(), 7, exportFormat, &buf, nil)
		folder := t.TempDir()
		_, errOfFile := client.Tasks.ExportDatasetToFile(t.Context(), 7, exportFormat, folder, nil)
		if fails {
			require.ErrorAs(t, err, new(*cvat.IncompleteError), "%d", cut)
			require.ErrorAs(t, errOfFile, new(*cvat.IncompleteError), "%d", cut)
			assert.Empty(t, filesIn(t, folder))
			continue
		}
		require.NoError(t, err)
		require.NoError(t, errOfFile)
		assert.Len(t, filesIn(t, folder), 1)
	}
}

// untilClosed answers with a body that has no other end than that of the connection, as some proxies do: nothing but the
// archive itself tells one that was cut.
func untilClosed(t *testing.T, data []byte) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, buf, err := http.NewResponseController(w).Hijack()
		assert.NoError(t, err)
		_, _ = buf.WriteString("HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nConnection: close\r\n\r\n")
		_, _ = buf.Write(data)
		_ = buf.Flush()
		_ = conn.Close()
	}
}

// TestExportOfUnknownLength: an archive is looked at although nobody has said how long it is.
func TestExportOfUnknownLength(t *testing.T) {
	t.Parallel()
	data := archiveOf(t, 40_000, "0123456789") // several times of what is kept of a stream
	for share, fails := range map[int]bool{100: false, 99: true, 60: true, 1: true, 0: true} {
		client := serveArchive(t, untilClosed(t, data[:len(data)*share/100]))
		var buf bytes.Buffer
		_, err := client.Tasks.ExportDataset(t.Context(), 7, exportFormat, &buf, nil)
		folder := t.TempDir()
		_, errOfFile := client.Tasks.ExportDatasetToFile(t.Context(), 7, exportFormat, filepath.Join(folder, "a.zip"), nil)
		if fails {
			require.ErrorAs(t, err, new(*cvat.IncompleteError), "%d %%", share)
			require.ErrorAs(t, errOfFile, new(*cvat.IncompleteError), "%d %%", share)
			assert.Empty(t, filesIn(t, folder))
			continue
		}
		require.NoError(t, err)
		require.NoError(t, errOfFile)
		assert.True(t, bytes.Equal(data, buf.Bytes()))
		assert.True(t, bytes.Equal(data, filesIn(t, folder)["a.zip"]))
	}
}

// TestExportOfUnknownLengthTakesNoMemory, however long it is. It runs alone, since it looks at the memory of all.
func TestExportOfUnknownLengthTakesNoMemory(t *testing.T) { //nolint:paralleltest // see above
	const mib = 1 << 20
	block := make([]byte, mib)
	client := serveArchive(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/zip")
		for range 128 {
			_, _ = w.Write(block)
		}
	})
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	most, seen := uint64(0), 0
	_, err := client.Tasks.ExportDataset(t.Context(), 7, exportFormat, writerFunc(func(p []byte) (int, error) {
		if seen += len(p); seen > 120*mib && most == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = now.HeapAlloc
		}
		return len(p), nil
	}), nil)
	require.ErrorAs(t, err, new(*cvat.IncompleteError))
	assert.Less(t, most, before.HeapAlloc+32*mib)
}

// FuzzArchive: what is no zip file is an error, and never a panic. What package zip reads to its end is none.
func FuzzArchive(f *testing.F) {
	good := &bytes.Buffer{}
	w := zip.NewWriter(good)
	entry, err := w.Create("images/a.png")
	require.NoError(f, err)
	_, err = entry.Write([]byte("a picture"))
	require.NoError(f, err)
	require.NoError(f, w.Close())
	f.Add(good.Bytes())
	f.Add(good.Bytes()[:good.Len()-1])
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\xff", 18)))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		client := serveArchive(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/zip")
			w.Header().Set("Content-Length", strconv.Itoa(len(data)))
			_, _ = w.Write(data)
		})
		_, err := client.Tasks.ExportDataset(t.Context(), 7, exportFormat, io.Discard, nil)
		if err != nil {
			require.ErrorAs(t, err, new(*cvat.IncompleteError))
		}
	})
}
