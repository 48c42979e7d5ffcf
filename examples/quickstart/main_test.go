package main

import (
	"archive/zip"
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/examples/internal/program"
	"github.com/go-cvat/cvat/examples/internal/scene"
	"github.com/go-cvat/cvat/internal/testserver"
)

func dialects() []testserver.Dialect { return []testserver.Dialect{testserver.V2_3, testserver.V2_73} }

func startServer(t *testing.T, dialect testserver.Dialect) *testserver.Server {
	t.Helper()
	server := testserver.Start(t, testserver.WithDialect(dialect))
	t.Cleanup(server.Close)
	return server
}

// outcome is how a run of the program ended.
type outcome struct {
	code           int
	stdout, stderr string
}

func (o outcome) expect(t *testing.T, code int, stderr ...string) {
	t.Helper()
	if o.code != code {
		t.Errorf("the exit code is %d, not %d", o.code, code)
	}
	for _, text := range stderr {
		if !strings.Contains(o.stderr, text) {
			t.Errorf("the complaint lacks %q", text)
		}
	}
	if t.Failed() {
		t.Logf("stdout:\n%s\nstderr:\n%s", o.stdout, o.stderr)
	}
}

func start(ctx context.Context, env map[string]string, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	code := run(ctx, program.World{Args: args, Getenv: func(name string) string { return env[name] }, Stdout: &stdout, Stderr: &stderr})
	return outcome{code, stdout.String(), stderr.String()}
}

// login are the flags for an ordinary user of the fake server.
func login(server *testserver.Server) []string {
	return []string{"-url", server.URL, "-user", "user1", "-password", "user-password"}
}

func startWith(t *testing.T, server *testserver.Server, args ...string) outcome {
	t.Helper()
	return start(t.Context(), nil, append(login(server), args...)...)
}

func projects(t *testing.T, server *testserver.Server) []string {
	t.Helper()
	client, err := cvat.NewClient(server.URL, cvat.WithBasicAuth("user1", "user-password"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for project, err := range client.Projects.All(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, project.Name)
	}
	return names
}

func TestMainJob(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects() {
		t.Run(dialect.String(), func(t *testing.T) {
			t.Parallel()
			server := startServer(t, dialect)
			out := filepath.Join(t.TempDir(), "new", "results")
			result := startWith(t, server, "-out", out)
			result.expect(t, 0)
			if result.stderr != "" {
				t.Errorf("it complains: %s", result.stderr)
			}
			for _, text := range []string{
				"connected to CVAT " + dialect.String(), "uploaded 5 pictures, 15", "read them back: the same", "5 images, 60 shapes (those of tracks among them), 5 tags and 6 labels, as written",
				"the project stays at " + server.URL + "/projects/1",
			} {
				if !strings.Contains(result.stdout, text) {
					t.Errorf("the output lacks %q:\n%s", text, result.stdout)
				}
			}
			checkPicture(t, filepath.Join(out, "quickstart.png"))
			checkStreetArchive(t, filepath.Join(out, "quickstart.zip"))
			entries, err := os.ReadDir(out)
			if err != nil || len(entries) != 2 {
				t.Errorf("the folder holds %v (%v)", entries, err)
			}
		})
	}
}

// checkPicture looks for the outlines of the cars of the first street picture.
func checkPicture(t *testing.T, path string) {
	t.Helper()
	scenes, err := scene.Read("images")
	if err != nil {
		t.Fatal(err)
	}
	picture, cars := openPicture(t, path), 0
	for _, shape := range scenes.Pictures[0].Shapes {
		if shape.Label != "car" {
			continue
		}
		cars++
		x, y := int(shape.Points[0]+shape.Points[2])/2, int(shape.Points[3])
		if got := color.NRGBAModel.Convert(picture.At(x, y-1)).(color.NRGBA); !closeTo(got, parsed("#ff3355")) {
			t.Errorf("the edge of the car at %d,%d has the colour %v", x, y, got)
		}
	}
	if cars == 0 {
		t.Error("there are no cars")
	}
}

// checkStreetArchive counts in the XML without the program's own eyes, and compares the pictures byte for byte.
func checkStreetArchive(t *testing.T, path string) {
	t.Helper()
	files := unzip(t, path)
	scenes, err := scene.Read("images")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"<image ": len(scenes.Pictures), "<box ": len(scenes.Pictures), "<tag ": len(scenes.Pictures)} // the boxes of the track
	for _, picture := range scenes.Pictures {
		for _, shape := range picture.Shapes {
			want[map[string]string{"rectangle": "<box ", "polygon": "<polygon ", "skeleton": "<skeleton "}[shape.Type]]++
		}
		original, err := os.ReadFile(filepath.Join("images", picture.File))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(files, func(f file) bool { return filepath.Base(f.name) == picture.File && bytes.Equal(f.data, original) }) {
			t.Errorf("%s is not in the archive as it was uploaded", picture.File)
		}
	}
	i := slices.IndexFunc(files, func(f file) bool { return f.name == "annotations.xml" })
	if i < 0 {
		t.Fatal("there is no annotations.xml")
	}
	for element, n := range want {
		if got := strings.Count(string(files[i].data), element); got != n {
			t.Errorf("there are %d of %s>, not %d", got, element, n)
		}
	}
}

