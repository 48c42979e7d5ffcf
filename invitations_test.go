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

// Outside an organization servers answer 403, or 500 after having spent an id.
func TestInvitationsNeedAnOrganization(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusCreated, `{"key":"k"}`))
	body := models.InvitationCreate{Role: models.RoleWorker, Email: "ann@example.com"}
	for _, outside := range []*cvat.Client{server.client(t), server.client(t, cvat.WithPersonalWorkspace())} {
		_, resp, err := outside.Invitations.Create(t.Context(), body)
		assertArgument(t, err, "organization", "invitations_create needs WithOrganization or ForOrganization")
		assert.Zero(t, resp.Attempts)
	}
	assert.Empty(t, server.dials(), "nothing is sent")

	for _, test := range []struct {
		client *cvat.Client
		opts   []cvat.CallOption
	}{
		{server.client(t, cvat.WithOrganization("team")), nil},
		{server.client(t, cvat.WithPersonalWorkspace()), []cvat.CallOption{cvat.ForOrganization("team")}},
	} {
		_, _, err := test.client.Invitations.Create(t.Context(), body, test.opts...)
		require.NoError(t, err)
	}
	for _, request := range server.arrived() {
		assert.Equal(t, "team", request.URL.Query().Get("org"))
	}
}

func TestInvitationsThatAreRefused(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusOK, `{}`))
	inside := server.client(t, cvat.WithOrganization("team"))
	_, _, err := inside.Invitations.Create(t.Context(), models.InvitationCreate{Email: "ann@example.com"})
	assertArgument(t, err, "InvitationCreate.Role", "is empty")
	_, _, err = inside.Invitations.Create(t.Context(), models.InvitationCreate{Role: models.RoleWorker})
	assertArgument(t, err, "InvitationCreate.Email", "is empty")
	_, _, err = inside.Invitations.Get(t.Context(), "")
	assertArgument(t, err, "key", "cannot stand in a path")
	_, _, err = inside.Invitations.Update(t.Context(), "..", models.InvitationPatch{})
	assertArgument(t, err, "key", "cannot stand in a path")
	_, err = inside.Invitations.Delete(t.Context(), "")
	assertArgument(t, err, "key", "cannot stand in a path")
	assert.Empty(t, server.dials(), "nothing is sent")
}

// The newer server makes the account, and the invitation, before it finds out that it cannot send a mail.
func TestInvitationsOfStrangers(t *testing.T) {
	t.Parallel()
	for dialect, sentinel := range map[testserver.Dialect]error{testserver.V2_3: cvat.ErrInvalid, testserver.V2_73: cvat.ErrServer} {
		srv := testserver.Start(t, testserver.WithDialect(dialect))
		t.Cleanup(srv.Close)
		srv.AddOrganization("team", "admin")
		inside := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"), cvat.WithOrganization("team"))
		_, resp, err := inside.Invitations.Create(t.Context(), models.InvitationCreate{Role: models.RoleWorker, Email: "ann@example.com"})
		require.ErrorIs(t, err, sentinel)
		assert.Equal(t, 1, resp.Attempts)
		invitations, _, err := inside.Invitations.List(t.Context(), nil)
		require.NoError(t, err)
		if dialect == testserver.V2_3 {
			assert.Empty(t, invitations)
			continue
		}
		require.Len(t, invitations, 1)
		assert.False(t, invitations[0].Accepted)
		assert.Equal(t, "team", invitations[0].OrganizationInfo.Slug)
		members, _, err := inside.Memberships.List(t.Context(), &cvat.MembershipListOptions{Role: models.RoleWorker})
		require.NoError(t, err)
		require.Len(t, members, 1)
		assert.False(t, members[0].IsActive)
		assert.True(t, members[0].JoinedDate.IsZero())
	}
}

// Invitations have no id: pages are told apart by keys, and ordered by time.
func TestListOfInvitations(t *testing.T) {
	t.Parallel()
	pages := map[string]string{
		"1": `{"count":3,"next":"http://cvat.test/base/api/invitations?page=2","results":[{"key":"a"},{"key":"b"}]}`,
		"2": `{"count":3,"next":null,"results":[{"key":"b"},{"key":"c"}]}`,
	}
	server := servePipe(t, func(w http.ResponseWriter, r *http.Request) {
		replyJSON(http.StatusOK, pages[r.URL.Query().Get("page")])(w, r)
	})
	var keys []string
	for invitation, err := range server.client(t).Invitations.All(t.Context(), nil) {
		require.NoError(t, err)
		keys = append(keys, invitation.Key)
	}
	assert.Equal(t, []string{"a", "b", "c"}, keys, "what moved to the next page comes once")
	assert.Equal(t, "created_date", server.arrived()[0].URL.Query().Get("sort"))
}
