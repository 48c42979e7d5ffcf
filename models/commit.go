package models

import "time"

// JobCommit is an entry in the history of a job. until 2.3
type JobCommit struct {
	ID int64 `json:"id"`
	// Owner is the id of the user who made the change, 0 for a user who is gone.
	Owner int64 `json:"owner,omitzero"`
	// Data is how the job was then: "stage", "state", "assignee", in updates "status".
	Data      map[string]any `json:"data"`
	Timestamp time.Time      `json:"timestamp"`
	// Scope is "create" or "update".
	Scope string `json:"scope"`
}
