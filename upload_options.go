package cvat

import (
	"cmp"
	"fmt"

	"github.com/go-cvat/cvat/models"
)

// UploadMethod is how the files of an upload travel.
type UploadMethod uint8

const (
	// UploadTUS sends each file in chunks that are repeated one by one when the network fails. It is the default.
	UploadTUS UploadMethod = iota
	// UploadMultipart sends all files in one request, which is quicker for a few small ones. It is never repeated once
	// the server may have got it; deployments bound its size, often at 1 GiB.
	UploadMultipart
)

// UploadOptions say how files travel and what the server makes of them.
type UploadOptions struct {
	// ImageQuality is the JPEG quality, in percent, of the compressed frames; 70 if 0.
	ImageQuality int
	// SortingMethod orders the frames; the server's default is by name. [models.SortingPredefined] is the order of the
	// source. Servers before 2.4.6 know that only for files of one request (UploadMultipart), inside one archive, and for
	// files that they fetch without a manifest; there anything else is refused.
	SortingMethod models.SortingMethod
	// StartFrame is the first frame to take of a video or of the sorted pictures, counted from 0.
	StartFrame int
	// StopFrame is the last one; nil: take all.
	StopFrame *int
	// FrameFilter as "step=5" takes every fifth frame.
	FrameFilter string
	// ChunkFrames is how many frames the server packs into one chunk; 0: its own choice.
	ChunkFrames int
	// UseCache makes the server pack chunks when they are first asked for.
	UseCache bool
	// UseZipChunks makes the server pack a video as pictures.
	UseZipChunks bool
	// CopyData makes the server copy files of its share, for [Share] alone, so that they may leave it.
	CopyData bool
	// StorageMethod says the same as UseCache, in the words of the server; empty: its own choice.
	StorageMethod models.StorageMethod

	// Method is [UploadTUS] if not set.
	Method UploadMethod
	// Parallel is how many files travel at once by TUS, at most 64; 4 if 0.
	Parallel int
	// ChunkSize is how many bytes travel in one request by TUS, at most 100 MiB. If 0, chunks adapt: they begin with
	// 10 MiB, double up to 100 MiB while each takes less than ten seconds, and halve after a failure, down to 1 MiB.
	ChunkSize int64
	// OnProgress, if set, is called when the upload starts, while it goes on, and at the end; not for files that the
	// server fetches. It runs on the goroutine that called the upload. While it runs the files travel on, so that it may
	// miss intermediate steps, but not the last.
	OnProgress func(UploadProgress)
	// StateFile, if set, is the path of a file in which the upload keeps what is needed to go on. The same call with
	// the same files and the same path, in another process perhaps, goes on where the server stands; the file is removed
	// in the end. It holds no credentials, and no more than one process at a time may use it. What is read from a [Reader]
	// cannot go on.
	StateFile string
	// RemoveOnFailure makes [TasksService.CreateFromData] remove the task that it has made if it fails later on. It
	// cannot be set with StateFile.
	RemoveOnFailure bool
	// Wait says how to wait for the server to process the files.
	Wait WaitOptions
}

// UploadProgress is how far an upload has come.
type UploadProgress struct {
	// File is the name of a file under way.
	File string
	// Done and Total count the bytes of all files. Done are those that have arrived for certain: it falls if the server
	// loses a file, which then starts over.
	Done, Total int64
}

const maxParallel = 64 // as many connections as the transport keeps

func (o *UploadOptions) validate(source Source) error {
	refuse := func(field, reason string) error {
		return &ArgumentError{Field: "UploadOptions." + field, Reason: reason}
	}
	server := source.server
	switch {
	case o.ChunkSize < 0 || o.ChunkSize > maxChunkSize:
		return refuse("ChunkSize", fmt.Sprintf("is %d bytes: servers take up to %d (100 MiB)", o.ChunkSize, maxChunkSize))
	case o.Parallel < 0 || o.Parallel > maxParallel:
		return refuse("Parallel", fmt.Sprintf("is %d: it goes from 1 to %d", o.Parallel, maxParallel))
	case o.Method > UploadMultipart:
		return refuse("Method", "is unknown")
	case o.CopyData && (server == nil || len(server.share) == 0):
		return refuse("CopyData", "is for files of the server's share: everything else is copied anyhow")
	case o.SortingMethod == models.SortingRandom && server != nil && server.manifest():
		return refuse("SortingMethod", "is random, but the files have a manifest, which gives their order")
	case o.StateFile != "" && o.RemoveOnFailure:
		return refuse("RemoveOnFailure", "would remove what StateFile is there to go on with")
	}
	return cmp.Or(
		checkQuality("UploadOptions.ImageQuality", o.ImageQuality),
		checkCounts("UploadOptions", map[string]int{"ChunkFrames": o.ChunkFrames}),
		checkRange("UploadOptions", o.StartFrame, o.StopFrame, o.FrameFilter))
}

// request is what the server is told about the files.
func (o *UploadOptions) request(source Source) models.DataRequest {
	request := models.DataRequest{
		ImageQuality:  o.ImageQuality,
		SortingMethod: o.SortingMethod,
		StartFrame:    o.StartFrame,
		StopFrame:     o.StopFrame,
		FrameFilter:   o.FrameFilter,
		ChunkSize:     o.ChunkFrames,
		UseCache:      o.UseCache,
		UseZipChunks:  o.UseZipChunks,
		CopyData:      o.CopyData,
		StorageMethod: o.StorageMethod,
	}
	if request.ImageQuality == 0 {
		request.ImageQuality = 70
	}
	if source.server != nil {
		source.server.fill(&request)
	}
	return request
}
