package cvat_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // frames and previews are JPEG
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

func conformTasks(t *testing.T, s *target) {
	ctx := t.Context()
	task := s.newTask(t)
	got, _, err := s.admin.Tasks.Get(ctx, task.ID)
	require.NoError(t, err)
	assert.Equal(t, task.Name, got.Name)
	assert.Equal(t, 2, got.SegmentSize)
	assert.Zero(t, got.Size, "a task without data has no frames")

	got, _, err = s.admin.Tasks.Update(ctx, task.ID, models.TaskPatch{Subset: new("Test")})
	require.NoError(t, err)
	assert.Equal(t, "Test", got.Subset)
	assert.Equal(t, task.Name, got.Name)

	status, _, err := s.admin.Tasks.DataStatus(ctx, task.ID)
	require.NoError(t, err)
	assert.Equal(t, models.RqStateFinished, status.State, "which is no proof of data")
	jobs, err := s.admin.Tasks.Jobs(ctx, task.ID)
	require.NoError(t, err)
	assert.Empty(t, jobs)

	if s.old {
		_, _, err = s.admin.Tasks.Create(ctx, models.TaskCreate{Name: s.name(t)})
		require.ErrorIs(t, err, cvat.ErrInvalid, "neither labels nor a project")
	}
}

func conformUploadTUS(t *testing.T, s *target) {
	task := s.newTask(t)
	var last cvat.UploadProgress
	var states []models.RqState
	options := &cvat.UploadOptions{
		ImageQuality: 90,
		ChunkSize:    64, // several chunks for each picture
		OnProgress:   func(p cvat.UploadProgress) { last = p },
		Wait:         cvat.WaitOptions{MaxInterval: s.wait.MaxInterval, OnStatus: func(w cvat.WorkStatus) { states = append(states, w.State) }},
	}
	require.NoError(t, s.admin.Tasks.Upload(t.Context(), task.ID, cvat.Dir(writePictures(t, 3)), options))
	assert.Positive(t, last.Total)
	assert.Equal(t, last.Total, last.Done)
	require.NotEmpty(t, states)
	assert.Equal(t, models.RqStateFinished, states[len(states)-1])
	checkFrames(t, s, task.ID)

	err := s.admin.Tasks.Upload(t.Context(), task.ID, cvat.Bytes("more.png", picture(t, 7)), &cvat.UploadOptions{Wait: s.wait})
	require.ErrorIs(t, err, cvat.ErrInvalid)
	require.ErrorContains(t, err, "Adding more data is not supported")
}

func conformUploadMultipart(t *testing.T, s *target) {
	task := s.newTask(t)
	options := &cvat.UploadOptions{Method: cvat.UploadMultipart, ChunkFrames: 2, Wait: s.wait}
	require.NoError(t, s.admin.Tasks.Upload(t.Context(), task.ID, cvat.Dir(writePictures(t, 3)), options))
	checkFrames(t, s, task.ID)
}

// checkFrames looks for the three pictures of writePictures, byte for byte.
func checkFrames(t *testing.T, s *target, id int64) {
	t.Helper()
	task, _, err := s.admin.Tasks.Get(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, 3, task.Size)
	assert.Equal(t, models.ModeAnnotation, task.Mode)
	meta, _, err := s.admin.Tasks.DataMeta(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, meta.Frames, 3)
	for i, frame := range meta.Frames {
		assert.Equal(t, fmt.Sprintf("frame%d.png", i), frame.Name)
		assert.Equal(t, 64+i, frame.Width)
		assert.Equal(t, 48, frame.Height)
		content, _, err := s.admin.Tasks.Frame(t.Context(), id, i, &cvat.FrameOptions{Quality: cvat.QualityOriginal})
		require.NoError(t, err)
		assert.Equal(t, picture(t, i), readAll(t, content))
	}
}

func readAll(t *testing.T, content *cvat.Content) []byte {
	t.Helper()
	data, err := io.ReadAll(content)
	require.NoError(t, err)
	require.NoError(t, content.Close())
	return data
}

