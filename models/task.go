package models

import "time"

// Dimension is of images or of point clouds.
type Dimension string

// The dimensions of CVAT.
const (
	Dimension2D Dimension = "2d"
	Dimension3D Dimension = "3d"
)

// Mode is how the objects of a task are meant to be annotated.
type Mode string

// The modes of CVAT.
const (
	ModeAnnotation    Mode = "annotation"    // images: shapes
	ModeInterpolation Mode = "interpolation" // video: tracks
)

// Task is a set of frames to annotate, cut into jobs.
type Task struct {
	URL  string `json:"url"`
	ID   int64  `json:"id"`
	Name string `json:"name"`
	// ProjectID is 0 for a task outside any project.
	ProjectID int64 `json:"project_id,omitzero"`
	// Mode is empty until the task has data.
	Mode        Mode       `json:"mode"`
	Owner       *BasicUser `json:"owner"`
	Assignee    *BasicUser `json:"assignee"`
	BugTracker  string     `json:"bug_tracker"`
	CreatedDate time.Time  `json:"created_date"`
	UpdatedDate time.Time  `json:"updated_date"`
	// Overlap is the number of frames that neighbouring jobs share. Nil when nobody set it and the task has no data yet.
	Overlap *int `json:"overlap"`
	// SegmentSize is the number of frames of a job; 0 when nobody set it and the task has no data yet.
	SegmentSize int       `json:"segment_size"`
	Status      JobStatus `json:"status"`
	// Labels are those of the project if there is one. They are embedded until 2.3.
	Labels Related[Label] `json:"labels"`
	// Segments carry the jobs of the task until 2.3; see Jobs.
	Segments []Segment `json:"segments,omitzero"`
	// DataChunkSize is in frames; 0 before the task has data. So are the next five fields.
	DataChunkSize           int       `json:"data_chunk_size,omitzero"`
	DataCompressedChunkType ChunkType `json:"data_compressed_chunk_type,omitzero"`
	DataOriginalChunkType   ChunkType `json:"data_original_chunk_type,omitzero"`
	// Size is the number of frames.
	Size int `json:"size,omitzero"`
	// ImageQuality is in percent.
	ImageQuality int `json:"image_quality,omitzero"`
	// Data is the id of the task's data.
	Data int64 `json:"data,omitzero"`
	// Dimension is, before the task has data, "2d" until 2.64 and empty since 2.65.
	Dimension Dimension `json:"dimension"`
	Subset    string    `json:"subset"`
	// Organization is 0 for a personal task. Deprecated by the server since 2.44 for OrganizationID, but sent by all.
	Organization  int64    `json:"organization,omitzero"`
	TargetStorage *Storage `json:"target_storage"`
	SourceStorage *Storage `json:"source_storage"`
	// ProjectName is empty for a task outside any project. since 2.59
	ProjectName        string `json:"project_name,omitzero"`
	DataCloudStorageID int64  `json:"data_cloud_storage_id,omitzero"` // since 2.44
	GuideID            int64  `json:"guide_id,omitzero"`              // since 2.5
	// MediaType is "image", "point_cloud" or "audio", empty before the task has data. since 2.65
	MediaType      string `json:"media_type,omitzero"`
	OrganizationID int64  `json:"organization_id,omitzero"` // since 2.44
	// Jobs tells their number, how many are completed or in validation, and where they are listed. since 2.4
	Jobs                Related[Job] `json:"jobs,omitzero"`
	AssigneeUpdatedDate time.Time    `json:"assignee_updated_date,omitzero"` // since 2.16
	// ValidationMode is empty for a task without validation frames. since 2.21
	ValidationMode   ValidationMode `json:"validation_mode,omitzero"`
	ConsensusEnabled bool           `json:"consensus_enabled,omitzero"` // since 2.27
}

// Segment is a range of a task's frames and its jobs. until 2.3
type Segment struct {
	// StartFrame is the first frame, counted in the task from 0.
	StartFrame int `json:"start_frame"`
	// StopFrame is the last frame; it belongs to the segment.
	StopFrame int         `json:"stop_frame"`
	Jobs      []SimpleJob `json:"jobs"`
}

// SimpleJob is a job as its task embeds it. until 2.3
type SimpleJob struct {
	URL      string     `json:"url"`
	ID       int64      `json:"id"`
	Assignee *BasicUser `json:"assignee"`
	Status   JobStatus  `json:"status"`
	Stage    JobStage   `json:"stage"`
	State    JobState   `json:"state"`
}

// TaskCreate is a task to be made. It needs either ProjectID or Labels.
type TaskCreate struct {
	// Name has at most 256 characters.
	Name       string `json:"name"`
	ProjectID  int64  `json:"project_id,omitzero"`
	BugTracker string `json:"bug_tracker,omitzero"`
	// Overlap is the number of frames that neighbouring jobs share. Absent: 5 for video, 0 for images.
	Overlap *int `json:"overlap,omitempty"`
	// SegmentSize is the number of frames of a job; 0: one job for the whole task.
	SegmentSize int           `json:"segment_size,omitzero"`
	Labels      []LabelCreate `json:"labels,omitempty"`
	// Subset is a name such as "Train", for tasks of a project.
	Subset string `json:"subset,omitzero"`
	// TargetStorage is where exports go by default.
	TargetStorage *StorageWrite `json:"target_storage,omitempty"`
	// SourceStorage is where imports come from by default.
	SourceStorage *StorageWrite `json:"source_storage,omitempty"`
	// OwnerID is the caller if 0.
	OwnerID    int64 `json:"owner_id,omitzero"`
	AssigneeID int64 `json:"assignee_id,omitzero"`
	// ConsensusReplicas is how many times each job is annotated besides the job itself; 0 for none. since 2.27
	ConsensusReplicas int `json:"consensus_replicas,omitzero"`
}

// TaskPatch changes those fields of a task that are set.
type TaskPatch struct {
	Name *string `json:"name,omitempty"`
	// ProjectID moves the task into a project.
	ProjectID  Nullable[int64] `json:"project_id,omitzero"`
	BugTracker *string         `json:"bug_tracker,omitempty"`
	// Labels are changed one by one; those not named stay.
	Labels        []LabelPatch    `json:"labels,omitempty"`
	Subset        *string         `json:"subset,omitempty"`
	TargetStorage *StorageWrite   `json:"target_storage,omitempty"`
	SourceStorage *StorageWrite   `json:"source_storage,omitempty"`
	OwnerID       Nullable[int64] `json:"owner_id,omitzero"`
	AssigneeID    Nullable[int64] `json:"assignee_id,omitzero"`
	// OrganizationID moves the task to an organization, null to the personal workspace. Only the storages may go with it.
	// since 2.44
	OrganizationID Nullable[int64] `json:"organization_id,omitzero"`
}
