package cvat_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// The memberships of others are found in the organization, and at 2.3 nowhere else.
func TestMembershipsOfOthers(t *testing.T) {
	t.Parallel()
	for _, dialect := range []testserver.Dialect{testserver.V2_3, testserver.V2_73} {
		srv := testserver.Start(t, testserver.WithDialect(dialect))
		t.Cleanup(srv.Close)
		srv.AddUser(testserver.User{Username: "ann", Password: "x", Email: "ann@example.com"})
		srv.AddMember(srv.AddOrganization("team", "user1"), "ann", "worker")
		owner := newClient(t, srv.URL, cvat.WithBasicAuth("user1", "user-password"))
		inside := cvat.ForOrganization("team")

		members, _, err := owner.Memberships.List(t.Context(), &cvat.MembershipListOptions{Role: models.RoleWorker}, inside)
		require.NoError(t, err)
		require.Len(t, members, 1)
		_, _, err = owner.Memberships.Get(t.Context(), members[0].ID, inside)
		require.NoError(t, err)
		_, _, err = owner.Memberships.Get(t.Context(), members[0].ID)
		if dialect == testserver.V2_3 {
			require.ErrorIs(t, err, cvat.ErrNotFound)
		} else {
			require.NoError(t, err)
		}
		own, _, err := owner.Memberships.List(t.Context(), nil)
		require.NoError(t, err)
		require.Len(t, own, 1)
		assert.Equal(t, models.RoleOwner, own[0].Role)
		_, err = owner.Memberships.Delete(t.Context(), own[0].ID, inside)
		require.ErrorIs(t, err, cvat.ErrForbidden, "owners stay")

		ann := newClient(t, srv.URL, cvat.WithBasicAuth("ann", "x"))
		_, err = ann.Memberships.Delete(t.Context(), members[0].ID)
		require.NoError(t, err, "members may leave")
	}
}