func conformFailedData(t *testing.T, s *target) {
	task := s.newTask(t)
	_, _, err := s.admin.Tasks.CreateData(t.Context(), task.ID, models.DataRequest{ImageQuality: 70, ServerFiles: []string{"no/such/picture.png"}})
	if err == nil {
		_, err = s.admin.Tasks.WaitForData(t.Context(), task.ID, &s.wait)
		var failed *cvat.BackgroundError
		require.ErrorAs(t, err, &failed)
		assert.NotEmpty(t, failed.Message)
		return
	}
	require.ErrorIs(t, err, cvat.ErrInvalid, "or refused at once")
}

func conformFrames(t *testing.T, s *target) {
	ctx := t.Context()
	task := s.taskWithFrames(t)
	content, _, err := s.admin.Tasks.Frame(ctx, task.ID, 1, nil)
	require.NoError(t, err)
	assert.Equal(t, "image/jpeg", content.Type)
	checkPicture(t, readAll(t, content), 65, 48)

	preview, _, err := s.admin.Tasks.Preview(ctx, task.ID)
	require.NoError(t, err)
	_, _, err = image.Decode(bytes.NewReader(readAll(t, preview)))
	require.NoError(t, err)

	chunk, _, err := s.admin.Tasks.Chunk(ctx, task.ID, 0, nil)
	require.NoError(t, err)
	assert.Equal(t, "application/zip", chunk.Type)
	data := readAll(t, chunk)
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	assert.NotEmpty(t, archive.File)

	checkNoContext := func(content *cvat.Content, err error) {
		t.Helper()
		if s.old {
			require.ErrorIs(t, err, cvat.ErrNotFound)
			return
		}
		require.NoError(t, err)
		data := readAll(t, content)
		archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		require.NoError(t, err)
		assert.Empty(t, archive.File)
	}
	images, _, err := s.admin.Tasks.ContextImages(ctx, task.ID, 0)
	checkNoContext(images, err)
	_, _, err = s.admin.Tasks.Frame(ctx, task.ID, 99, nil)
	require.Error(t, err)

	jobs, err := s.admin.Tasks.Jobs(ctx, task.ID)
	require.NoError(t, err)
	require.Len(t, jobs, 2)
	content, _, err = s.admin.Jobs.Frame(ctx, jobs[1].ID, jobs[1].StartFrame, &cvat.FrameOptions{Quality: cvat.QualityOriginal})
	require.NoError(t, err)
	assert.Equal(t, picture(t, 2), readAll(t, content), "frames of a job are counted in the task")
	preview, _, err = s.admin.Jobs.Preview(ctx, jobs[1].ID)
	require.NoError(t, err)
	assert.NotEmpty(t, readAll(t, preview))
	chunk, _, err = s.admin.Jobs.Chunk(ctx, jobs[0].ID, 0, nil)
	require.NoError(t, err)
	assert.NotEmpty(t, readAll(t, chunk))
	images, _, err = s.admin.Jobs.ContextImages(ctx, jobs[0].ID, 0)
	checkNoContext(images, err)
}

func checkPicture(t *testing.T, data []byte, width, height int) {
	t.Helper()
	config, _, err := image.DecodeConfig(bytes.NewReader(data))
	require.NoError(t, err)
	assert.Equal(t, width, config.Width)
	assert.Equal(t, height, config.Height)
}

