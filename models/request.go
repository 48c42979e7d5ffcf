package models

import "time"

// RequestStatus is how far a background request has come.
type RequestStatus string

// The statuses of a [Request].
const (
	RequestStatusQueued   RequestStatus = "queued"
	RequestStatusStarted  RequestStatus = "started"
	RequestStatusFailed   RequestStatus = "failed"
	RequestStatusFinished RequestStatus = "finished"
)

// RqID names background work that a call started; see [Request]. since 2.4.6
type RqID struct {
	RqID string `json:"rq_id"`
}

// Request is background work of the server: making a task's data, an export, an import. since 2.16
type Request struct {
	Status RequestStatus `json:"status"`
	// Message is why it failed, at times a whole traceback; or what is being done.
	Message   string           `json:"message"`
	ID        string           `json:"id"`
	Operation RequestOperation `json:"operation"`
	// Progress is from 0 to 1, but of an automatic annotation in percent.
	Progress    float64   `json:"progress"`
	CreatedDate time.Time `json:"created_date"`
	// StartedDate is zero while the request is queued.
	StartedDate time.Time `json:"started_date,omitzero"`
	// FinishedDate is zero until the request is finished or failed.
	FinishedDate time.Time `json:"finished_date,omitzero"`
	// ExpiryDate is when the server forgets the request and its result; zero until it is finished or failed.
	ExpiryDate time.Time       `json:"expiry_date,omitzero"`
	Owner      UserIdentifiers `json:"owner"`
	// ResultURL is where a finished export can be downloaded; empty for everything else and for exports to a cloud storage.
	ResultURL string `json:"result_url,omitzero"`
	// ResultID is the task, project or report that was made; 0 for everything else.
	ResultID int64 `json:"result_id,omitzero"`
}

// RequestOperation is what a [Request] does. since 2.16
type RequestOperation struct {
	// Type is the verb and its object: "create:task", "export:dataset", "import:annotations", "calculate:quality" and others.
	Type string `json:"type"`
	// Target is "task", "job" or "project".
	Target string `json:"target"`
	// ProjectID and the ids after it are 0 where they do not apply.
	ProjectID int64 `json:"project_id,omitzero"`
	TaskID    int64 `json:"task_id,omitzero"`
	JobID     int64 `json:"job_id,omitzero"`
	OrgID     int64 `json:"org_id,omitzero"` // since 2.65
	// Format is the name of a [DatasetFormat].
	Format string `json:"format,omitzero"`
	// FunctionID is the lambda function of an automatic annotation. since 2.17
	FunctionID string `json:"function_id,omitzero"`
	// Lightweight is for backups without the files of a cloud storage. since 2.44
	Lightweight bool `json:"lightweight,omitzero"`
}
