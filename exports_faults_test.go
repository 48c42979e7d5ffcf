package cvat_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
)

// exportToFile is one of the workflows that fetch an archive.
type exportToFile func(ctx context.Context, client *cvat.Client, path string, opts *cvat.ExportOptions) (*cvat.ExportedFile, error)

// exportForms are all kinds of archives of all kinds of objects.
func exportForms(project, task, job int64) map[string]exportToFile {
	return map[string]exportToFile{
		"dataset of a task": func(ctx context.Context, c *cvat.Client, path string, opts *cvat.ExportOptions) (*cvat.ExportedFile, error) {
			return c.Tasks.ExportDatasetToFile(ctx, task, exportFormat, path, opts)
		},
		"annotations of a task": func(ctx context.Context, c *cvat.Client, path string, opts *cvat.ExportOptions) (*cvat.ExportedFile, error) {
			return c.Tasks.ExportAnnotationsToFile(ctx, task, exportFormat, path, opts)
		},
		"backup of a task": func(ctx context.Context, c *cvat.Client, path string, opts *cvat.ExportOptions) (*cvat.ExportedFile, error) {
			return c.Tasks.BackupToFile(ctx, task, path, opts)
		},
		"dataset of a job": func(ctx context.Context, c *cvat.Client, path string, opts *cvat.ExportOptions) (*cvat.ExportedFile, error) {
			return c.Jobs.ExportDatasetToFile(ctx, job, exportFormat, path, opts)
		},
		"annotations of a job": func(ctx context.Context, c *cvat.Client, path string, opts *cvat.ExportOptions) (*cvat.ExportedFile, error) {
			return c.Jobs.ExportAnnotationsToFile(ctx, job, exportFormat, path, opts)
		},
		"dataset of a project": func(ctx context.Context, c *cvat.Client, path string, opts *cvat.ExportOptions) (*cvat.ExportedFile, error) {
			return c.Projects.ExportDatasetToFile(ctx, project, exportFormat, path, opts)
		},
		"annotations of a project": func(ctx context.Context, c *cvat.Client, path string, opts *cvat.ExportOptions) (*cvat.ExportedFile, error) {
			return c.Projects.ExportAnnotationsToFile(ctx, project, exportFormat, path, opts)
		},
		"backup of a project": func(ctx context.Context, c *cvat.Client, path string, opts *cvat.ExportOptions) (*cvat.ExportedFile, error) {
			return c.Projects.BackupToFile(ctx, project, path, opts)
		},
	}
}

// eachExport runs a test with every workflow, in both dialects, on servers of their own. want is what the archive holds.
func eachExport(t *testing.T, run func(t *testing.T, srv *testserver.Server, client *cvat.Client, export exportToFile, want []string)) {
	t.Helper()
	for name := range exportForms(0, 0, 0) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
				t.Helper()
				project, task := newAnnotatedProject(t, client)
				jobs, err := client.Tasks.Jobs(t.Context(), task)
				require.NoError(t, err)
				export := exportForms(project, task, jobs[0].ID)[name]
				path := filepath.Join(t.TempDir(), "calm.zip")
				_, err = export(t.Context(), client, path, toFile)
				require.NoError(t, err)
				run(t, srv, client, export, membersOf(t, path))
			})
		})
	}
}

// membersOf reads an archive to its end, which compares every checksum, and names what it holds.
func membersOf(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	members, err := archived(data)
	require.NoError(t, err)
	var names []string
	for name := range members {
		names = append(names, name)
	}
	require.NotEmpty(t, names)
	return names
}

// isExportLook recognises a question how far an export is, in both protocols.
func isExportLook(r *http.Request) bool {
	return strings.Contains(r.URL.Path, "/api/requests/") ||
		r.Method == http.MethodGet && r.URL.Query().Has("use_default_location") && !isDownload(r)
}

