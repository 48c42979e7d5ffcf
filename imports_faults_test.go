package cvat_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// announced recognises the request that announces a file.
func announced(r *http.Request) bool { return r.Header.Get("Upload-Length") != "" }

// chunksOf is the size of chunks by which an archive travels in about so many of them.
func chunksOf(archive []byte, n int) int64 { return int64(max(1, len(archive)/n)) }

// TestImportCutInEachChunk cuts the connection in the middle of each chunk in turn.
func TestImportCutInEachChunk(t *testing.T) {
	t.Parallel()
	const chunks = 8
	for nth := 1; nth <= chunks+1; nth++ {
		t.Run(strconv.Itoa(nth), func(t *testing.T) {
			t.Parallel()
			eachImport(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, a *importCase) {
				t.Helper()
				before, chunk := a.count(t), chunksOf(a.good, chunks)
				client, err := client.With(cvat.WithMiddleware(cutChunkAt(isChunk, nth, int(chunk)/2)))
				require.NoError(t, err)
				require.NoError(t, a.run(t.Context(), client, a.good, chunk))
				assert.Equal(t, before+a.delta, a.count(t))
				assert.Equal(t, 1, started(srv))
			})
		})
	}
}

// TestImportFaultsAtChunks: faults at one chunk, early, late and last. Exactly one import comes of it, or none and an error.
func TestImportFaultsAtChunks(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]testserver.Fault{
		"502 on it":         {Status: http.StatusBadGateway},
		"504 after it":      {Status: http.StatusGatewayTimeout, Acts: true},
		"cut after":         {Kind: testserver.CutAfter},
		"500 on it":         {Status: http.StatusInternalServerError}, // as 2.3 says of uploads that it does not know
		"404 on it":         {Status: http.StatusNotFound},            // as later servers do
		"404 after it":      {Status: http.StatusNotFound, Acts: true},
		"409 that is wrong": {Status: http.StatusConflict},
	} {
		for _, nth := range []int{1, 7, 8} {
			t.Run(fmt.Sprintf("%s, chunk %d", name, nth), func(t *testing.T) {
				t.Parallel()
				eachImport(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, a *importCase) {
					t.Helper()
					before := a.count(t)
					fault := fault
					fault.Match, fault.Skip, fault.Times = isChunk, nth-1, 1
					srv.Fail(fault)
					err := a.run(t.Context(), client, a.good, int64(len(a.good)+7)/8)
					srv.Heal()
					if err == nil {
						assert.Equal(t, before+a.delta, a.count(t))
						assert.Equal(t, 1, started(srv))
						return
					}
					assert.True(t, fault.Status == http.StatusConflict || !fault.Acts && nth == 8, "an upload comes through that: %v", err)
					assert.Equal(t, before, a.count(t), "%v", err)
				})
			})
		}
	}
}

// TestImportForgotten: the server forgets the upload half-way. It starts over, since what is given up does no harm.
func TestImportForgotten(t *testing.T) {
	t.Parallel()
	eachImport(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, a *importCase) {
		t.Helper()
		count := a.count(t)
		var chunks atomic.Int64
		client, err := client.With(before(func(r *http.Request) {
			if isChunk(r) && chunks.Add(1) == 5 {
				srv.ForgetUploads()
			}
		}))
		require.NoError(t, err)
		require.NoError(t, a.run(t.Context(), client, a.good, chunksOf(a.good, 8)))
		assert.Greater(t, chunks.Load(), int64(8))
		assert.Equal(t, count+a.delta, a.count(t))
		assert.Equal(t, 1, started(srv))
	})
}

// TestImportServerRestarts: the server goes away and comes back, while an archive travels and while it is read.
func TestImportServerRestarts(t *testing.T) {
	t.Parallel()
	for name, match := range map[string]func(*http.Request) bool{"chunk": isChunk, "look": isImportLook} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachImport(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, a *importCase) {
				t.Helper()
				count := a.count(t)
				skip := 3
				if name == "look" {
					skip = looksBefore(srv, a)
				}
				client, restarted := restartedAt(t, srv, client, match, int64(skip+1))
				err := a.run(t.Context(), client, a.good, chunksOf(a.good, 8))
				<-restarted
				require.NoError(t, err)
				assert.Equal(t, count+a.delta, a.count(t))
				assert.Equal(t, 1, started(srv))
			})
		})
	}
}

// TestImportSendsToItsOwnServer whatever host the server's address for the upload names.
func TestImportSendsToItsOwnServer(t *testing.T) {
	t.Parallel()
	eachImport(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, a *importCase) {
		t.Helper()
		count := a.count(t)
		client, err := client.With(cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return transport(func(r *http.Request) (*http.Response, error) {
				assert.True(t, strings.HasPrefix(r.URL.String(), srv.URL), r.URL.Host)
				resp, err := next.RoundTrip(r)
				if err == nil && resp.Header.Get("Location") != "" {
					resp.Header.Set("Location", strings.Replace(resp.Header.Get("Location"), srv.URL, "https://elsewhere.example.com/proxy", 1))
				}
				return resp, err
			})
		}))
		require.NoError(t, err)
		require.NoError(t, a.run(t.Context(), client, a.good, 256))
		assert.Equal(t, count+a.delta, a.count(t))
	})
}

