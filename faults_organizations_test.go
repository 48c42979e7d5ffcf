package cvat_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// members counts organizations, memberships and invitations.
func members(t *testing.T, f *faultFixture) int {
	t.Helper()
	_, organizations, err := f.calm.Organizations.List(t.Context(), nil)
	require.NoError(t, err)
	_, memberships, err := f.calm.Memberships.List(t.Context(), nil)
	require.NoError(t, err)
	_, invitations, err := f.calm.Invitations.List(t.Context(), nil)
	require.NoError(t, err)
	return organizations.Count + memberships.Count + invitations.Count
}

// organization makes one that nobody but the administrator belongs to.
func (f *faultFixture) organization(t *testing.T) *models.Organization {
	t.Helper()
	org, _, err := f.calm.Organizations.Create(t.Context(), models.OrganizationCreate{Slug: uniquePrefix()})
	require.NoError(t, err)
	return org
}

var invitingUser1 = models.InvitationCreate{Role: models.RoleWorker, Email: "user1@example.com"}

// invitation invites user1 into an organization of its own, and returns his membership, too.
func (f *faultFixture) invitation(t *testing.T) (*models.Invitation, *models.Membership) {
	t.Helper()
	in := cvat.ForOrganization(f.organization(t).Slug)
	invitation, _, err := f.calm.Invitations.Create(t.Context(), invitingUser1, in)
	require.NoError(t, err)
	found, _, err := f.calm.Memberships.List(t.Context(), &cvat.MembershipListOptions{Role: models.RoleWorker}, in)
	require.NoError(t, err)
	require.Len(t, found, 1)
	return invitation, found[0]
}

func faultyOrganizations() map[string]faulty {
	type call = func(context.Context, *cvat.Client) error
	of := func(run func(context.Context, *cvat.Client, *models.Organization) error) func(*testing.T, *faultFixture) call {
		return func(t *testing.T, f *faultFixture) call {
			t.Helper()
			org := f.organization(t)
			return func(ctx context.Context, c *cvat.Client) error { return run(ctx, c, org) }
		}
	}
	return map[string]faulty{
		"Organizations.List": {op: cvat.OpOrganizationsList, count: members, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Organizations.List(ctx, nil)
			return err
		})},
		"Organizations.All": {op: cvat.OpOrganizationsList, count: members, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, err := cvat.Collect(c.Organizations.All(ctx, nil))
			return err
		})},
		"Organizations.Get": {op: cvat.OpOrganizationsRetrieve, count: members, prepare: of(func(ctx context.Context, c *cvat.Client, org *models.Organization) error {
			_, _, err := c.Organizations.Get(ctx, org.ID)
			return err
		})},
		"Organizations.Create": {op: cvat.OpOrganizationsCreate, count: members, delta: 2, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Organizations.Create(ctx, models.OrganizationCreate{Slug: uniquePrefix()})
			return err
		})},
		"Organizations.Update": {op: cvat.OpOrganizationsPartialUpdate, count: members, prepare: of(func(ctx context.Context, c *cvat.Client, org *models.Organization) error {
			_, _, err := c.Organizations.Update(ctx, org.ID, models.OrganizationPatch{Name: new("another")})
			return err
		})},
		"Organizations.Delete": {op: cvat.OpOrganizationsDestroy, count: members, delta: -2, silent: true, prepare: of(func(ctx context.Context, c *cvat.Client, org *models.Organization) error {
			_, err := c.Organizations.Delete(ctx, org.ID)
			return err
		})},
	}
}

func faultyMembers() map[string]faulty {
	type call = func(context.Context, *cvat.Client) error
	of := func(run func(context.Context, *cvat.Client, *models.Invitation, *models.Membership) error) func(*testing.T, *faultFixture) call {
		return func(t *testing.T, f *faultFixture) call {
			t.Helper()
			invitation, membership := f.invitation(t)
			return func(ctx context.Context, c *cvat.Client) error { return run(ctx, c, invitation, membership) }
		}
	}
	return map[string]faulty{
		"Memberships.List": {op: cvat.OpMembershipsList, count: members, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Memberships.List(ctx, nil)
			return err
		})},
		"Memberships.All": {op: cvat.OpMembershipsList, count: members, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, err := cvat.Collect(c.Memberships.All(ctx, nil))
			return err
		})},
		"Memberships.Get": {op: cvat.OpMembershipsRetrieve, count: members, prepare: of(func(ctx context.Context, c *cvat.Client, _ *models.Invitation, m *models.Membership) error {
			_, _, err := c.Memberships.Get(ctx, m.ID)
			return err
		})},
		"Memberships.Update": {op: cvat.OpMembershipsPartialUpdate, count: members, prepare: of(func(ctx context.Context, c *cvat.Client, _ *models.Invitation, m *models.Membership) error {
			_, _, err := c.Memberships.Update(ctx, m.ID, models.MembershipPatch{Role: new(models.RoleSupervisor)})
			return err
		})},
		"Memberships.Delete": {op: cvat.OpMembershipsDestroy, count: members, delta: -2, silent: true, prepare: of(func(ctx context.Context, c *cvat.Client, _ *models.Invitation, m *models.Membership) error {
			_, err := c.Memberships.Delete(ctx, m.ID)
			return err
		})},
		"Invitations.List": {op: cvat.OpInvitationsList, count: members, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Invitations.List(ctx, nil)
			return err
		})},
		"Invitations.All": {op: cvat.OpInvitationsList, count: members, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, err := cvat.Collect(c.Invitations.All(ctx, nil))
			return err
		})},
		"Invitations.Get": {op: cvat.OpInvitationsRetrieve, count: members, prepare: of(func(ctx context.Context, c *cvat.Client, i *models.Invitation, _ *models.Membership) error {
			_, _, err := c.Invitations.Get(ctx, i.Key)
			return err
		})},
		"Invitations.Create": {op: cvat.OpInvitationsCreate, count: members, delta: 2, prepare: func(t *testing.T, f *faultFixture) call {
			t.Helper()
			slug := f.organization(t).Slug
			return func(ctx context.Context, c *cvat.Client) error {
				_, _, err := c.Invitations.Create(ctx, invitingUser1, cvat.ForOrganization(slug))
				return err
			}
		}},
		"Invitations.Update": {op: cvat.OpInvitationsPartialUpdate, count: members, older: true, prepare: of(func(ctx context.Context, c *cvat.Client, i *models.Invitation, _ *models.Membership) error {
			_, _, err := c.Invitations.Update(ctx, i.Key, models.InvitationPatch{})
			return err
		})},
		"Invitations.Delete": {op: cvat.OpInvitationsDestroy, count: members, delta: -1, silent: true, prepare: of(func(ctx context.Context, c *cvat.Client, i *models.Invitation, _ *models.Membership) error {
			_, err := c.Invitations.Delete(ctx, i.Key)
			return err
		})},
	}
}