// TestEachExportSurvives what must not keep an archive from arriving whole, whatever it is an archive of.
func TestEachExportSurvives(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]testserver.Fault{
		"archive cut at 60 %":             {Kind: testserver.TruncateBody, Match: isDownload, Times: 1, Share: 0.6},
		"archive of unknown length cut":   {Kind: testserver.CutBody, Match: isDownload, Times: 1, Share: 0.6},
		"wrong Content-Length":            {Kind: testserver.ShortLength, Match: isDownload, Times: 1, Share: 0.6},
		"202 on download":                 {Match: isDownload, Times: 1, Status: http.StatusAccepted},
		"502 on download":                 {Match: isDownload, Times: 2, Status: http.StatusBadGateway},
		"answer to the download lost":     {Kind: testserver.CutAfter, Match: isDownload, Times: 1},
		"poll answered 502 ten times":     {Match: isExportLook, Times: 40, Status: http.StatusBadGateway}, // each is repeated
		"first look lost":                 {Kind: testserver.CutAfter, Match: isExportLook, Times: 1},
		"look lost that says that it has": {Kind: testserver.CutAfter, Match: isExportLook, Skip: 2, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachExport(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, export exportToFile, want []string) {
				t.Helper()
				if srv.Dialect() == testserver.V2_73 && name == "202 on download" {
					return // the newer download is no poll: a 202 there is an error
				}
				srv.Fail(fault)
				folder := t.TempDir()
				file, err := export(t.Context(), client, folder, toFile)
				require.NoError(t, err)
				assert.ElementsMatch(t, want, membersOf(t, file.Path))
				assert.Len(t, filesIn(t, folder), 1)
			})
		})
	}
}

// TestEachExportFails: a failure is final and in the server's words, and leaves no file.
func TestEachExportFails(t *testing.T) {
	t.Parallel()
	eachExport(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, export exportToFile, _ []string) {
		t.Helper()
		srv.Plan(testserver.Work{Duration: 20 * time.Millisecond, Failure: "ValueError: planned"})
		folder := t.TempDir()
		_, err := export(t.Context(), client, folder, toFile)
		var failed *cvat.BackgroundError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, "ValueError: planned", strings.TrimSpace(failed.Message))
		assert.Empty(t, filesIn(t, folder))
	})
}

// TestEachExportLosesItsFailure loses the answer that says that it has failed. Servers like 2.3 say it once and start anew, which
// changes nothing: the archive is whole, or it is told that it failed.
func TestEachExportLosesItsFailure(t *testing.T) {
	t.Parallel()
	for lost := range 5 {
		t.Run(strconv.Itoa(lost), func(t *testing.T) {
			t.Parallel()
			eachExport(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, export exportToFile, want []string) {
				t.Helper()
				srv.Plan(testserver.Work{Times: 1, Duration: 1, Failure: "ValueError: planned"})
				srv.Fail(testserver.Fault{Kind: testserver.CutAfter, Match: isExportLook, Skip: lost, Times: 1})
				folder := t.TempDir()
				file, err := export(t.Context(), client, folder, toFile)
				if err != nil {
					require.ErrorAs(t, err, new(*cvat.BackgroundError))
					require.ErrorContains(t, err, "planned")
					assert.Empty(t, filesIn(t, folder))
					return
				}
				assert.Equal(t, testserver.V2_3, srv.Dialect(), "newer servers say it as often as they are asked")
				assert.ElementsMatch(t, want, membersOf(t, file.Path))
			})
		})
	}
}

// TestEachExportServerRestarts: the server goes away while an archive travels, and comes back.
func TestEachExportServerRestarts(t *testing.T) {
	t.Parallel()
	for name, match := range map[string]func(*http.Request) bool{"look": isExportLook, "download": isDownload} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachExport(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, export exportToFile, want []string) {
				t.Helper()
				client, restarted := restartedAt(t, srv, client, match, 1)
				folder := t.TempDir()
				file, err := export(t.Context(), client, folder, toFile)
				<-restarted
				require.NoError(t, err)
				assert.ElementsMatch(t, want, membersOf(t, file.Path))
				assert.Len(t, filesIn(t, folder), 1)
			})
		})
	}
}

// TestEachExportCancelled cancels at every request in turn.
func TestEachExportCancelled(t *testing.T) {
	t.Parallel()
	eachExport(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client, export exportToFile, _ []string) {
		t.Helper()
		cause := errors.New("the user has left")
		stages := 0
		for {
			ctx, cancel := context.WithCancelCause(t.Context())
			var n atomic.Int32
			counting, err := client.With(before(func(*http.Request) {
				if int(n.Add(1)) > stages {
					cancel(cause)
				}
			}))
			require.NoError(t, err)
			folder := t.TempDir()
			_, err = export(ctx, counting, folder, toFile)
			cancel(nil)
			if err == nil {
				break
			}
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, err, cause)
			assert.Empty(t, filesIn(t, folder), "request %d", stages)
			stages++
		}
		assert.GreaterOrEqual(t, stages, 3)
	})
}
