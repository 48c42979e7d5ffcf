// Quickstart goes from a folder of pictures to annotated, exported data in one program:
//
//	go run ./examples/quickstart
//	go run ./examples/quickstart -url https://cvat.example.com -access-token … -images pictures -out results
//
// Without -url it starts a fake CVAT in its own process. Each run makes a project of its own, named after the time, so
// that running it again disturbs nothing; -clean removes the project at the end.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/examples/internal/program"
	"github.com/go-cvat/cvat/examples/internal/progress"
	"github.com/go-cvat/cvat/examples/internal/scene"
	"github.com/go-cvat/cvat/models"
)

func main() { program.Main(run) }

// format is a name that client.Server.Formats lists.
const format = "CVAT for images 1.1"

// quickstart is one run of the program.
type quickstart struct {
	settings settings
	stdout   io.Writer
	fake     bool          // the server ends with the program
	folder   string        // of the pictures
	scenes   *scene.Scenes // nil if nobody has said what is on the pictures

	client  *cvat.Client
	name    string          // of the project; "" until it is asked for
	project *models.Project // nil until it is made
	task    *models.Task
	frames  []models.FrameMeta
	labels  []models.Label
	written models.LabeledData
}

// steps is the whole program. Whatever goes wrong ends it.
func (q *quickstart) steps(ctx context.Context) error {
	if q.settings.URL == "" {
		server := cvattest.NewServer(nil) //nolint:contextcheck // it lives until Close
		defer server.Close()
		q.fake = true
		q.settings.URL, q.settings.User, q.settings.Password = server.URL, cvattest.Username, cvattest.Password
		q.say("no -url: using a fake CVAT in this process")
	}
	folder, remove, err := pictures(q.settings.images)
	if err != nil {
		return err
	}
	defer remove()
	q.folder = folder
	for _, step := range []func(context.Context) error{
		q.prepare, q.connect, q.create, q.upload, q.annotate, q.draw, q.export, q.finish,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// prepare finds out what is wrong on this side, before anything is made on the server.
func (q *quickstart) prepare(context.Context) error {
	if err := cvat.Dir(q.folder).Check(); err != nil {
		return err
	}
	scenes, err := scene.Read(q.folder)
	if err != nil {
		return err
	}
	q.scenes = scenes
	return os.MkdirAll(q.settings.out, 0o755)
}

// connect makes the client, and two calls that cost nothing, to find a wrong address or password at once.
func (q *quickstart) connect(ctx context.Context) (err error) {
	if q.client, err = q.settings.Client(ctx); err != nil {
		return err
	}
	about, _, err := q.client.Server.About(ctx)
	if err != nil {
		return err
	}
	user, _, err := q.client.Users.Self(ctx)
	if err != nil {
		return err
	}
	q.say("connected to CVAT %s at %s as %s", about.Version, q.client.BaseURL(), user.Username)
	return nil
}

// create makes a project, which holds the labels, and a task in it, which will hold the pictures.
func (q *quickstart) create(ctx context.Context) (err error) {
	q.name = "quickstart " + time.Now().Format(time.DateTime)
	if q.project, _, err = q.client.Projects.Create(ctx, models.ProjectCreate{Name: q.name, Labels: newLabels()}); err != nil {
		return err
	}
	if q.task, _, err = q.client.Tasks.Create(ctx, models.TaskCreate{Name: "street", ProjectID: q.project.ID}); err != nil {
		return err
	}
	q.say("created project %d, %q, and task %d", q.project.ID, q.name, q.task.ID)
	return nil
}

// upload feeds the task with the pictures. It ends when the server has made frames and jobs of them.
func (q *quickstart) upload(ctx context.Context) error {
	bar, sent := progress.New(q.stdout), int64(0)
	err := q.client.Tasks.Upload(ctx, q.task.ID, cvat.Dir(q.folder), &cvat.UploadOptions{
		OnProgress: func(p cvat.UploadProgress) {
			sent = p.Total
			bar.Show(p.Done, p.Total)
		},
	})
	bar.Clear()
	if err != nil {
		return err
	}
	meta, _, err := q.client.Tasks.DataMeta(ctx, q.task.ID)
	if err != nil {
		return err
	}
	q.frames = meta.Frames
	q.say("uploaded %s, %s", program.Counted(len(q.frames), "picture"), progress.Bytes(sent))
	return nil
}

// annotate writes tags, shapes and tracks, and reads them back.
func (q *quickstart) annotate(ctx context.Context) error {
	jobs, err := q.client.Tasks.Jobs(ctx, q.task.ID)
	if err != nil {
		return err
	}
	for _, job := range jobs {
		q.say("job %d has frames %d to %d: %s, %s", job.ID, job.StartFrame, job.StopFrame, job.Stage, job.State)
	}
	// The server has given ids to labels and attributes, which annotations refer to.
	if q.labels, err = q.client.Tasks.Labels(ctx, q.task.ID); err != nil {
		return err
	}
	if q.scenes == nil {
		q.scenes = anyScenes(q.frames)
	}
	if q.written, err = annotations(q.scenes, q.labels, q.frames); err != nil {
		return err
	}
	// A job can be annotated in the same way, with client.Jobs. Replacing what is there (nothing, as yet) is safe to
	// repeat when the network fails, unlike CreateAnnotations.
	if _, _, err := q.client.Tasks.ReplaceAnnotations(ctx, q.task.ID, q.written); err != nil {
		return err
	}
	stored, _, err := q.client.Tasks.GetAnnotations(ctx, q.task.ID)
	if err != nil {
		return err
	}
	if err := compare(q.objects(q.written), q.objects(*stored)); err != nil {
		return fmt.Errorf("the server holds other annotations than were written: %w", err)
	}
	q.say("wrote %s, %s and %s; read them back: the same", program.Counted(len(stored.Tags), "tag"),
		program.Counted(len(stored.Shapes), "shape"), program.Counted(len(stored.Tracks), "track"))
	return nil
}

// draw shows what was written on one of the frames.
func (q *quickstart) draw(ctx context.Context) error {
	const number = 0
	frame, err := q.frame(ctx, number)
	if err != nil {
		return err
	}
	path := filepath.Join(q.settings.out, "quickstart.png")
	picture := drawn(frame, q.objects(q.written), number, q.labels)
	if err := save(path, func(w io.Writer) error { return encode(w, picture) }); err != nil {
		return err
	}
	q.say("drew frame %d into %s", number, path)
	return nil
}

// export saves pictures and annotations as a zip, and looks into it.
func (q *quickstart) export(ctx context.Context) error {
	path := filepath.Join(q.settings.out, "quickstart.zip")
	err := save(path, func(w io.Writer) error {
		_, err := q.client.Tasks.ExportDataset(ctx, q.task.ID, format, w, nil)
		return err
	})
	if err != nil {
		return err
	}
	dataset, err := readArchive(path)
	if err != nil {
		return err
	}
	if err := dataset.check(q.objects(q.written), q.frames, q.labels); err != nil {
		return fmt.Errorf("%s holds something else than was written: %w", path, err)
	}
	q.say("exported %s: %s, %s (those of tracks among them), %s and %s, as written", path, program.Counted(len(dataset.Images), "image"),
		program.Counted(dataset.shapes(), "shape"), program.Counted(dataset.tags(), "tag"), program.Counted(len(dataset.labels()), "label"))
	return nil
}

// finish removes the project, with its task, or says where it is.
func (q *quickstart) finish(ctx context.Context) error {
	if q.fake && !q.settings.clean {
		q.say("project %d is gone with the fake server; on a real one it stays, unless -clean is given", q.project.ID)
		return nil
	}
	if !q.settings.clean {
		q.say("the project stays at %s/projects/%d; -clean removes it", q.client.BaseURL(), q.project.ID)
		return nil
	}
	if _, err := q.client.Projects.Delete(ctx, q.project.ID); err != nil {
		return err
	}
	q.say("removed project %d", q.project.ID)
	q.name, q.project, q.task = "", nil, nil
	return nil
}
