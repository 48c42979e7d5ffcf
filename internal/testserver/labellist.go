package testserver

import "net/http"

// ownedLabel is a label with what it belongs to, for the lists of the newer server.
type ownedLabel struct {
	*label
	task    *task
	project *project
}

func (o *ownedLabel) holding() holding {
	if o.task != nil {
		return o.task.holding()
	}
	return o.project.holding()
}

// set returns the labels that the label is one of.
func (o *ownedLabel) set() *labelSet {
	if o.task != nil {
		return &o.task.labels
	}
	return &o.project.labels
}

func (o *ownedLabel) read() object {
	subs := []object{}
	for _, sub := range o.sublabels {
		subs = append(subs, object{
			{"id", sub.id},
			{"name", sub.name},
			{"color", sub.color},
			{"attributes", readAttributes(sub.attributes)},
			{"type", sub.kind},
			{"has_parent", true},
		})
	}
	out := object{
		{"id", o.id},
		{"name", o.name},
		{"color", o.color},
		{"attributes", readAttributes(o.attributes)},
		{"type", o.kind},
		{"sublabels", subs},
	}
	if o.task != nil {
		out = append(out, member{"task_id", o.task.id})
	} else {
		out = append(out, member{"project_id", o.project.id})
	}
	out = append(out, member{"parent_id", nil}, member{"has_parent", false})
	if o.svg != "" {
		out = append(out, member{"svg", o.svg})
	}
	return out
}

// ownedLabels lists all labels that have no parent.
func (s *Server) ownedLabels() []*ownedLabel {
	var out []*ownedLabel
	for _, p := range s.state.projects.all() {
		for _, l := range p.labels {
			out = append(out, &ownedLabel{label: l, project: p})
		}
	}
	for _, t := range s.state.tasks.all() {
		for _, l := range t.labels {
			out = append(out, &ownedLabel{label: l, task: t})
		}
	}
	return out
}

func labelRoutes() []route {
	const one = "labels/{id}"
	routes := []route{
		{op: "labels_list", method: http.MethodGet, path: "labels", handle: listLabels},
		{op: "labels_retrieve", method: http.MethodGet, path: one, handle: onLabel(view, readLabel)},
		{op: "labels_partial_update", method: http.MethodPatch, path: one, handle: onLabel(change, updateLabel)},
		{op: "labels_destroy", method: http.MethodDelete, path: one, handle: onLabel(change, destroyLabel)},
	}
	for i := range routes {
		routes[i].in = only2_73
	}
	return routes
}

func listLabels(c *call) *answer {
	given := 0
	for _, name := range []string{"job_id", "task_id", "project_id"} {
		if c.query.Has(name) {
			given++
		}
	}
	if given > 1 {
		return invalid("job_id, task_id and project_id parameters cannot be used together")
	}
	l := listing[ownedLabel]{
		rows: c.s.ownedLabels(),
		fields: map[string]func(*ownedLabel) any{
			"id":         func(o *ownedLabel) any { return o.id },
			"name":       func(o *ownedLabel) any { return o.name },
			"color":      func(o *ownedLabel) any { return o.color },
			"type":       func(o *ownedLabel) any { return o.kind },
			"parent":     func(*ownedLabel) any { return nil },
			"parent_id":  func(*ownedLabel) any { return nil },
			"task_id":    func(o *ownedLabel) any { return c.s.labelTask(o, c.query.Get("task_id")) },
			"job_id":     func(o *ownedLabel) any { return c.s.labelJob(o, c.query.Get("job_id")) },
			"project_id": func(o *ownedLabel) any { return c.s.labelProject(o) },
		},
		search: []string{"name", "parent"},
		simple: []string{"name", "color", "type", "parent", "parent_id", "task_id", "job_id", "project_id"},
		order:  "id",
		sees:   func(o *ownedLabel) bool { return c.lists(o.holding()) },
		read:   func(o *ownedLabel) any { return o.read() },
	}
	return l.page(c)
}

// labelTask is the task that a label is asked for with: its own, or one of its project's.
func (s *Server) labelTask(o *ownedLabel, wanted string) any {
	if o.task != nil {
		return o.task.id
	}
	for _, t := range s.tasksOf(o.project) {
		if same(t.id, wanted) {
			return t.id
		}
	}
	return nil
}

// labelJob is the job that a label is asked for with, if it is one of the label's task.
func (s *Server) labelJob(o *ownedLabel, wanted string) any {
	for _, j := range s.state.jobs.all() {
		if same(j.id, wanted) && j.task.labelSet().find(o.id) != nil {
			return j.id
		}
	}
	return nil
}

func (s *Server) labelProject(o *ownedLabel) any {
	if o.project == nil {
		return nil
	}
	return o.project.id
}

func onLabel(act action, handle func(*call, *ownedLabel) *answer) handler {
	return func(c *call) *answer {
		id, isNumber := c.id()
		if !isNumber {
			return detail(http.StatusNotFound, "Not found.")
		}
		for _, o := range c.s.ownedLabels() {
			if o.id != id {
				continue
			}
			if refusal := c.permit(act, o.holding(), "Label"); refusal != nil {
				return refusal
			}
			return handle(c, o)
		}
		return c.s.cfg.dialect.missing("Label")
	}
}

func readLabel(_ *call, o *ownedLabel) *answer { return ok(o.read()) }

func updateLabel(c *call, o *ownedLabel) *answer {
	v, refusal := c.take(labelFields(true), true)
	if refusal != nil {
		return refusal
	}
	undo := o.set().snapshot()
	if refusal := o.change(c.s, v); refusal != nil {
		undo()
		return refusal
	}
	return ok(o.read())
}

func destroyLabel(c *call, o *ownedLabel) *answer {
	*o.set() = c.s.dropLabel(*o.set(), o.label)
	return empty(http.StatusNoContent)
}
