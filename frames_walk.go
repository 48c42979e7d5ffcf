package cvat

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-cvat/cvat/models"
)

// Frame is one frame of a task or job, and the way to its picture.
type Frame struct {
	// Number is counted in the task from 0, for the frames of a job too.
	Number int
	// Name is the path of the picture in the data set; of the frames of a video, the video's.
	Name string
	// Width and Height are in pixels.
	Width, Height int
	// Deleted frames are left out of annotating and of exports; their pictures are still there.
	Deleted bool
	// SourceFrame is the number of the frame in the source: in the video, or in the list of all pictures that were sent. It
	// is not Number if the task was made with a start frame or a step.
	SourceFrame int

	set   *frameSet
	video bool
}

// Open returns the picture: [QualityOriginal] is as stored, byte for byte. The caller closes the content.
//
// Servers like 2.3 refuse the first frames of a task that was made with a start frame; they are fetched through the job
// that holds them.
//
// CVAT API: GET /api/tasks/{id}/data/?type=frame (tasks_retrieve_data), or GET /api/jobs/{id}/data?type=frame
// (jobs_retrieve_data)
func (f *Frame) Open(ctx context.Context, quality Quality) (*Content, error) {
	if f.set == nil {
		return nil, &ArgumentError{Field: "Frame", Reason: "is none that Frames gave"}
	}
	return f.set.open(ctx, f.Number, &FrameOptions{Quality: quality})
}

// frameSet is the frames of one task or job.
type frameSet struct {
	work    string // "task 7"
	meta    *models.DataMeta
	numbers []int // counted in the task
	first   int   // the number of the frame that meta.StartFrame is the source of
	open    func(ctx context.Context, number int, opts *FrameOptions) (*Content, error)
}

// all describes every frame, in order.
func (s *frameSet) all() ([]*Frame, error) {
	if s.meta.Size == 0 || len(s.numbers) == 0 {
		return nil, nil
	}
	step := s.step()
	deleted := map[int]bool{}
	for _, number := range s.meta.DeletedFrames {
		deleted[number] = true
	}
	frames := make([]*Frame, 0, len(s.numbers))
	for i, number := range s.numbers {
		meta, err := s.describe(i)
		if err != nil {
			return nil, err
		}
		frames = append(frames, &Frame{
			Number: number, Name: meta.Name, Width: meta.Width, Height: meta.Height, Deleted: deleted[number],
			SourceFrame: s.meta.StartFrame + (number-s.first)*step,
			set:         s, video: isVideo(meta.Name),
		})
	}
	return frames, nil
}

// describe finds what the server says of the frame at a position. A video is described once. Some servers describe the
// frames that a job leaves out, too.
func (s *frameSet) describe(position int) (*models.FrameMeta, error) {
	described := s.meta.Frames
	last := s.numbers[len(s.numbers)-1]
	switch {
	case len(described) == 1 && (len(s.numbers) == 1 || isVideo(described[0].Name)):
		return &described[0], nil
	case len(described) == len(s.numbers):
		return &described[position], nil
	case s.numbers[position]-s.first < len(described) && last-s.first < len(described):
		return &described[s.numbers[position]-s.first], nil
	}
	return nil, fmt.Errorf("cvat: frames of %s: the server describes %d, and there are %d", s.work, len(described), len(s.numbers))
}

// step is the distance of the frames in the source.
func (s *frameSet) step() int {
	_, text, _ := strings.Cut(s.meta.FrameFilter, "=")
	if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil && n > 0 {
		return n
	}
	return 1
}

// videos are the file types whose frames have no names of their own.
var videos = []string{
	".3gp", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ogv", ".ts", ".webm", ".wmv",
}

func isVideo(name string) bool { return slices.Contains(videos, strings.ToLower(path.Ext(name))) }

// framesOf yields the frames of a set that is looked up when the walk begins.
func framesOf(look func() (*frameSet, error)) iter.Seq2[*Frame, error] {
	return func(yield func(*Frame, error) bool) {
		set, err := look()
		if err != nil {
			yield(nil, err)
			return
		}
		frames, err := set.all()
		if err != nil {
			yield(nil, err)
			return
		}
		for _, frame := range frames {
			if !yield(frame, nil) {
				return
			}
		}
	}
}

