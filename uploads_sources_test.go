package cvat_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// writeZip writes a zip of pictures, stored and deflated by turns, with a text among them.
func writeZip(t *testing.T, pictures [][]byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pictures.zip")
	file, err := os.Create(path)
	require.NoError(t, err)
	archive := zip.NewWriter(file)
	for i, data := range pictures {
		w, err := archive.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("street/frame%d.png", i), Method: uint16(i%2) * zip.Deflate})
		require.NoError(t, err)
		_, err = w.Write(data)
		require.NoError(t, err)
	}
	w, err := archive.Create("street/readme.txt")
	require.NoError(t, err)
	_, err = io.WriteString(w, "pictures of a street")
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	require.NoError(t, file.Close())
	return path
}

// bareFS hides everything of a file but what fs.File demands.
type bareFS struct{ fs.FS }

func (b bareFS) Open(name string) (fs.File, error) {
	file, err := b.FS.Open(name)
	return struct{ fs.File }{file}, err
}

func (b bareFS) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(b.FS, name) }

// TestUploadSources uploads the same pictures from every kind of source, with a chunk lost on the way.
func TestUploadSources(t *testing.T) {
	t.Parallel()
	pictures := [][]byte{big(t, 0, 1000), big(t, 1, 1001), big(t, 2, 1002)}
	folder, files := writeBig(t, 1000)
	fsys := fstest.MapFS{"street/notes.txt": {Data: []byte("x")}}
	var bytesOf, readersAt []cvat.Source
	for i, data := range pictures {
		name := fmt.Sprintf("frame%d.png", i)
		require.Equal(t, sum(data), files[i].SHA256)
		fsys["street/"+name] = &fstest.MapFile{Data: data}
		bytesOf = append(bytesOf, cvat.Bytes(name, data))
		readersAt = append(readersAt, cvat.ReaderAt(name, bytes.NewReader(data), int64(len(data))))
	}
	readers := func(size func(int) int64) func() cvat.Source {
		return func() cvat.Source {
			var all []cvat.Source
			for i, data := range pictures {
				all = append(all, cvat.Reader(fmt.Sprintf("frame%d.png", i), iotest.HalfReader(bytes.NewReader(data)), size(len(data))))
			}
			return cvat.Join(all...)
		}
	}
	archive := writeZip(t, pictures)
	for name, source := range map[string]func() cvat.Source{
		"Dir":            func() cvat.Source { return cvat.Dir(folder) },
		"Glob":           func() cvat.Source { return cvat.Glob(folder + "/*.png") },
		"FS":             func() cvat.Source { return cvat.FS(fsys, "street/*.png") },
		"bare FS":        func() cvat.Source { return cvat.FS(bareFS{fsys}, "street/*0.png", "*/frame[12].png", "street/*1.png") },
		"Bytes":          func() cvat.Source { return cvat.Join(bytesOf...) },
		"ReaderAt":       func() cvat.Source { return cvat.Join(readersAt...) },
		"Reader":         readers(func(n int) int64 { return int64(n) }),
		"Reader, no end": readers(func(int) int64 { return -1 }),
		"Zip":            func() cvat.Source { return cvat.Zip(archive) },
		"Zip, patterns":  func() cvat.Source { return cvat.Zip(archive, "frame[01].png", "street/*2.png") },
	} {
		for _, method := range []cvat.UploadMethod{cvat.UploadTUS, cvat.UploadMultipart} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
					t.Helper()
					client, err := client.With(cvat.WithMiddleware(cutChunkAt(isChunk, 5, 64)))
					require.NoError(t, err)
					id := newEmptyTask(t, client)
					require.NoError(t, client.Tasks.Upload(t.Context(), id, source(), &cvat.UploadOptions{Method: method, ChunkSize: 128, Wait: wait}))
					assert.Equal(t, files, srv.Files(id))
				})
			})
		}
	}
}