// TestImportRefusedAtCreation: a name that is taken, which no name of ours is, and addresses that are none.
func TestImportRefusedAtCreation(t *testing.T) {
	t.Parallel()
	eachImport(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, a *importCase) {
		t.Helper()
		count := a.count(t)
		srv.Fail(testserver.Fault{
			Match: announced, Status: http.StatusConflict, Body: `"File with same name already exists"`, ContentType: "application/vnd.cvat+json",
		})
		err := a.run(t.Context(), client, a.good, 256)
		require.ErrorIs(t, err, cvat.ErrConflict)
		require.ErrorContains(t, err, "File with same name already exists")
		require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown)
		srv.Heal()
		srv.Fail(testserver.Fault{Match: announced, Status: http.StatusCreated})
		require.ErrorContains(t, a.run(t.Context(), client, a.good, 256), "named no address")
		srv.Heal()
		assert.Zero(t, started(srv))
		assert.Equal(t, count, a.count(t))
		// The answer to the announcement is lost: another one is made, since an empty file does no harm.
		srv.Fail(testserver.Fault{Kind: testserver.CutAfter, Match: announced, Times: 1})
		require.NoError(t, a.run(t.Context(), client, a.good, 256))
		assert.Equal(t, count+a.delta, a.count(t))
	})
}

// TestImportStartLostInOnePiece loses the answer to a start that carried the archive, before and after the server has taken
// it, in each way in which that can be told.
func TestImportStartLostInOnePiece(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]testserver.Fault{
		"cut after":  {Kind: testserver.CutAfter},
		"cut before": {Kind: testserver.CutBefore},
		"502 after":  {Status: http.StatusBadGateway, Acts: true},
		"504 after":  {Status: http.StatusGatewayTimeout, Acts: true},
		"HTML after": {Kind: testserver.HTMLPage, Status: http.StatusOK, Acts: true},
	} {
		for _, chunk := range []int64{0, 256} {
			t.Run(fmt.Sprintf("%s, chunks of %d", name, chunk), func(t *testing.T) {
				t.Parallel()
				eachImport(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, a *importCase) {
					t.Helper()
					count := a.count(t)
					fault := fault
					fault.Match = isImportStart
					srv.Fail(fault)
					require.ErrorIs(t, a.run(t.Context(), client, a.good, chunk), cvat.ErrOutcomeUnknown)
					srv.Heal()
					assert.Equal(t, 1, started(srv), "never a second start")
					if fault.Kind == testserver.CutBefore {
						assert.Equal(t, count, a.count(t))
						return
					}
					require.Eventually(t, func() bool { return a.count(t) == count+a.delta }, 10*time.Second, 5*time.Millisecond)
				})
			})
		}
	}
}

// TestImportOfABrokenSource: an archive that cannot be read to its end is not imported, and the error names it.
func TestImportOfABrokenSource(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		id := newAnnotatedTask(t, client)
		archive := exportOf(t, client.Tasks.ExportAnnotations, id)
		for _, chunk := range []int64{0, 256} {
			short := cvat.ReaderAt("a.zip", bytes.NewReader(archive[:len(archive)-10]), int64(len(archive)))
			err := client.Tasks.ImportAnnotations(t.Context(), id, importFormat, short, &cvat.ImportOptions{ChunkSize: chunk, Wait: wait})
			require.ErrorAs(t, err, new(*cvat.ArgumentError))
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown)
			require.ErrorContains(t, err, `"a.zip" cannot be read`)
		}
		data, _, err := client.Tasks.GetAnnotations(t.Context(), id)
		require.NoError(t, err)
		assert.NotEmpty(t, data.Shapes)
		assert.Zero(t, finishes(srv)-1, "the upload of the task itself")
	})
}

// TestImportOfADatasetThatFailedUnheard: on servers like 2.3 the answer that says so is lost, and meanwhile somebody makes a
// task in the same project, which is no task of the dataset.
func TestImportOfADatasetThatFailedUnheard(t *testing.T) {
	t.Parallel()
	srv := testserver.Start(t, testserver.WithDialect(testserver.V2_3), testserver.WithAnonymousLimit(0))
	t.Cleanup(srv.Close)
	calm := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
	project, _ := newAnnotatedProject(t, calm)
	archive := exportOf(t, calm.Projects.ExportDataset, project)
	var looks atomic.Int64
	client, err := calm.With(before(func(r *http.Request) {
		if isImportLook(r) && looks.Add(1) == 2 {
			newTaskOf(t, calm, models.TaskCreate{Name: "of somebody else", ProjectID: project, Subset: "Train"}, &cvat.UploadOptions{Wait: wait}, 2)
		}
	}))
	require.NoError(t, err)
	srv.Plan(testserver.Work{Operation: "projects_create_dataset", Duration: 1, Failure: "ValueError: planned"})
	srv.Fail(testserver.Fault{Kind: testserver.CutAfter, Match: isImportLook, Skip: 1, Times: 1})
	err = client.Projects.ImportDataset(t.Context(), project, importFormat, cvat.Bytes("a.zip", archive), &cvat.ImportOptions{Wait: wait})
	require.ErrorIs(t, err, cvat.ErrOutcomeUnknown)
	require.ErrorContains(t, err, "nothing shows that it has gone through")
}
