package cvat_test

import (
	"context"
	"fmt"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

func ExampleOrganizationsService_Create() {
	client, stop := exampleClient()
	defer stop()
	ctx := context.Background()
	organization, _, err := client.Organizations.Create(ctx, models.OrganizationCreate{Slug: "streets", Name: "Street pictures"})
	if err != nil {
		fmt.Println(err)
		return
	}
	inside, err := client.With(cvat.WithOrganization(organization.Slug))
	if err != nil {
		fmt.Println(err)
		return
	}
	project, _, err := inside.Projects.Create(ctx, models.ProjectCreate{Name: "city"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(project.Name, "belongs to", organization.Name, project.Organization == organization.ID)
	// Output: city belongs to Street pictures true
}

// exampleTeam makes an organization and returns a client that works in it.
func exampleTeam(client *cvat.Client) *cvat.Client {
	organization, _, err := client.Organizations.Create(context.Background(), models.OrganizationCreate{Slug: "streets"})
	if err != nil {
		panic(err)
	}
	inside, err := client.With(cvat.WithOrganization(organization.Slug))
	if err != nil {
		panic(err)
	}
	return inside
}

func ExampleInvitationsService_Create() {
	client, stop := exampleClient()
	defer stop()
	inside := exampleTeam(client)
	invitation, _, err := inside.Invitations.Create(context.Background(), models.InvitationCreate{
		Role: models.RoleWorker, Email: "user1@example.com",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(invitation.User.Username, "is invited as", invitation.Role)
	// Output: user1 is invited as worker
}

func ExampleMembershipsService_Update() {
	client, stop := exampleClient()
	defer stop()
	inside := exampleTeam(client)
	ctx := context.Background()
	_, _, err := inside.Invitations.Create(ctx, models.InvitationCreate{Role: models.RoleWorker, Email: "user1@example.com"})
	if err != nil {
		fmt.Println(err)
		return
	}
	workers, err := cvat.Collect(inside.Memberships.All(ctx, &cvat.MembershipListOptions{Role: models.RoleWorker}))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, worker := range workers {
		member, _, err := inside.Memberships.Update(ctx, worker.ID, models.MembershipPatch{Role: new(models.RoleSupervisor)})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(member.User.Username, "is a", member.Role)
	}
	// Output: user1 is a supervisor
}
