package cvat_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// TestWrongInput shows what is refused before anything is sent, and what the error says.
func TestWrongInput(t *testing.T) {
	t.Parallel()
	srv := testserver.Start(t)
	t.Cleanup(srv.Close)
	client := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	good, twin, empty, text := file("a/1.png", "x"), file("b/1.png", "y"), file("c/2.png", ""), file("text/readme.txt", "x")
	upload := func(source cvat.Source, opts *cvat.UploadOptions) func(context.Context) error {
		return func(ctx context.Context) error { return client.Tasks.Upload(ctx, 1, source, opts) }
	}
	export := func(id int64, format string) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := client.Tasks.ExportDataset(ctx, id, format, &strings.Builder{}, nil)
			return err
		}
	}
	create := func(name string, labels ...models.LabelCreate) func(context.Context) error {
		return func(ctx context.Context) error {
			_, _, err := client.Tasks.Create(ctx, models.TaskCreate{Name: name, Labels: labels})
			return err
		}
	}
	for name, wrong := range map[string]struct {
		call func(context.Context) error
		says []string
	}{
		"no such folder":         {upload(cvat.Dir(folder+"/nowhere"), nil), []string{"nowhere", "cannot be read", "no such file"}},
		"no pictures in it":      {upload(cvat.Dir(filepath.Dir(text)), nil), []string{"text", "holds no pictures", ".png"}},
		"no match":               {upload(cvat.Glob(folder+"/*.tiff"), nil), []string{"*.tiff", "matches no file"}},
		"bad pattern":            {upload(cvat.Glob("["), nil), []string{"[", "cannot be used"}},
		"no files":               {upload(cvat.Files(), nil), []string{"names no file"}},
		"no source":              {upload(cvat.Source{}, nil), []string{"Source", "is empty"}},
		"no such file":           {upload(cvat.Files(folder+"/missing.png"), nil), []string{"missing.png", "cannot be read"}},
		"one base name":          {upload(cvat.Files(good, twin), nil), []string{"b/1.png", "has the base name of", "a/1.png"}},
		"an empty file":          {upload(cvat.Files(empty), nil), []string{"2.png", "is empty"}},
		"a folder as file":       {upload(cvat.Files(folder), nil), []string{"no regular file"}},
		"everything at once":     {upload(cvat.Files(good, twin, empty, folder+"/missing.png"), nil), []string{"b/1.png", "2.png", "missing.png"}},
		"a name with a folder":   {upload(cvat.Bytes("../evil.png", []byte("x")), nil), []string{"../evil.png", "would refuse"}},
		"image quality":          {upload(cvat.Files(good), &cvat.UploadOptions{ImageQuality: 101}), []string{"ImageQuality", "101"}},
		"chunk size":             {upload(cvat.Files(good), &cvat.UploadOptions{ChunkSize: 1 << 40}), []string{"ChunkSize", "100 MiB"}},
		"negative chunk frames":  {upload(cvat.Files(good), &cvat.UploadOptions{ChunkFrames: -1}), []string{"ChunkFrames"}},
		"unknown method":         {upload(cvat.Files(good), &cvat.UploadOptions{Method: 9}), []string{"Method"}},
		"task 0":                 {func(ctx context.Context) error { return client.Tasks.Upload(ctx, 0, cvat.Files(good), nil) }, []string{"id is 0"}},
		"a label twice":          {create("t", models.LabelCreate{Name: "car"}, models.LabelCreate{Name: "bus"}, models.LabelCreate{Name: "car"}), []string{"Labels[2].Name", `"car"`, "label 0"}},
		"a label without a name": {create("t", models.LabelCreate{}), []string{"Labels[0].Name", "is empty"}},
		"no name":                {create(""), []string{"TaskCreate.Name", "is empty"}},
		"project without a name": {func(ctx context.Context) error {
			_, _, err := client.Projects.Create(ctx, models.ProjectCreate{})
			return err
		}, []string{"ProjectCreate.Name"}},
		"login without password": {func(ctx context.Context) error { _, err := client.Login(ctx, "me", ""); return err }, []string{"password"}},
		"format":                 {export(1, ""), []string{"format", "Server.Formats"}},
		"export of nothing":      {export(-1, "COCO 1.0"), []string{"id is -1"}},
		"export to nowhere": {func(ctx context.Context) error {
			_, err := client.Jobs.ExportAnnotations(ctx, 1, "COCO 1.0", nil, nil)
			return err
		}, []string{"writer"}},
		"frame -1": {func(ctx context.Context) error { _, _, err := client.Tasks.Frame(ctx, 1, -1, nil); return err }, []string{"frame is -1"}},
		"update without ids": {func(ctx context.Context) error {
			_, _, err := client.Tasks.UpdateAnnotations(ctx, 1, models.LabeledData{Shapes: make([]models.LabeledShape, 1)})
			return err
		}, []string{"LabeledData.Shapes", "without ID"}},
		"delete without ids": {func(ctx context.Context) error {
			_, _, err := client.Jobs.DeleteAnnotations(ctx, 1, models.LabeledData{Tracks: make([]models.LabeledTrack, 1)})
			return err
		}, []string{"LabeledData.Tracks", "without ID"}},
		"ground truth of no task": {func(ctx context.Context) error {
			_, _, err := client.Jobs.Create(ctx, models.JobCreate{Type: models.JobTypeGroundTruth})
			return err
		}, []string{"JobCreate.TaskID"}},
		"jobs of task 0": {func(ctx context.Context) error { _, err := client.Tasks.Jobs(ctx, 0); return err }, []string{"id is 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := wrong.call(t.Context())
			var refused *cvat.ArgumentError
			require.ErrorAs(t, err, &refused)
			for _, part := range wrong.says {
				require.ErrorContains(t, err, part)
			}
		})
	}
	t.Cleanup(func() { assert.Empty(t, srv.Requests(), "nothing was sent") })
}

