package models

import "time"

// Organization is a team whose members share projects, tasks and cloud storages.
type Organization struct {
	ID          int64     `json:"id"`
	Slug        string    `json:"slug"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	CreatedDate time.Time `json:"created_date"`
	UpdatedDate time.Time `json:"updated_date"`
	// Contact is JSON that servers do not look into: by custom an object with the texts email, phoneNumber and location.
	Contact any `json:"contact"`
	// Owner is nil if the account is gone.
	Owner *BasicUser `json:"owner"`
}

// BasicOrganization is an organization as other objects embed it. since 2.10
type BasicOrganization struct {
	ID   int64  `json:"id"`
	Slug string `json:"slug"`
}

// OrganizationCreate is an organization to be made.
type OrganizationCreate struct {
	// Slug names the organization in calls: up to 16 letters, digits, hyphens and underscores of ASCII, unique on the server.
	Slug string `json:"slug"`
	// Name has at most 64 characters. It is the slug if empty.
	Name        string `json:"name,omitzero"`
	Description string `json:"description,omitzero"`
	Contact     any    `json:"contact,omitempty"`
}

// OrganizationPatch changes those fields of an organization that are set.
type OrganizationPatch struct {
	Slug        *string `json:"slug,omitempty"`
	Name        *string `json:"name,omitempty"`
	Description *string `json:"description,omitempty"`
	// Contact replaces the old one as a whole.
	Contact any `json:"contact,omitempty"`
}