type file struct {
	name string
	data []byte
}

func unzip(t *testing.T, path string) []file {
	t.Helper()
	reader, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	var files []file
	for _, entry := range reader.File {
		content, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file{entry.Name, data})
	}
	return files
}

func TestOtherPictures(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects() {
		t.Run(dialect.String(), func(t *testing.T) {
			t.Parallel()
			server := startServer(t, dialect)
			folder, out := t.TempDir(), t.TempDir()
			paint(t, filepath.Join(folder, "b.png"), 120, 90, png.Encode)
			paint(t, filepath.Join(folder, "a.jpg"), 90, 120, func(w io.Writer, img image.Image) error { return jpeg.Encode(w, img, nil) })
			paint(t, filepath.Join(folder, "c.png"), 300, 200, png.Encode)
			result := startWith(t, server, "-images", folder, "-out", out)
			result.expect(t, 0)
			if want := "3 images, 12 shapes (those of tracks among them), 3 tags and 6 labels"; !strings.Contains(result.stdout, want) {
				t.Errorf("the output lacks %q:\n%s", want, result.stdout)
			}
			if size := openPicture(t, filepath.Join(out, "quickstart.png")).Bounds().Size(); size != image.Pt(90, 120) {
				t.Errorf("the size of the first picture is %v", size)
			}
			var names []string
			for _, file := range unzip(t, filepath.Join(out, "quickstart.zip")) {
				names = append(names, filepath.Base(file.name))
			}
			slices.Sort(names)
			if want := []string{"a.jpg", "annotations.xml", "b.png", "c.png"}; !slices.Equal(names, want) {
				t.Errorf("the archive holds %q", names)
			}
		})
	}
}

func paint(t *testing.T, path string, width, height int, encode func(io.Writer, image.Image) error) {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = 200
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := encode(file, img); err != nil {
		t.Fatal(err)
	}
}

// small is a folder with one picture that takes no time.
func small(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	paint(t, filepath.Join(folder, "a.png"), 60, 40, png.Encode)
	return folder
}

func TestWithoutServer(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	result := start(t.Context(), map[string]string{"CVAT_TOKEN": "of no use"}, "-out", out)
	result.expect(t, 0)
	if !strings.HasPrefix(result.stdout, "no -url: using a fake CVAT in this process") {
		t.Errorf("the output begins otherwise:\n%s", result.stdout)
	}
	checkStreetArchive(t, filepath.Join(out, "quickstart.zip"))
}

