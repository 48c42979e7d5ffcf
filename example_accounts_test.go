package cvat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

func ExampleServerService_Share() {
	server := testserver.Start(nil)
	defer server.Close()
	server.Share("city/street.png", examplePicture())
	client, err := cvat.NewClient(server.URL, cvat.WithBasicAuth("admin", "admin-password"))
	if err != nil {
		fmt.Println(err)
		return
	}
	files, _, err := client.Server.Share(context.Background(), "city")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, file := range files {
		fmt.Println(file.Name, file.MimeType)
	}
	// Output: street.png image
}

func ExampleAuthService_Register() {
	server := testserver.Start(nil)
	defer server.Close()
	client, err := cvat.NewClient(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	made, _, err := client.Auth.Register(context.Background(), models.RegisterRequest{
		Username: "annie", Email: "annie@example.com", Password1: "a good password", Password2: "a good password",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	annie, err := client.With(cvat.WithToken(made.Key))
	if err != nil {
		fmt.Println(err)
		return
	}
	self, _, err := annie.Users.Self(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(self.Username, self.Groups)
	// Output: annie [user]
}

func ExampleUsersService_Update() {
	server := testserver.Start(nil)
	defer server.Close()
	id := server.AddUser(testserver.User{Username: "annie", Password: "a good password"})
	admin, err := cvat.NewClient(server.URL, cvat.WithBasicAuth("admin", "admin-password"))
	if err != nil {
		fmt.Println(err)
		return
	}
	user, _, err := admin.Users.Update(context.Background(), id, models.UserPatch{Groups: []string{"worker"}, IsActive: new(false)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(user.Username, user.Groups, user.IsActive)
	// Output: annie [worker] false
}

func ExampleRestrictionsService_UserAgreements() {
	server := testserver.Start(nil, testserver.WithDialect(testserver.V2_3))
	defer server.Close()
	server.AddAgreement(testserver.Agreement{Name: "privacy", Text: "I agree.", Required: true})
	client, err := cvat.NewClient(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	agreements, _, err := client.Restrictions.UserAgreements(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, agreement := range agreements {
		fmt.Println(agreement.Name, agreement.DisplayText, agreement.Required)
	}
	// Output: privacy I agree. true
}

func ExampleSchemaService_Get() {
	server := testserver.Start(nil)
	defer server.Close()
	client, err := cvat.NewClient(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	content, _, err := client.Schema.Get(context.Background(), &cvat.SchemaOptions{Format: cvat.SchemaJSON})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer content.Close()
	text, err := io.ReadAll(content)
	if err != nil {
		fmt.Println(err)
		return
	}
	var schema struct {
		Info struct {
			Title   string `json:"title"`
			Version string `json:"version"`
		} `json:"info"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(schema.Info.Title, schema.Info.Version)
	// Output: CVAT REST API 2.73.1 (2.0)
}

func ExampleTasksService_EditLabels() {
	server := testserver.Start(nil)
	defer server.Close()
	client, err := cvat.NewClient(server.URL, cvat.WithBasicAuth("admin", "admin-password"))
	if err != nil {
		fmt.Println(err)
		return
	}
	task, _, err := client.Tasks.Create(context.Background(), models.TaskCreate{Name: "street", Labels: []models.LabelCreate{
		{Name: "car", Color: "#ff0000"}, {Name: "tree", Color: "#00ff00"}, {Name: "mistake"},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	labels, err := client.Tasks.EditLabels(context.Background(), task.ID, cvat.LabelEdits{
		Add: []models.LabelCreate{{Name: "bicycle", Color: "#0000ff"}},
		Change: map[string]cvat.LabelChange{
			"car":  {Name: "vehicle"},
			"tree": {Color: "#008800"},
		},
		Delete: []string{"mistake"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, label := range labels {
		fmt.Println(label.Name, label.Color)
	}
	// Output:
	// vehicle #ff0000
	// tree #008800
	// bicycle #0000ff
}
