package cvat_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// TestSetDeletedFramesFails at each of its calls: the error says so, and no frame of another job is restored.
func TestSetDeletedFramesFails(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		ctx := t.Context()
		task, _, err := client.Tasks.Create(ctx, models.TaskCreate{Name: "street", Labels: labels(), SegmentSize: 2})
		require.NoError(t, err)
		require.NoError(t, client.Tasks.Upload(ctx, task.ID, cvat.Dir(writePictures(t, 3)), &cvat.UploadOptions{Wait: wait}))
		jobs, err := client.Tasks.Jobs(ctx, task.ID)
		require.NoError(t, err)
		_, err = client.Jobs.SetDeletedFrames(ctx, jobs[1].ID, []int{2})
		require.NoError(t, err)

		_, err = client.Jobs.SetDeletedFrames(ctx, jobs[0].ID, []int{0, 2})
		argument := new(cvat.ArgumentError)
		require.ErrorAs(t, err, &argument, "a frame of the other job")
		assert.Equal(t, "frames[1]", argument.Field)

		for _, op := range []string{
			"jobs_retrieve", "jobs_partial_update_data_meta", "tasks_retrieve_data_meta", "tasks_partial_update_data_meta", "jobs_retrieve_data_meta",
		} {
			srv.Forget()
			srv.Fail(testserver.Fault{Operation: op, Status: http.StatusForbidden})
			_, err := client.Jobs.SetDeletedFrames(ctx, jobs[0].ID, []int{0})
			if srv.Count(op) > 0 {
				require.ErrorIs(t, err, cvat.ErrForbidden, op)
			}
			srv.Heal()
			meta, _, err := client.Tasks.DataMeta(ctx, task.ID)
			require.NoError(t, err)
			assert.Contains(t, meta.DeletedFrames, 2, op)
		}
	})
}