// A picture has context images if they lie in a folder that is named after it.
func conformContextImages(t *testing.T, s *target) {
	ctx := t.Context()
	task := s.newTask(t)
	var archive bytes.Buffer
	files := zip.NewWriter(&archive)
	for i, name := range []string{"scene.png", "related_images/scene_png/side.png", "plain.png"} {
		w, err := files.Create(name)
		require.NoError(t, err)
		_, err = w.Write(picture(t, i))
		require.NoError(t, err)
	}
	require.NoError(t, files.Close())
	require.NoError(t, s.admin.Tasks.Upload(ctx, task.ID, cvat.Bytes("scenes.zip", archive.Bytes()), &cvat.UploadOptions{Wait: s.wait}))
	meta, _, err := s.admin.Tasks.DataMeta(ctx, task.ID)
	require.NoError(t, err)
	require.Len(t, meta.Frames, 2)
	scene := slices.IndexFunc(meta.Frames, func(f models.FrameMeta) bool { return f.HasRelatedContext })
	require.GreaterOrEqual(t, scene, 0)
	assert.Equal(t, "scene.png", meta.Frames[scene].Name)
	jobs, err := s.admin.Tasks.Jobs(ctx, task.ID)
	require.NoError(t, err)

	for _, read := range []func() (*cvat.Content, *cvat.Response, error){
		func() (*cvat.Content, *cvat.Response, error) { return s.admin.Tasks.ContextImages(ctx, task.ID, scene) },
		func() (*cvat.Content, *cvat.Response, error) {
			return s.admin.Jobs.ContextImages(ctx, jobs[0].ID, scene)
		},
	} {
		content, _, err := read()
		require.NoError(t, err)
		data, err := io.ReadAll(content)
		require.NoError(t, err)
		require.NoError(t, content.Close())
		if s.old {
			size, _, err := image.DecodeConfig(bytes.NewReader(data))
			require.NoError(t, err)
			assert.Equal(t, 65, size.Width)
			continue
		}
		images, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		require.NoError(t, err)
		assert.Len(t, images.File, 1)
	}
	if s.old { // newer ones send an empty archive
		_, _, err = s.admin.Tasks.ContextImages(ctx, task.ID, 1-scene)
		require.ErrorIs(t, err, cvat.ErrNotFound)
	}
}

func conformShareData(t *testing.T, s *target) {
	if s.shared == "" {
		lacks(t, "a share", "nothing is known to lie on it")
	}
	ctx := t.Context()
	task := s.newTask(t)
	_, _, err := s.admin.Tasks.CreateData(ctx, task.ID, models.DataRequest{ImageQuality: 70, ServerFiles: []string{s.shared}})
	require.NoError(t, err)
	_, err = s.admin.Tasks.WaitForData(ctx, task.ID, &s.wait)
	require.NoError(t, err)
	meta, _, err := s.admin.Tasks.DataMeta(ctx, task.ID)
	require.NoError(t, err)
	require.Len(t, meta.Frames, 1)
	assert.Equal(t, s.shared, meta.Frames[0].Name)
}

// Everything goes when it is told to, and what it holds goes with it.
func conformDeletion(t *testing.T, s *target) {
	ctx := t.Context()
	project, _, err := s.admin.Projects.Create(ctx, models.ProjectCreate{Name: s.name(t), Labels: labels()})
	require.NoError(t, err)
	var tasks []*models.Task
	for range 2 {
		task, _, err := s.admin.Tasks.Create(ctx, models.TaskCreate{Name: s.name(t), ProjectID: project.ID})
		require.NoError(t, err)
		tasks = append(tasks, task)
	}
	_, err = s.admin.Tasks.Delete(ctx, tasks[0].ID)
	require.NoError(t, err)
	_, _, err = s.admin.Tasks.Get(ctx, tasks[0].ID)
	require.ErrorIs(t, err, cvat.ErrNotFound)
	_, err = s.admin.Projects.Delete(ctx, project.ID)
	require.NoError(t, err)
	_, _, err = s.admin.Projects.Get(ctx, project.ID)
	require.ErrorIs(t, err, cvat.ErrNotFound)
	_, _, err = s.admin.Tasks.Get(ctx, tasks[1].ID)
	require.ErrorIs(t, err, cvat.ErrNotFound, "tasks go with their project")

	org, _, err := s.admin.Organizations.Create(ctx, models.OrganizationCreate{Slug: uniquePrefix()})
	require.NoError(t, err)
	_, err = s.admin.Organizations.Delete(ctx, org.ID)
	require.NoError(t, err)
	_, _, err = s.admin.Organizations.Get(ctx, org.ID)
	require.ErrorIs(t, err, cvat.ErrNotFound)
}

