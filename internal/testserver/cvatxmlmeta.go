package testserver

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// pythonTime writes a time as Python does.
func pythonTime(t time.Time) string {
	if t.Nanosecond()/1000 == 0 {
		return t.Format("2006-01-02 15:04:05+00:00")
	}
	return t.Format("2006-01-02 15:04:05.000000+00:00")
}

// meta describes what is exported: a project with its tasks, a task, or a job.
func (x *xmlWriter) meta(e *exportTarget, c exportContext) {
	if e.project != nil {
		x.projectMeta(e, c)
		return
	}
	v := x.shown(e.canvases()[0])
	name := "task"
	if v.job != nil {
		name = "job"
	}
	x.element(name, func() {
		x.taskMeta(v, c)
		x.labelMeta()
	})
}

func (x *xmlWriter) projectMeta(e *exportTarget, c exportContext) {
	p := e.project
	var subsets []string
	x.element("project", func() {
		x.text("id", p.id)
		x.text("name", p.name)
		x.text("bugtracker", p.bugTracker)
		x.text("created", pythonTime(p.created))
		x.text("updated", pythonTime(p.updated))
		x.element("tasks", func() {
			for _, v := range e.canvases() {
				x.element("task", func() { x.taskMeta(v, c) })
				if !slices.Contains(subsets, subsetOf(v.task)) {
					subsets = append(subsets, subsetOf(v.task))
				}
			}
		})
		x.text("subsets", strings.Join(subsets, "\n"))
		x.user("owner", p.owner)
		x.user("assignee", p.assignee)
		x.labelMeta()
	})
}

func subsetOf(t *task) string {
	if t.subset == "" {
		return "default"
	}
	return t.subset
}

// taskMeta describes a task or a job, which has most of it from its task, but no name.
func (x *xmlWriter) taskMeta(v *canvas, c exportContext) {
	t, m := v.task, v.task.media
	first, last, assignee := m.start, m.stop, t.assignee
	if v.job == nil {
		x.text("id", t.id)
		x.text("name", t.name)
		x.text("size", len(m.frames))
	} else {
		first, last, assignee = m.start+v.job.start*m.step(), m.start+v.job.stop*m.step(), v.job.assignee
		x.text("id", v.job.id)
		x.text("size", len(v.job.frames()))
	}
	x.text("mode", t.mode())
	x.text("overlap", t.overlapOrNull())
	x.text("bugtracker", t.bugTracker)
	x.text("created", pythonTime(t.created))
	x.text("updated", pythonTime(t.updated))
	x.text("subset", subsetOf(t))
	x.text("start_frame", first)
	x.text("stop_frame", last)
	x.text("frame_filter", m.filter)
	x.element("segments", func() {
		for _, j := range v.jobs {
			x.element("segment", func() {
				x.text("id", j.id)
				x.text("start", j.start)
				x.text("stop", j.stop)
				x.text("url", c.jobURL(j.id))
			})
		}
	})
	x.user("owner", t.owner)
	x.user("assignee", assignee)
}

func (x *xmlWriter) user(name string, u *user) {
	if u == nil {
		x.text(name, "")
		return
	}
	x.element(name, func() {
		x.text("username", u.username)
		x.text("email", u.email)
	})
}

func (x *xmlWriter) labelMeta() {
	x.element("labels", func() {
		for _, l := range x.labels.flat() {
			x.element("label", func() { x.label(l) })
		}
	})
}

func (x *xmlWriter) label(l *label) {
	x.text("name", l.name)
	x.text("color", l.color)
	kind, _ := l.kind.(string)
	x.text("type", kind)
	x.element("attributes", func() {
		for _, a := range l.attributes {
			x.element("attribute", func() {
				x.text("name", a.name)
				x.text("mutable", pythonBool(a.mutable))
				x.text("input_type", a.inputType)
				x.text("default_value", a.defaultValue)
				x.text("values", strings.Join(a.values, "\n"))
			})
		}
	})
	if l.parent != nil {
		x.text("parent", l.parent.name)
	}
	if l.kind == "skeleton" {
		x.text("svg", l.namedSVG())
	}
}

// namedSVG is the picture of a skeleton with the names of the sublabels in place of their ids.
func (l *label) namedSVG() string {
	svg := l.svg
	for _, sub := range l.sublabels {
		svg = strings.ReplaceAll(svg, fmt.Sprintf(`data-label-id="%d"`, sub.id), fmt.Sprintf("data-label-name=%q", sub.name))
	}
	return svg
}