// TestUploadLeavesNoFile of what it spools, whether it succeeds or not.
func TestUploadLeavesNoFile(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	srv := testserver.Start(t)
	t.Cleanup(srv.Close)
	client := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
	upload := func() error {
		return client.Tasks.Upload(t.Context(), newEmptyTask(t, client), cvat.Reader("a.png", bytes.NewReader(big(t, 0, 1000)), -1), &cvat.UploadOptions{Wait: wait})
	}
	seen := 0
	client, err := client.With(before(func(r *http.Request) {
		if isChunk(r) {
			seen += len(filesIn(t, folder))
		}
	}))
	require.NoError(t, err)
	require.NoError(t, upload())
	assert.Equal(t, 1, seen)
	assert.Empty(t, filesIn(t, folder))
	srv.Fail(testserver.Fault{Operation: opChunk, Status: http.StatusForbidden})
	require.ErrorIs(t, upload(), cvat.ErrForbidden)
	assert.Equal(t, 2, seen)
	assert.Empty(t, filesIn(t, folder))
}

// TestUploadReaderCannotStartOver: a reader that is at its end cannot be sent again.
func TestUploadReaderCannotStartOver(t *testing.T) {
	t.Parallel()
	srv := testserver.Start(t)
	t.Cleanup(srv.Close)
	client := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
	id := newEmptyTask(t, client)
	data := big(t, 0, 1000)
	client, err := client.With(cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return transport(func(r *http.Request) (*http.Response, error) {
			if isChunk(r) && r.Header.Get("Upload-Offset") == "512" {
				srv.ForgetUploads()
			}
			return next.RoundTrip(r)
		})
	}))
	require.NoError(t, err)
	err = client.Tasks.Upload(t.Context(), id, cvat.Reader("a.png", bytes.NewReader(data), 1000), &cvat.UploadOptions{ChunkSize: 128, Wait: wait})
	require.ErrorContains(t, err, "cannot go back")
	require.ErrorAs(t, err, new(*cvat.ArgumentError))
}

// TestUploadBrokenSource: a file that lost its end meanwhile, or cannot be read, is no fault of the network.
func TestUploadBrokenSource(t *testing.T) {
	t.Parallel()
	data := big(t, 0, 1000)
	for name, source := range map[string]func() cvat.Source{
		"shorter":        func() cvat.Source { return cvat.ReaderAt("a.png", bytes.NewReader(data[:700]), 1000) },
		"reader shorter": func() cvat.Source { return cvat.Reader("a.png", bytes.NewReader(data[:700]), 1000) },
		"reader longer":  func() cvat.Source { return cvat.Reader("a.png", bytes.NewReader(data), 700) },
		"fails at its end": func() cvat.Source { // as a reader that compares a checksum there
			return cvat.Reader("a.png", io.MultiReader(bytes.NewReader(data[:700]), iotest.ErrReader(fs.ErrInvalid)), 700)
		},
		"fails": func() cvat.Source {
			return cvat.Reader("a.png", io.MultiReader(bytes.NewReader(data[:700]), iotest.ErrReader(fs.ErrInvalid)), 1000)
		},
		"fails spooling":   func() cvat.Source { return cvat.Reader("a.png", iotest.ErrReader(fs.ErrInvalid), -1) },
		"nothing to spool": func() cvat.Source { return cvat.Reader("a.png", strings.NewReader(""), -1) },
		"one of two": func() cvat.Source {
			return cvat.Join(cvat.ReaderAt("a.png", bytes.NewReader(data[:700]), 1000), cvat.Bytes("b.png", data))
		},
	} {
		for _, method := range []cvat.UploadMethod{cvat.UploadTUS, cvat.UploadMultipart} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
					t.Helper()
					id := newEmptyTask(t, client)
					err := client.Tasks.Upload(t.Context(), id, source(), &cvat.UploadOptions{Method: method, ChunkSize: 128, Parallel: 1, Wait: wait})
					checkBroken(t, srv, client, id, err)
				})
			})
		}
	}
}