func conformDataMeta(t *testing.T, s *target) {
	ctx := t.Context()
	task := s.taskWithFrames(t)
	meta, _, err := s.admin.Tasks.UpdateDataMeta(ctx, task.ID, models.DataMetaPatch{DeletedFrames: []int{1}})
	require.NoError(t, err)
	assert.Equal(t, []int{1}, meta.DeletedFrames)
	meta, _, err = s.admin.Tasks.DataMeta(ctx, task.ID)
	require.NoError(t, err)
	assert.Equal(t, []int{1}, meta.DeletedFrames)
	meta, _, err = s.admin.Tasks.UpdateDataMeta(ctx, task.ID, models.DataMetaPatch{DeletedFrames: []int{}})
	require.NoError(t, err)
	assert.Empty(t, meta.DeletedFrames, "the empty list restores")

	jobs, err := s.admin.Tasks.Jobs(ctx, task.ID)
	require.NoError(t, err)
	meta, _, err = s.admin.Jobs.UpdateDataMeta(ctx, jobs[0].ID, models.DataMetaPatch{DeletedFrames: []int{0}})
	require.NoError(t, err)
	assert.Equal(t, []int{0}, meta.DeletedFrames)
	meta, _, err = s.admin.Jobs.DataMeta(ctx, jobs[0].ID)
	require.NoError(t, err)
	assert.Equal(t, []int{0}, meta.DeletedFrames)

	meta, err = s.admin.Jobs.SetDeletedFrames(ctx, jobs[1].ID, []int{2})
	require.NoError(t, err)
	assert.Equal(t, []int{2}, meta.DeletedFrames)
	meta, err = s.admin.Jobs.SetDeletedFrames(ctx, jobs[0].ID, []int{1})
	require.NoError(t, err)
	assert.Equal(t, []int{1}, meta.DeletedFrames)
	meta, _, err = s.admin.Tasks.DataMeta(ctx, task.ID)
	require.NoError(t, err)
	assert.ElementsMatch(t, []int{1, 2}, meta.DeletedFrames, "those of the other job stay")
	_, err = s.admin.Jobs.SetDeletedFrames(ctx, jobs[0].ID, nil)
	require.NoError(t, err)
	meta, _, err = s.admin.Tasks.DataMeta(ctx, task.ID)
	require.NoError(t, err)
	assert.Equal(t, []int{2}, meta.DeletedFrames)
}

func conformJobs(t *testing.T, s *target) {
	ctx := t.Context()
	task := s.taskWithFrames(t)
	jobs, err := s.admin.Tasks.Jobs(ctx, task.ID)
	require.NoError(t, err)
	require.Len(t, jobs, 2, "three frames in segments of two")
	assert.Equal(t, 0, jobs[0].StartFrame)
	assert.Equal(t, 1, jobs[0].StopFrame)
	assert.Equal(t, 2, jobs[1].StartFrame)

	job, _, err := s.admin.Jobs.Get(ctx, jobs[0].ID)
	require.NoError(t, err)
	assert.Equal(t, task.ID, job.TaskID)
	assert.Equal(t, models.JobStageAnnotation, job.Stage)
	labels, err := s.admin.Jobs.Labels(ctx, job.ID)
	require.NoError(t, err)
	assert.Len(t, labels, 4)

	admin, _, err := s.admin.Users.Self(ctx)
	require.NoError(t, err)
	job, _, err = s.admin.Jobs.Update(ctx, job.ID, models.JobPatch{
		Assignee: models.Value(admin.ID), Stage: new(models.JobStageValidation), State: new(models.JobStateInProgress),
	})
	require.NoError(t, err)
	require.NotNil(t, job.Assignee)
	assert.Equal(t, admin.Username, job.Assignee.Username)
	assert.Equal(t, models.JobStageValidation, job.Stage)
	assert.Equal(t, models.JobStateInProgress, job.State)

	found, _, err := s.admin.Jobs.List(ctx, &cvat.JobListOptions{
		TaskID: task.ID, TaskName: task.Name, Assignee: admin.Username, Stage: models.JobStageValidation,
		State: models.JobStateInProgress, Dimension: models.Dimension2D,
	})
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, job.ID, found[0].ID)

	job, _, err = s.admin.Jobs.Update(ctx, job.ID, models.JobPatch{Assignee: models.Null[int64]()})
	require.NoError(t, err)
	assert.Nil(t, job.Assignee)

	_, err = s.admin.Jobs.Delete(ctx, job.ID)
	require.Error(t, err, "only ground truth jobs can be deleted")
}

