package cvattest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/models"
)

// In a test, hand it to NewServer: cvattest.NewServer(t). Then nothing needs closing.
func Example() {
	server := cvattest.NewServer(nil)
	defer server.Close()
	task := server.AddTask(cvattest.Task{Frames: 4, JobSize: 2})

	// unfinished stands for the code under test.
	unfinished := func(ctx context.Context, client *cvat.Client, task int64) (int, error) {
		jobs, err := cvat.Collect(client.Jobs.All(ctx, &cvat.JobListOptions{TaskID: task, State: models.JobStateNew}))
		return len(jobs), err
	}
	n, err := unfinished(context.Background(), server.Client(), task.ID)
	fmt.Println(n, err)
	fmt.Println("requests:", server.Count(cvat.OpJobsList))
	// Output:
	// 2 <nil>
	// requests: 1
}

func ExampleServer_AddTask() {
	server := cvattest.NewServer(nil)
	defer server.Close()
	task := server.AddTask(cvattest.Task{
		Name:   "street",
		Labels: []models.LabelCreate{{Name: "car", Type: models.LabelTypeRectangle}},
		Frames: 3,
		Stage:  models.JobStageValidation,
		Annotations: func(labels map[string]models.Label) models.LabeledData {
			return models.LabeledData{Shapes: []models.LabeledShape{{
				Type: models.ShapeTypeRectangle, Frame: 1, LabelID: labels["car"].ID, Points: []float64{10, 10, 90, 60},
			}}}
		},
	})
	fmt.Println(task.Name, task.Size, len(task.Jobs), task.Jobs[0].Stage)
	stored, _, err := server.Client().Jobs.GetAnnotations(context.Background(), task.Jobs[0].ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(stored.Shapes), "shape, on frame", stored.Shapes[0].Frame)
	// Output:
	// street 3 1 validation
	// 1 shape, on frame 1
}

func ExampleServer_ClientFor() {
	server := cvattest.NewServer(nil)
	defer server.Close()
	server.AddUser(cvattest.User{Username: "ada"})
	server.AddUser(cvattest.User{Username: "eve"})
	server.AddOrganization("team-a", "ada", map[string]models.Role{"eve": models.RoleWorker})
	server.AddTask(cvattest.Task{Owner: "ada", Organization: "team-a", Frames: 1})

	ctx := context.Background()
	for _, name := range []string{"ada", "eve", cvattest.Username} {
		tasks, _, err := server.ClientFor(name, cvat.WithOrganization("team-a")).Tasks.List(ctx, nil)
		fmt.Println(name, len(tasks), errors.Is(err, cvat.ErrForbidden))
	}
	// Output:
	// ada 1 false
	// eve 0 false
	// user1 0 true
}

func ExampleServer_Fail() {
	server := cvattest.NewServer(nil)
	defer server.Close()
	ctx, client := context.Background(), server.Client()

	// A busy server: the client tries again by itself.
	server.Fail(cvat.OpTasksList, cvattest.Fault{Status: 503, Times: 1})
	_, resp, err := client.Tasks.List(ctx, nil)
	fmt.Println(resp.Attempts, err)

	// A lost answer: the server has made the project, and the client cannot know.
	server.Fail(cvat.OpProjectsCreate, cvattest.Fault{Kind: cvattest.CutAfter})
	_, _, err = client.Projects.Create(ctx, models.ProjectCreate{Name: "city"})
	fmt.Println(errors.Is(err, cvat.ErrOutcomeUnknown))
	projects, _, err := server.Backstage(cvattest.Username).Projects.List(ctx, nil)
	fmt.Println(len(projects), err)
	// Output:
	// 2 <nil>
	// true
	// 1 <nil>
}

func ExampleServer_Plan() {
	server := cvattest.NewServer(nil)
	defer server.Close()
	server.Plan(cvat.OpTasksCreateData, cvattest.Work{Failure: "No media data found"})
	task := server.AddTask(cvattest.Task{})
	err := server.Client().Tasks.Upload(context.Background(), task.ID, cvat.Bytes("a.png", []byte("?")), nil)
	if failed, ok := errors.AsType[*cvat.BackgroundError](err); ok {
		fmt.Println(failed.Message)
	}
	// Output: No media data found
}

func ExampleServer_Requests() {
	server := cvattest.NewServer(nil)
	defer server.Close()
	server.AddOrganization("team-a", cvattest.Username, nil)
	client := server.Client(cvat.WithOrganization("team-a"))
	_, _, err := client.Projects.Create(context.Background(), models.ProjectCreate{Name: "city"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range server.Requests() {
		fmt.Println(r.Operation, r.User, r.Organization, r.Status, string(r.Body))
	}
	// Output: projects_create user1 team-a 201 {"name":"city"}
}
