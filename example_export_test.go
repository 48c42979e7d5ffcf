package cvat_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// exampleTasks makes tasks with one picture each.
func exampleTasks(ctx context.Context, client *cvat.Client, names ...string) ([]*models.Task, error) {
	var tasks []*models.Task
	for _, name := range names {
		task, _, err := client.Tasks.Create(ctx, models.TaskCreate{Name: name, Labels: []models.LabelCreate{{Name: "car"}}})
		if err != nil {
			return nil, err
		}
		if err := client.Tasks.Upload(ctx, task.ID, cvat.Bytes("scene.png", examplePicture()), nil); err != nil {
			return nil, err
		}
		tasks = append(tasks, task)
	}
	return tasks, nil
}

func ExampleBatch() {
	client, stop := exampleClient()
	defer stop()
	ctx := context.Background()
	tasks, err := exampleTasks(ctx, client, "north", "south")
	if err != nil {
		fmt.Println(err)
		return
	}
	folder, err := os.MkdirTemp("", "archives")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()

	for result := range cvat.Batch(ctx, 8, tasks, func(ctx context.Context, task *models.Task) (*cvat.ExportedFile, error) {
		return client.Tasks.ExportDatasetToFile(ctx, task.ID, "COCO 1.0", filepath.Join(folder, task.Name+".zip"), nil)
	}) {
		if result.Err != nil {
			fmt.Println(result.Item.Name, result.Err) // the others go on
			continue
		}
		fmt.Println(result.Item.Name, "is in", filepath.Base(result.Value.Path))
	}
	// Unordered output:
	// north is in north.zip
	// south is in south.zip
}

func ExampleTasksService_Frames() {
	client, stop := exampleClient()
	defer stop()
	ctx := context.Background()
	tasks, err := exampleTasks(ctx, client, "street")
	if err != nil {
		fmt.Println(err)
		return
	}
	for frame, err := range client.Tasks.Frames(ctx, tasks[0].ID) {
		if err != nil {
			fmt.Println(err)
			return
		}
		content, err := frame.Open(ctx, cvat.QualityOriginal)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%d: %s, %d × %d pixels, %s\n", frame.Number, frame.Name, frame.Width, frame.Height, content.Type)
		if err := content.Close(); err != nil {
			fmt.Println(err)
			return
		}
	}
	// Output: 0: scene.png, 64 × 48 pixels, image/png
}

func ExampleTasksService_DownloadFrames() {
	client, stop := exampleClient()
	defer stop()
	ctx := context.Background()
	tasks, err := exampleTasks(ctx, client, "street")
	if err != nil {
		fmt.Println(err)
		return
	}
	folder, err := os.MkdirTemp("", "frames")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()
	for range 2 { // the second time finds what the first has brought
		frames, err := client.Tasks.DownloadFrames(ctx, tasks[0].ID, folder, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, frame := range frames {
			fmt.Println(filepath.Base(frame.Path), "was there already:", frame.Skipped)
		}
	}
	// Output:
	// scene.png was there already: false
	// scene.png was there already: true
}
