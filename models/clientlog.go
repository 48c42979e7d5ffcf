package models

import "time"

// LogEvent is something that a client reports for the server's log. until 2.3
type LogEvent struct {
	JobID     int64 `json:"job_id,omitzero"`
	TaskID    int64 `json:"task_id,omitzero"`
	ProjectID int64 `json:"proj_id,omitzero"`
	// ClientID is a number that the client gives itself.
	ClientID int64 `json:"client_id"`
	// Name is the kind of event, such as "Load job". It has at most 64 characters.
	Name string    `json:"name"`
	Time time.Time `json:"time"`
	// Message has at most 4096 characters.
	Message string `json:"message,omitzero"`
	// Payload is any further details.
	Payload map[string]any `json:"payload,omitzero"`
	// IsActive is whether the user was at work.
	IsActive bool `json:"is_active"`
}

// Exception is a failure that a client reports for the server's log. until 2.3
type Exception struct {
	// System is the client's operating system.
	System string `json:"system"`
	// Client is the client's name and version.
	Client    string    `json:"client"`
	Time      time.Time `json:"time"`
	JobID     int64     `json:"job_id,omitzero"`
	TaskID    int64     `json:"task_id,omitzero"`
	ProjectID int64     `json:"proj_id,omitzero"`
	// ClientID is a number that the client gives itself.
	ClientID int64 `json:"client_id"`
	// Message has at most 4096 characters.
	Message string `json:"message"`
	// Filename is where the failure was, as an absolute URL.
	Filename string `json:"filename"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	// Stack has at most 8192 characters.
	Stack string `json:"stack"`
}