func conformGroundTruth(t *testing.T, s *target) {
	ctx := t.Context()
	task := s.taskWithFrames(t)
	job, _, err := s.admin.Jobs.Create(ctx, models.JobCreate{
		TaskID: task.ID, Type: models.JobTypeGroundTruth, FrameSelectionMethod: models.FrameSelectionManual, Frames: []int{1},
	})
	if s.old {
		require.ErrorIs(t, err, cvat.ErrUnsupported)
		require.ErrorContains(t, err, "2.4.7")
		return
	}
	require.NoError(t, err)
	assert.Equal(t, models.JobTypeGroundTruth, job.Type)
	_, err = s.admin.Jobs.Delete(ctx, job.ID)
	require.NoError(t, err)
	_, _, err = s.admin.Jobs.Get(ctx, job.ID)
	require.ErrorIs(t, err, cvat.ErrNotFound)
}

// annotations returns an annotation of each kind for a task of taskWithFrames.
func annotations(t *testing.T, labels []models.Label) models.LabeledData {
	t.Helper()
	car, road, night, person := labelNamed(t, labels, "car"), labelNamed(t, labels, "road"), labelNamed(t, labels, "night"), labelNamed(t, labels, "person")
	parked := attributeNamed(t, car, "parked").ID
	colour := models.AttributeVal{SpecID: attributeNamed(t, car, "colour").ID, Value: "blue"}
	box := func(frame int, x float64, outside bool) models.TrackedShape {
		return models.TrackedShape{
			Type: models.ShapeTypeRectangle, Frame: frame, Points: []float64{x, 1, x + 10, 11}, Outside: outside,
			Attributes: []models.AttributeVal{{SpecID: parked, Value: "true"}},
		}
	}
	return models.LabeledData{
		Tags: []models.LabeledImage{{Frame: 0, LabelID: night.ID}},
		Shapes: []models.LabeledShape{
			{
				Type: models.ShapeTypeRectangle, Frame: 0, LabelID: car.ID, Points: []float64{1.5, 2.25, 30, 40}, Occluded: true, ZOrder: 2,
				Attributes: []models.AttributeVal{colour, {SpecID: parked, Value: "true"}},
			},
			{Type: models.ShapeTypePolygon, Frame: 1, LabelID: road.ID, Points: []float64{0, 40, 60, 40, 60, 47, 0, 47}, Group: 1},
			{Type: models.ShapeTypeSkeleton, Frame: 0, LabelID: person.ID, Elements: []models.SubLabeledShape{
				{Type: models.ShapeTypePoints, Frame: 0, LabelID: person.Sublabels[0].ID, Points: []float64{10, 10}},
				{Type: models.ShapeTypePoints, Frame: 0, LabelID: person.Sublabels[1].ID, Points: []float64{12, 40}},
			}},
		},
		Tracks: []models.LabeledTrack{{
			Frame: 0, LabelID: car.ID, Attributes: []models.AttributeVal{colour},
			Shapes: []models.TrackedShape{box(0, 5, false), box(1, 8, true)},
		}},
	}
}

