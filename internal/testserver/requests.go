package testserver

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// request is background work as /api/requests shows it.
type request struct {
	*work
	id          string
	kind        string // such as create:task
	target      string // task, job or project
	targetID    int64
	format      any
	lightweight any
	resultPath  string // where the result is downloaded; empty if there is none
	resultID    any    // what the work made
	keeps       time.Duration
	keepsFailed time.Duration
	file        []byte // what an export made
	fileName    string
	run         *functionRun // what a function does; /api/lambda/requests shows it, too
}

const day = 24 * time.Hour

// announce registers work under an rq_id, and answers with it. Work under the same id that has not ended is in the way.
func (c *call) announce(r *request) *answer {
	c.s.state.requests[r.id] = r
	return reply(http.StatusAccepted, object{{"rq_id", r.id}})
}

// pending returns the answer to a call that starts what is under way already, and nil if nothing is.
func (c *call) pending(id string) *answer {
	if r := c.s.state.requests[id]; r != nil && !r.settled {
		return reply(http.StatusConflict, object{{"rq_id", id}})
	}
	return nil
}

func (r *request) expired() bool {
	keeps := r.keeps
	if r.failure != "" {
		keeps = r.keepsFailed
	}
	return r.settled && now().After(r.ended().Add(keeps))
}

func (r *request) expiry() time.Time {
	if r.failure != "" {
		return r.ended().Add(r.keepsFailed)
	}
	return r.ended().Add(r.keeps)
}

func (p phase) request() string { return [...]string{"queued", "started", "finished", "failed"}[p] }

func (r *request) read(c *call) object {
	message, progress := "", 0
	if r.run != nil { // in percent, unlike all others
		progress = r.progress()
	}
	var begun, ended, expiry, resultURL, resultID any
	if r.phase() != queued {
		begun = stamp(r.started())
	}
	if r.settled {
		ended, expiry = stamp(r.ended()), stamp(r.expiry())
		if r.failure != "" {
			message = r.failure + "\n"
		} else {
			resultID = r.resultID
			if r.resultPath != "" {
				resultURL = c.url("%s", r.resultPath)
			}
		}
	}
	return object{
		{"status", r.phase().request()},
		{"message", message},
		{"id", r.id},
		{"operation", r.operation(c)},
		{"progress", decimal(progress)},
		{"created_date", stamp(r.created)},
		{"started_date", begun},
		{"finished_date", ended},
		{"expiry_date", expiry},
		{"owner", object{{"id", r.owner.id}, {"username", r.owner.username}}},
		{"result_url", resultURL},
		{"result_id", resultID},
	}
}

func (r *request) operation(c *call) object {
	ids := r.targets(c)
	format := member{"format", r.format}
	if r.run != nil {
		format = member{"function_id", r.run.function.ID}
	}
	return object{
		{"type", r.kind},
		{"target", r.target},
		{"project_id", ids["project"]},
		{"task_id", ids["task"]},
		{"job_id", ids["job"]},
		{"org_id", nil},
		format,
		{"lightweight", r.lightweight},
	}
}

// targets are the ids of the object and of those it belongs to.
func (r *request) targets(c *call) map[string]any {
	ids := map[string]any{"project": nil, "task": nil, "job": nil}
	if r.targetID == 0 {
		return ids
	}
	ids[r.target] = r.targetID
	if r.run != nil && r.run.canvas.job != nil {
		ids["job"] = r.run.canvas.job.id
	}
	var t *task
	switch r.target {
	case "job":
		if j := c.s.state.jobs.rows[r.targetID]; j != nil {
			t, ids["task"] = j.task, j.task.id
		}
	case "task":
		t = c.s.state.tasks.rows[r.targetID]
	}
	if t != nil && t.project != nil {
		ids["project"] = t.project.id
	}
	return ids
}

func requestRoutes() []route {
	routes := []route{
		{op: "requests_list", method: http.MethodGet, path: "requests", handle: listRequests},
		{op: "requests_retrieve", method: http.MethodGet, path: "requests/{rq}", handle: onRequest(readRequest)},
		{
			op: "requests_create_cancel", method: http.MethodPost, path: "requests/{rq}/cancel",
			handle: onRequest(cancelRequest),
		},
	}
	for i := range routes {
		routes[i].in = only2_73
	}
	return routes
}

func listRequests(c *call) *answer {
	var rows []*request
	for _, r := range c.s.state.requests {
		rows = append(rows, r)
	}
	part := func(n int) func(*request) any {
		return func(r *request) any { return strings.Split(r.kind, ":")[n] }
	}
	target := func(name string) func(*request) any {
		return func(r *request) any { return r.targets(c)[name] }
	}
	l := listing[request]{
		rows: rows,
		fields: map[string]func(*request) any{
			"created_date": func(r *request) any { return r.created.UnixNano() },
			"id":           func(r *request) any { return r.id },
			"status":       func(r *request) any { return r.phase().request() },
			"action":       part(0),
			"subresource":  part(1),
			"target":       func(r *request) any { return r.target },
			"format":       func(r *request) any { return r.format },
			"project_id":   target("project"),
			"task_id":      target("task"),
			"job_id":       target("job"),
		},
		simple: []string{"status", "action", "target", "subresource", "format", "project_id", "task_id", "job_id"},
		order:  "-created_date,id",
		sees:   func(r *request) bool { return r.owner == c.user && !r.expired() },
		read:   func(r *request) any { return r.read(c) },
	}
	return l.page(c)
}

func onRequest(handle func(*call, *request) *answer) handler {
	return func(c *call) *answer {
		r := c.s.state.requests[c.vars["rq"]]
		if r == nil || r.expired() {
			return plain(http.StatusNotFound, "There is no request with specified id")
		}
		if r.owner != c.user && !c.user.superuser {
			return forbidden()
		}
		return handle(c, r)
	}
}

func readRequest(c *call, r *request) *answer { return ok(r.read(c)) }

func cancelRequest(c *call, r *request) *answer {
	if r.settled {
		return plain(http.StatusBadRequest,
			fmt.Sprintf("Requests with status '%s' cannot be cancelled", r.phase().request()))
	}
	c.s.stop(r.work)
	delete(c.s.state.requests, r.id)
	return empty(http.StatusOK)
}
