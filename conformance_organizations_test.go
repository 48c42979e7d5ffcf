package cvat_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// newOrganization makes an organization of the administrator that goes when the test ends, and a client that works in it.
func (s *target) newOrganization(t *testing.T) (*models.Organization, *cvat.Client) {
	t.Helper()
	org, _, err := s.admin.Organizations.Create(t.Context(), models.OrganizationCreate{Slug: uniquePrefix()})
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := s.admin.Organizations.Delete(context.Background(), org.ID)
		require.NoError(t, err)
	})
	inside, err := s.admin.With(cvat.WithOrganization(org.Slug))
	require.NoError(t, err)
	return org, inside
}

func conformOrganizations(t *testing.T, s *target) {
	ctx := t.Context()
	org, _ := s.newOrganization(t)
	admin, _, err := s.admin.Users.Self(ctx)
	require.NoError(t, err)
	assert.Equal(t, org.Slug, org.Name, "without a name the slug is it")
	assert.Empty(t, org.Contact)
	assert.False(t, org.CreatedDate.IsZero())
	require.NotNil(t, org.Owner)
	assert.Equal(t, admin.ID, org.Owner.ID)

	contact := map[string]any{"email": "team@example.com", "location": "x"}
	changed, _, err := s.admin.Organizations.Update(ctx, org.ID, models.OrganizationPatch{
		Name: new(s.prefix + " team"), Description: new("d"), Contact: contact,
	})
	require.NoError(t, err)
	assert.Equal(t, s.prefix+" team", changed.Name)
	assert.Equal(t, org.Slug, changed.Slug, "fields that are absent stay")
	got, _, err := s.admin.Organizations.Get(ctx, org.ID)
	require.NoError(t, err)
	assert.Equal(t, changed, got)
	assert.Equal(t, contact, got.Contact)

	for name, opts := range map[string]cvat.OrganizationListOptions{
		"slug":   {Slug: org.Slug},
		"name":   {Name: changed.Name, Owner: admin.Username},
		"id":     {ListOptions: cvat.ListOptions{Filter: cvat.OrganizationFieldID.Eq(org.ID)}},
		"search": {ListOptions: cvat.ListOptions{Search: changed.Name}},
	} {
		found, resp, err := s.admin.Organizations.List(ctx, &opts)
		require.NoError(t, err, name)
		require.Len(t, found, 1, name)
		assert.Equal(t, got, found[0], name)
		assert.Equal(t, 1, resp.Count, name)
	}
	_, _, err = s.user.Organizations.Get(ctx, org.ID)
	require.Error(t, err, "who is no member does not see it")

	_, _, err = s.admin.Organizations.Create(ctx, models.OrganizationCreate{Slug: org.Slug})
	require.ErrorIs(t, err, cvat.ErrInvalid)
	require.ErrorContains(t, err, "already exists")
}

// conformOrganizationLists looks at lists that are a bare array up to 2.3, and paged later.
func conformOrganizationLists(t *testing.T, s *target) {
	ctx := t.Context()
	var ids []int64
	for range 3 {
		org, _ := s.newOrganization(t)
		ids = append(ids, org.ID)
	}
	opts := cvat.OrganizationListOptions{ListOptions: cvat.ListOptions{Filter: cvat.OrganizationFieldID.In(ids...), PageSize: 2}}
	var walked []int64
	for org, err := range s.admin.Organizations.All(ctx, &opts) {
		require.NoError(t, err)
		walked = append(walked, org.ID)
	}
	assert.Equal(t, ids, walked, "by id, oldest first")

	first, resp, err := s.admin.Organizations.List(ctx, &opts)
	require.NoError(t, err)
	require.Len(t, first, 2)
	assert.Equal(t, ids[0], first[0].ID)
	assert.Equal(t, 3, resp.Count)
	assert.Equal(t, 2, resp.NextPage)
	opts.Page = 2
	last, resp, err := s.admin.Organizations.List(ctx, &opts)
	require.NoError(t, err)
	require.Len(t, last, 1)
	assert.Equal(t, ids[2], last[0].ID)
	assert.Zero(t, resp.NextPage)
}

// invite invites the ordinary user, who is a member at once.
func (s *target) invite(t *testing.T, inside *cvat.Client) *models.Invitation {
	t.Helper()
	invitation, _, err := inside.Invitations.Create(t.Context(), models.InvitationCreate{
		Role: models.RoleWorker, Email: s.login + "@example.com",
	})
	require.NoError(t, err)
	return invitation
}