func TestUnreadableFile(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" || os.Getuid() == 0 {
		t.Skip("permissions do not bind here")
	}
	path := filepath.Join(t.TempDir(), "secret.png")
	require.NoError(t, os.WriteFile(path, []byte("x"), 0))
	client := newClient(t, "https://cvat.example.com")
	err := client.Tasks.Upload(t.Context(), 1, cvat.Files(path), nil)
	require.ErrorContains(t, err, "secret.png")
	require.ErrorIs(t, err, os.ErrPermission)
}

// TestLinkToNowhere is an unreadable file wherever links can be made.
func TestLinkToNowhere(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.Symlink(filepath.Join(folder, "nowhere"), filepath.Join(folder, "link.png")); err != nil {
		t.Skip("no links here:", err)
	}
	client := newClient(t, "https://cvat.example.com")
	err := client.Tasks.Upload(t.Context(), 1, cvat.Dir(folder), nil)
	require.ErrorContains(t, err, `link.png" cannot be read`)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestWrongServers(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!DOCTYPE html><html><head><title>A web site</title></head></html>"))
	}))
	t.Cleanup(site.Close)
	client := newClient(t, site.URL, cvat.WithToken("key"))
	for name, call := range map[string]func() error{
		"get":    func() error { _, _, err := client.Tasks.Get(t.Context(), 1); return err },
		"list":   func() error { _, _, err := client.Tasks.List(t.Context(), nil); return err },
		"about":  func() error { _, _, err := client.Server.About(t.Context()); return err },
		"delete": func() error { _, err := client.Tasks.Delete(t.Context(), 1); return err },
		"file":   func() error { _, _, err := client.Tasks.Preview(t.Context(), 1); return err },
		"login":  func() error { _, err := client.Login(t.Context(), "me", "secret"); return err },
		"upload": func() error { return client.Tasks.Upload(t.Context(), 1, cvat.Bytes("a.png", []byte("x")), nil) },
	} {
		err := call()
		var answered *cvat.Error
		require.ErrorAs(t, err, &answered, name)
		assert.Equal(t, http.StatusOK, answered.StatusCode, name)
		require.ErrorContains(t, err, `an HTML page titled "A web site"`, name)
	}
}
