package cvattest

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"maps"
	"slices"
	"time"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// User is an account, for [Server.AddUser].
type User struct {
	Username string
	// Password is needed by those who log in; [Server.ClientFor] does without.
	Password                   string
	Email, FirstName, LastName string
	// Superuser may do everything.
	Superuser bool
}

// AddUser adds an account and returns its id.
func (s *Server) AddUser(u User) int64 {
	s.helper()
	if u.Username == "" || s.fake.Token(u.Username) != "" {
		s.fatalf("a user needs a name that nobody has: %q", u.Username)
	}
	return s.fake.AddUser(testserver.User{
		Username: u.Username, Password: u.Password, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName,
		Superuser: u.Superuser,
	})
}

// AddOrganization makes an organization that belongs to a user, and returns its id. Members are by user name.
func (s *Server) AddOrganization(slug, owner string, members map[string]models.Role) int64 {
	s.helper()
	s.Token(owner)
	id := s.fake.AddOrganization(slug, owner)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		s.Token(name)
		s.fake.AddMember(id, name, string(members[name]))
	}
	return id
}

// Share puts a file on the server's own share, from where [cvat.TasksService.CreateData] takes it by name.
func (s *Server) Share(name string, content []byte) { s.fake.Share(name, content) }

// AddBucket makes a bucket with files that cloud storages can be attached to, with any credentials.
func (s *Server) AddBucket(name string, files map[string][]byte) { s.fake.AddBucket(name, files) }

// RemoveBucket takes a bucket away from its provider. Cloud storages that are attached to it stay, and are not found.
func (s *Server) RemoveBucket(name string) { s.fake.RemoveBucket(name) }

// Task is a task with everything in it, for [Server.AddTask]. Nothing of it is needed.
type Task struct {
	// Name is "task" if empty.
	Name string
	// Owner is the user who makes it; [Username] if empty.
	Owner string
	// Organization is the slug of that which the task belongs to; empty for the personal workspace.
	Organization string
	// ProjectID is the project it belongs to; 0 for none.
	ProjectID int64
	// Labels are its labels; one named "object", of any kind, if there are none and there is no project.
	Labels []models.LabelCreate
	// Frames is how many pictures of 160 by 120 pixels it has, each of another grey.
	Frames int
	// Folder has pictures of your own, in place of Frames. A task without both is empty, and has no jobs.
	Folder string
	// JobSize is how many frames a job has; 0: one job for all of them.
	JobSize int
	// Stage is that of the jobs; annotation if empty.
	Stage models.JobStage
	// Annotations, if set, returns what is annotated: it gets the labels by name, for their ids.
	Annotations func(labels map[string]models.Label) models.LabeledData
}

// SeededTask is what [Server.AddTask] made.
type SeededTask struct {
	models.Task

	// Jobs are in the order of their frames.
	Jobs []*models.Job
	// LabelsByName are the task's labels.
	LabelsByName map[string]models.Label
}

// AddTask makes a task with frames, jobs and annotations. None of it shows in [Server.Requests], and no fault strikes it.
func (s *Server) AddTask(t Task) *SeededTask {
	s.helper()
	made, err := s.seed(t)
	if err != nil {
		s.fatalf("AddTask: %v", err)
	}
	return made
}

func (s *Server) seed(t Task) (*SeededTask, error) {
	client, ctx := s.owner(t), s.context()
	create := models.TaskCreate{Name: t.Name, ProjectID: t.ProjectID, Labels: t.Labels, SegmentSize: t.JobSize}
	if create.Name == "" {
		create.Name = "task"
	}
	if create.ProjectID == 0 && len(create.Labels) == 0 {
		create.Labels = []models.LabelCreate{{Name: "object"}}
	}
	task, _, err := client.Tasks.Create(ctx, create)
	if err != nil {
		return nil, err
	}
	if err := upload(s, client, task.ID, t); err != nil {
		return nil, err
	}
	made := &SeededTask{LabelsByName: map[string]models.Label{}}
	labels, err := client.Tasks.Labels(ctx, task.ID)
	if err != nil {
		return nil, err
	}
	for _, label := range labels {
		made.LabelsByName[label.Name] = label
	}
	if t.Annotations != nil {
		if _, _, err := client.Tasks.ReplaceAnnotations(ctx, task.ID, t.Annotations(made.LabelsByName)); err != nil {
			return nil, err
		}
	}
	return made, s.finish(client, made, task.ID, t.Stage)
}

// owner returns the client that makes the task.
func (s *Server) owner(t Task) *cvat.Client {
	s.helper()
	name := t.Owner
	if name == "" {
		name = Username
	}
	if t.Organization == "" {
		return s.Backstage(name, cvat.WithPersonalWorkspace())
	}
	return s.Backstage(name, cvat.WithOrganization(t.Organization))
}

// upload gives the task its frames.
func upload(s *Server, client *cvat.Client, id int64, t Task) error {
	source := cvat.Dir(t.Folder)
	if t.Folder == "" {
		if t.Frames == 0 {
			return nil
		}
		var err error
		if source, err = pictures(t.Frames); err != nil {
			return err
		}
	}
	return client.Tasks.Upload(s.context(), id, source, &cvat.UploadOptions{Wait: cvat.WaitOptions{MaxInterval: time.Millisecond}})
}

// finish moves the jobs to their stage and reads what was made.
func (s *Server) finish(client *cvat.Client, made *SeededTask, id int64, stage models.JobStage) error {
	ctx := s.context()
	jobs, err := client.Tasks.Jobs(ctx, id)
	if err != nil {
		return err
	}
	for _, job := range jobs {
		if stage == "" {
			break
		}
		if _, _, err := client.Jobs.Update(ctx, job.ID, models.JobPatch{Stage: &stage}); err != nil {
			return err
		}
	}
	if made.Jobs, err = client.Tasks.Jobs(ctx, id); err != nil {
		return err
	}
	task, _, err := client.Tasks.Get(ctx, id)
	if err != nil {
		return err
	}
	made.Task = *task
	return nil
}

// pictures are n pictures, each in a grey of its own.
func pictures(n int) (cvat.Source, error) {
	var sources []cvat.Source
	for i := range n {
		img := image.NewGray(image.Rect(0, 0, 160, 120))
		for at := range img.Pix {
			img.Pix[at] = uint8(40 + 7*i)
		}
		var file bytes.Buffer
		if err := png.Encode(&file, img); err != nil {
			return cvat.Source{}, err
		}
		sources = append(sources, cvat.Bytes(fmt.Sprintf("frame_%06d.png", i), file.Bytes()))
	}
	return cvat.Join(sources...), nil
}
