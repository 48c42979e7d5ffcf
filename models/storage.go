package models

// Location is where exports are written to and imports read from.
type Location string

// The locations of CVAT.
const (
	LocationCloudStorage Location = "cloud_storage"
	LocationLocal        Location = "local"
)

// Storage is the default place of a task's or project's exports (target) or imports (source).
type Storage struct {
	ID       int64    `json:"id"`
	Location Location `json:"location"`
	// CloudStorageID is 0 unless Location is [LocationCloudStorage].
	CloudStorageID int64 `json:"cloud_storage_id,omitzero"`
}

// StorageWrite sets a [Storage]. A new Location alone drops the cloud storage that was set.
type StorageWrite struct {
	Location Location `json:"location,omitzero"`
	// CloudStorageID is needed with [LocationCloudStorage].
	CloudStorageID Nullable[int64] `json:"cloud_storage_id,omitzero"`
}
