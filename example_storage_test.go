package cvat_test

import (
	"context"
	"fmt"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

func ExampleCloudStoragesService_Create() {
	server := testserver.Start(nil)
	defer server.Close()
	server.AddBucket("street-pictures", map[string][]byte{"north/a.png": examplePicture()})
	client, err := cvat.NewClient(server.URL, cvat.WithBasicAuth("admin", "admin-password"))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	storage, _, err := client.CloudStorages.Create(ctx, models.CloudStorageCreate{
		ProviderType: models.ProviderTypeAWSS3Bucket, Resource: "street-pictures", DisplayName: "Street pictures",
		Credentials: models.Credentials{
			Type: models.CredentialsTypeKeySecretKeyPair, Key: "access key", SecretKey: "secret access key",
		},
		SpecificAttributes: models.SpecificAttributes{Region: "eu-central-1"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	status, _, err := client.CloudStorages.Status(ctx, storage.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(storage.DisplayName, status, storage.SpecificAttributes)
	// Output: Street pictures AVAILABLE region=eu-central-1
}
