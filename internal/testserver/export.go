package testserver

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// exportTarget is what is exported: a project, a task or a job.
type exportTarget struct {
	project *project
	task    *task
	job     *job
	tasks   []*task // of a project
}

func (v *canvas) exportTarget() *exportTarget { return &exportTarget{task: v.task, job: v.job} }

func (p *project) exportTarget(s *Server) *exportTarget {
	tasks := slices.DeleteFunc(s.tasksOf(p), func(t *task) bool { return t.media == nil || !t.media.ready })
	return &exportTarget{project: p, tasks: tasks}
}

// canvases lists what the annotations are on.
func (e *exportTarget) canvases() []*canvas {
	switch {
	case e.project != nil:
		return mapped(e.tasks, (*task).canvas)
	case e.job != nil:
		return []*canvas{e.job.canvas()}
	}
	return []*canvas{e.task.canvas()}
}

func (e *exportTarget) labels() labelSet {
	if e.project != nil {
		return e.project.labels
	}
	return e.task.labelSet()
}

// kind is "project", "task" or "job", and id its number.
func (e *exportTarget) kind() (kind string, id int64) {
	switch {
	case e.project != nil:
		return "project", e.project.id
	case e.job != nil:
		return "job", e.job.id
	}
	return "task", e.task.id
}

// changed is when the object itself was changed, which for a project says nothing of its tasks.
func (e *exportTarget) changed() time.Time {
	if e.project != nil {
		return e.project.updated
	}
	return e.task.updated
}

// updated is when the object or one of its tasks was changed.
func (e *exportTarget) updated() time.Time {
	at := e.changed()
	for _, t := range e.tasks {
		if t.updated.After(at) {
			at = t.updated
		}
	}
	return at
}

// fileName is the name of a download, in lower case but for the format's blanks.
func (e *exportTarget) fileName(d Dialect, f format, images bool) string {
	kind, id := e.kind()
	at := e.updated().Format("2006_01_02_15_04_05")
	if d == V2_73 {
		return strings.ToLower(fmt.Sprintf("%s_%d_%s_%s_%s.zip", kind, id, subresource(images), at, f.name))
	}
	name := strconv.FormatInt(id, 10)
	switch kind {
	case "task":
		name = e.task.name
	case "project":
		name = e.project.name
	}
	return strings.ToLower(fmt.Sprintf("%s_%s-%s-%s.zip", kind, name, at, f.name))
}

func subresource(images bool) string {
	if images {
		return "dataset"
	}
	return "annotations"
}

// exportContext is what an export needs to know of the call that started it.
type exportContext struct {
	jobURL  func(id int64) string
	reading reading
}

func (c *call) exportContext(e *exportTarget) exportContext {
	d := c.s.cfg.dialect
	jobURL := func(id int64) string { return c.url("/?id=%d", id) }
	if d == V2_73 {
		jobURL = func(id int64) string { return c.url("%s/api/jobs/%d", c.path, id) } // after the URL of the export itself
	}
	return exportContext{jobURL: jobURL, reading: reading{dialect: d, labels: e.labels(), defaults: true}}
}

// pack makes the archive. The format "CVAT for images 1.1" is the real one, others hold the annotations as JSON.
func (e *exportTarget) pack(c exportContext, f format, images bool) []byte {
	z := newArchive()
	if f.name == "CVAT for images 1.1" {
		z.add("annotations.xml", e.writeXML(c))
	} else {
		for _, v := range e.canvases() {
			content, err := encode(c.reading.document(v.document()))
			if err != nil {
				panic(err) // what can be stored can be written
			}
			z.add(fmt.Sprintf("annotations_%d.json", v.task.id), content)
		}
	}
	if !images {
		return z.close()
	}
	for _, v := range e.canvases() {
		folder := "images/"
		if e.project != nil {
			folder += subsetOf(v.task) + "/"
		}
		for n, fr := range v.task.media.frames {
			if v.job == nil || v.job.holds(int64(n)) {
				z.add(folder+fr.name, fr.blob.data)
			}
		}
	}
	return z.close()
}

// exporter checks the format of an export.
func (c *call) exporter() (format, *answer) {
	d := c.s.cfg.dialect
	f, known := findFormat(d.exporters(), c.query.Get("format"))
	switch {
	case !known:
		return f, invalid("Unknown format specified for the request")
	case !f.enabled:
		return f, empty(http.StatusMethodNotAllowed)
	}
	return f, nil
}

// sendFile answers with a download.
func sendFile(content []byte, name string, at time.Time) *answer {
	return newAnswer(http.StatusOK, "application/zip", nil).
		withFile(content, at).
		with("Content-Disposition", fmt.Sprintf(`attachment; filename="%s"`, name))
}
