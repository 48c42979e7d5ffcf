package models

import "time"

// User is an account. A server shows another user's account to ordinary users as a [BasicUser]: what that lacks is then zero.
type User struct {
	URL       string `json:"url"`
	ID        int64  `json:"id"`
	Username  string `json:"username"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Email     string `json:"email,omitzero"`
	// Groups are the names of the user's roles: admin, user, worker, and business until 2.21.
	Groups      []string `json:"groups,omitzero"`
	IsStaff     bool     `json:"is_staff,omitzero"`
	IsSuperuser bool     `json:"is_superuser,omitzero"`
	IsActive    bool     `json:"is_active,omitzero"`
	// LastLogin is zero for a user who never logged in.
	LastLogin          time.Time `json:"last_login,omitzero"`
	DateJoined         time.Time `json:"date_joined,omitzero"`
	HasAnalyticsAccess bool      `json:"has_analytics_access,omitzero"` // since 2.21.2
}

// BasicUser is an account as other objects embed it, as their owner or assignee.
type BasicUser struct {
	URL       string `json:"url"`
	ID        int64  `json:"id"`
	Username  string `json:"username"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
}

// UserIdentifiers names an account, as the owner of a [Request]. since 2.16
type UserIdentifiers struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
}
