package cvat_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
)

// exporting is an annotated task, its job and its project.
type exporting struct{ task, job, project int64 }

// write exports to a writer.
func (e exporting) write(ctx context.Context, c *cvat.Client, form string, w io.Writer) error {
	var err error
	switch form {
	case "dataset of a task":
		_, err = c.Tasks.ExportDataset(ctx, e.task, exportFormat, w, toFile)
	case "annotations of a task":
		_, err = c.Tasks.ExportAnnotations(ctx, e.task, exportFormat, w, toFile)
	case "backup of a task":
		_, err = c.Tasks.Backup(ctx, e.task, w, toFile)
	case "dataset of a job":
		_, err = c.Jobs.ExportDataset(ctx, e.job, exportFormat, w, toFile)
	case "annotations of a job":
		_, err = c.Jobs.ExportAnnotations(ctx, e.job, exportFormat, w, toFile)
	case "dataset of a project":
		_, err = c.Projects.ExportDataset(ctx, e.project, exportFormat, w, toFile)
	case "annotations of a project":
		_, err = c.Projects.ExportAnnotations(ctx, e.project, exportFormat, w, toFile)
	case "backup of a project":
		_, err = c.Projects.Backup(ctx, e.project, w, toFile)
	}
	return err
}

// eachForm runs a test with every kind of archive of every kind of object, in both dialects, on servers of their own.
func eachForm(t *testing.T, run func(t *testing.T, srv *testserver.Server, client *cvat.Client, e exporting, form string)) {
	t.Helper()
	for form := range exportForms(0, 0, 0) {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
				t.Helper()
				project, task := newAnnotatedProject(t, client)
				jobs, err := client.Tasks.Jobs(t.Context(), task)
				require.NoError(t, err)
				run(t, srv, client, exporting{task: task, job: jobs[0].ID, project: project}, form)
			})
		})
	}
}

// lastArchive returns a client, and what tells what the archive that it fetched last has to be. Servers like 2.73 write the
// time into each, and have it at the same address still; those like 2.3 write the same again.
func (e exporting) lastArchive(t *testing.T, srv *testserver.Server, client *cvat.Client, form string) (watched *cvat.Client, whole func() []byte) {
	t.Helper()
	var address string
	watched, err := client.With(before(func(r *http.Request) {
		if isDownload(r) {
			address = r.URL.String()
		}
	}))
	require.NoError(t, err)
	return watched, func() []byte {
		var archive bytes.Buffer
		if srv.Dialect() == testserver.V2_3 {
			require.NoError(t, e.write(t.Context(), client, form, &archive))
			return archive.Bytes()
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		require.NoError(t, err)
		r.SetBasicAuth("admin", "admin-password")
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		require.Equal(t, http.StatusOK, resp.StatusCode)
		_, err = archive.ReadFrom(resp.Body)
		require.NoError(t, err)
		return archive.Bytes()
	}
}

// TestEveryArchiveIsIdentical lets things go wrong after which every kind of archive must be there, bit for bit.
func TestEveryArchiveIsIdentical(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, e exporting, form string) {
		t.Helper()
		client, whole := e.lastArchive(t, srv, client, form)
		save := exportForms(e.project, e.task, e.job)[form]
		for name, fault := range map[string]testserver.Fault{
			"archive cut at 60 %":         {Kind: testserver.TruncateBody, Match: isDownload, Times: 1, Share: 0.6},
			"cut without a length":        {Kind: testserver.CutBody, Match: isDownload, Times: 2, Share: 0.6},
			"wrong Content-Length":        {Kind: testserver.ShortLength, Match: isDownload, Times: 1, Share: 0.9},
			"poll answered 502 ten times": {Match: isExportLook, Times: 10, Status: http.StatusBadGateway},
			"last looks lost":             {Kind: testserver.CutAfter, Match: isExportLook, Times: 3},
			"answer to download lost":     {Kind: testserver.CutAfter, Match: isDownload, Times: 1},
			"202 on download":             {Match: isDownload, Times: 1, Status: http.StatusAccepted},
		} {
			if name == "202 on download" && srv.Dialect() == testserver.V2_73 {
				continue // the newer download is no poll: see TestNothingPassesForAnArchive
			}
			srv.Fail(fault)
			folder := t.TempDir()
			_, err := save(t.Context(), client, filepath.Join(folder, "a.zip"), toFile)
			require.NoError(t, err, name)
			srv.Heal()
			files := filesIn(t, folder)
			require.Len(t, files, 1, name)
			assert.True(t, bytes.Equal(whole(), files["a.zip"]), "%s: bit for bit", name)
		}
	})
}

// TestNothingPassesForAnArchive: neither a writer nor a file passes for an archive, and a file that was there before stays.
func TestNothingPassesForAnArchive(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, e exporting, form string) {
		t.Helper()
		client, whole := e.lastArchive(t, srv, client, form)
		save := exportForms(e.project, e.task, e.job)[form]
		old := map[string][]byte{"a.zip": []byte("the archive of yesterday")}
		for name, fault := range map[string]testserver.Fault{
			"archive cut at 60 %":  {Kind: testserver.TruncateBody, Match: isDownload, Share: 0.6},
			"cut without a length": {Kind: testserver.CutBody, Match: isDownload, Share: 0.6},
			"cut at once":          {Kind: testserver.TruncateBody, Match: isDownload, Share: 1e-9},
			"wrong Content-Length": {Kind: testserver.ShortLength, Match: isDownload, Share: 0.9},
			"202 on download":      {Match: isDownload, Status: http.StatusAccepted},
			"forbidden":            {Match: isDownload, Status: http.StatusForbidden},
		} {
			if srv.Dialect() == testserver.V2_3 { // nothing is left ready, which would be taken away first
				require.NoError(t, e.write(t.Context(), client, form, io.Discard), name)
			}
			srv.Fail(fault)
			var got bytes.Buffer
			err := e.write(t.Context(), client, form, &got)
			require.Error(t, err, name)
			srv.Heal()
			incomplete, broke := errors.AsType[*cvat.IncompleteError](err)
			assert.Equal(t, fault.Share > 0, broke, name)
			if broke {
				assert.Equal(t, int64(got.Len()), incomplete.Written, name)
				assert.True(t, bytes.HasPrefix(whole(), got.Bytes()), name)
			}

			folder := t.TempDir()
			path := filepath.Join(folder, "a.zip")
			require.NoError(t, os.WriteFile(path, old["a.zip"], 0o600))
			srv.Fail(fault)
			_, err = save(t.Context(), client, path, &cvat.ExportOptions{Wait: wait, Overwrite: true})
			srv.Heal()
			require.Error(t, err, name)
			assert.Equal(t, old, filesIn(t, folder), name)
		}
	})
}
