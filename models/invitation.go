package models

import "time"

// Invitation is how a user comes into an organization.
type Invitation struct {
	// Key identifies the invitation.
	Key         string    `json:"key"`
	CreatedDate time.Time `json:"created_date"`
	// Owner is who invites, nil if the account is gone.
	Owner *BasicUser `json:"owner"`
	Role  Role       `json:"role"`
	// User is who is invited.
	User *BasicUser `json:"user"`
	// Organization is its id.
	Organization int64 `json:"organization"`
	// Expired is always false for an invitation that was not sent by mail. since 2.10
	Expired          bool              `json:"expired,omitzero"`
	Accepted         bool              `json:"accepted,omitzero"`          // since 2.65
	OrganizationInfo BasicOrganization `json:"organization_info,omitzero"` // since 2.10
}

// InvitationCreate is an invitation to be made.
type InvitationCreate struct {
	Role Role `json:"role"`
	// Email is the address of the user.
	Email string `json:"email"`
}

// InvitationPatch is what an update of an invitation may carry. Servers check it and change nothing. until 2.69
type InvitationPatch struct {
	Role  *Role   `json:"role,omitempty"`
	Email *string `json:"email,omitempty"`
}
