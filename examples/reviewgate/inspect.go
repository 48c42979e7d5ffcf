package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-cvat/cvat/models"
)

// fault is a place in a frame where something is wrong.
type fault struct {
	frame    int
	position []float64 // x and y of one point after the other
	reasons  []string
}

func report(faults []fault) string {
	if len(faults) == 0 {
		return "would pass"
	}
	lines := []string{fmt.Sprintf("%d faults", len(faults))}
	for _, f := range faults {
		lines = append(lines, fmt.Sprintf("  frame %d: %s", f.frame, strings.Join(f.reasons, "; ")))
	}
	return strings.Join(lines, "\n")
}

// inspector looks at the annotations of one job.
type inspector struct {
	job     *models.Job
	meta    *models.DataMeta
	minSize float64

	seen      map[string]bool // shapes, by what they are
	annotated map[int]bool    // frames
	faults    []fault
}

// inspect finds what is wrong: objects that are too small, lie outside of their frame or are there twice, and frames with
// nothing on them.
func inspect(job *models.Job, meta *models.DataMeta, data *models.LabeledData, minSize float64) []fault {
	i := &inspector{job: job, meta: meta, minSize: minSize, seen: map[string]bool{}, annotated: map[int]bool{}}
	for _, tag := range data.Tags {
		i.annotated[tag.Frame] = true
	}
	for _, shape := range data.Shapes {
		i.annotated[shape.Frame] = true
		i.object(shape.Frame, shape.LabelID, shape.Type, shape.Points)
	}
	for _, track := range data.Tracks {
		i.track(track)
	}
	i.emptyFrames()
	return i.faults
}

// track looks at the key frames of a track, and takes the frames that it covers as annotated.
func (i *inspector) track(track models.LabeledTrack) {
	visible := false
	next := 0
	for frame := track.Frame; frame <= i.job.StopFrame; frame++ {
		for next < len(track.Shapes) && track.Shapes[next].Frame <= frame {
			key := track.Shapes[next]
			next++
			visible = !key.Outside
			if visible {
				i.object(frame, track.LabelID, key.Type, key.Points)
			}
		}
		if visible {
			i.annotated[frame] = true
		}
	}
}

// object looks at a shape whose points are all there is to it.
func (i *inspector) object(frame int, label int64, kind models.ShapeType, points []float64) {
	switch kind {
	case models.ShapeTypeRectangle, models.ShapeTypePolygon, models.ShapeTypePolyline, models.ShapeTypePoints:
	default:
		return
	}
	if len(points) < 2 {
		return
	}
	left, top, right, bottom := bounds(points)
	var reasons []string
	if area := kind == models.ShapeTypeRectangle || kind == models.ShapeTypePolygon; area && (right-left < i.minSize || bottom-top < i.minSize) {
		reasons = append(reasons, fmt.Sprintf("The object is smaller than %g pixels.", i.minSize))
	}
	if width, height := i.size(frame); width > 0 && (left < 0 || top < 0 || right > width || bottom > height) {
		reasons = append(reasons, "The object reaches out of the frame.")
	}
	what := fmt.Sprint(frame, label, kind, points)
	if i.seen[what] {
		reasons = append(reasons, "The object is there twice.")
	}
	i.seen[what] = true
	if len(reasons) > 0 {
		i.faults = append(i.faults, fault{frame, []float64{left, top, right, bottom}, reasons})
	}
}

func (i *inspector) emptyFrames() {
	for frame := i.job.StartFrame; frame <= i.job.StopFrame; frame++ {
		inJob := i.meta.IncludedFrames == nil || slices.Contains(i.meta.IncludedFrames, frame)
		if inJob && !i.annotated[frame] && !slices.Contains(i.meta.DeletedFrames, frame) {
			width, height := i.size(frame)
			i.faults = append(i.faults, fault{frame, []float64{width / 2, height / 2}, []string{"Nothing is annotated on this frame."}})
		}
	}
}

// size returns that of a frame, zeros if it is not known. Older servers list the frames of the whole task for a job.
func (i *inspector) size(frame int) (width, height float64) {
	frames := i.meta.Frames
	switch {
	case len(frames) == 1: // a video, or a single picture
		frame = 0
	case len(frames) == i.job.StopFrame-i.job.StartFrame+1:
		frame -= i.job.StartFrame
	}
	if frame < 0 || frame >= len(frames) {
		return 0, 0
	}
	return float64(frames[frame].Width), float64(frames[frame].Height)
}

func bounds(points []float64) (left, top, right, bottom float64) {
	left, top, right, bottom = points[0], points[1], points[0], points[1]
	for at := 0; at+1 < len(points); at += 2 {
		left, right = min(left, points[at]), max(right, points[at])
		top, bottom = min(top, points[at+1]), max(bottom, points[at+1])
	}
	return left, top, right, bottom
}
