package cvat_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// annotated makes a project with a task of three pictures in two jobs, with annotations.
func (s *target) annotated(t *testing.T) (*models.Project, *models.Task) {
	t.Helper()
	project := s.newProject(t)
	task, _, err := s.admin.Tasks.Create(t.Context(), models.TaskCreate{Name: s.name(t), ProjectID: project.ID, Subset: "Train", SegmentSize: 2})
	require.NoError(t, err)
	require.NoError(t, s.admin.Tasks.Upload(t.Context(), task.ID, cvat.Dir(writePictures(t, 3)), &cvat.UploadOptions{Wait: s.wait}))
	labels, err := s.admin.Tasks.Labels(t.Context(), task.ID)
	require.NoError(t, err)
	_, _, err = s.admin.Tasks.ReplaceAnnotations(t.Context(), task.ID, annotations(t, labels))
	require.NoError(t, err)
	return project, task
}

func conformImportAnnotations(t *testing.T, s *target) {
	ctx := t.Context()
	_, task := s.annotated(t)
	before, _, err := s.admin.Tasks.GetAnnotations(ctx, task.ID)
	require.NoError(t, err)
	var archive bytes.Buffer
	_, err = s.admin.Tasks.ExportAnnotations(ctx, task.ID, exportFormat, &archive, &cvat.ExportOptions{Wait: s.wait})
	require.NoError(t, err)
	source := cvat.Bytes("annotations.zip", archive.Bytes())

	for _, chunk := range []int64{0, 512} { // by multipart, by TUS
		_, err = s.admin.Tasks.ClearAnnotations(ctx, task.ID)
		require.NoError(t, err)
		var states []models.RqState
		options := &cvat.ImportOptions{
			ChunkSize: chunk,
			Wait:      cvat.WaitOptions{MaxInterval: s.wait.MaxInterval, OnStatus: func(w cvat.WorkStatus) { states = append(states, w.State) }},
		}
		require.NoError(t, s.admin.Tasks.ImportAnnotations(ctx, task.ID, importFormat, source, options))
		require.NotEmpty(t, states)
		assert.Equal(t, models.RqStateFinished, states[len(states)-1])
		after, _, err := s.admin.Tasks.GetAnnotations(ctx, task.ID)
		require.NoError(t, err)
		assert.Len(t, after.Tags, len(before.Tags))
		assert.GreaterOrEqual(t, len(after.Shapes), len(before.Shapes), "in this format a track comes back as shapes")
	}

	jobs, err := s.admin.Tasks.Jobs(ctx, task.ID)
	require.NoError(t, err)
	for _, chunk := range []int64{0, 512} {
		_, err = s.admin.Jobs.ClearAnnotations(ctx, jobs[0].ID)
		require.NoError(t, err)
		work, err := s.admin.Jobs.StartImportAnnotations(ctx, jobs[0].ID, importFormat, source, &cvat.ImportOptions{ChunkSize: chunk})
		require.NoError(t, err)
		_, err = s.admin.Wait(ctx, work, &s.wait)
		require.NoError(t, err)
		ofJob, _, err := s.admin.Jobs.GetAnnotations(ctx, jobs[0].ID)
		require.NoError(t, err)
		assert.NotEmpty(t, ofJob.Shapes)
	}

	err = s.admin.Tasks.ImportAnnotations(ctx, task.ID, importFormat, cvat.Bytes("a.zip", []byte("no archive")), &cvat.ImportOptions{Wait: s.wait})
	failed := new(cvat.BackgroundError)
	require.ErrorAs(t, err, &failed)
	assert.NotEmpty(t, failed.Message)
	require.ErrorIs(t, s.admin.Tasks.ImportAnnotations(ctx, task.ID, "no such format", source, nil), cvat.ErrInvalid)
	kept, _, err := s.admin.Tasks.GetAnnotations(ctx, task.ID)
	require.NoError(t, err)
	assert.NotEmpty(t, kept.Shapes, "an import that fails changes nothing")
}

