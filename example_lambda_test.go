package cvat_test

import (
	"context"
	"fmt"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// exampleModels is a fake CVAT with a detector, a task of one picture, and an administrator's client.
func exampleModels() (client *cvat.Client, task int64, stop func()) {
	ctx := context.Background()
	server := testserver.Start(nil)
	deployFunctions(server)
	client, err := cvat.NewClient(server.URL, cvat.WithBasicAuth("admin", "admin-password"))
	if err != nil {
		panic(err)
	}
	job, _, err := client.Jobs.Get(ctx, exampleJob(ctx, client))
	if err != nil {
		panic(err)
	}
	return client, job.TaskID, server.Close
}

// Annotate a whole task with a model, and wait.
func ExampleLambdaService_WaitForRequest() {
	client, task, stop := exampleModels()
	defer stop()
	ctx := context.Background()
	run, _, err := client.Lambda.CreateRequest(ctx, models.FunctionCallCreate{
		Function: "test-detector", Task: task, Threshold: 0.5, Cleanup: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := client.Lambda.WaitForRequest(ctx, run.ID, nil); err != nil {
		fmt.Println(err)
		return
	}
	stored, _, err := client.Tasks.GetAnnotations(ctx, task)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, shape := range stored.Shapes {
		fmt.Println(shape.Source, shape.Type, shape.Points)
	}
	// Output: auto rectangle [0 0 64 48]
}

// Ask a model about one frame. What it finds is stored only if the program does so.
func ExampleLambdaService_Detect() {
	client, task, stop := exampleModels()
	defer stop()
	ctx := context.Background()
	found, _, err := client.Lambda.Detect(ctx, "test-detector", models.DetectRequest{Task: task, Frame: 0, Threshold: 0.5})
	if err != nil {
		fmt.Println(err)
		return
	}
	labels, err := client.Tasks.Labels(ctx, task)
	if err != nil {
		fmt.Println(err)
		return
	}
	annotations := found.Annotations(0, labels)
	fmt.Println("found", len(annotations.Shapes))
	if _, _, err := client.Tasks.CreateAnnotations(ctx, task, annotations); err != nil {
		fmt.Println(err)
	}
	// Output: found 1
}
