package cvat_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing/fstest"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

func ExampleTasksService_CreateFromData() {
	client, stop := exampleClient()
	defer stop()
	task, err := client.Tasks.CreateFromData(context.Background(),
		models.TaskCreate{Name: "street", Labels: []models.LabelCreate{{Name: "car"}}},
		cvat.Join(cvat.Bytes("a.png", examplePicture()), cvat.Bytes("b.png", examplePicture())), // or cvat.Dir("pictures")
		&cvat.UploadOptions{ImageQuality: 80, RemoveOnFailure: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(task.Name, "has", task.Size, "frames")
	// Output: street has 2 frames
}

// A program that was stopped goes on with the upload when it is run again.
func ExampleUploadOptions() {
	client, stop := exampleClient()
	defer stop()
	folder, err := os.MkdirTemp("", "cvat-example-*")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()
	options := &cvat.UploadOptions{StateFile: filepath.Join(folder, "street.state")}
	task, err := client.Tasks.CreateFromData(context.Background(),
		models.TaskCreate{Name: "street", Labels: []models.LabelCreate{{Name: "car"}}},
		cvat.FS(fstest.MapFS{"street/a.png": {Data: examplePicture()}}, "street/*.png"), options)
	var failed *cvat.UploadError
	switch {
	case errors.As(err, &failed):
		fmt.Println("task", failed.TaskID, "may hold parts; run me again")
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println(task.Name, "is complete")
	}
	// Output: street is complete
}

func ExampleSource_Check() {
	source := cvat.Join(cvat.Bytes("a.mp4", []byte("…")), cvat.Bytes("b.png", nil))
	fmt.Println(source.Check())
	// Output:
	// cvat: file "b.png" is empty
	// cvat: file "a.mp4" is one of 2 files and a kind (video) of which a task holds one, and nothing else
}