func conformImportDataset(t *testing.T, s *target) {
	ctx := t.Context()
	project, _ := s.annotated(t)
	var archive bytes.Buffer
	_, err := s.admin.Projects.ExportDataset(ctx, project.ID, exportFormat, &archive, &cvat.ExportOptions{Wait: s.wait})
	require.NoError(t, err)
	other := s.newProject(t)
	for i, chunk := range []int64{0, 512} {
		options := &cvat.ImportOptions{ChunkSize: chunk, Wait: s.wait}
		require.NoError(t, s.admin.Projects.ImportDataset(ctx, other.ID, importFormat, cvat.Bytes("dataset.zip", archive.Bytes()), options))
		tasks, _, err := s.admin.Tasks.List(ctx, &cvat.TaskListOptions{ProjectID: other.ID})
		require.NoError(t, err)
		require.Len(t, tasks, i+1)
		assert.Equal(t, "Train", tasks[i].Subset)
		assert.Equal(t, 3, tasks[i].Size)
		data, _, err := s.admin.Tasks.GetAnnotations(ctx, tasks[i].ID)
		require.NoError(t, err)
		assert.NotEmpty(t, data.Shapes)
	}
	err = s.admin.Projects.ImportDataset(ctx, other.ID, importFormat, cvat.Bytes("dataset.zip", []byte("no archive")), &cvat.ImportOptions{Wait: s.wait})
	require.ErrorAs(t, err, new(*cvat.BackgroundError))
}

func conformBackups(t *testing.T, s *target) {
	ctx := t.Context()
	project, task := s.annotated(t)
	forget := func(id int64) {
		t.Cleanup(func() {
			_, err := s.admin.Tasks.Delete(context.Background(), id)
			require.NoError(t, err)
		})
	}
	for _, chunk := range []int64{0, 512} {
		var archive bytes.Buffer
		file, err := s.admin.Tasks.Backup(ctx, task.ID, &archive, &cvat.ExportOptions{Wait: s.wait})
		require.NoError(t, err)
		assert.Equal(t, int64(archive.Len()), file.Size)
		id, err := s.admin.Tasks.RestoreBackup(ctx, cvat.Bytes("backup.zip", archive.Bytes()), &cvat.RestoreOptions{ChunkSize: chunk, Wait: s.wait})
		require.NoError(t, err)
		forget(id)
		assert.NotEqual(t, task.ID, id)
		checkCopy(t, s.admin, s.admin, task.ID, id)
	}

	folder := t.TempDir()
	stored, err := s.admin.Tasks.BackupToFile(ctx, task.ID, folder, &cvat.ExportOptions{Wait: s.wait})
	require.NoError(t, err)
	assert.Equal(t, folder, filepath.Dir(stored.Path))
	from, err := s.admin.Tasks.RestoreBackup(ctx, cvat.Files(stored.Path), &cvat.RestoreOptions{Wait: s.wait})
	require.NoError(t, err)
	forget(from)
	checkCopy(t, s.admin, s.admin, task.ID, from)
	stored, err = s.admin.Projects.BackupToFile(ctx, project.ID, filepath.Join(folder, "project.zip"), &cvat.ExportOptions{Wait: s.wait})
	require.NoError(t, err)
	info, err := os.Stat(filepath.Join(folder, "project.zip"))
	require.NoError(t, err)
	assert.Equal(t, stored.Size, info.Size())

	copied, err := s.admin.Tasks.Migrate(ctx, task.ID, s.admin, &cvat.RestoreOptions{ChunkSize: 512, Wait: s.wait})
	require.NoError(t, err)
	forget(copied)
	checkCopy(t, s.admin, s.admin, task.ID, copied)

	for _, chunk := range []int64{0, 512} {
		whole, err := s.admin.Projects.Migrate(ctx, project.ID, s.admin, &cvat.RestoreOptions{ChunkSize: chunk, Wait: s.wait})
		require.NoError(t, err)
		t.Cleanup(func() {
			_, err := s.admin.Projects.Delete(context.Background(), whole)
			require.NoError(t, err)
		})
		tasks, _, err := s.admin.Tasks.List(ctx, &cvat.TaskListOptions{ProjectID: whole})
		require.NoError(t, err)
		require.Len(t, tasks, 1)
		checkCopy(t, s.admin, s.admin, task.ID, tasks[0].ID)
	}

	_, err = s.admin.Tasks.RestoreBackup(ctx, cvat.Bytes("backup.zip", wrongArchive(t)), &cvat.RestoreOptions{Wait: s.wait})
	failed := new(cvat.BackgroundError)
	require.ErrorAs(t, err, &failed)
	assert.NotEmpty(t, failed.Message)
}