func conformTaskAnnotations(t *testing.T, s *target) {
	task := s.taskWithFrames(t)
	ctx, id, service := t.Context(), task.ID, s.admin.Tasks
	labels, err := service.Labels(ctx, id)
	require.NoError(t, err)
	data := annotations(t, labels)

	created, _, err := service.CreateAnnotations(ctx, id, data)
	require.NoError(t, err)
	require.Len(t, created.Shapes, 3)
	assert.NotZero(t, created.Shapes[0].ID)

	stored, _, err := service.GetAnnotations(ctx, id)
	require.NoError(t, err)
	checkAnnotations(t, data, stored)

	change := models.LabeledData{Shapes: slices.DeleteFunc(slices.Clone(stored.Shapes), func(s models.LabeledShape) bool {
		return s.Type != models.ShapeTypeRectangle
	})}
	require.Len(t, change.Shapes, 1)
	change.Shapes[0].Points = []float64{3, 4, 20, 30}
	_, _, err = service.UpdateAnnotations(ctx, id, change)
	require.NoError(t, err)
	stored, _, err = service.GetAnnotations(ctx, id)
	require.NoError(t, err)
	require.Len(t, stored.Shapes, 3, "an update neither adds nor removes")
	assert.True(t, hasPoints(stored.Shapes, []float64{3, 4, 20, 30}))

	_, _, err = service.DeleteAnnotations(ctx, id, models.LabeledData{Tags: stored.Tags})
	require.NoError(t, err)
	stored, _, err = service.GetAnnotations(ctx, id)
	require.NoError(t, err)
	assert.Empty(t, stored.Tags)
	assert.Len(t, stored.Shapes, 3)

	_, _, err = service.ReplaceAnnotations(ctx, id, *stored) // ids and all
	require.NoError(t, err)
	again, _, err := service.GetAnnotations(ctx, id)
	require.NoError(t, err)
	checkAnnotations(t, *stored, again)

	_, err = service.ClearAnnotations(ctx, id)
	require.NoError(t, err)
	stored, _, err = service.GetAnnotations(ctx, id)
	require.NoError(t, err)
	assert.Empty(t, stored.Shapes)
	assert.Empty(t, stored.Tracks)

	_, _, err = service.CreateAnnotations(ctx, id, models.LabeledData{Tags: []models.LabeledImage{{LabelID: 99999999}}})
	require.ErrorIs(t, err, cvat.ErrInvalid)
	require.ErrorContains(t, err, "99999999")
}

func conformJobAnnotations(t *testing.T, s *target) {
	task := s.taskWithFrames(t)
	jobs, err := s.admin.Tasks.Jobs(t.Context(), task.ID)
	require.NoError(t, err)
	ctx, id, service := t.Context(), jobs[0].ID, s.admin.Jobs
	labels, err := service.Labels(ctx, id)
	require.NoError(t, err)
	data := annotations(t, labels)

	_, _, err = service.ReplaceAnnotations(ctx, id, data)
	require.NoError(t, err)
	stored, _, err := service.GetAnnotations(ctx, id)
	require.NoError(t, err)
	checkAnnotations(t, data, stored)

	_, _, err = service.CreateAnnotations(ctx, id, models.LabeledData{Tags: data.Tags})
	require.NoError(t, err)
	stored, _, err = service.GetAnnotations(ctx, id)
	require.NoError(t, err)
	require.Len(t, stored.Tags, 2)

	change := models.LabeledData{Tags: stored.Tags[:1]}
	change.Tags[0].Frame = 1
	_, _, err = service.UpdateAnnotations(ctx, id, change)
	require.NoError(t, err)
	stored, _, err = service.GetAnnotations(ctx, id)
	require.NoError(t, err)
	require.Len(t, stored.Tags, 2)
	assert.Equal(t, 1, stored.Tags[0].Frame+stored.Tags[1].Frame)

	_, _, err = service.DeleteAnnotations(ctx, id, models.LabeledData{Tracks: stored.Tracks})
	require.NoError(t, err)
	ofTask, _, err := s.admin.Tasks.GetAnnotations(ctx, task.ID)
	require.NoError(t, err)
	assert.Empty(t, ofTask.Tracks)
	assert.Len(t, ofTask.Shapes, 3)

	_, err = service.ClearAnnotations(ctx, id)
	require.NoError(t, err)
	stored, _, err = service.GetAnnotations(ctx, id)
	require.NoError(t, err)
	assert.Empty(t, stored.Shapes)
}