// TestUploadFileChangesMeanwhile: a file on the disk is cut, or goes, while it travels.
func TestUploadFileChangesMeanwhile(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(path string) error{
		"cut":  func(path string) error { return os.Truncate(path, 600) },
		"gone": os.Remove,
	} {
		for _, method := range []cvat.UploadMethod{cvat.UploadTUS, cvat.UploadMultipart} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
					t.Helper()
					id, path, data := newEmptyTask(t, client), filepath.Join(t.TempDir(), "a.png"), big(t, 0, 1000)
					require.NoError(t, os.WriteFile(path, data, 0o600))
					var once sync.Once
					client, err := client.With(before(func(r *http.Request) {
						if r.Header.Get("Upload-Offset") == "512" || strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
							once.Do(func() { assert.NoError(t, change(path)) })
						}
					}))
					require.NoError(t, err)
					err = client.Tasks.Upload(t.Context(), id, cvat.Files(path), &cvat.UploadOptions{Method: method, ChunkSize: 128, Wait: wait})
					if err == nil { // it is open by its first name, as long as it travels
						assert.Equal(t, []testserver.File{{Name: "a.png", Size: 1000, SHA256: sum(data)}}, srv.Files(id))
						return
					}
					checkBroken(t, srv, client, id, err)
				})
			})
		}
	}
}

// checkBroken looks at an upload that ended because a.png could not be read.
func checkBroken(t *testing.T, srv *testserver.Server, client *cvat.Client, task int64, err error) {
	t.Helper()
	require.ErrorAs(t, err, new(*cvat.ArgumentError))
	require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown)
	require.ErrorContains(t, err, `a.png"`)
	if failed := new(cvat.UploadError); errors.As(err, &failed) {
		assert.False(t, failed.Started)
	}
	assert.LessOrEqual(t, srv.Count(opChunk), 6, "what cannot be read is not tried again")
	assert.Zero(t, finishes(srv))
	stored, _, err := client.Tasks.Get(t.Context(), task)
	require.NoError(t, err)
	assert.Zero(t, stored.Size)
}

