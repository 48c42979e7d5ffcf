package cvat_test

import (
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
