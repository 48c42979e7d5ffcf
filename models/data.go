package models

import "time"

// ChunkType is how the frames of a chunk are packed.
type ChunkType string

// The chunk types of CVAT.
const (
	ChunkTypeVideo    ChunkType = "video"
	ChunkTypeImageset ChunkType = "imageset"
	ChunkTypeList     ChunkType = "list"      // until 2.63
	ChunkTypeAudioMP3 ChunkType = "audio_mp3" // since 2.65
)

// SortingMethod is the order in which the images of a task become its frames.
type SortingMethod string

// The sorting methods of CVAT.
const (
	SortingLexicographical SortingMethod = "lexicographical"
	SortingNatural         SortingMethod = "natural"
	SortingPredefined      SortingMethod = "predefined" // as sent, or as the manifest says
	SortingRandom          SortingMethod = "random"
)

// StorageMethod is whether the chunks of a task are made when asked for or when the task is.
type StorageMethod string

// The storage methods of CVAT.
const (
	StorageMethodCache      StorageMethod = "cache"
	StorageMethodFileSystem StorageMethod = "file_system"
)

// StorageType is where the files of a task lie.
type StorageType string

// The storage types of CVAT.
const (
	StorageTypeCloudStorage StorageType = "cloud_storage"
	StorageTypeLocal        StorageType = "local"
	StorageTypeShare        StorageType = "share"
)

// ValidationMode is how the validation frames of a task are used.
type ValidationMode string

// The validation modes of CVAT. since 2.21
const (
	ValidationModeGT     ValidationMode = "gt"      // a ground truth job of its own
	ValidationModeGTPool ValidationMode = "gt_pool" // frames from a pool are mixed into every job (honeypots)
)

// RqState is the state of a background job as [RqStatus] tells it.
type RqState string

// The states of an [RqStatus].
const (
	RqStateQueued   RqState = "Queued"
	RqStateStarted  RqState = "Started"
	RqStateFinished RqState = "Finished"
	RqStateFailed   RqState = "Failed"
)

// DataRequest says what the data of a task are and how to take them. Files from the client's disk are not in it: they travel as
// multipart parts (client_files) or before it. It is also what servers until 2.15 echo.
type DataRequest struct {
	// ChunkSize is in frames; the server chooses if 0.
	ChunkSize int `json:"chunk_size,omitzero"`
	// Size is taken, and overwritten by the server. until 2.11.2
	Size int `json:"size,omitzero"`
	// ImageQuality is the JPEG quality of the compressed frames, 1 to 100. Servers need it for images and video.
	ImageQuality int `json:"image_quality,omitzero"`
	// StartFrame is the first frame of the source to take, from 0.
	StartFrame int `json:"start_frame,omitzero"`
	// StopFrame is the last frame of the source to take; all frames if nil.
	StopFrame *int `json:"stop_frame,omitempty"`
	// FrameFilter is "step=N" for every Nth frame.
	FrameFilter string `json:"frame_filter,omitzero"`
	// CompressedChunkType is taken, and overwritten by the server. until 2.11.2
	CompressedChunkType ChunkType `json:"compressed_chunk_type,omitzero"`
	// OriginalChunkType is taken, and overwritten by the server. until 2.11.2
	OriginalChunkType ChunkType `json:"original_chunk_type,omitzero"`
	// ServerFiles are paths on the server's share or in the cloud storage.
	ServerFiles []string `json:"server_files,omitempty"`
	// RemoteFiles are URLs that the server fetches.
	RemoteFiles []string `json:"remote_files,omitempty"`
	// UseZipChunks packs the frames of a video as images.
	UseZipChunks bool `json:"use_zip_chunks,omitzero"`
	// CloudStorageID is where ServerFiles are.
	CloudStorageID int64 `json:"cloud_storage_id,omitzero"`
	// UseCache makes chunks when they are asked for.
	UseCache bool `json:"use_cache,omitzero"`
	// CopyData copies ServerFiles from the share to the server.
	CopyData      bool          `json:"copy_data,omitzero"`
	StorageMethod StorageMethod `json:"storage_method,omitzero"`
	// Storage is taken, and overwritten by the server. until 2.48
	Storage       StorageType   `json:"storage,omitzero"`
	SortingMethod SortingMethod `json:"sorting_method,omitzero"`

	// ServerFilesExclude are paths to leave out of directories in ServerFiles. since 2.4.5
	ServerFilesExclude []string `json:"server_files_exclude,omitempty"`
	// FilenamePattern chooses files of a cloud storage's manifest, as shells do ("train/*.jpg"). since 2.4
	FilenamePattern string `json:"filename_pattern,omitzero"`
	// JobFileMapping lists the files of each job, in the place of a segment size. since 2.4
	JobFileMapping [][]string `json:"job_file_mapping,omitempty"`
	// UploadFileOrder is, for [SortingPredefined], the order of files uploaded in any order; the empty list says that they were
	// sent in order. since 2.4.6
	UploadFileOrder  []string          `json:"upload_file_order,omitzero"`
	ValidationParams *ValidationParams `json:"validation_params,omitempty"` // since 2.21
}

