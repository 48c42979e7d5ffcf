package models

import "time"

// JobStage is which step of the work a job is at.
type JobStage string

// The stages of a job.
const (
	JobStageAnnotation JobStage = "annotation"
	JobStageValidation JobStage = "validation"
	JobStageAcceptance JobStage = "acceptance"
)

// JobState is how far the work of a job's stage has come. CVAT's schema calls it OperationStatus.
type JobState string

// The states of a job.
const (
	JobStateNew        JobState = "new"
	JobStateInProgress JobState = "in progress"
	JobStateCompleted  JobState = "completed"
	JobStateRejected   JobState = "rejected"
)

// JobStatus sums up the stage and state of a job, or of all jobs of a task or project.
type JobStatus string

// The statuses of jobs, tasks and projects.
const (
	JobStatusAnnotation JobStatus = "annotation"
	JobStatusValidation JobStatus = "validation"
	JobStatusCompleted  JobStatus = "completed"
)

// JobType is what a job is for.
type JobType string

// The job types of CVAT.
const (
	JobTypeAnnotation       JobType = "annotation"
	JobTypeGroundTruth      JobType = "ground_truth"
	JobTypeConsensusReplica JobType = "consensus_replica" // since 2.27
)

// FrameSelectionMethod is how the frames of a validation set are chosen.
type FrameSelectionMethod string

// The frame selection methods of CVAT.
const (
	FrameSelectionRandomUniform FrameSelectionMethod = "random_uniform"
	FrameSelectionRandomPerJob  FrameSelectionMethod = "random_per_job" // since 2.21
	FrameSelectionManual        FrameSelectionMethod = "manual"
)

// Job is a part of a task that one person works on.
type Job struct {
	URL    string `json:"url"`
	ID     int64  `json:"id"`
	TaskID int64  `json:"task_id"`
	// ProjectID is 0 for a job of a task outside any project.
	ProjectID int64      `json:"project_id,omitzero"`
	Assignee  *BasicUser `json:"assignee"`
	Dimension Dimension  `json:"dimension"`
	// Labels are those of the task or its project. They are embedded until 2.3.
	Labels Related[Label] `json:"labels"`
	// BugTracker is that of the task or its project.
	BugTracker string    `json:"bug_tracker,omitzero"`
	Status     JobStatus `json:"status"`
	Stage      JobStage  `json:"stage"`
	State      JobState  `json:"state"`
	Mode       Mode      `json:"mode"`
	// StartFrame is the first frame, counted in the task from 0.
	StartFrame int `json:"start_frame"`
	// StopFrame is the last frame; it belongs to the job.
	StopFrame int `json:"stop_frame"`
	// DataChunkSize is in frames.
	DataChunkSize           int       `json:"data_chunk_size,omitzero"`
	DataCompressedChunkType ChunkType `json:"data_compressed_chunk_type"`
	UpdatedDate             time.Time `json:"updated_date"`
	TaskName                string    `json:"task_name,omitzero"`    // since 2.59
	ProjectName             string    `json:"project_name,omitzero"` // since 2.59
	GuideID                 int64     `json:"guide_id,omitzero"`     // since 2.5
	// MediaType is "image", "point_cloud" or "audio". since 2.65
	MediaType string `json:"media_type,omitzero"`
	// FrameCount is fewer than the range from StartFrame to StopFrame when the job has chosen frames only. since 2.4.7
	FrameCount            int       `json:"frame_count,omitzero"`
	DataOriginalChunkType ChunkType `json:"data_original_chunk_type,omitzero"` // since 2.20
	CreatedDate           time.Time `json:"created_date,omitzero"`             // since 2.4.7
	// Issues tells their number and where they are listed; no server embeds them. since 2.4
	Issues Related[int64] `json:"issues,omitzero"`
	Type   JobType        `json:"type,omitzero"` // since 2.4.7
	// Organization is 0 for a personal job. since 2.4.5
	Organization        int64     `json:"organization,omitzero"`
	TargetStorage       *Storage  `json:"target_storage,omitempty"`       // since 2.9.2
	SourceStorage       *Storage  `json:"source_storage,omitempty"`       // since 2.9.2
	AssigneeUpdatedDate time.Time `json:"assignee_updated_date,omitzero"` // since 2.16
	// ParentJobID is, for a consensus replica, the job it repeats. since 2.27
	ParentJobID int64 `json:"parent_job_id,omitzero"`
	// ConsensusReplicas is the number of replicas of the job. since 2.27
	ConsensusReplicas int `json:"consensus_replicas,omitzero"`
	ReplicasCount     int `json:"replicas_count,omitzero"` // since 2.59
}

// JobCreate is a ground truth job to be made; all other jobs come with their task. since 2.4.7
type JobCreate struct {
	TaskID int64 `json:"task_id"`
	// Assignee is a user id.
	Assignee int64    `json:"assignee,omitzero"`
	Stage    JobStage `json:"stage,omitzero"`
	State    JobState `json:"state,omitzero"`
	// FrameCount is the number of frames to choose, for [FrameSelectionRandomUniform].
	FrameCount int `json:"frame_count,omitzero"`
	// Type must be [JobTypeGroundTruth].
	Type                 JobType              `json:"type"`
	FrameSelectionMethod FrameSelectionMethod `json:"frame_selection_method,omitzero"`
	// FrameShare is the share of frames to choose, over 0 to 1, in the place of FrameCount. since 2.21
	FrameShare float64 `json:"frame_share,omitzero"`
	// FramesPerJobCount is the number of frames of each job to choose, for [FrameSelectionRandomPerJob]. since 2.21
	FramesPerJobCount int `json:"frames_per_job_count,omitzero"`
	// FramesPerJobShare is the share of frames of each job to choose, over 0 to 1. since 2.21
	FramesPerJobShare float64 `json:"frames_per_job_share,omitzero"`
	// RandomSeed makes a random choice repeatable. since 2.21
	RandomSeed *int64 `json:"random_seed,omitempty"`
	// Frames are the frames of the job, counted in the task from 0, for [FrameSelectionManual].
	Frames []int `json:"frames,omitempty"`
}

// JobPatch changes those fields of a job that are set.
type JobPatch struct {
	// Assignee is a user id.
	Assignee Nullable[int64] `json:"assignee,omitzero"`
	// Stage, set without State, makes the state new.
	Stage *JobStage `json:"stage,omitempty"`
	State *JobState `json:"state,omitempty"`
}
