package cvat_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
)

// eachMethod runs a test for both ways in which files travel, in both dialects.
func eachMethod(t *testing.T, run func(t *testing.T, srv *testserver.Server, client *cvat.Client, method cvat.UploadMethod)) {
	t.Helper()
	for name, method := range map[string]cvat.UploadMethod{"TUS": cvat.UploadTUS, "multipart": cvat.UploadMultipart} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
				t.Helper()
				run(t, srv, client, method)
			})
		})
	}
}

// damagedZip writes a zip of one picture, in which a bit has turned over.
func damagedZip(t *testing.T, method uint16, data []byte) string {
	t.Helper()
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	w, err := z.CreateHeader(&zip.FileHeader{Name: "a.png", Method: method})
	require.NoError(t, err)
	_, err = w.Write(data)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	raw := archive.Bytes()
	at := bytes.LastIndex(raw, []byte("PK\x01\x02")) + 16 // the checksum in the directory
	if method == zip.Store {
		at = bytes.Index(raw, []byte("PK\x07\x08")) - 1 // the last byte of the picture
	}
	raw[at] ^= 1
	path := filepath.Join(t.TempDir(), "pictures.zip")
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	return path
}

// TestUploadOfADamagedZip: what does not match its checksum is not uploaded.
func TestUploadOfADamagedZip(t *testing.T) {
	t.Parallel()
	for name, packing := range map[string]uint16{"stored": zip.Store, "deflated": zip.Deflate} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachMethod(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, method cvat.UploadMethod) {
				t.Helper()
				path := damagedZip(t, packing, big(t, 0, 1000))
				archive, err := zip.OpenReader(path)
				require.NoError(t, err)
				t.Cleanup(func() { _ = archive.Close() })
				for _, source := range []cvat.Source{cvat.Zip(path), cvat.FS(&archive.Reader, "*.png")} {
					id := newEmptyTask(t, client)
					err = client.Tasks.Upload(t.Context(), id, source, &cvat.UploadOptions{Method: method, ChunkSize: 128, Wait: wait})
					require.ErrorIs(t, err, zip.ErrChecksum)
					require.ErrorContains(t, err, "a.png")
					require.ErrorAs(t, err, new(*cvat.UploadError))
					task, _, err := client.Tasks.Get(t.Context(), id)
					require.NoError(t, err)
					assert.Zero(t, task.Size)
				}
				assert.Zero(t, finishes(srv))
			})
		})
	}
}

// TestUploadOfAFileThatChanges: parts of two states of a file make none of it, and neither does the beginning of one that
// grows. A file that another one takes the place of is still the old one.
func TestUploadOfAFileThatChanges(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(path string, young []byte) error{
		"written over": func(path string, young []byte) error { return os.WriteFile(path, young, 0o600) },
		"grows":        func(path string, young []byte) error { return os.WriteFile(path, append(young, young...), 0o600) },
		"shrinks":      func(path string, _ []byte) error { return os.Truncate(path, 520) },
		"replaced": func(path string, young []byte) error {
			return errors.Join(os.WriteFile(path+".new", young, 0o600), os.Rename(path+".new", path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachMethod(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, method cvat.UploadMethod) {
				t.Helper()
				folder, old := t.TempDir(), big(t, 0, 1000)
				path := filepath.Join(folder, "a.png")
				require.NoError(t, os.WriteFile(path, old, 0o600))
				past := time.Now().Add(-time.Hour) // or it could change within a tick of the clock
				require.NoError(t, os.Chtimes(path, past, past))
				var once sync.Once
				client, err := client.With(before(func(r *http.Request) {
					if r.Header.Get("Upload-Offset") == "512" || strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
						once.Do(func() { assert.NoError(t, change(path, big(t, 1, 1000))) })
					}
				}))
				require.NoError(t, err)
				id := newEmptyTask(t, client)
				err = client.Tasks.Upload(t.Context(), id, cvat.Dir(folder), &cvat.UploadOptions{Method: method, ChunkSize: 128, Wait: wait})
				if name == "replaced" && method == cvat.UploadTUS {
					require.NoError(t, err)
					assert.Equal(t, []testserver.File{{Name: "a.png", Size: 1000, SHA256: sum(old)}}, srv.Files(id))
					return
				}
				require.ErrorContains(t, err, `a.png" cannot be read`)
				task, _, err := client.Tasks.Get(t.Context(), id)
				require.NoError(t, err)
				assert.Zero(t, task.Size)
				assert.Zero(t, finishes(srv))
			})
		})
	}
}

// TestUploadOfAStreamThatChanges: a file that can only be read in order has grown meanwhile.
func TestUploadOfAStreamThatChanges(t *testing.T) {
	t.Parallel()
	eachMethod(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, method cvat.UploadMethod) {
		t.Helper()
		folder := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(folder, "a.png"), big(t, 0, 1000), 0o600))
		client, err := client.With(before(func(r *http.Request) {
			if isChunk(r) || strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
				assert.NoError(t, os.WriteFile(filepath.Join(folder, "a.png"), big(t, 0, 1001), 0o600))
			}
		}))
		require.NoError(t, err)
		id := newEmptyTask(t, client)
		err = client.Tasks.Upload(t.Context(), id, cvat.FS(bareFS{os.DirFS(folder)}, "*.png"), &cvat.UploadOptions{Method: method, ChunkSize: 128, Wait: wait})
		require.ErrorContains(t, err, "has changed")
		assert.Zero(t, finishes(srv))
	})
}

// TestImportOfAFileThatChanges imports nothing of it.
func TestImportOfAFileThatChanges(t *testing.T) {
	t.Parallel()
	for _, chunk := range []int64{0, 256} {
		t.Run(fmt.Sprintf("chunks of %d", chunk), func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
				t.Helper()
				id := newAnnotatedTask(t, client)
				path := filepath.Join(t.TempDir(), "a.zip")
				archive := exportOf(t, client.Tasks.ExportAnnotations, id)
				require.NoError(t, os.WriteFile(path, archive, 0o600))
				want, _, err := client.Tasks.GetAnnotations(t.Context(), id)
				require.NoError(t, err)
				srv.Forget()
				client, err = client.With(before(func(r *http.Request) {
					if isChunk(r) || isImportStart(r) {
						assert.NoError(t, os.WriteFile(path, append(archive, archive...), 0o600))
					}
				}))
				require.NoError(t, err)
				err = client.Tasks.ImportAnnotations(t.Context(), id, importFormat, cvat.Files(path), &cvat.ImportOptions{ChunkSize: chunk, Wait: wait})
				require.ErrorContains(t, err, "has changed")
				got, _, err := client.Tasks.GetAnnotations(t.Context(), id)
				require.NoError(t, err)
				assert.Equal(t, want, got)
				assert.Zero(t, finishes(srv))
			})
		})
	}
}