// TestSourceRefusals: what the server does not let mix, and everything else that is certain to fail, is refused with the
// reason before anything is sent.
func TestSourceRefusals(t *testing.T) {
	t.Parallel()
	x := []byte("x")
	empty := writeZip(t, nil)
	for name, wrong := range map[string]struct {
		source cvat.Source
		says   []string
	}{
		"video and picture":   {cvat.Join(cvat.Bytes("a.mp4", x), cvat.Bytes("b.png", x)), []string{"a.mp4", "video", "nothing else"}},
		"two archives":        {cvat.Join(cvat.Bytes("a.zip", x), cvat.Bytes("b.ZIP", x)), []string{"archive"}},
		"two PDFs":            {cvat.Join(cvat.Bytes("a.pdf", x), cvat.Bytes("b.pdf", x)), []string{"PDF"}},
		"two manifests":       {cvat.Join(cvat.Bytes("a.png", x), cvat.Bytes("a.jsonl", x), cvat.Bytes("b.jsonl", x)), []string{"b.jsonl", "second manifest"}},
		"local and share":     {cvat.Join(cvat.Bytes("a.png", x), cvat.Share("b.png")), []string{"this side", "one place"}},
		"share and remote":    {cvat.Join(cvat.Share("b.png"), cvat.Remote("https://example.com/a.png")), []string{"the share", "one place"}},
		"two storages":        {cvat.Join(cvat.FromCloud(1, "", "a.png"), cvat.FromCloud(2, "", "b.png")), []string{"cloud storage 1"}},
		"two cloud manifests": {cvat.Join(cvat.FromCloud(1, "m.jsonl", "a.png"), cvat.FromCloud(1, "n.jsonl", "b.png")), []string{"two manifests"}},
		"nothing joined":      {cvat.Join(), []string{"no source"}},
		"an empty one joined": {cvat.Join(cvat.Source{}, cvat.Bytes("a.png", x)), []string{"is empty"}},
		"share of nothing":    {cvat.Share(), []string{"names no file"}},
		"share above itself":  {cvat.Share("a/../../b.png", "/etc/passwd"), []string{"a/../../b.png", "/etc/passwd", "relative"}},
		"no URL":              {cvat.Remote(), []string{"names no URL"}},
		"strange URLs":        {cvat.Remote("https://example.com/a.png", "ftp://example.com/b.png?token=s3cret"), []string{"Remote[1]", "http"}},
		"storage 0":           {cvat.FromCloud(0, "", "a.png"), []string{"id is 0"}},
		"no manifest":         {cvat.FromCloud(1, "manifest.json", "a.png"), []string{"manifest.json", ".jsonl"}},
		"no cloud files":      {cvat.FromCloud(1, "manifest.jsonl"), []string{"names no file"}},
		"no reader":           {cvat.Reader("a.png", nil, 1), []string{"nil"}},
		"no reader at":        {cvat.ReaderAt("a.png", nil, 1), []string{"ReaderAt"}},
		"negative size":       {cvat.ReaderAt("a.png", bytes.NewReader(x), -1), []string{"ReaderAt"}},
		"too large":           {cvat.ReaderAt("a.png", bytes.NewReader(x), 26<<30), []string{"25 GiB"}},
		"no file system":      {cvat.FS(nil, "*"), []string{"FS"}},
		"no pattern":          {cvat.FS(fstest.MapFS{}), []string{"FS"}},
		"no match in FS":      {cvat.FS(fstest.MapFS{"a.png": {Data: x}}, "*.png", "*.jpg"), []string{"*.jpg", "matches no file"}},
		"bad pattern in FS":   {cvat.FS(fstest.MapFS{}, "["), []string{"cannot be used"}},
		"folder in FS":        {cvat.FS(fstest.MapFS{"a/b.png": {Data: x}}, "a"), []string{"no regular file"}},
		"no zip":              {cvat.Zip("nowhere.zip"), []string{"nowhere.zip", "cannot be read"}},
		"zip of no pictures":  {cvat.Zip(empty), []string{"holds no pictures"}},
		"no match in zip":     {cvat.Zip(empty, "*.png"), []string{"*.png", "matches no file"}},
		"bad pattern in zip":  {cvat.Zip(empty, "["), []string{"cannot be used"}},
		"a long name":         {cvat.Bytes(strings.Repeat("a", 252)+".png", x), []string{"256 bytes"}},
		"a control character": {cvat.Bytes("a\n.png", x), []string{"would refuse"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := wrong.source.Check()
			require.ErrorAs(t, err, new(*cvat.ArgumentError))
			for _, part := range wrong.says {
				require.ErrorContains(t, err, part)
			}
			assert.NotContains(t, err.Error(), "s3cret")
		})
	}
	require.NoError(t, cvat.Join(cvat.Bytes("a.png", x), cvat.Bytes("b.png", x), cvat.Bytes("m.jsonl", x)).Check())
	require.NoError(t, cvat.Join(cvat.Bytes("a.mp4", x), cvat.Bytes("m.jsonl", x)).Check())
	require.NoError(t, cvat.Reader("a.png", iotest.ErrReader(errors.New("not yet")), -1).Check(), "it is not read before the upload")
}