// checkAnnotations compares what was written with what is stored, whatever the order.
func checkAnnotations(t *testing.T, want models.LabeledData, got *models.LabeledData) {
	t.Helper()
	assert.Len(t, got.Tags, len(want.Tags))
	require.Len(t, got.Shapes, len(want.Shapes))
	require.Len(t, got.Tracks, len(want.Tracks))
	for _, w := range want.Shapes {
		for _, g := range got.Shapes {
			if g.Type != w.Type {
				continue
			}
			assert.Equal(t, w.LabelID, g.LabelID)
			assert.Equal(t, w.Frame, g.Frame)
			assert.Equal(t, w.Occluded, g.Occluded)
			assert.Equal(t, w.ZOrder, g.ZOrder)
			assert.InDeltaSlice(t, w.Points, g.Points, 0.01)
			assert.Subset(t, g.Attributes, w.Attributes)
			require.Len(t, g.Elements, len(w.Elements))
			for i := range w.Elements {
				assert.InDeltaSlice(t, w.Elements[i].Points, g.Elements[i].Points, 0.01)
			}
		}
	}
	for i, w := range want.Tracks {
		g := got.Tracks[i]
		assert.Equal(t, w.LabelID, g.LabelID)
		require.Len(t, g.Shapes, len(w.Shapes))
		for j := range w.Shapes {
			assert.InDeltaSlice(t, w.Shapes[j].Points, g.Shapes[j].Points, 0.01)
			assert.Equal(t, w.Shapes[j].Outside, g.Shapes[j].Outside)
			assert.Equal(t, w.Shapes[j].Attributes, g.Shapes[j].Attributes)
		}
	}
}

func hasPoints(shapes []models.LabeledShape, points []float64) bool {
	for _, shape := range shapes {
		if assert.ObjectsAreEqual(points, shape.Points) {
			return true
		}
	}
	return false
}