func conformInvitations(t *testing.T, s *target) {
	ctx := t.Context()
	org, inside := s.newOrganization(t)
	made := s.invite(t, inside)
	assert.NotEmpty(t, made.Key)
	assert.Equal(t, models.RoleWorker, made.Role)
	assert.Equal(t, org.ID, made.Organization)
	require.NotNil(t, made.User)
	assert.Equal(t, s.login, made.User.Username)
	require.NotNil(t, made.Owner)

	got, _, err := inside.Invitations.Get(ctx, made.Key)
	require.NoError(t, err)
	assert.Equal(t, made, got)
	found, resp, err := inside.Invitations.List(ctx, &cvat.InvitationListOptions{Owner: made.Owner.Username})
	require.NoError(t, err)
	assert.Equal(t, []*models.Invitation{made}, found)
	assert.Equal(t, 1, resp.Count)
	none, err := cvat.Collect(inside.Invitations.All(ctx, &cvat.InvitationListOptions{Owner: s.login}))
	require.NoError(t, err)
	assert.Empty(t, none)
	mine, err := cvat.Collect(s.user.Invitations.All(ctx, nil))
	require.NoError(t, err)
	assert.True(t, slices.ContainsFunc(mine, func(i *models.Invitation) bool { return i.Key == made.Key }))

	_, _, err = inside.Invitations.Create(ctx, models.InvitationCreate{Role: models.RoleWorker, Email: s.login + "@example.com"})
	require.ErrorIs(t, err, cvat.ErrInvalid, "he is a member")

	_, _, err = inside.Server.About(ctx) // a client that knows the release does not even ask for what it lacks
	require.NoError(t, err)
	again, _, err := inside.Invitations.Update(ctx, made.Key, models.InvitationPatch{Role: new(models.RoleWorker)})
	if s.old {
		require.NoError(t, err)
		assert.Equal(t, made, again)
	} else {
		require.ErrorIs(t, err, cvat.ErrUnsupported)
	}

	_, err = inside.Invitations.Delete(ctx, made.Key)
	require.NoError(t, err)
	_, _, err = inside.Invitations.Get(ctx, made.Key)
	require.ErrorIs(t, err, cvat.ErrNotFound)
	members, _, err := inside.Memberships.List(ctx, &cvat.MembershipListOptions{Role: models.RoleWorker})
	require.NoError(t, err)
	require.Len(t, members, 1, "the membership stays")
	assert.Empty(t, members[0].Invitation)
}

func conformMemberships(t *testing.T, s *target) {
	ctx := t.Context()
	org, inside := s.newOrganization(t)
	invitation := s.invite(t, inside)

	all, err := cvat.Collect(inside.Memberships.All(ctx, nil))
	require.NoError(t, err)
	require.Len(t, all, 2)
	owner, member := all[0], all[1]
	assert.Equal(t, models.RoleOwner, owner.Role)
	assert.Empty(t, owner.Invitation)
	assert.Equal(t, models.RoleWorker, member.Role)
	assert.Equal(t, invitation.Key, member.Invitation)
	assert.Equal(t, org.ID, member.Organization)
	assert.True(t, member.IsActive)
	assert.False(t, member.JoinedDate.IsZero())
	require.NotNil(t, member.User)
	assert.Equal(t, s.login, member.User.Username)

	for name, opts := range map[string]cvat.MembershipListOptions{
		"role":   {Role: models.RoleWorker},
		"id":     {ListOptions: cvat.ListOptions{Filter: cvat.MembershipFieldID.Eq(member.ID)}},
		"search": {ListOptions: cvat.ListOptions{Search: s.login}},
	} {
		found, _, err := inside.Memberships.List(ctx, &opts)
		require.NoError(t, err, name)
		assert.Equal(t, []*models.Membership{member}, found, name)
	}
	own, err := cvat.Collect(s.user.Memberships.All(ctx, nil))
	require.NoError(t, err)
	assert.True(t, slices.ContainsFunc(own, func(m *models.Membership) bool { return m.ID == member.ID }))
	_, _, err = s.user.Projects.List(ctx, nil, cvat.ForOrganization(org.Slug))
	require.NoError(t, err, "a member works in the organization")

	changed, _, err := inside.Memberships.Update(ctx, member.ID, models.MembershipPatch{Role: new(models.RoleSupervisor)})
	require.NoError(t, err)
	assert.Equal(t, models.RoleSupervisor, changed.Role)
	got, _, err := inside.Memberships.Get(ctx, member.ID)
	require.NoError(t, err)
	assert.Equal(t, changed, got)

	_, err = inside.Memberships.Delete(ctx, member.ID)
	require.NoError(t, err)
	_, _, err = inside.Memberships.Get(ctx, member.ID)
	require.ErrorIs(t, err, cvat.ErrNotFound)
	_, _, err = s.user.Projects.List(ctx, nil, cvat.ForOrganization(org.Slug))
	require.ErrorIs(t, err, cvat.ErrForbidden, "he is out")
	_, _, err = inside.Invitations.Get(ctx, invitation.Key)
	require.ErrorIs(t, err, cvat.ErrNotFound, "the invitation went, too")
}