// TestCreateFromServerData makes tasks of what the server fetches itself.
func TestCreateFromServerData(t *testing.T) {
	t.Parallel()
	onBuckets(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		for i := range 3 {
			srv.Share(fmt.Sprintf("street/%d.png", i), picture(t, i))
		}
		storage, _, err := client.CloudStorages.Create(t.Context(), s3Storage("streets"))
		require.NoError(t, err)
		spec := models.TaskCreate{Name: "street", Labels: labels()}
		options := &cvat.UploadOptions{
			ImageQuality: 50, StopFrame: new(1), ChunkFrames: 5, StorageMethod: models.StorageMethodCache, UseCache: true, CopyData: true, Wait: wait,
		}
		task, err := client.Tasks.CreateFromData(t.Context(), spec, cvat.Share("street/"), options)
		require.NoError(t, err)
		assert.Equal(t, 2, task.Size)
		assert.Equal(t, 50, task.ImageQuality)
		body := string(lastOf(srv, opData).Body)
		for _, part := range []string{`"server_files":["street/"]`, `"copy_data":true`, `"storage_method":"cache"`, `"chunk_size":5`, `"use_cache":true`} {
			assert.Contains(t, body, part)
		}

		state := filepath.Join(t.TempDir(), "state")
		cloud := cvat.Join(cvat.FromCloud(storage.ID, "street/manifest.jsonl", "street/b.png"), cvat.FromCloud(storage.ID, "street/manifest.jsonl", "street/a.png"))
		task, err = client.Tasks.CreateFromData(t.Context(), spec, cloud, &cvat.UploadOptions{StateFile: state, Wait: wait})
		require.NoError(t, err)
		assert.Equal(t, 2, task.Size)
		assert.Contains(t, string(lastOf(srv, opData).Body), `"server_files":["street/manifest.jsonl","street/b.png","street/a.png"]`)
		assert.NoFileExists(t, state)

		srv.Forget()
		_, err = client.Tasks.CreateFromData(t.Context(), spec, cloud, &cvat.UploadOptions{SortingMethod: models.SortingPredefined, Wait: wait})
		if srv.Dialect() == testserver.V2_3 {
			require.ErrorIs(t, err, cvat.ErrUnsupported)
			assert.Zero(t, srv.Count("tasks_create"))
		} else {
			require.NoError(t, err)
		}

		_, err = client.Tasks.CreateFromData(t.Context(), spec, cvat.Remote("http://127.0.0.1:9/a.png"), &cvat.UploadOptions{Wait: wait})
		require.ErrorAs(t, err, new(*cvat.BackgroundError))
		var failed *cvat.UploadError
		require.ErrorAs(t, err, &failed)
		assert.True(t, failed.Started)
		require.ErrorContains(t, err, "has no frames: delete it")

		_, err = client.Tasks.CreateFromData(t.Context(), spec, cvat.FromCloud(storage.ID, "", "c.png"), &cvat.UploadOptions{Wait: wait})
		if srv.Dialect() == testserver.V2_3 {
			require.ErrorIs(t, err, cvat.ErrUnsupported)
			require.ErrorAs(t, err, new(*cvat.ArgumentError))
		} else {
			require.NoError(t, err)
		}
	})
}

func lastOf(srv *testserver.Server, operation string) testserver.Request {
	requests := srv.Requests()
	slices.Reverse(requests)
	return requests[slices.IndexFunc(requests, func(r testserver.Request) bool { return r.Operation == operation })]
}

// TestUploadPredefinedOrder keeps the order of the source, where the server can.
func TestUploadPredefinedOrder(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		var sources []cvat.Source
		var names []string
		for i, name := range []string{"c.png", "a.png", "b.png"} {
			sources = append(sources, cvat.Bytes(name, picture(t, i)))
			names = append(names, name)
		}
		source := cvat.Join(sources...)
		spec := models.TaskCreate{Name: "street", Labels: labels()}
		check := func(task *models.Task) {
			t.Helper()
			var got []string
			for _, file := range srv.Files(task.ID) {
				got = append(got, file.Name)
			}
			assert.Equal(t, names, got)
		}
		options := cvat.UploadOptions{SortingMethod: models.SortingPredefined, Wait: wait}
		task, err := client.Tasks.CreateFromData(t.Context(), spec, source, &options)
		if srv.Dialect() == testserver.V2_73 {
			require.NoError(t, err)
			check(task)
		} else {
			require.ErrorAs(t, err, new(*cvat.ArgumentError))
			require.ErrorContains(t, err, "2.4.6")
			require.ErrorIs(t, err, cvat.ErrUnsupported)
			assert.Empty(t, taskIDs(t, client))
		}
		options.Method = cvat.UploadMultipart
		task, err = client.Tasks.CreateFromData(t.Context(), spec, source, &options)
		require.NoError(t, err)
		check(task)

		options.Method = cvat.UploadTUS
		_, err = client.Tasks.CreateFromData(t.Context(), spec, cvat.Files(writeZip(t, [][]byte{picture(t, 0)})), &options)
		require.NoError(t, err, "the order of one archive is its own")
	})
}

