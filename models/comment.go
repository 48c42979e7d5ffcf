package models

import "time"

// Comment is what somebody says in an issue.
type Comment struct {
	ID int64 `json:"id"`
	// Issue is the id of the issue.
	Issue       int64      `json:"issue"`
	Owner       *BasicUser `json:"owner"`
	Message     string     `json:"message"`
	CreatedDate time.Time  `json:"created_date"`
	UpdatedDate time.Time  `json:"updated_date"`
}

// CommentCreate is a comment to be made.
type CommentCreate struct {
	// Issue is the id of the issue.
	Issue   int64  `json:"issue"`
	Message string `json:"message"`
}

// CommentPatch changes those fields of a comment that are set.
type CommentPatch struct {
	Message *string `json:"message,omitempty"`
}
