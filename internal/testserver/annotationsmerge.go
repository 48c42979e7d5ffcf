package testserver

import (
	"cmp"
	"slices"
)

// share is the part of a document that belongs to a job of the canvas. A document for one job is all its own, wherever
// its frames lie; from one for a task each job takes what lies in it, and the rest is lost.
func (v *canvas) share(doc *annotations, j *job) *annotations {
	out := &annotations{}
	inside := func(a *labeled) bool { return v.job != nil || j.holds(*a.Frame) }
	for _, t := range doc.Tags {
		if inside(t) {
			out.Tags = append(out.Tags, t.clone())
		}
	}
	for _, s := range doc.Shapes {
		if inside(s) {
			out.Shapes = append(out.Shapes, s.clone())
		}
	}
	for _, t := range doc.Tracks {
		part := t.clone()
		if v.job == nil {
			part = t.cut(j)
		}
		if part != nil {
			out.Tracks = append(out.Tracks, part)
		}
	}
	return out
}

// merged puts together what the jobs of the canvas have. What two jobs show in the frames that they share is one.
func (v *canvas) merged(parts []*annotations) *annotations {
	doc := &annotations{}
	for i, part := range parts {
		if i == 0 {
			*doc = *part
			continue
		}
		end := v.jobs[i].start
		if v.task.overlap != nil {
			end += *v.task.overlap
		}
		doc.Tags = join(doc.Tags, part.Tags, end, func(a, b *labeled) bool { return *a.LabelID == *b.LabelID })
		doc.Shapes = join(doc.Shapes, part.Shapes, end, sameShape)
		doc.Tracks = joinTracks(doc.Tracks, part.Tracks, v.jobs[i].start, end)
	}
	return doc
}

// join adds the objects of the next job, except those that are the same as one before in a frame that both jobs have.
func join(have, next []*labeled, end int64, same func(a, b *labeled) bool) []*labeled {
	out, matched := slices.Clone(have), map[*labeled]bool{}
	for _, b := range next {
		i := -1
		if *b.Frame < end {
			i = slices.IndexFunc(have, func(a *labeled) bool { return !matched[a] && *a.Frame == *b.Frame && same(a, b) })
		}
		if i < 0 {
			out = append(out, b)
		} else {
			matched[have[i]] = true
		}
	}
	return out
}

func sameShape(a, b *labeled) bool {
	return *a.LabelID == *b.LabelID && likeness(&a.figure, &b.figure) >= 0.75
}

// likeness is how much of two figures is common to both. Only areas can be alike. Of polygons the real server knows the
// part that they share; here they are alike if they are equal.
func likeness(a, b *figure) float64 {
	switch {
	case *a.Type != *b.Type:
		return 0
	case *a.Type == "polygon" && slices.Equal(a.Points, b.Points):
		return 1
	case *a.Type != "rectangle":
		return 0
	}
	p, q := a.Points, b.Points
	common := max(0, min(p[2], q[2])-max(p[0], q[0])) * max(0, min(p[3], q[3])-max(p[1], q[1]))
	all := (p[2]-p[0])*(p[3]-p[1]) + (q[2]-q[0])*(q[3]-q[1]) - common
	if all <= 0 {
		return 0
	}
	return common / all
}

// joinTracks adds the tracks of the next job, whose frames up to end are the former job's too. A track of the former
// job goes on in one that is like it there, or else ends.
func joinTracks(have, next []*labeled, start, end int64) []*labeled {
	var out, open []*labeled
	for _, t := range have {
		t = t.clone()
		out = append(out, t)
		if last := t.last(); last != nil && (*last.Frame >= start || !last.Outside) {
			open = append(open, t)
		}
	}
	for _, t := range next {
		i := -1
		if *t.Frame < end {
			i = slices.IndexFunc(open, func(o *labeled) bool { return sameTrack(o, t, start, end) })
		}
		if i < 0 {
			out = append(out, t)
			continue
		}
		open[i].extend(t)
		open = slices.Delete(open, i, i+1)
	}
	for _, t := range open {
		t.endAt(end)
	}
	return out
}

func (a *labeled) last() *keyframe {
	if len(a.Shapes) == 0 {
		return nil
	}
	return a.Shapes[len(a.Shapes)-1]
}

func sameTrack(a, b *labeled, start, end int64) bool {
	if *a.LabelID != *b.LabelID {
		return false
	}
	frames, common := 0, 0.0
	for n := start; n < end; n++ {
		x, y := a.at(n), b.at(n)
		if x == nil && y == nil {
			continue
		}
		frames++
		if x != nil && y != nil && x.Outside == y.Outside {
			common += likeness(&x.figure, &y.figure)
		}
	}
	return frames > 0 && common/float64(frames) >= 0.5
}

// extend adds the keyframes of a track that is the same in the next job.
func (a *labeled) extend(b *labeled) {
	for _, k := range b.Shapes {
		if !slices.ContainsFunc(a.Shapes, func(x *keyframe) bool { return *x.Frame == *k.Frame }) {
			a.Shapes = append(a.Shapes, k)
		}
	}
	slices.SortFunc(a.Shapes, func(x, y *keyframe) int { return cmp.Compare(*x.Frame, *y.Frame) })
}

// endAt ends a track that has not ended.
func (a *labeled) endAt(frame int64) {
	last := a.last()
	if last == nil || last.Outside {
		return
	}
	end := last.clone()
	end.Frame, end.Outside = new(frame), true
	a.Shapes = append(a.Shapes, end)
	for _, e := range a.Elements {
		e.endAt(frame)
	}
}
