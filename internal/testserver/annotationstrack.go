package testserver

import (
	"cmp"
	"math"
	"slices"
)

// at is a track in a frame: interpolated between two keyframes, as it was drawn last after them, and nil before the
// first one.
func (a *labeled) at(frame int64) *keyframe {
	var before, after *keyframe
	for _, k := range a.Shapes {
		if *k.Frame > frame {
			after = k
			break
		}
		before = k
	}
	if before == nil || *before.Frame == frame {
		return before
	}
	k := &keyframe{Frame: new(frame), Attributes: before.Attributes, figure: before.figure}
	if after != nil && !before.Outside && before.moves(&after.figure) {
		part := float64(frame-*before.Frame) / float64(*after.Frame-*before.Frame)
		k.figure = between(&before.figure, &after.figure, part)
	}
	return k
}

// moves says whether the points between this figure and the next lie on straight lines. The real server matches the
// points of outlines whose number changes; here they stay where they were drawn last, as masks and groups of points do.
func (f *figure) moves(next *figure) bool {
	if *f.Type == "mask" || *f.Type == "points" && len(f.Points) != 2 {
		return false
	}
	return *f.Type == *next.Type && len(f.Points) == len(next.Points)
}

// between is a figure part of the way from one to another. It turns the shorter way round.
func between(a, b *figure, part float64) figure {
	f := *a
	f.Points = make([]float64, len(a.Points))
	for i := range f.Points {
		f.Points[i] = a.Points[i] + (b.Points[i]-a.Points[i])*part
	}
	turn := math.Mod(b.Rotation-a.Rotation+540, 360) - 180
	f.Rotation = math.Mod(a.Rotation+turn*part+360, 360)
	return f
}

// valuesAt are the values that the mutable attributes of a track have in a frame: a keyframe without one leaves it as
// it was.
func (a *labeled) valuesAt(frame int64) []attributeValue {
	var out []attributeValue
	for _, k := range slices.Backward(a.Shapes) {
		if *k.Frame > frame {
			continue
		}
		for _, v := range k.Attributes {
			if !slices.ContainsFunc(out, func(later attributeValue) bool { return later.SpecID == v.SpecID }) {
				out = append(out, v)
			}
		}
	}
	return out
}

// visibleAt is a track in a frame as a shape, or nil where it is not to be seen. The elements of a skeleton are there even
// if they are outside, unless all of them are.
func (a *labeled) visibleAt(frame int64) *labeled {
	s := a.shapeAt(frame)
	if s == nil || s.Outside {
		return nil
	}
	visible := len(a.Elements) == 0
	for _, e := range a.Elements {
		if part := e.shapeAt(frame); part != nil {
			s.Elements = append(s.Elements, part)
			visible = visible || !part.Outside
		}
	}
	if !visible {
		return nil
	}
	return s
}

func (a *labeled) shapeAt(frame int64) *labeled {
	k := a.at(frame)
	if k == nil {
		return nil
	}
	return &labeled{
		Frame: new(frame), LabelID: a.LabelID, Group: a.Group, Source: a.Source, figure: k.figure,
		Attributes: slices.Concat(a.valuesAt(frame), a.Attributes),
	}
}

// within says whether all keyframes of a track lie in a job.
func (a *labeled) within(j *job) bool {
	return len(a.Shapes) > 0 && *a.Shapes[0].Frame >= j.start && *a.Shapes[len(a.Shapes)-1].Frame <= j.stop
}

// visibleIn says whether a track is to be seen in a job. A skeleton is where its elements are.
func (a *labeled) visibleIn(j *job) bool {
	if len(a.Elements) > 0 {
		return slices.ContainsFunc(a.Elements, func(e *labeled) bool { return e.visibleIn(j) })
	}
	for frame := j.start; frame <= j.stop; frame++ {
		if k := a.at(frame); k != nil && !k.Outside {
			return true
		}
	}
	return false
}

// cut makes the part of a track that lies in a job a track of its own, and nil if there is none.
func (a *labeled) cut(j *job) *labeled {
	if !a.visibleIn(j) {
		return nil
	}
	out := a.clone()
	if !a.within(j) {
		out.Shapes = a.keyframesIn(j)
	}
	out.Elements = nil
	for _, e := range a.Elements {
		if part := e.cut(j); part != nil {
			out.Elements = append(out.Elements, part)
		}
	}
	if len(out.Shapes) == 0 {
		return nil
	}
	out.Frame = new(*out.Shapes[0].Frame)
	return out
}

// keyframesIn copies the keyframes that lie in a job. The figures in its first and last frames become keyframes if the
// track goes on beyond them.
func (a *labeled) keyframesIn(j *job) []*keyframe {
	var out []*keyframe
	if first := a.at(j.start); first != nil && !first.Outside {
		out = append(out, first.clone())
	}
	for _, k := range a.Shapes {
		inside := *k.Frame > j.start && *k.Frame <= j.stop
		if inside && (len(out) > 0 || !k.Outside) {
			out = append(out, k.clone())
		}
	}
	if len(out) == 0 || *a.Shapes[len(a.Shapes)-1].Frame <= j.stop {
		return out
	}
	if last := a.at(j.stop); !slices.Equal(last.Points, out[len(out)-1].Points) {
		out = append(out, last.clone())
	}
	return out
}

// arrange puts the keyframes of a track in order. The newer server makes the track begin with the first of them.
func (a *labeled) arrange(d Dialect) {
	slices.SortStableFunc(a.Shapes, func(x, y *keyframe) int { return cmp.Compare(*x.Frame, *y.Frame) })
	if d == V2_3 || len(a.Shapes) == 0 {
		return
	}
	first := a.Shapes[0]
	switch {
	case *a.Frame > *first.Frame || *first.Type == "skeleton":
		a.Frame = new(min(*a.Frame, *first.Frame))
		first.Frame = new(*a.Frame)
	case *a.Frame < *first.Frame:
		missing := first.clone()
		missing.ID, missing.Frame, missing.Outside = nil, new(*a.Frame), true
		a.Shapes = slices.Insert(a.Shapes, 0, missing)
	}
}

// clone copies an annotation with its parts.
func (a *labeled) clone() *labeled {
	out := *a
	out.Shapes = nil
	for _, k := range a.Shapes {
		out.Shapes = append(out.Shapes, k.clone())
	}
	out.Elements = nil
	for _, e := range a.Elements {
		out.Elements = append(out.Elements, e.clone())
	}
	return &out
}

func (k *keyframe) clone() *keyframe { return new(*k) }
