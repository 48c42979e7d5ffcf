package cvat_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

func faultyStorage() map[string]faulty {
	type call = func(context.Context, *cvat.Client) error
	attached := func(run func(context.Context, *cvat.Client, *models.CloudStorage) error) func(*testing.T, *faultFixture) call {
		return func(t *testing.T, f *faultFixture) call {
			t.Helper()
			storage, _, err := f.calm.CloudStorages.Create(t.Context(), f.bucket(t))
			require.NoError(t, err)
			return func(ctx context.Context, c *cvat.Client) error { return run(ctx, c, storage) }
		}
	}
	return map[string]faulty{
		"CloudStorages.List": {op: cvat.OpCloudstoragesList, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.CloudStorages.List(ctx, nil)
			return err
		})},
		"CloudStorages.All": {op: cvat.OpCloudstoragesList, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, err := cvat.Collect(c.CloudStorages.All(ctx, nil))
			return err
		})},
		"CloudStorages.Get": {op: cvat.OpCloudstoragesRetrieve, prepare: attached(func(ctx context.Context, c *cvat.Client, s *models.CloudStorage) error {
			_, _, err := c.CloudStorages.Get(ctx, s.ID)
			return err
		})},
		"CloudStorages.Create": {op: cvat.OpCloudstoragesCreate, delta: 1, count: countCloudStorages, prepare: func(t *testing.T, f *faultFixture) call {
			t.Helper()
			body := f.bucket(t)
			return func(ctx context.Context, c *cvat.Client) error {
				_, _, err := c.CloudStorages.Create(ctx, body)
				return err
			}
		}},
		"CloudStorages.Update": {op: cvat.OpCloudstoragesPartialUpdate, count: countCloudStorages, prepare: attached(func(ctx context.Context, c *cvat.Client, s *models.CloudStorage) error {
			_, _, err := c.CloudStorages.Update(ctx, s.ID, models.CloudStoragePatch{DisplayName: new("renamed"), Manifests: s.Manifests})
			return err
		})},
		"CloudStorages.Delete": {op: cvat.OpCloudstoragesDestroy, delta: -1, count: countCloudStorages, silent: true, prepare: attached(func(ctx context.Context, c *cvat.Client, s *models.CloudStorage) error {
			_, err := c.CloudStorages.Delete(ctx, s.ID)
			return err
		})},
		"CloudStorages.Status": {op: cvat.OpCloudstoragesRetrieveStatus, prepare: attached(func(ctx context.Context, c *cvat.Client, s *models.CloudStorage) error {
			_, _, err := c.CloudStorages.Status(ctx, s.ID)
			return err
		})},
		"CloudStorages.Actions": {op: cvat.OpCloudstoragesRetrieveActions, prepare: attached(func(ctx context.Context, c *cvat.Client, s *models.CloudStorage) error {
			_, _, err := c.CloudStorages.Actions(ctx, s.ID)
			return err
		})},
		"CloudStorages.ManifestContent": {op: cvat.OpCloudstoragesRetrieveContent, older: true, prepare: attached(func(ctx context.Context, c *cvat.Client, s *models.CloudStorage) error {
			_, _, err := c.CloudStorages.ManifestContent(ctx, s.ID, "")
			return err
		})},
		"CloudStorages.Content": {op: cvat.OpCloudstoragesRetrieveContentV2, newer: true, prepare: attached(func(ctx context.Context, c *cvat.Client, s *models.CloudStorage) error {
			_, _, err := c.CloudStorages.Content(ctx, s.ID, nil)
			return err
		})},
		"CloudStorages.Preview": {op: cvat.OpCloudstoragesRetrievePreview, stream: true, prepare: attached(func(ctx context.Context, c *cvat.Client, s *models.CloudStorage) error {
			content, _, err := c.CloudStorages.Preview(ctx, s.ID)
			if err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, content)
			return errors.Join(err, content.Close())
		})},
	}
}

// bucket makes a bucket of its own, of one picture and its manifest, and returns what attaches it.
func (f *faultFixture) bucket(t *testing.T) models.CloudStorageCreate {
	t.Helper()
	name := strings.ToLower(rand.Text())
	f.srv.AddBucket(name, pictureBucket(t))
	return s3Storage(name)
}

func countCloudStorages(t *testing.T, f *faultFixture) int {
	t.Helper()
	_, resp, err := f.calm.CloudStorages.List(t.Context(), nil)
	require.NoError(t, err)
	return resp.Count
}
