package testserver

import (
	"cmp"
	"net/http"
	"slices"
)

func annotationRoutes() []route {
	const ofTask, ofJob = "tasks/{id}/annotations", "jobs/{id}/annotations"
	read, write := handlersOf(retrieveAnnotations), handlersOf(replaceAnnotations)
	patch, wipe := handlersOf(changeAnnotations), handlersOf(destroyAnnotations)
	return []route{
		{op: "tasks_retrieve_annotations", method: http.MethodGet, path: ofTask, slash: eitherSlash, handle: read.task(view)},
		{
			op: "tasks_update_annotations", method: http.MethodPut, path: ofTask, slash: eitherSlash, bodies: fileBodies,
			handle: write.task(change),
		},
		{
			op: "tasks_partial_update_annotations", method: http.MethodPatch, path: ofTask, slash: eitherSlash,
			handle: patch.task(change),
		},
		{
			op: "tasks_destroy_annotations", method: http.MethodDelete, path: ofTask, slash: eitherSlash,
			handle: wipe.task(change),
		},
		{op: "jobs_retrieve_annotations", method: http.MethodGet, path: ofJob, slash: eitherSlash, handle: read.job(view)},
		{
			op: "jobs_update_annotations", method: http.MethodPut, path: ofJob, slash: eitherSlash, bodies: fileBodies,
			handle: write.job(change),
		},
		{
			op: "jobs_partial_update_annotations", method: http.MethodPatch, path: ofJob, slash: eitherSlash,
			handle: patch.job(change),
		},
		{
			op: "jobs_destroy_annotations", method: http.MethodDelete, path: ofJob, slash: eitherSlash,
			handle: wipe.job(change),
		},
	}
}

// canvas is what annotations are made on: a task, that is all of its annotation jobs, or one job.
type canvas struct {
	task *task
	jobs []*job
	job  *job // nil for a task
}

func (t *task) canvas() *canvas {
	jobs := slices.DeleteFunc(slices.Clone(t.jobs), func(j *job) bool { return j.kind == groundTruth })
	return &canvas{task: t, jobs: jobs}
}

func (j *job) canvas() *canvas { return &canvas{task: j.task, jobs: []*job{j}, job: j} }

// handlersOf makes handlers for tasks and for jobs of what is the same for both.
type handlersOf func(*call, *canvas) *answer

func (h handlersOf) task(act action) handler {
	return onTask(act, func(c *call, t *task) *answer { return h(c, t.canvas()) })
}

func (h handlersOf) job(act action) handler {
	return onJob(act, func(c *call, j *job) *answer { return h(c, j.canvas()) })
}

// document collects the annotations of all jobs.
func (v *canvas) document() *annotations {
	parts := make([]*annotations, 0, len(v.jobs))
	for _, j := range v.jobs {
		parts = append(parts, &j.annotations)
	}
	doc := v.merged(parts)
	for _, list := range [][]*labeled{doc.Tags, doc.Shapes} {
		slices.SortStableFunc(list, func(a, b *labeled) int { return cmp.Compare(*a.Frame, *b.Frame) })
	}
	return doc
}

func (v *canvas) reading(c *call, defaults bool) reading {
	return reading{dialect: c.s.cfg.dialect, labels: v.task.labelSet(), defaults: defaults}
}

func retrieveAnnotations(c *call, v *canvas) *answer {
	if c.query.Has("format") {
		return c.exportV1(v.exportTarget(), false)
	}
	return ok(v.reading(c, true).document(v.document()))
}

// takeAnnotations reads the document of a request and checks it.
func (c *call) takeAnnotations(v *canvas, ids idRule) (*annotations, *answer) {
	raw := c.body.raw
	if c.r.ContentLength == 0 {
		raw = []byte("{}")
	} else if refusal := c.refuseBody(); refusal != nil {
		return nil, refusal
	}
	doc, unknown, err := decodeAnnotations(raw)
	if unknown != "" {
		c.s.report(c, UnknownField, unknown)
	}
	name, isType := typeError(err)
	switch {
	case isType && name == "":
		return nil, c.s.cfg.dialect.crash() // no object at all
	case isType:
		return nil, invalidField(name, "A value of another type is required.")
	case err != nil:
		return nil, c.malformed("JSON", err)
	}
	if list := doc.nullIn(); list != "" {
		return nil, invalidField(list, "This field may not be null.")
	}
	doc.Version = 0
	check := annotationCheck{dialect: c.s.cfg.dialect, labels: v.task.labelSet(), ids: ids}
	// 2.3 does not foresee such a mistake in the replacement of the annotations of a task.
	check.crashes = check.dialect == V2_3 && v.job == nil && c.r.Method == http.MethodPut
	if refusal := check.structure(doc); refusal != nil {
		return nil, refusal
	}
	if refusal := check.references(doc); refusal != nil {
		return nil, refusal
	}
	return doc, nil
}

func replaceAnnotations(c *call, v *canvas) *answer {
	if c.query.Has("format") {
		return c.importByPut(v)
	}
	doc, refusal := c.takeAnnotations(v, idsAbsent)
	if refusal != nil {
		return refusal
	}
	cleared := func(h holder, _ *job, _ map[int64]bool) bool { return slices.Contains(v.jobs, h.job) }
	if refusal := c.refuseTaken(v, doc, cleared); refusal != nil {
		return refusal
	}
	v.clear()
	doc = v.accept(c.s, doc)
	v.touch()
	return ok(v.reading(c, false).document(doc))
}

func changeAnnotations(c *call, v *canvas) *answer {
	act := c.query.Get("action")
	ids, known := map[string]idRule{"create": idsAbsent, "update": idsOptional, "delete": idsPresent}[act]
	if !known {
		return invalid("Please specify a correct 'action' for the request")
	}
	doc, refusal := c.takeAnnotations(v, ids)
	if refusal != nil {
		return refusal
	}
	switch act {
	case "create":
		if refusal = c.refuseTaken(v, doc, never); refusal == nil {
			doc = v.accept(c.s, doc)
		}
	case "update":
		if refusal = c.refuseTaken(v, doc, replaced); refusal == nil {
			doc = v.update(c.s, doc)
		}
	default:
		doc = v.drop(c.s, doc)
	}
	if refusal != nil {
		return refusal
	}
	v.touch()
	return ok(v.reading(c, false).document(doc))
}

func destroyAnnotations(_ *call, v *canvas) *answer {
	v.clear()
	v.touch()
	return empty(http.StatusNoContent)
}

// touch marks the task and its jobs as changed.
func (v *canvas) touch() {
	v.task.updated = now()
	for _, j := range v.jobs {
		j.updated = v.task.updated
	}
}
