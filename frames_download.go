package cvat

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// DownloadFramesOptions say which pictures are downloaded, and how.
type DownloadFramesOptions struct {
	// Quality is [QualityOriginal] if empty: the pictures as stored, byte for byte.
	Quality Quality
	// Deleted includes deleted frames.
	Deleted bool
	// Overwrite fetches pictures again whose files are there already.
	Overwrite bool
	// Parallel is how many pictures are fetched at once. Default 4.
	Parallel int
	// OnFrame, if set, is called after each picture, by one goroutine at a time, in no particular order.
	OnFrame func(DownloadedFrame)
}

// DownloadedFrame is a picture in a folder.
type DownloadedFrame struct {
	// Frame is whose picture it is.
	Frame *Frame
	// Path is where it is: the folder that was given, and a name below it.
	Path string
	// Size is in bytes.
	Size int64
	// Skipped: the file was there already.
	Skipped bool
}

// DownloadFrames fetches the pictures of a task into a folder, several at once, and returns them in the order of the
// frames. The folder is made if it is not there.
//
// A picture is called as in the data set, with the same folders below the folder given; characters that cannot be in
// a file name everywhere become "_", and what leads out of the folder (absolute names, "..", links) does not. Where two
// frames would get one name, and the upper and lower case does not count, the later one has its number added. Frames of a
// video are called frame_000000.png and so on, and compressed pictures end in ".jpg".
//
// A picture has a temporary name (.cvat-….part) until it is whole, and one that fails leaves nothing. So after an error
// the pictures that are there are whole, and stay; calling again fetches those that are missing. For that, a file that has
// the name already is taken for the picture: give each task and quality a folder of its own, or set Overwrite.
//
// The first picture that fails ends the download, with its error; whatever the connection can be blamed for has been
// repeated as the retry policy allows. Of pictures the server gives no checksum: one that a proxy cuts short and passes off as
// whole cannot be told from others.
//
// CVAT API: GET /api/tasks/{id}/data/meta (tasks_retrieve_data_meta), GET /api/tasks/{id}/data/?type=frame
// (tasks_retrieve_data)
func (s *TasksService) DownloadFrames(ctx context.Context, id int64, folder string, opts *DownloadFramesOptions) ([]DownloadedFrame, error) {
	return s.client.downloadFrames(ctx, folder, opts, func() (*frameSet, error) { return s.frames(ctx, id) })
}

// DownloadFrames fetches the pictures of a job into a folder: those of its own frames, otherwise as
// [TasksService.DownloadFrames]. All jobs of a task can share a folder, if no two frames of the task have one name.
//
// CVAT API: GET /api/jobs/{id} (jobs_retrieve), GET /api/jobs/{id}/data/meta (jobs_retrieve_data_meta), GET
// /api/jobs/{id}/data?type=frame (jobs_retrieve_data)
func (s *JobsService) DownloadFrames(ctx context.Context, id int64, folder string, opts *DownloadFramesOptions) ([]DownloadedFrame, error) {
	return s.client.downloadFrames(ctx, folder, opts, func() (*frameSet, error) { return s.frames(ctx, id) })
}

func (c *Client) downloadFrames(ctx context.Context, folder string, opts *DownloadFramesOptions, look func() (*frameSet, error)) ([]DownloadedFrame, error) {
	d := frameDownload{policy: c.config.retry, folder: folder}
	if opts != nil {
		d.opts = *opts
	}
	if d.opts.Quality == "" {
		d.opts.Quality = QualityOriginal
	}
	if folder == "" {
		return nil, &ArgumentError{Field: "folder", Reason: `is empty: "." is the current one`}
	}
	set, err := look()
	if err != nil {
		return nil, err
	}
	frames, err := set.all()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, &ArgumentError{Field: "folder " + strconv.Quote(folder), Reason: "cannot be made", Err: withoutPath(err)}
	}
	if d.root, err = os.OpenRoot(folder); err != nil {
		return nil, &ArgumentError{Field: "folder " + strconv.Quote(folder), Reason: "cannot be opened", Err: withoutPath(err)}
	}
	defer func() { _ = d.root.Close() }() // a handle, nothing that was written
	return d.run(ctx, set.work, d.plan(frames))
}

