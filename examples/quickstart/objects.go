package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/go-cvat/cvat/models"
)

// object is an annotation on one frame, as a person sees it: by names instead of ids.
type object struct {
	Frame int
	// Kind is the type of the shape, or "tag".
	Kind       string
	Label      string
	Points     []float64
	Joints     []string // what the points of a skeleton are called
	Attributes map[string]string
	Layer      int
	Tracked    bool // part of a track
}

const kindTag = "tag"

// objects spreads annotations over the frames. A track is on all its frames, as the server has it on export.
func (q *quickstart) objects(data models.LabeledData) []object {
	n := namesOf(q.labels)
	var all []object
	for _, tag := range data.Tags {
		all = append(all, object{Frame: tag.Frame, Kind: kindTag, Label: n.labels[tag.LabelID], Attributes: n.values(tag.Attributes)})
	}
	for _, shape := range data.Shapes {
		o := object{
			Frame: shape.Frame, Kind: string(shape.Type), Label: n.labels[shape.LabelID], Points: shape.Points,
			Attributes: n.values(shape.Attributes), Layer: shape.ZOrder,
		}
		for _, element := range shape.Elements {
			o.Joints = append(o.Joints, n.labels[element.LabelID])
			o.Points = append(o.Points, element.Points...)
		}
		all = append(all, o.sorted())
	}
	for _, track := range data.Tracks {
		all = append(all, n.spread(track, len(q.frames))...)
	}
	return all
}

// names of what annotations refer to by id.
type names struct{ labels, attributes map[int64]string }

func namesOf(labels []models.Label) names {
	n := names{map[int64]string{}, map[int64]string{}}
	for _, label := range labels {
		n.labels[label.ID] = label.Name
		for _, sublabel := range label.Sublabels {
			n.labels[sublabel.ID] = sublabel.Name
		}
		for _, attribute := range label.Attributes {
			n.attributes[attribute.ID] = attribute.Name
		}
	}
	return n
}

func (n names) values(attributes []models.AttributeVal) map[string]string {
	values := map[string]string{}
	for _, attribute := range attributes {
		values[n.attributes[attribute.SpecID]] = attribute.Value
	}
	return values
}

// spread puts a track of rectangles on each of its frames. Points move evenly from one key frame to the next, attributes
// change at key frames, and the last one lasts to the end.
func (n names) spread(track models.LabeledTrack, frames int) []object {
	var all []object
	values := n.values(track.Attributes)
	for i, key := range track.Shapes {
		next, end := key, frames
		if i+1 < len(track.Shapes) {
			next, end = track.Shapes[i+1], track.Shapes[i+1].Frame
		}
		maps.Copy(values, n.values(key.Attributes))
		for frame := key.Frame; frame < end && !key.Outside; frame++ {
			all = append(all, object{
				Frame: frame, Kind: string(key.Type), Label: n.labels[track.LabelID], Points: between(key, next, frame),
				Attributes: maps.Clone(values), Layer: key.ZOrder, Tracked: true,
			})
		}
	}
	return all
}

func between(key, next models.TrackedShape, frame int) []float64 {
	if next.Frame == key.Frame {
		return key.Points
	}
	share := float64(frame-key.Frame) / float64(next.Frame-key.Frame)
	points := slices.Clone(key.Points)
	for i := range points {
		points[i] += share * (next.Points[i] - points[i])
	}
	return points
}

// sorted brings the joints of a skeleton, which servers give in any order, into that of their names.
func (o object) sorted() object {
	if len(o.Points) != 2*len(o.Joints) {
		return o // no skeleton
	}
	order := make([]int, len(o.Joints))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(o.Joints[a], o.Joints[b]) })
	joints, points := o.Joints, o.Points
	o.Joints, o.Points = nil, nil
	for _, i := range order {
		o.Joints = append(o.Joints, joints[i])
		o.Points = append(o.Points, points[2*i], points[2*i+1])
	}
	return o
}

// compare reports objects that are missing, different or too many. The order is of no account.
func compare(want, got []object) error {
	got = slices.Clone(got)
	var problems []string
	for _, w := range want {
		if i := slices.IndexFunc(got, func(g object) bool { return w.difference(g) == "" }); i >= 0 {
			got = slices.Delete(got, i, i+1)
			continue
		}
		problems = append(problems, w.missing(got))
	}
	if len(problems) == 0 {
		for _, g := range got {
			problems = append(problems, fmt.Sprintf("%v was not written", g))
		}
	}
	if len(problems) == 0 {
		return nil
	}
	const shown = 5
	if more := len(problems) - shown; more > 0 {
		problems = append(problems[:shown], fmt.Sprintf("and %d more differences", more))
	}
	return errors.New(strings.Join(problems, "; "))
}

// missing says how the object that comes closest differs.
func (o object) missing(candidates []object) string {
	for _, c := range candidates {
		if c.Frame == o.Frame && c.Label == o.Label && c.Kind == o.Kind {
			return fmt.Sprintf("%v has %s", o, o.difference(c))
		}
	}
	return fmt.Sprintf("%v is missing", o)
}

// tolerance is how exact points are, in pixels: exports have two decimals.
const tolerance = 0.01

// difference says what another object has in the place of what o has; "" if they are the same.
func (o object) difference(other object) string {
	switch {
	case o.Frame != other.Frame:
		return fmt.Sprintf("the frame %d", other.Frame)
	case o.Kind != other.Kind:
		return "the type " + other.Kind
	case o.Label != other.Label:
		return "the label " + other.Label
	case o.Tracked && !other.Tracked:
		return "no track"
	case !o.Tracked && other.Tracked:
		return "a track"
	case o.Layer != other.Layer:
		return fmt.Sprintf("the layer %d instead of %d", other.Layer, o.Layer)
	case !maps.Equal(o.Attributes, other.Attributes):
		return fmt.Sprintf("the attributes %v instead of %v", other.Attributes, o.Attributes)
	case !slices.Equal(o.Joints, other.Joints):
		return fmt.Sprintf("the joints %q instead of %q", other.Joints, o.Joints)
	case !slices.EqualFunc(o.Points, other.Points, func(a, b float64) bool { return math.Abs(a-b) <= tolerance+1e-9 }):
		return fmt.Sprintf("the points %v instead of %v", other.Points, o.Points)
	}
	return ""
}

// String names an object in messages.
func (o object) String() string {
	return fmt.Sprintf("the %s %q on frame %d", o.Kind, o.Label, o.Frame)
}
