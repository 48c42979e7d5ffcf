package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/examples/internal/program"
	"github.com/go-cvat/cvat/models"
)

// keys are what the environment holds for buckets. Nothing prints them.
type keys struct {
	awsKey, awsSecret                         string
	azureConnection, azureAccount, azureToken string
	googleFile                                string
}

func keysIn(getenv func(string) string) keys {
	return keys{
		awsKey: getenv("AWS_ACCESS_KEY_ID"), awsSecret: getenv("AWS_SECRET_ACCESS_KEY"),
		azureConnection: getenv("AZURE_STORAGE_CONNECTION_STRING"),
		azureAccount:    getenv("AZURE_STORAGE_ACCOUNT"), azureToken: getenv("AZURE_STORAGE_SAS_TOKEN"),
		googleFile: getenv("GOOGLE_APPLICATION_CREDENTIALS"),
	}
}

// providers are the kinds of buckets by the names of the flag.
var providers = map[string]models.ProviderType{
	"s3": models.ProviderTypeAWSS3Bucket, "azure": models.ProviderTypeAzureContainer, "google": models.ProviderTypeGoogleCloudStorage,
}

// credentials are those for the bucket, or what is missing of them.
func (s *settings) credentials() (models.Credentials, error) {
	k := s.keys
	switch _, known := providers[s.provider]; {
	case !known:
		return models.Credentials{}, fmt.Errorf("-provider is %q: it is s3, azure or google", s.provider)
	case s.anonymous && s.provider == "azure" && k.azureAccount == "":
		return models.Credentials{}, errors.New("-provider azure needs AZURE_STORAGE_ACCOUNT in the environment")
	case s.anonymous:
		return models.Credentials{Type: models.CredentialsTypeAnonymousAccess, AccountName: k.azureAccount}, nil
	case s.provider == "s3" && k.awsKey != "" && k.awsSecret != "":
		return models.Credentials{Type: models.CredentialsTypeKeySecretKeyPair, Key: k.awsKey, SecretKey: k.awsSecret}, nil
	case s.provider == "azure" && k.azureConnection != "":
		return models.Credentials{Type: models.CredentialsTypeConnectionString, ConnectionString: k.azureConnection}, nil
	case s.provider == "azure" && k.azureAccount != "" && k.azureToken != "":
		return models.Credentials{Type: models.CredentialsTypeAccountNameTokenPair, AccountName: k.azureAccount, SessionToken: k.azureToken}, nil
	case s.provider == "google" && k.googleFile != "":
		file, err := os.ReadFile(k.googleFile)
		return models.Credentials{Type: models.CredentialsTypeKeyFilePath, KeyFile: file}, err
	}
	return models.Credentials{}, fmt.Errorf("the environment lacks the keys for -provider %s: -h tells which; or give -anonymous", s.provider)
}

// findStorage looks up the storage, or attaches the bucket, and makes sure that its pictures can be had.
func (i *ingest) findStorage(ctx context.Context) (err error) {
	if i.bucket != "" {
		i.storage, err = i.attached(ctx)
	} else {
		i.storage, err = i.given(ctx)
	}
	if err != nil {
		return err
	}
	status, _, err := i.client.CloudStorages.Status(ctx, i.storage.ID)
	switch {
	case err != nil:
		return err
	case status != models.CloudStorageStatusAvailable:
		return fmt.Errorf("storage %d, bucket %q, is not available to CVAT but %s: is the bucket there, and are its keys good?", i.storage.ID, i.storage.Resource, status)
	case i.manifest == "" && len(i.storage.Manifests) > 1:
		return fmt.Errorf("storage %d has %d manifests: choose one with -manifest", i.storage.ID, len(i.storage.Manifests))
	}
	if i.manifest == "" && len(i.storage.Manifests) == 1 {
		i.manifest = i.storage.Manifests[0]
	}
	return nil
}

// given looks up the storage with the id that was given.
func (i *ingest) given(ctx context.Context) (*models.CloudStorage, error) {
	id, where := i.settings.storage, "the personal workspace"
	if i.Organization != "" {
		where = fmt.Sprintf("organization %q", i.Organization)
	}
	storage, _, err := i.client.CloudStorages.Get(ctx, id)
	switch {
	case errors.Is(err, cvat.ErrNotFound) || errors.Is(err, cvat.ErrForbidden):
		return nil, fmt.Errorf("there is no storage %d that you can use in %s: %w", id, where, err)
	case err != nil:
		return nil, err
	}
	organization, err := i.organization(ctx)
	if err != nil {
		return nil, err
	}
	// Newer servers show it to members of its organization in the context of any other.
	if storage.Organization != organization {
		return nil, fmt.Errorf("storage %d does not belong to %s: -organization names where it does", id, where)
	}
	return storage, nil
}

// organization is the id of the one that we work in, 0 for the personal workspace.
func (i *ingest) organization(ctx context.Context) (int64, error) {
	if i.Organization == "" {
		return 0, nil
	}
	found, _, err := i.client.Organizations.List(ctx, &cvat.OrganizationListOptions{Slug: i.Organization})
	switch {
	case err != nil:
		return 0, err
	case len(found) == 0:
		return 0, fmt.Errorf("there is no organization %q that you can see", i.Organization)
	}
	return found[0].ID, nil
}

// attached looks up the storage of the bucket, or attaches it.
func (i *ingest) attached(ctx context.Context) (*models.CloudStorage, error) {
	provider := providers[i.provider]
	found, err := cvat.Collect(i.client.CloudStorages.All(ctx, &cvat.CloudStorageListOptions{ProviderType: provider, Resource: i.bucket}))
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(s *models.CloudStorage) bool { return s.SpecificAttributes.EndpointURL != i.endpoint })
	switch {
	case len(found) > 1:
		return nil, fmt.Errorf("bucket %q is attached %d times: choose one with -storage; the first is %d", i.bucket, len(found), found[0].ID)
	case len(found) == 1:
		program.Say(i.stdout, "bucket %s is attached already: storage %d", i.bucket, found[0].ID)
		return found[0], nil
	}
	create := models.CloudStorageCreate{
		ProviderType: provider, Resource: i.bucket, DisplayName: i.bucket[:min(len(i.bucket), 63)],
		SpecificAttributes: models.SpecificAttributes{Region: i.region, EndpointURL: i.endpoint},
	}
	if create.Credentials, err = i.credentials(); err != nil {
		return nil, err
	}
	if i.manifest != "" {
		create.Manifests = []string{i.manifest}
	}
	storage, _, err := i.client.CloudStorages.Create(ctx, create)
	if refused, ok := errors.AsType[*cvat.Error](err); ok && refused.Fields["manifests"] != nil {
		return nil, fmt.Errorf("there is no manifest %q in bucket %q: %w", i.manifest, i.bucket, err)
	}
	if err != nil {
		return nil, err
	}
	program.Say(i.stdout, "bucket %s is attached now: storage %d", i.bucket, storage.ID)
	return storage, nil
}
