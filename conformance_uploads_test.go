package cvat_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// discard removes a task when the test ends.
func (s *target) discard(t *testing.T, id int64) {
	t.Helper()
	t.Cleanup(func() {
		_, err := s.admin.Tasks.Delete(context.Background(), id)
		require.NoError(t, err)
	})
}

func conformCreateFromData(t *testing.T, s *target) {
	spec := models.TaskCreate{Name: s.name(t), Labels: labels(), SegmentSize: 2}
	task, err := s.admin.Tasks.CreateFromData(t.Context(), spec, cvat.Dir(writePictures(t, 3)), &cvat.UploadOptions{ImageQuality: 80, Wait: s.wait})
	require.NoError(t, err)
	s.discard(t, task.ID)
	assert.Equal(t, 3, task.Size)
	assert.Equal(t, 80, task.ImageQuality)
	checkFrames(t, s, task.ID)

	_, err = s.admin.Tasks.CreateFromData(t.Context(), spec, cvat.Bytes("broken.png", []byte("no picture")),
		&cvat.UploadOptions{RemoveOnFailure: true, Wait: s.wait})
	require.ErrorAs(t, err, new(*cvat.BackgroundError))
	var failed *cvat.UploadError
	require.ErrorAs(t, err, &failed)
	assert.True(t, failed.Removed)
	_, _, err = s.admin.Tasks.Get(t.Context(), failed.TaskID)
	require.ErrorIs(t, err, cvat.ErrNotFound)
}

// conformUploadGoesOn ends an upload in the middle of a file, once before and once after the server has taken the chunk, and
// goes on.
func conformUploadGoesOn(t *testing.T, s *target) {
	for _, acts := range []bool{false, true} {
		task := s.newTask(t)
		options := &cvat.UploadOptions{ChunkSize: 64, Parallel: 1, StateFile: filepath.Join(t.TempDir(), "state"), Wait: s.wait}
		source := cvat.Dir(writePictures(t, 3))
		upload := func(ctx context.Context, c *cvat.Client) error { return c.Tasks.Upload(ctx, task.ID, source, options) }
		interruptedAt(t, s.admin, isChunk, 5, acts, upload)
		require.NoError(t, upload(t.Context(), s.admin))
		checkFrames(t, s, task.ID)
	}
}

func conformPredefinedOrder(t *testing.T, s *target) {
	source := cvat.Join(cvat.Bytes("b.png", picture(t, 0)), cvat.Bytes("a.png", picture(t, 1)))
	method := cvat.UploadTUS
	if s.old {
		method = cvat.UploadMultipart
	}
	task, err := s.admin.Tasks.CreateFromData(t.Context(), models.TaskCreate{Name: s.name(t), Labels: labels()}, source,
		&cvat.UploadOptions{SortingMethod: models.SortingPredefined, Method: method, Wait: s.wait})
	require.NoError(t, err)
	s.discard(t, task.ID)
	meta, _, err := s.admin.Tasks.DataMeta(t.Context(), task.ID)
	require.NoError(t, err)
	require.Len(t, meta.Frames, 2)
	assert.Equal(t, "b.png", meta.Frames[0].Name)
}
