package models

import "time"

// Issue is a remark of a reviewer at a place in a frame. It starts a conversation of comments.
type Issue struct {
	ID int64 `json:"id"`
	// Frame is counted in the task from 0.
	Frame int `json:"frame"`
	// Position is the place in the frame, in pixels: x and y of one point after the other.
	Position []float64 `json:"position"`
	// Job is the id of the job.
	Job         int64      `json:"job"`
	Owner       *BasicUser `json:"owner"`
	Assignee    *BasicUser `json:"assignee"`
	CreatedDate time.Time  `json:"created_date"`
	// UpdatedDate is always zero until 2.3.
	UpdatedDate time.Time `json:"updated_date,omitzero"`
	// Comments are embedded until 2.3.
	Comments Related[Comment] `json:"comments"`
	Resolved bool             `json:"resolved"`
}

// IssueCreate is an issue to be made, with its first comment.
type IssueCreate struct {
	// Frame is counted in the task from 0.
	Frame int `json:"frame"`
	// Position is the place in the frame, in pixels: x and y of one point after the other.
	Position []float64 `json:"position"`
	// Job is the id of the job.
	Job int64 `json:"job"`
	// Assignee is a user id.
	Assignee int64 `json:"assignee,omitzero"`
	// Message is the text of the first comment.
	Message  string `json:"message"`
	Resolved bool   `json:"resolved,omitzero"`
}

// IssuePatch changes those fields of an issue that are set. Frame and job stay as they are, and what is said in an issue
// are its comments.
type IssuePatch struct {
	Position []float64 `json:"position,omitempty"`
	// Assignee is a user id.
	Assignee Nullable[int64] `json:"assignee,omitzero"`
	Resolved *bool           `json:"resolved,omitempty"`
}
