package cvat_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// cutting breaks the first n downloads off after some bytes, as a bad line would.
func cutting(n int32, after int64) cvat.Option {
	var cut atomic.Int32
	return cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return transport(func(r *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(r)
			if err == nil && isDownload(r) && resp.StatusCode/100 == 2 && resp.ContentLength > after && cut.Add(1) <= n {
				resp.Body = &cutBody{ReadCloser: resp.Body, left: after}
			}
			return resp, err
		})
	})
}

// cutBody is a body that ends too early.
type cutBody struct {
	io.ReadCloser
	left int64
}

func (b *cutBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

func conformExportsToFiles(t *testing.T, s *target) {
	ctx := t.Context()
	task := s.taskWithFrames(t)
	labels, err := s.admin.Tasks.Labels(ctx, task.ID)
	require.NoError(t, err)
	_, _, err = s.admin.Tasks.ReplaceAnnotations(ctx, task.ID, annotations(t, labels))
	require.NoError(t, err)
	client, err := s.admin.With(cutting(2, 1000))
	require.NoError(t, err)
	client, ranges := ranged(t, client)
	folder := t.TempDir()
	options := &cvat.ExportOptions{Wait: s.wait}
	file, err := client.Tasks.ExportDatasetToFile(ctx, task.ID, exportFormat, folder, options)
	require.NoError(t, err)
	assert.Positive(t, ranges.Load(), "it went on where it was cut")
	assert.Equal(t, filepath.Join(folder, file.Name), file.Path)
	data, err := os.ReadFile(file.Path)
	require.NoError(t, err)
	assert.Len(t, data, int(file.Size))
	_, images := openExport(t, data)
	assert.Equal(t, 3, images)

	_, err = s.admin.Tasks.ExportDatasetToFile(ctx, task.ID, exportFormat, folder, options)
	require.ErrorIs(t, err, os.ErrExist)
	_, err = s.admin.Tasks.ExportDatasetToFile(ctx, task.ID, exportFormat, folder, &cvat.ExportOptions{Wait: s.wait, Overwrite: true})
	require.NoError(t, err)
	assert.Len(t, filesIn(t, folder), 1)

	work, err := s.admin.Tasks.StartExportAnnotations(ctx, task.ID, exportFormat, options)
	require.NoError(t, err)
	_, err = s.admin.Wait(ctx, work, &s.wait)
	require.NoError(t, err)
	file, err = s.admin.DownloadToFile(ctx, work, filepath.Join(folder, "annotations.zip"), nil)
	require.NoError(t, err)
	data, err = os.ReadFile(file.Path)
	require.NoError(t, err)
	_, images = openExport(t, data)
	assert.Zero(t, images)
}

// conformExportsAtOnce: what shares one result on old servers takes turns.
func conformExportsAtOnce(t *testing.T, s *target) {
	task := s.taskWithFrames(t)
	derived, err := s.admin.With(cvat.WithUserAgent("conformance"))
	require.NoError(t, err)
	var running sync.WaitGroup
	var archives [4]bytes.Buffer
	var failures [4]error
	for i := range archives {
		service := []*cvat.TasksService{s.admin.Tasks, derived.Tasks}[i/2]
		running.Go(func() {
			export := []func() (*cvat.ExportedFile, error){
				func() (*cvat.ExportedFile, error) {
					return service.ExportDataset(t.Context(), task.ID, exportFormat, &archives[i], &cvat.ExportOptions{Wait: s.wait})
				},
				func() (*cvat.ExportedFile, error) {
					return service.ExportAnnotations(t.Context(), task.ID, exportFormat, &archives[i], &cvat.ExportOptions{Wait: s.wait})
				},
			}[i%2]
			_, failures[i] = export()
		})
	}
	running.Wait()
	for i := range archives {
		require.NoError(t, failures[i])
		_, images := openExport(t, archives[i].Bytes())
		assert.Equal(t, []int{3, 0}[i%2], images)
	}
}

func conformFrameWalk(t *testing.T, s *target) {
	ctx := t.Context()
	task := s.newTask(t)
	options := &cvat.UploadOptions{StartFrame: 3, FrameFilter: "step=2", Wait: s.wait}
	require.NoError(t, s.admin.Tasks.Upload(ctx, task.ID, cvat.Dir(writePictures(t, 10)), options))
	_, _, err := s.admin.Tasks.UpdateDataMeta(ctx, task.ID, models.DataMetaPatch{DeletedFrames: []int{1}})
	require.NoError(t, err)

	var sources []int
	for frame, err := range s.admin.Tasks.Frames(ctx, task.ID) {
		require.NoError(t, err)
		sources = append(sources, frame.SourceFrame)
		assert.Equal(t, 64+frame.SourceFrame, frame.Width)
		assert.Equal(t, frame.Number == 1, frame.Deleted)
		content, err := frame.Open(ctx, cvat.QualityOriginal)
		require.NoError(t, err)
		assert.Equal(t, picture(t, frame.SourceFrame), readAll(t, content))
	}
	assert.Equal(t, []int{3, 5, 7, 9}, sources)

	folder := t.TempDir()
	done, err := s.admin.Tasks.DownloadFrames(ctx, task.ID, folder, nil)
	require.NoError(t, err)
	assert.Len(t, done, 3)
	want := map[string][]byte{"frame3.png": picture(t, 3), "frame7.png": picture(t, 7), "frame9.png": picture(t, 9)}
	assert.Equal(t, want, filesIn(t, folder))

	jobs, err := s.admin.Tasks.Jobs(ctx, task.ID)
	require.NoError(t, err)
	require.Len(t, jobs, 2)
	done, err = s.admin.Jobs.DownloadFrames(ctx, jobs[1].ID, folder, &cvat.DownloadFramesOptions{Quality: cvat.QualityCompressed})
	require.NoError(t, err)
	require.Len(t, done, 2)
	assert.Equal(t, []int{2, 3}, []int{done[0].Frame.Number, done[1].Frame.Number})
	assert.Len(t, filesIn(t, folder), 5)
}
