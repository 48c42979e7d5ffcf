package cvat_test

import (
	"image"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// A bucket that real servers can reach is not at hand: the life of a storage is tested on the fake server alone.
func conformCloudStorages(t *testing.T, s *target) {
	ctx := t.Context()
	_, _, err := s.admin.CloudStorages.Create(ctx, models.CloudStorageCreate{
		ProviderType: "NOPE", Resource: s.prefix, DisplayName: s.prefix,
		Credentials: models.Credentials{Type: models.CredentialsTypeKeySecretKeyPair, Key: "key", SecretKey: "secret"},
	})
	require.ErrorIs(t, err, cvat.ErrInvalid)
	refused := new(cvat.Error)
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, map[string][]string{"provider_type": {`"NOPE" is not a valid choice.`}}, refused.Fields)

	listed, err := cvat.Collect(s.admin.CloudStorages.All(ctx, &cvat.CloudStorageListOptions{
		Resource: s.prefix, Owner: s.login, ProviderType: models.ProviderTypeAWSS3Bucket,
		CredentialsType: models.CredentialsTypeKeySecretKeyPair,
		ListOptions:     cvat.ListOptions{Filter: cvat.And(cvat.CloudStorageFieldID.Gt(0), cvat.CloudStorageFieldDescription.Contains("a"))},
	}))
	require.NoError(t, err)
	assert.Empty(t, listed)

	const missing = 999_999_999
	_, _, err = s.admin.CloudStorages.Get(ctx, missing)
	require.ErrorIs(t, err, cvat.ErrNotFound)
	_, _, err = s.admin.CloudStorages.Status(ctx, missing)
	require.ErrorIs(t, err, cvat.ErrInvalid)
	_, _, err = s.admin.CloudStorages.Actions(ctx, missing)
	require.ErrorIs(t, err, cvat.ErrInvalid)
	_, err = s.admin.CloudStorages.UpdateKeepingManifests(ctx, missing, models.CloudStoragePatch{DisplayName: new("x")})
	require.ErrorIs(t, err, cvat.ErrNotFound)
}

func conformCloudStorageLife(t *testing.T, s *target) {
	if s.newBucket == nil {
		lacks(t, "S3", "the suite knows of no bucket that the server reaches")
	}
	ctx, storages := t.Context(), s.admin.CloudStorages
	made, _, err := storages.Create(ctx, s3Storage(s.newBucket(t)))
	require.NoError(t, err)
	got, _, err := storages.Get(ctx, made.ID)
	require.NoError(t, err)
	assert.Equal(t, made, got)
	listed, err := cvat.Collect(storages.All(ctx, &cvat.CloudStorageListOptions{Resource: made.Resource}))
	require.NoError(t, err)
	assert.Equal(t, []*models.CloudStorage{got}, listed)

	status, _, err := storages.Status(ctx, made.ID)
	require.NoError(t, err)
	assert.Equal(t, models.CloudStorageStatusAvailable, status)
	actions, _, err := storages.Actions(ctx, made.ID)
	require.NoError(t, err)
	assert.Contains(t, actions, models.CloudStorageActionRead)
	s.conformBucket(t, made.ID)

	_, err = storages.UpdateKeepingManifests(ctx, made.ID, models.CloudStoragePatch{DisplayName: new("renamed")})
	require.NoError(t, err)
	got, _, err = storages.Get(ctx, made.ID)
	require.NoError(t, err)
	assert.Equal(t, "renamed", got.DisplayName)
	assert.Equal(t, made.Manifests, got.Manifests)

	_, err = storages.Delete(ctx, made.ID)
	require.NoError(t, err)
	_, _, err = storages.Get(ctx, made.ID)
	require.ErrorIs(t, err, cvat.ErrNotFound)
}

// conformBucket looks at what lies in a pictureBucket.
func (s *target) conformBucket(t *testing.T, storage int64) {
	t.Helper()
	ctx, storages := t.Context(), s.admin.CloudStorages
	if s.old {
		files, _, err := storages.ManifestContent(ctx, storage, "street/manifest.jsonl")
		require.NoError(t, err)
		assert.Contains(t, files, "street/a.png")
	} else {
		content, _, err := storages.Content(ctx, storage, nil)
		require.NoError(t, err)
		assert.NotEmpty(t, content.Content)
	}
	preview, _, err := storages.Preview(ctx, storage)
	require.NoError(t, err)
	_, format, err := image.DecodeConfig(preview)
	require.NoError(t, err)
	assert.Equal(t, "jpeg", format)
	require.NoError(t, preview.Close())
}
