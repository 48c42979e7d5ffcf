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

// UserPatch changes those fields of an account that are set. Users change their own Username, FirstName and LastName; the
// rest takes an administrator.
type UserPatch struct {
	// Username has at most 150 characters: letters, digits and @ . + - _.
	Username *string `json:"username,omitempty"`
	// FirstName and LastName have at most 150 characters.
	FirstName *string `json:"first_name,omitempty"`
	LastName  *string `json:"last_name,omitempty"`
	Email     *string `json:"email,omitempty"`
	// Groups replaces the list of roles; the empty list takes all away. See [User].
	Groups []string `json:"groups,omitzero"`
	// IsStaff admits to the server's administration site.
	IsStaff *bool `json:"is_staff,omitempty"`
	// IsSuperuser makes an administrator.
	IsSuperuser *bool `json:"is_superuser,omitempty"`
	// IsActive false locks the user out, and keeps what he made.
	IsActive *bool `json:"is_active,omitempty"`
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