func conformExports(t *testing.T, s *target) {
	ctx := t.Context()
	project := s.newProject(t)
	task, _, err := s.admin.Tasks.Create(ctx, models.TaskCreate{Name: s.name(t), ProjectID: project.ID})
	require.NoError(t, err)
	require.NoError(t, s.admin.Tasks.Upload(ctx, task.ID, cvat.Dir(writePictures(t, 3)), &cvat.UploadOptions{Wait: s.wait}))
	labels, err := s.admin.Tasks.Labels(ctx, task.ID)
	require.NoError(t, err)
	_, _, err = s.admin.Tasks.ReplaceAnnotations(ctx, task.ID, annotations(t, labels))
	require.NoError(t, err)
	jobs, err := s.admin.Tasks.Jobs(ctx, task.ID)
	require.NoError(t, err)

	const format = "CVAT for images 1.1"
	options := &cvat.ExportOptions{Wait: s.wait}
	type exporter func(*bytes.Buffer) (*cvat.ExportedFile, error)
	// One after the other: a dataset and the annotations of one object share their result on old servers.
	for _, export := range []struct {
		name   string
		images int // at least
		run    exporter
	}{
		{"task dataset", 3, func(b *bytes.Buffer) (*cvat.ExportedFile, error) {
			return s.admin.Tasks.ExportDataset(ctx, task.ID, format, b, options)
		}},
		{"task annotations", 0, func(b *bytes.Buffer) (*cvat.ExportedFile, error) {
			return s.admin.Tasks.ExportAnnotations(ctx, task.ID, format, b, options)
		}},
		{"task dataset again", 3, func(b *bytes.Buffer) (*cvat.ExportedFile, error) {
			return s.admin.Tasks.ExportDataset(ctx, task.ID, format, b, options)
		}},
		{"job dataset", 2, func(b *bytes.Buffer) (*cvat.ExportedFile, error) {
			return s.admin.Jobs.ExportDataset(ctx, jobs[0].ID, format, b, options)
		}},
		{"job annotations", 0, func(b *bytes.Buffer) (*cvat.ExportedFile, error) {
			return s.admin.Jobs.ExportAnnotations(ctx, jobs[0].ID, format, b, options)
		}},
		{"project dataset", 3, func(b *bytes.Buffer) (*cvat.ExportedFile, error) {
			return s.admin.Projects.ExportDataset(ctx, project.ID, format, b, options)
		}},
		{"project annotations", 0, func(b *bytes.Buffer) (*cvat.ExportedFile, error) {
			return s.admin.Projects.ExportAnnotations(ctx, project.ID, format, b, options)
		}},
		{"task dataset by a handle", 3, func(b *bytes.Buffer) (*cvat.ExportedFile, error) {
			work, err := s.admin.Tasks.StartExportDataset(ctx, task.ID, format, options)
			if err != nil {
				return nil, err
			}
			if _, err := s.admin.Wait(ctx, work, &s.wait); err != nil {
				return nil, err
			}
			return s.admin.Download(ctx, work, b)
		}},
	} {
		var buf bytes.Buffer
		file, err := export.run(&buf)
		require.NoError(t, err, export.name)
		assert.Equal(t, int64(buf.Len()), file.Size, export.name)
		assert.True(t, strings.HasSuffix(file.Name, ".zip"), "%s: %q", export.name, file.Name)
		document, images := openExport(t, buf.Bytes())
		assert.Equal(t, export.images > 0, images > 0, export.name)
		assert.GreaterOrEqual(t, images, export.images, export.name)
		assert.Contains(t, document, "<polygon", export.name)
		assert.Contains(t, document, "frame0.png", export.name)
	}

	_, err = s.admin.Tasks.ExportDataset(ctx, task.ID, "no such format", io.Discard, options)
	require.ErrorIs(t, err, cvat.ErrInvalid)
}

// openExport returns the annotations of an archive in the format "CVAT for images 1.1" and the number of its images.
func openExport(t *testing.T, data []byte) (document string, images int) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	for _, file := range archive.File {
		switch {
		case strings.HasSuffix(file.Name, "annotations.xml"):
			r, err := file.Open()
			require.NoError(t, err)
			text, err := io.ReadAll(r)
			require.NoError(t, err)
			document = string(text)
		case strings.HasSuffix(file.Name, ".png"):
			images++
		}
	}
	return document, images
}

func conformMissing(t *testing.T, s *target) {
	ctx := t.Context()
	const id = 99999999
	for name, call := range map[string]func(*cvat.Client) error{
		"project": func(c *cvat.Client) error { _, _, err := c.Projects.Get(ctx, id); return err },
		"task":    func(c *cvat.Client) error { _, _, err := c.Tasks.Get(ctx, id); return err },
		"job":     func(c *cvat.Client) error { _, _, err := c.Jobs.Get(ctx, id); return err },
		"delete":  func(c *cvat.Client) error { _, err := c.Tasks.Delete(ctx, id); return err },
		"labels":  func(c *cvat.Client) error { _, err := c.Tasks.Labels(ctx, id); return err },
		"export": func(c *cvat.Client) error {
			_, err := c.Tasks.ExportDataset(ctx, id, "CVAT for images 1.1", io.Discard, nil)
			return err
		},
	} {
		require.ErrorIs(t, call(s.admin), cvat.ErrNotFound, name)
	}
}
