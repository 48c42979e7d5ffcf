package cvat_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

func ExampleTasksService_ImportAnnotations() {
	server := testserver.Start(nil)
	defer server.Close()
	ctx := context.Background()
	client, task, err := exampleTask(ctx, server)
	if err != nil {
		fmt.Println(err)
		return
	}
	document := []byte(`<annotations><image name="street.png">
		<box label="car" xtl="1" ytl="1" xbr="5" ybr="5"/></image></annotations>`)
	err = client.Tasks.ImportAnnotations(ctx, task, "CVAT 1.1", cvat.Bytes("annotations.xml", document), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	data, _, err := client.Tasks.GetAnnotations(ctx, task)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(data.Shapes), data.Shapes[0].Points)
	// Output: 1 [1 1 5 5]
}

func ExampleTasksService_Backup() {
	server := testserver.Start(nil)
	defer server.Close()
	ctx := context.Background()
	client, task, err := exampleTask(ctx, server)
	if err != nil {
		fmt.Println(err)
		return
	}
	folder, err := os.MkdirTemp("", "backup")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()
	file, err := os.Create(filepath.Join(folder, "street.zip"))
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := client.Tasks.Backup(ctx, task, file, nil); err != nil {
		fmt.Println(err)
		return
	}
	if err := file.Close(); err != nil {
		fmt.Println(err)
		return
	}
	restored, err := client.Tasks.RestoreBackup(ctx, cvat.Files(file.Name()), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	copied, _, err := client.Tasks.Get(ctx, restored)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(copied.Name, copied.Size)
	// Output: street 1
}

func ExampleProjectsService_Migrate() {
	here, there := testserver.Start(nil, testserver.WithDialect(testserver.V2_3)), testserver.Start(nil)
	defer here.Close()
	defer there.Close()
	ctx := context.Background()
	from, err := cvat.NewClient(here.URL, cvat.WithBasicAuth("admin", "admin-password"))
	if err != nil {
		fmt.Println(err)
		return
	}
	to, err := cvat.NewClient(there.URL, cvat.WithBasicAuth("admin", "admin-password"))
	if err != nil {
		fmt.Println(err)
		return
	}
	project, _, err := from.Projects.Create(ctx, models.ProjectCreate{Name: "town", Labels: []models.LabelCreate{{Name: "car"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	id, err := from.Projects.Migrate(ctx, project.ID, to, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	copied, _, err := to.Projects.Get(ctx, id)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(copied.Name)
	// Output: town
}

// exampleTask makes a task of one picture.
func exampleTask(ctx context.Context, server *testserver.Server) (*cvat.Client, int64, error) {
	client, err := cvat.NewClient(server.URL, cvat.WithBasicAuth("admin", "admin-password"))
	if err != nil {
		return nil, 0, err
	}
	task, _, err := client.Tasks.Create(ctx, models.TaskCreate{Name: "street", Labels: []models.LabelCreate{{Name: "car"}}})
	if err != nil {
		return nil, 0, err
	}
	return client, task.ID, client.Tasks.Upload(ctx, task.ID, cvat.Bytes("street.png", examplePicture()), nil)
}