func TestRunningAgainAndCleaning(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects() {
		t.Run(dialect.String(), func(t *testing.T) {
			t.Parallel()
			server := startServer(t, dialect)
			flags := []string{"-images", small(t), "-out", t.TempDir()}
			startWith(t, server, flags...).expect(t, 0)
			kept := projects(t, server)
			if len(kept) != 1 || !strings.HasPrefix(kept[0], "quickstart 2") {
				t.Fatalf("the projects are %q", kept)
			}
			startWith(t, server, append(flags, "-clean")...).expect(t, 0)
			if left := projects(t, server); !slices.Equal(left, kept) {
				t.Errorf("the projects are %q, not %q", left, kept)
			}
		})
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	server := startServer(t, testserver.V2_73)
	flags := []string{"-images", small(t), "-out", t.TempDir()}
	env := map[string]string{"CVAT_URL": server.URL, "CVAT_ACCESS_TOKEN": server.AddAccessToken("user1", false), "CVAT_ORGANIZATION": "nobody"}
	start(t.Context(), env, flags...).expect(t, 1, "nobody")
	delete(env, "CVAT_ORGANIZATION")
	start(t.Context(), env, flags...).expect(t, 0)

	env = map[string]string{"CVAT_URL": server.URL, "CVAT_USERNAME": "user1", "CVAT_PASSWORD": "user-password", "CVAT_TOKEN": "two"}
	start(t.Context(), env, flags...).expect(t, 1, "contradict each other")
	start(t.Context(), env, append(flags, "-token", server.Token("user1"))...).expect(t, 0)
}

func TestWrongInput(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects() {
		t.Run(dialect.String(), func(t *testing.T) {
			t.Parallel()
			server := startServer(t, dialect)
			empty, missing := t.TempDir(), filepath.Join(t.TempDir(), "missing")
			broken := t.TempDir()
			for _, name := range []string{"a.png", scene.FileName} {
				if err := os.WriteFile(filepath.Join(broken, name), []byte("{"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			obstacle := filepath.Join(broken, "a.png")
			for _, test := range []struct {
				name string
				args []string
				want string
			}{
				{"no folder", []string{"-images", missing}, "cannot be read"},
				{"no pictures", []string{"-images", empty}, "holds no pictures"},
				{"broken description", []string{"-images", broken}, scene.FileName},
				{"no place for the results", []string{"-out", filepath.Join(obstacle, "out")}, obstacle},
			} {
				result := startWith(t, server, test.args...)
				if result.expect(t, 1, test.want, "nothing was made on the server"); t.Failed() {
					t.Fatal(test.name)
				}
			}
			if requests := server.Requests(); len(requests) > 0 {
				t.Errorf("requests were sent: %s", requests[0].Operation)
			}
		})
	}
}

func TestWrongServerOrCredentials(t *testing.T) {
	t.Parallel()
	server := startServer(t, testserver.V2_73)
	access := server.AddAccessToken("user1", false)
	out := t.TempDir()
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"password":                {[]string{"-url", server.URL, "-user", "user1", "-password", "guess"}, "Unable to log in with provided credentials."},
		"access token as token":   {[]string{"-url", server.URL, "-token", access}, "is it a personal access token?"},
		"two kinds":               {[]string{"-url", server.URL, "-token", "a", "-access-token", "b"}, "contradict each other"},
		"no scheme":               {[]string{"-url", "cvat.example.com", "-token", "a"}, `did you mean "https://cvat.example.com"?`},
		"path of CVAT":            {[]string{"-url", server.URL + "/tasks/1", "-token", "a"}, "ends in a path of CVAT itself"},
		"pages instead of an API": {[]string{"-url", pages(t), "-token", "a"}, "HTML page"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start(t.Context(), nil, append(test.args, "-out", out)...).expect(t, 1, test.want, "nothing was made on the server")
		})
	}
}

// pages is the address of a web site that is no CVAT. The fake server plays it.
func pages(t *testing.T) string {
	t.Helper()
	site := testserver.Start(nil)
	t.Cleanup(site.Close)
	site.Fail(testserver.Fault{Kind: testserver.HTMLPage, Status: http.StatusOK})
	return site.URL
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"help":                {[]string{"-h"}, 0, "-images folder"},
		"unknown flag":        {[]string{"-nope"}, 2, "-nope"},
		"argument":            {[]string{"pictures"}, 2, `unexpected argument "pictures"`},
		"no credentials":      {[]string{"-url", "http://127.0.0.1"}, 2, "-url needs credentials"},
		"no password":         {[]string{"-url", "http://127.0.0.1", "-user", "user1"}, 2, "go together"},
		"no user":             {[]string{"-url", "http://127.0.0.1", "-password", "p"}, 2, "go together"},
		"no server":           {[]string{"-token", "secret-key"}, 2, "give -url too"},
		"no server, just org": {[]string{"-organization", "team"}, 2, "give -url too"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{"CVAT_TOKEN": "secret-key", "CVAT_PASSWORD": "secret-key"}
			if name == "no credentials" {
				env = nil
			}
			result := start(t.Context(), env, test.args...)
			result.expect(t, test.code, test.want)
			if strings.Contains(result.stderr+result.stdout, "secret-key") {
				t.Errorf("a secret is shown:\n%s", result.stderr)
			}
		})
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	start(ctx, nil, "-out", t.TempDir()).expect(t, program.ExitInterrupted, "context canceled", "nothing was made on the server (the fake one, which is gone)")
}

// Wherever Ctrl-C strikes, the program ends and says what it leaves.
func TestInterruptedHalfWay(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects() {
		t.Run(dialect.String(), func(t *testing.T) {
			t.Parallel()
			server := testserver.Start(nil, testserver.WithDialect(dialect)) // half requests are nothing to report
			t.Cleanup(server.Close)
			export := "tasks_create_dataset_export"
			if dialect == testserver.V2_3 {
				export = "tasks_retrieve_dataset"
			}
			folder := small(t)
			for i, test := range []struct{ operation, want string }{
				{"projects_create", "the server may or may not have made the project \"quickstart 2"},
				{"tasks_create", "left on the server: project "},
				{"tasks_partial_update_data_file", "with task "},
				{"tasks_update_annotations", "with task "},
				{export, "with task "},
			} {
				ctx, cancel := context.WithCancel(t.Context())
				server.Heal()
				server.Fail(testserver.Fault{Kind: testserver.CutAfter, Operation: test.operation, Match: func(*http.Request) bool {
					cancel()
					return true
				}})
				out := t.TempDir()
				args := []string{"-url", server.URL, "-user", "admin", "-password", "admin-password", "-out", out, "-images", folder}
				if start(ctx, nil, args...).expect(t, program.ExitInterrupted, test.want); t.Failed() {
					t.Fatal(test.operation)
				}
				if _, err := os.Stat(filepath.Join(out, "quickstart.zip")); err == nil {
					t.Errorf("%d: there is a zip", i)
				}
			}
		})
	}
}

func TestFailedProcessing(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects() {
		t.Run(dialect.String(), func(t *testing.T) {
			t.Parallel()
			server := startServer(t, dialect)
			message := "ValueError: " + strings.Repeat("the picture is broken, ", 30) + "really"
			server.Plan(testserver.Work{Operation: "tasks_create_data", Failure: message})
			startWith(t, server, "-out", t.TempDir(), "-images", small(t)).expect(t, 1, message, "left on the server: project 1, \"quickstart 2", "with task 1")
		})
	}
}

func TestFailedExport(t *testing.T) {
	t.Parallel()
	server := startServer(t, testserver.V2_73)
	server.Fail(testserver.Fault{Kind: testserver.TruncateBody, Operation: "tasks_retrieve_dataset_download"})
	out := t.TempDir()
	startWith(t, server, "-out", out, "-images", small(t)).expect(t, 1, "incomplete", "left on the server")
	entries, err := os.ReadDir(out)
	if err != nil || len(entries) != 1 || entries[0].Name() != "quickstart.png" {
		t.Errorf("the folder holds %v (%v)", entries, err)
	}
}