// TestPredefinedOrderWithManifest: servers before 2.4.6 fail with it in the background, so that nothing is made there.
func TestPredefinedOrderWithManifest(t *testing.T) {
	t.Parallel()
	for version, known := range map[string]bool{"2.3": false, "2.3.0": false, "2.4.0": false, "2.4.5": false, "2.4.6": true} {
		server := servePipe(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				reply(http.StatusForbidden, "text/plain", "")(w, r)
				return
			}
			replyJSON(http.StatusOK, `{"version":"`+version+`"}`)(w, r)
		})
		_, err := server.client(t).Tasks.CreateFromData(t.Context(), models.TaskCreate{Name: "street", Labels: labels()},
			cvat.FromCloud(1, "m.jsonl", "a.png"), &cvat.UploadOptions{SortingMethod: models.SortingPredefined})
		if known {
			require.ErrorIs(t, err, cvat.ErrForbidden, version)
			continue
		}
		require.ErrorIs(t, err, cvat.ErrUnsupported, version)
		require.ErrorContains(t, err, "2.4.6")
		assert.Len(t, server.arrived(), 1, "the version was asked for, and that is all")
	}
}

// TestUploadOptionsRefused names the option and what to do.
func TestUploadOptionsRefused(t *testing.T) {
	t.Parallel()
	client := newClient(t, "https://cvat.example.com")
	local, manifest := cvat.Bytes("a.png", []byte("x")), cvat.FromCloud(1, "m.jsonl", "a.png")
	for field, wrong := range map[string]struct {
		source  cvat.Source
		options cvat.UploadOptions
	}{
		"Parallel":      {local, cvat.UploadOptions{Parallel: 65}},
		"StartFrame":    {local, cvat.UploadOptions{StartFrame: -1}},
		"StopFrame":     {local, cvat.UploadOptions{StartFrame: 3, StopFrame: new(2)}},
		"CopyData":      {local, cvat.UploadOptions{CopyData: true}},
		"SortingMethod": {manifest, cvat.UploadOptions{SortingMethod: models.SortingRandom}},
	} {
		err := client.Tasks.Upload(t.Context(), 1, wrong.source, &wrong.options)
		require.ErrorAs(t, err, new(*cvat.ArgumentError))
		require.ErrorContains(t, err, "UploadOptions."+field)
	}
}

// TestBulkTransport: against a server that offers HTTP/2 the files travel over HTTP/1.1, on no more connections than
// lanes, and all else over HTTP/2. The client runs in another process, which trusts the server's certificate.
func TestBulkTransport(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the system's roots cannot be replaced by a variable here")
	}
	srv := testserver.New(t)
	protocols := map[string]map[string]bool{}
	connections := map[string]bool{}
	var mu sync.Mutex
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bulk := isChunk(r) || r.Header.Get("Upload-Length") != ""
		kind := "other"
		mu.Lock()
		if bulk {
			kind = "bulk"
			connections[r.RemoteAddr] = true
		}
		if protocols[kind] == nil {
			protocols[kind] = map[string]bool{}
		}
		protocols[kind][r.Proto] = true
		mu.Unlock()
		srv.Handler().ServeHTTP(w, r)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := filepath.Join(t.TempDir(), "roots.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	require.NoError(t, os.WriteFile(roots, block, 0o600))
	folder, files := writeBig(t, 1000)
	cmd := process(t.Context(), "upload", server.URL+"/base", folder, filepath.Join(t.TempDir(), "state"))
	cmd.Env = append(cmd.Env, "SSL_CERT_FILE="+roots)
	require.NoError(t, cmd.Run(), "%v", cmd.Stderr)
	assert.Equal(t, files, srv.Files(1))
	mu.Lock()
	defer mu.Unlock()
	assert.Equal(t, map[string]map[string]bool{"bulk": {"HTTP/1.1": true}, "other": {"HTTP/2.0": true}}, protocols)
	assert.LessOrEqual(t, len(connections), 2, "as many as lanes")
}