// Frames walks through the frames of a task, deleted ones included, in order. What the server knows of them is asked once,
// when the walk begins; no picture is fetched before [Frame.Open]. A task without data is an error on most servers: 500
// on old ones, [ErrInvalid] on new ones.
//
// CVAT API: GET /api/tasks/{id}/data/meta (tasks_retrieve_data_meta)
func (s *TasksService) Frames(ctx context.Context, id int64) iter.Seq2[*Frame, error] {
	return framesOf(func() (*frameSet, error) { return s.frames(ctx, id) })
}

func (s *TasksService) frames(ctx context.Context, id int64) (*frameSet, error) {
	meta, _, err := s.DataMeta(ctx, id)
	if err != nil {
		return nil, err
	}
	frames := &taskFrames{service: s, id: id, start: meta.StartFrame}
	return &frameSet{work: fmt.Sprintf("task %d", id), meta: meta, numbers: numbersTo(0, meta.Size-1), open: frames.open}, nil
}

// taskFrames opens frames of a task.
type taskFrames struct {
	service *TasksService
	id      int64
	start   int

	mu   sync.Mutex
	jobs []*models.Job
}

// open asks the task first. Servers like 2.3 compare the number of a frame, counted in the task, with the start frame,
// which is counted in the source; they do not do so for jobs.
func (t *taskFrames) open(ctx context.Context, number int, opts *FrameOptions) (*Content, error) {
	content, _, err := t.service.Frame(ctx, t.id, number, opts)
	if number >= t.start || !errors.Is(err, ErrInvalid) {
		return content, err
	}
	job, lookup := t.jobOf(ctx, number)
	if lookup != nil {
		return nil, errors.Join(err, lookup)
	}
	if job == nil {
		return nil, err
	}
	content, _, err = t.service.client.Jobs.Frame(ctx, job.ID, number, opts)
	return content, err
}

// jobOf returns a job that holds a frame, nil if there is none. The jobs are asked for once.
func (t *taskFrames) jobOf(ctx context.Context, number int) (*models.Job, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.jobs == nil {
		var err error
		if t.jobs, err = t.service.Jobs(ctx, t.id); err != nil {
			return nil, err
		}
	}
	for _, job := range t.jobs {
		if job.StartFrame <= number && number <= job.StopFrame {
			return job, nil
		}
	}
	return nil, nil //nolint:nilnil // a task without jobs is no failure of the look-up
}

// Frames walks through the frames of a job, deleted ones included, in order. Their numbers are counted in the task. What
// the server knows of them is asked once, when the walk begins; no picture is fetched before [Frame.Open].
//
// CVAT API: GET /api/jobs/{id} (jobs_retrieve), GET /api/jobs/{id}/data/meta (jobs_retrieve_data_meta)
func (s *JobsService) Frames(ctx context.Context, id int64) iter.Seq2[*Frame, error] {
	return framesOf(func() (*frameSet, error) { return s.frames(ctx, id) })
}

func (s *JobsService) frames(ctx context.Context, id int64) (*frameSet, error) {
	job, _, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	meta, _, err := s.DataMeta(ctx, id)
	if err != nil {
		return nil, err
	}
	set := &frameSet{work: fmt.Sprintf("job %d", id), meta: meta, numbers: meta.IncludedFrames, first: job.StartFrame}
	if set.numbers == nil {
		set.numbers = numbersTo(job.StartFrame, job.StopFrame)
	}
	set.open = func(ctx context.Context, number int, opts *FrameOptions) (*Content, error) {
		content, _, err := s.Frame(ctx, id, number, opts)
		return content, err
	}
	return set, nil
}

// numbersTo lists the numbers from first to last.
func numbersTo(first, last int) []int {
	var numbers []int
	for number := first; number <= last; number++ {
		numbers = append(numbers, number)
	}
	return numbers
}
