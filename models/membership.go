package models

import "time"

// Role is what a member may do in an organization. CVAT's schema calls it RoleEnum.
type Role string

// The roles in an organization, from the least to the most powerful.
const (
	RoleWorker     Role = "worker"
	RoleSupervisor Role = "supervisor"
	RoleMaintainer Role = "maintainer"
	RoleOwner      Role = "owner"
)

// Membership ties a user to an organization.
type Membership struct {
	ID   int64      `json:"id"`
	User *BasicUser `json:"user"`
	// Organization is its id.
	Organization int64 `json:"organization"`
	// IsActive is false until the user accepts the invitation.
	IsActive bool `json:"is_active"`
	// JoinedDate is zero until then.
	JoinedDate time.Time `json:"joined_date,omitzero"`
	Role       Role      `json:"role"`
	// Invitation is the key of the [Invitation], empty for who made the organization and where it was deleted.
	Invitation string `json:"invitation"`
}

// MembershipPatch changes those fields of a membership that are set.
type MembershipPatch struct {
	Role *Role `json:"role,omitempty"`
}