// TestBulkTransportIsTheSameFromAbove: middleware, log and operation are as for every call.
func TestBulkTransportIsTheSameFromAbove(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client) {
		t.Helper()
		wrapped := 0
		seen := map[string]int{}
		var mu sync.Mutex
		client, err := client.With(cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			wrapped++
			return transport(func(r *http.Request) (*http.Response, error) {
				op, ok := cvat.OperationFromContext(r.Context())
				assert.True(t, ok)
				assert.NotEmpty(t, r.Header.Get("Authorization"))
				mu.Lock()
				seen[op.ID]++
				mu.Unlock()
				return next.RoundTrip(r)
			})
		}))
		require.NoError(t, err)
		source, _ := three(t, 500)
		_, err = client.Tasks.CreateFromData(context.WithoutCancel(t.Context()), models.TaskCreate{Name: "street", Labels: labels()}, source, &cvat.UploadOptions{Wait: wait})
		require.NoError(t, err)
		assert.Equal(t, 1, wrapped)
		assert.Equal(t, 5, seen[opData])
		assert.Equal(t, 3, seen[opChunk])
	})
}

// pattern is a source of any size that takes no memory.
type pattern int64

func (p pattern) ReadAt(b []byte, off int64) (int, error) {
	n := min(int64(len(b)), int64(p)-off)
	for i := range b[:n] {
		b[i] = byte(off + int64(i))
	}
	if n < int64(len(b)) {
		return int(n), io.EOF
	}
	return int(n), nil
}

// TestUploadChunksAdapt: chunks double while they are taken, halve when one fails, and halve when a proxy finds them too
// large.
func TestUploadChunksAdapt(t *testing.T) {
	t.Parallel()
	srv := testserver.Start(t, testserver.DiscardUploads())
	t.Cleanup(srv.Close)
	client := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
	const mib = 1 << 20
	upload := func(size int64, options *cvat.UploadOptions) []int64 {
		t.Helper()
		id := newEmptyTask(t, client)
		srv.Forget()
		options.Wait = wait
		require.NoError(t, client.Tasks.Upload(t.Context(), id, cvat.ReaderAt("a.png", pattern(size), size), options))
		var sizes []int64
		for _, r := range srv.Requests() {
			if r.Operation == opChunk && r.Method == http.MethodPatch {
				sizes = append(sizes, r.BodySize/mib)
			}
		}
		return sizes
	}
	assert.Equal(t, []int64{10, 20, 40, 80, 50}, upload(200*mib, &cvat.UploadOptions{}))
	assert.Equal(t, []int64{3, 3, 3, 1}, upload(10*mib, &cvat.UploadOptions{ChunkSize: 3 * mib}))

	srv.Fail(testserver.Fault{Operation: opChunk, Skip: 1, Times: 1, Status: http.StatusBadGateway})
	assert.Equal(t, []int64{10, 20, 20, 10, 10}, upload(50*mib, &cvat.UploadOptions{}), "smaller after one that had to be repeated")
	srv.Heal()

	srv.Fail(testserver.Fault{Operation: opChunk, Status: http.StatusRequestEntityTooLarge, Match: func(r *http.Request) bool { return r.ContentLength > 6*mib }})
	assert.Equal(t, []int64{10, 5, 5, 5, 3}, upload(18*mib, &cvat.UploadOptions{}), "smaller until it fits")
}