// frameDownload is one download of frames into a folder.
type frameDownload struct {
	policy RetryPolicy
	folder string
	root   *os.Root
	opts   DownloadFramesOptions
}

// plannedFrame is a frame and the name that its picture gets.
type plannedFrame struct {
	*Frame

	name string
}

// plan names the pictures. Deleted frames get a name even if they are left out, so that the names of the others do not
// depend on it.
func (d *frameDownload) plan(frames []*Frame) []plannedFrame {
	var planned []plannedFrame
	taken := map[string]bool{}
	for _, frame := range frames {
		for folder := path.Dir(frame.fileName(d.opts.Quality)); folder != "."; folder = path.Dir(folder) {
			taken[strings.ToLower(folder)] = true
		}
	}
	for _, frame := range frames {
		name := frame.fileName(d.opts.Quality)
		for taken[strings.ToLower(name)] {
			ext := path.Ext(name)
			name = fmt.Sprintf("%s_%06d%s", strings.TrimSuffix(name, ext), frame.Number, ext)
		}
		taken[strings.ToLower(name)] = true
		if !frame.Deleted || d.opts.Deleted {
			planned = append(planned, plannedFrame{frame, name})
		}
	}
	return planned
}

// fileName is the path of a frame's picture below a folder.
func (f *Frame) fileName(quality Quality) string {
	name := safePath(f.Name)
	if f.video {
		name = fmt.Sprintf("frame_%06d.png", f.Number)
	}
	if quality == QualityOriginal {
		return name
	}
	switch ext := strings.ToLower(path.Ext(name)); {
	case f.video:
		return strings.TrimSuffix(name, ext) + ".jpg"
	case ext == ".jpg" || ext == ".jpeg":
		return name
	}
	return name + ".jpg"
}

// run fetches what is planned, and stops at the first failure.
func (d *frameDownload) run(ctx context.Context, work string, planned []plannedFrame) ([]DownloadedFrame, error) {
	done, count := make([]DownloadedFrame, len(planned)), 0
	for result := range Batch(ctx, d.opts.Parallel, planned, d.fetch) {
		if result.Err != nil {
			return nil, fmt.Errorf("cvat: frame %d of %s (%d of %d are in the folder): %w", result.Item.Number, work, count, len(planned), result.Err)
		}
		done[result.Index] = result.Value
		count++
		if d.opts.OnFrame != nil {
			d.opts.OnFrame(result.Value)
		}
	}
	return done, nil
}

// fetch brings one picture to its place.
func (d *frameDownload) fetch(ctx context.Context, frame plannedFrame) (DownloadedFrame, error) {
	done := DownloadedFrame{Frame: frame.Frame, Path: filepath.Join(d.folder, filepath.FromSlash(frame.name))}
	if d.there(frame, &done) {
		return done, nil
	}
	part, err := newPartFile(d.root, path.Dir(frame.name))
	if err != nil {
		return done, fmt.Errorf("cannot be written: %w", err)
	}
	if done.Size, err = d.fill(ctx, part, frame.Frame); err != nil {
		part.discard()
		return done, err
	}
	if err := part.commit(frame.name, d.opts.Overwrite); err != nil && !d.there(frame, &done) {
		return done, fmt.Errorf("cannot be written: %w", err)
	}
	return done, nil
}

// there reports whether a picture is in the folder already.
func (d *frameDownload) there(frame plannedFrame, done *DownloadedFrame) bool {
	info, err := d.root.Lstat(frame.name)
	if err != nil || !info.Mode().IsRegular() || d.opts.Overwrite {
		return false
	}
	done.Size, done.Skipped = info.Size(), true
	return true
}

// fill writes the picture of a frame, from the beginning again if the transfer breaks off.
func (d *frameDownload) fill(ctx context.Context, part *partFile, frame *Frame) (int64, error) {
	for attempt := 1; ; attempt++ {
		content, err := frame.Open(ctx, d.opts.Quality)
		if err != nil {
			return 0, err
		}
		size, cut, err := part.take(ctx, content)
		if !cut || attempt >= d.policy.MaxAttempts {
			return size, err
		}
		if err := pause(ctx, backoff(d.policy.MinWait, d.policy.MaxWait, attempt-1, nil)); err != nil {
			return 0, err
		}
		if err := part.restart(); err != nil {
			return 0, err
		}
	}
}
