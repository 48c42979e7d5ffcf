package cvat_test

import (
	"context"
	"fmt"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
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
