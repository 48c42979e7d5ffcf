package cvat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"os"
	"time"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// exampleClient returns an administrator's client of a fake CVAT, and what stops the server.
func exampleClient() (client *cvat.Client, stop func()) {
	server := testserver.Start(nil)
	client, err := cvat.NewClient(server.URL, cvat.WithBasicAuth("admin", "admin-password"))
	if err != nil {
		panic(err)
	}
	return client, server.Close
}

// examplePicture is a PNG of 64 by 48 pixels.
func examplePicture() []byte {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 64, 48))); err != nil {
		panic(err)
	}
	return file.Bytes()
}

func ExampleNewClient() {
	client, err := cvat.NewClient("app.cvat.ai", cvat.WithAccessToken(os.Getenv("CVAT_ACCESS_TOKEN")))
	fmt.Println(client, err)
	// Output: <nil> cvat: base URL "app.cvat.ai" has no scheme: did you mean "https://app.cvat.ai"?
}

func ExampleClient_Login() {
	server := testserver.Start(nil)
	defer server.Close()
	ctx := context.Background()
	anonymous, err := cvat.NewClient(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = anonymous.Login(ctx, "user1", "guess")
	fmt.Println("wrong password:", errors.Is(err, cvat.ErrUnauthorized))

	client, err := anonymous.Login(ctx, "user1", "user-password")
	if err != nil {
		fmt.Println(err)
		return
	}
	user, _, err := client.Users.Self(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("logged in as", user.Username)
	// Output:
	// wrong password: true
	// logged in as user1
}

func ExampleAuthService_Login() {
	client, stop := exampleClient()
	defer stop()
	token, _, err := client.Auth.Login(context.Background(), models.LoginRequest{Username: "user1", Password: "user-password"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("a key of", len(token.Key), "characters")
	// Output: a key of 40 characters
}

func ExampleServerService_About() {
	client, stop := exampleClient()
	defer stop()
	about, _, err := client.Server.About(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("CVAT", about.Version)
	// Output: CVAT 2.73.1
}

func ExampleUsersService_Self() {
	client, stop := exampleClient()
	defer stop()
	user, _, err := client.Users.Self(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(user.Username, user.IsSuperuser)
	// Output: admin true
}

func ExampleProjectsService_Create() {
	client, stop := exampleClient()
	defer stop()
	ctx := context.Background()
	project, _, err := client.Projects.Create(ctx, models.ProjectCreate{
		Name:   "city",
		Labels: []models.LabelCreate{{Name: "car"}, {Name: "road"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	labels, err := client.Projects.Labels(ctx, project.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, label := range labels {
		fmt.Println(label.Name)
	}
	// Output:
	// car
	// road
}

func ExampleTasksService_Upload() {
	client, stop := exampleClient()
	defer stop()
	ctx := context.Background()
	task, _, err := client.Tasks.Create(ctx, models.TaskCreate{Name: "street", Labels: []models.LabelCreate{{Name: "car"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	// Files, Dir and Glob upload from the disk.
	if err := client.Tasks.Upload(ctx, task.ID, cvat.Bytes("scene.png", examplePicture()), nil); err != nil {
		fmt.Println(err)
		return
	}
	meta, _, err := client.Tasks.DataMeta(ctx, task.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, frame := range meta.Frames {
		fmt.Printf("%s: %d × %d pixels\n", frame.Name, frame.Width, frame.Height)
	}
	// Output: scene.png: 64 × 48 pixels
}

func ExampleTasksService_GetByName() {
	client, stop := exampleClient()
	defer stop()
	_, _, err := client.Tasks.GetByName(context.Background(), "street")
	if errors.Is(err, cvat.ErrNotFound) {
		fmt.Println(err)
	}
	// Output: cvat: there is no task named "street"
}

func ExampleJobsService_All() {
	client, stop := exampleClient()
	defer stop()
	ctx := context.Background()
	task, _, err := client.Tasks.Create(ctx, models.TaskCreate{Name: "street", Labels: []models.LabelCreate{{Name: "car"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := client.Tasks.Upload(ctx, task.ID, cvat.Bytes("scene.png", examplePicture()), nil); err != nil {
		fmt.Println(err)
		return
	}
	for job, err := range client.Jobs.All(ctx, &cvat.JobListOptions{TaskID: task.ID}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("frames %d to %d: %s, %s\n", job.StartFrame, job.StopFrame, job.Stage, job.State)
	}
	// Output: frames 0 to 0: annotation, new
}

func ExampleFilter() {
	old := cvat.TaskFieldUpdatedDate.Before(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	abandoned := cvat.And(old, cvat.Or(cvat.TaskFieldAssignee.IsUnset(), cvat.TaskFieldAssignee.Eq("intern")))
	fmt.Println(abandoned)
	// Output: {"and":[{"<":[{"var":"updated_date"},"2026-01-01T00:00:00.000000Z"]},{"or":[{"!":{"var":"assignee"}},{"==":[{"var":"assignee"},"intern"]}]}]}
}

func ExampleCollect() {
	client, stop := exampleClient()
	defer stop()
	ctx := context.Background()
	for _, name := range []string{"north", "south", "northeast"} {
		if _, _, err := client.Projects.Create(ctx, models.ProjectCreate{Name: name}); err != nil {
			fmt.Println(err)
			return
		}
	}
	// Deleting while walking would make the walk skip projects, so they are collected first.
	projects, err := cvat.Collect(client.Projects.All(ctx, &cvat.ProjectListOptions{
		ListOptions: cvat.ListOptions{Filter: cvat.ProjectFieldName.Contains("north")},
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, project := range projects {
		if _, err := client.Projects.Delete(ctx, project.ID); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("deleted", project.Name)
	}
	// Output:
	// deleted north
	// deleted northeast
}

// A handle on background work can be stored, and waited for by another process.
func ExampleClient_Wait() {
	client, stop := exampleClient()
	defer stop()
	ctx := context.Background()
	task, _, err := client.Tasks.Create(ctx, models.TaskCreate{Name: "street", Labels: []models.LabelCreate{{Name: "car"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := client.Tasks.Upload(ctx, task.ID, cvat.Bytes("street.png", examplePicture()), nil); err != nil {
		fmt.Println(err)
		return
	}
	work, err := client.Tasks.StartExportDataset(ctx, task.ID, "CVAT for images 1.1", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	note, err := json.Marshal(work) // for the other process
	if err != nil {
		fmt.Println(err)
		return
	}

	var noted cvat.Background
	if err := json.Unmarshal(note, &noted); err != nil {
		fmt.Println(err)
		return
	}
	if _, err := client.Wait(ctx, &noted, nil); err != nil {
		fmt.Println(err)
		return
	}
	var archive bytes.Buffer
	if _, err := client.Download(ctx, &noted, &archive); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("fetched the", noted.String())
	// Output: fetched the dataset of task 1
}

func ExampleError() {
	client, stop := exampleClient()
	defer stop()
	_, resp, err := client.Tasks.Create(context.Background(), models.TaskCreate{Name: "street", ProjectID: 99})
	if e, ok := errors.AsType[*cvat.Error](err); ok && errors.Is(err, cvat.ErrInvalid) {
		fmt.Println(resp.StatusCode, e.Operation.ID, e.Detail)
	}
	// Output: 400 tasks_create Project matching query does not exist.
}

func ExampleOperationFromContext() {
	server := testserver.Start(nil)
	defer server.Close()
	counting := func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			if op, ok := cvat.OperationFromContext(r.Context()); ok {
				fmt.Println("calls", op.ID)
			}
			return next.RoundTrip(r)
		})
	}
	client, err := cvat.NewClient(server.URL, cvat.WithBasicAuth("admin", "admin-password"), cvat.WithMiddleware(counting))
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, _, err := client.Server.Formats(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output: calls server_retrieve_annotation_formats
}

func ExampleClient_Do() {
	client, stop := exampleClient()
	defer stop()
	list := cvat.Operation{ID: "auth_list_access_tokens", Method: http.MethodGet, Path: "/api/auth/access_tokens", Replay: cvat.Repeatable}
	var tokens struct {
		Count int `json:"count"`
	}
	if _, err := client.Do(context.Background(), list, cvat.Args{}, nil, &tokens); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tokens.Count, "access tokens")
	// Output: 0 access tokens
}
