package testserver

import "slices"

func (v *canvas) clear() {
	for _, j := range v.jobs {
		j.annotations = annotations{}
	}
}

// accept stores new annotations in the jobs that they belong to, and returns what was stored.
func (v *canvas) accept(s *Server, doc *annotations) *annotations {
	return v.each(doc, func(j *job, part *annotations) { j.store(s, part) })
}

// update replaces annotations by their ids. Those that are not there are added.
func (v *canvas) update(s *Server, doc *annotations) *annotations {
	return v.each(doc, func(j *job, part *annotations) {
		j.drop(part)
		j.store(s, part)
	})
}

// drop deletes annotations by their ids, and returns what was asked for.
func (v *canvas) drop(s *Server, doc *annotations) *annotations {
	return v.each(doc, func(j *job, part *annotations) {
		j.drop(part)
		part.fill(s.cfg.dialect)
	})
}

// each acts on every job with its part of a document, and puts the parts together again.
func (v *canvas) each(doc *annotations, act func(*job, *annotations)) *annotations {
	parts := make([]*annotations, 0, len(v.jobs))
	for _, j := range v.jobs {
		part := v.share(doc, j)
		act(j, part)
		parts = append(parts, part)
	}
	return v.merged(parts)
}

// lists are the tags, shapes and tracks of a document.
func (doc *annotations) lists() []*[]*labeled {
	return []*[]*labeled{&doc.Tags, &doc.Shapes, &doc.Tracks}
}

// lastIDs are the last ids of tags, shapes and tracks.
func (s *Server) lastIDs() []*int64 {
	return []*int64{&s.state.tags, &s.state.shapes, &s.state.tracks}
}

// store adds annotations to a job.
func (j *job) store(s *Server, part *annotations) {
	if s.cfg.dialect == V2_73 {
		part.Tracks = slices.DeleteFunc(part.Tracks, func(t *labeled) bool { return len(t.Shapes) == 0 })
	}
	part.fill(s.cfg.dialect)
	kept, last := j.annotations.lists(), s.lastIDs()
	for i, list := range part.lists() {
		s.number(*list, last[i])
		*kept[i] = append(*kept[i], *list...)
	}
}

// fill gives all annotations the values that a request may leave out.
func (doc *annotations) fill(d Dialect) {
	for _, list := range doc.lists() {
		for _, a := range *list {
			a.fill(d)
		}
	}
}

func (a *labeled) fill(d Dialect) {
	if a.Source == nil {
		a.Source = new("manual")
	}
	if a.Group == nil && d == V2_73 {
		a.Group = new(int64(0))
	}
	if a.Score == nil {
		a.Score = new(1.0)
	}
	a.arrange(d)
	for _, e := range a.Elements {
		e.fill(d)
	}
}

// number gives ids to those annotations that have none: first to all of a level, then to their elements.
func (s *Server) number(items []*labeled, last *int64) {
	for _, a := range items {
		if a.ID == nil {
			*last++
			a.ID = new(*last)
		}
		for _, k := range a.Shapes {
			if k.ID == nil {
				s.state.keyframes++
				k.ID = new(s.state.keyframes)
			}
		}
	}
	for _, a := range items {
		s.number(a.Elements, last)
	}
}

// drop deletes annotations from a job by their ids.
func (j *job) drop(part *annotations) {
	kept := j.annotations.lists()
	for i, list := range part.lists() {
		ids := idsOf(*list)
		*kept[i] = slices.DeleteFunc(*kept[i], func(a *labeled) bool { return ids[*a.ID] })
	}
}