// ValidationParams makes validation frames with a task's data. since 2.21
type ValidationParams struct {
	Mode                 ValidationMode       `json:"mode"`
	FrameSelectionMethod FrameSelectionMethod `json:"frame_selection_method,omitzero"`
	// RandomSeed makes a random choice repeatable.
	RandomSeed *int64 `json:"random_seed,omitempty"`
	// Frames are file names, for [FrameSelectionManual]; images only.
	Frames []string `json:"frames,omitempty"`
	// FrameCount is the number of frames to choose, for [FrameSelectionRandomUniform].
	FrameCount int `json:"frame_count,omitzero"`
	// FrameShare is the share of frames to choose, over 0 to 1.
	FrameShare float64 `json:"frame_share,omitzero"`
	// FramesPerJobCount is the number of frames for each job, for [FrameSelectionRandomPerJob].
	FramesPerJobCount int `json:"frames_per_job_count,omitzero"`
	// FramesPerJobShare is the share of frames for each job, over 0 to 1.
	FramesPerJobShare float64 `json:"frames_per_job_share,omitzero"`
}

// DataResult is the answer to a task's data.
type DataResult struct {
	// RqID names the background [Request] that makes the frames; empty from servers until 2.15, which echo the [DataRequest].
	RqID string `json:"rq_id,omitzero"` // since 2.16
}

// RqStatus is how far a task's data are. Servers since 2.16 tell the same by a [Request].
type RqStatus struct {
	// State is Finished also for a task without data, and once the server has forgotten.
	State RqState `json:"state"`
	// Message is why it failed, or what is being done.
	Message string `json:"message"`
	// Progress is from 0 to 1, though the schema says 100.
	Progress float64 `json:"progress"`
}

// DataMeta describes the frames of a task or job.
type DataMeta struct {
	// ChunkSize is in frames; 0 when the server has not chosen.
	ChunkSize int `json:"chunk_size,omitzero"`
	// Size is the number of frames, deleted ones included; of a job its own since 2.4.7.
	Size int `json:"size"`
	// ImageQuality is in percent.
	ImageQuality int `json:"image_quality"`
	// StartFrame is the first frame of the source that was taken, from 0.
	StartFrame int `json:"start_frame"`
	// StopFrame is the last frame of the source that was taken.
	StopFrame int `json:"stop_frame"`
	// FrameFilter is empty or "step=N".
	FrameFilter string `json:"frame_filter"`
	// Frames has an element for each image, but only one for a whole video.
	Frames []FrameMeta `json:"frames"`
	// DeletedFrames are counted in the task from 0.
	DeletedFrames []int `json:"deleted_frames"`
	// IncludedFrames are the frames a job consists of, counted in the task; nil for all. since 2.4.7
	IncludedFrames []int `json:"included_frames,omitzero"`
	// Chapters are those of a video. since 2.52
	Chapters          []Chapter   `json:"chapters,omitzero"`
	ChunksUpdatedDate time.Time   `json:"chunks_updated_date,omitzero"` // since 2.21
	Storage           StorageType `json:"storage,omitzero"`             // since 2.44
	CloudStorageID    int64       `json:"cloud_storage_id,omitzero"`    // since 2.44
}

// FrameMeta describes one image, or a whole video.
type FrameMeta struct {
	// Width is in pixels; 0 for audio.
	Width int `json:"width,omitzero"`
	// Height is in pixels; 0 for audio.
	Height int `json:"height,omitzero"`
	// Name is the path of the file in the data set.
	Name string `json:"name"`
	// HasRelatedContext is whether there are context images.
	HasRelatedContext bool `json:"has_related_context"`
	// RelatedFiles is the number of context images. since 2.4
	RelatedFiles int `json:"related_files,omitzero"`
}

// Chapter is a chapter of a video. since 2.52
type Chapter struct {
	ID int64 `json:"id"`
	// Start is the first frame.
	Start int `json:"start"`
	// Stop is the last frame.
	Stop     int             `json:"stop"`
	Metadata ChapterMetadata `json:"metadata"`
}

// ChapterMetadata is what the file says of a [Chapter]. since 2.52
type ChapterMetadata struct {
	Title string `json:"title,omitzero"`
}

// DataMetaPatch changes the frames of a task or job.
type DataMetaPatch struct {
	// DeletedFrames replaces the list; the empty list restores all frames. Servers of 2.3 refuse a request without it.
	DeletedFrames []int `json:"deleted_frames,omitzero"`
	// CloudStorageID is for tasks only. since 2.44
	CloudStorageID Nullable[int64] `json:"cloud_storage_id,omitzero"`
}
