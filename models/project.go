package models

import "time"

// Project is a set of tasks that share their labels.
type Project struct {
	URL  string `json:"url"`
	ID   int64  `json:"id"`
	Name string `json:"name"`
	// Labels are embedded until 2.3.
	Labels Related[Label] `json:"labels"`
	// Tasks are embedded as ids until 2.3.
	Tasks      Related[int64] `json:"tasks"`
	Owner      *BasicUser     `json:"owner"`
	Assignee   *BasicUser     `json:"assignee"`
	BugTracker string         `json:"bug_tracker"`
	// TaskSubsets are the names of the subsets that the tasks belong to.
	TaskSubsets []string  `json:"task_subsets"`
	CreatedDate time.Time `json:"created_date"`
	UpdatedDate time.Time `json:"updated_date"`
	Status      JobStatus `json:"status"`
	// Dimension is empty for a project without tasks.
	Dimension Dimension `json:"dimension,omitzero"`
	// Organization is 0 for a personal project. Deprecated by the server since 2.44 for OrganizationID, but sent by all.
	Organization        int64     `json:"organization,omitzero"`
	TargetStorage       *Storage  `json:"target_storage"`
	SourceStorage       *Storage  `json:"source_storage"`
	GuideID             int64     `json:"guide_id,omitzero"`              // since 2.5
	OrganizationID      int64     `json:"organization_id,omitzero"`       // since 2.44
	AssigneeUpdatedDate time.Time `json:"assignee_updated_date,omitzero"` // since 2.16
}

// ProjectCreate is a project to be made.
type ProjectCreate struct {
	// Name has at most 256 characters.
	Name       string        `json:"name"`
	Labels     []LabelCreate `json:"labels,omitempty"`
	BugTracker string        `json:"bug_tracker,omitzero"`
	// TargetStorage is where exports go by default.
	TargetStorage *StorageWrite `json:"target_storage,omitempty"`
	// SourceStorage is where imports come from by default.
	SourceStorage *StorageWrite `json:"source_storage,omitempty"`
	// OwnerID is the caller if 0.
	OwnerID    int64 `json:"owner_id,omitzero"`
	AssigneeID int64 `json:"assignee_id,omitzero"`
}

// ProjectPatch changes those fields of a project that are set.
type ProjectPatch struct {
	Name *string `json:"name,omitempty"`
	// Labels are changed one by one; those not named stay.
	Labels        []LabelPatch    `json:"labels,omitempty"`
	BugTracker    *string         `json:"bug_tracker,omitempty"`
	TargetStorage *StorageWrite   `json:"target_storage,omitempty"`
	SourceStorage *StorageWrite   `json:"source_storage,omitempty"`
	OwnerID       Nullable[int64] `json:"owner_id,omitzero"`
	AssigneeID    Nullable[int64] `json:"assignee_id,omitzero"`
	// OrganizationID moves the project to an organization, null to the personal workspace. Only the storages may go with it.
	// since 2.44
	OrganizationID Nullable[int64] `json:"organization_id,omitzero"`
}
