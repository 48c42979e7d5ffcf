package testserver

import (
	"fmt"
	"net/http"
	"time"
)

// issue is a remark of a reviewer.
type issue struct {
	id               int64
	job              *job
	frame            int64
	position         []any
	owner, assignee  *user
	created, updated time.Time
	resolved         bool
}

// holding counts who made the issue among those who may do everything with it.
func (i *issue) holding() holding {
	h := i.job.holding()
	h.owners = append(h.owners, i.owner)
	h.assignees = append(h.assignees, i.assignee)
	return h
}

func (i *issue) read(c *call) object {
	o := object{
		{"id", i.id},
		{"frame", i.frame},
		{"position", mapped(i.position, func(n any) decimal { return decimal(n.(float64)) })},
		{"job", i.job.id},
		{"owner", c.basicUser(i.owner)},
		{"assignee", c.basicUser(i.assignee)},
		{"created_date", stamp(i.created)},
		{"updated_date", stampOrNull(i.updated)},
		{"resolved", i.resolved},
	}
	comments := c.s.commentsOf(i)
	if c.s.cfg.dialect == V2_73 {
		return append(o, member{"comments", object{
			{"count", len(comments)}, {"url", c.url("/api/comments?issue_id=%d", i.id)},
		}})
	}
	embedded := make([]object, 0, len(comments))
	for _, m := range comments {
		embedded = append(embedded, m.read(c))
	}
	return append(o, member{"comments", embedded})
}

func issueRoutes() []route {
	const one = "issues/{id}"
	return []route{
		{op: "issues_list", method: http.MethodGet, path: "issues", handle: listIssues},
		{op: "issues_create", method: http.MethodPost, path: "issues", handle: createIssue},
		{op: "issues_retrieve", method: http.MethodGet, path: one, handle: onIssue(view, readIssue)},
		// Those whom an issue is assigned to may see it and no more.
		{op: "issues_partial_update", method: http.MethodPatch, path: one, handle: onIssue(assign, updateIssue)},
		{op: "issues_destroy", method: http.MethodDelete, path: one, handle: onIssue(remove, destroyIssue)},
		{
			op: "issues_list_comments", method: http.MethodGet, path: one + "/comments", in: only2_3,
			handle: onIssue(view, listIssueComments),
		},
		{
			op: "jobs_list_issues", method: http.MethodGet, path: "jobs/{id}/issues", in: only2_3,
			handle: onJob(view, listJobIssues),
		},
	}
}

func (c *call) issueListing() *listing[issue] {
	return &listing[issue]{
		rows: c.s.state.issues.all(),
		fields: map[string]func(*issue) any{
			"id":       func(i *issue) any { return i.id },
			"job_id":   func(i *issue) any { return i.job.id },
			"task_id":  func(i *issue) any { return i.job.task.id },
			"frame_id": func(i *issue) any { return i.frame },
			"owner":    func(i *issue) any { return nameOf(i.owner) },
			"assignee": func(i *issue) any { return nameOf(i.assignee) },
			"resolved": func(i *issue) any { return i.resolved },
		},
		search: []string{"owner", "assignee"},
		simple: []string{"owner", "assignee", "job_id", "task_id", "frame_id", "resolved"},
		sees:   func(i *issue) bool { return c.lists(i.holding()) },
		read:   func(i *issue) any { return i.read(c) },
	}
}

func listIssues(c *call) *answer { return c.issueListing().page(c) }

func listJobIssues(c *call, j *job) *answer {
	l := c.issueListing()
	l.rows, l.sees, l.order = c.s.issuesOf(j), nil, "id"
	return l.array(c)
}

// issuesOf lists the issues of a job.
func (s *Server) issuesOf(j *job) []*issue {
	return s.state.issues.where(func(i *issue) bool { return i.job == j })
}

func issueFields(changes bool) []field {
	fields := []field{
		{name: "position", kind: list, required: true, items: &field{kind: number}},
		{name: "assignee", kind: integer, null: true},
		{name: "resolved", kind: boolean},
	}
	if changes {
		return fields
	}
	return append(fields,
		field{name: "frame", kind: integer, required: true, min: new(0.0)},
		field{name: "job", kind: integer, required: true},
		field{name: "message", required: true})
}

// createIssue looks for the job and at the rights before it finds fault with the fields.
func createIssue(c *call) *answer {
	v, errs, refusal := c.check(issueFields(false), false)
	if refusal != nil {
		return refusal
	}
	j := c.s.state.jobs.rows[v.int("job")]
	if j == nil {
		return invalid("Job matching query does not exist.")
	}
	if !c.roleIn(j.holding()).may(change) {
		return forbidden()
	}
	i := &issue{job: j, owner: c.user, created: now()}
	if refusal := i.assign(c, v); refusal != nil {
		return refusal
	}
	if len(errs) > 0 {
		return reply(http.StatusBadRequest, errs)
	}
	i.frame = v.int("frame")
	i.set(c, v)
	c.s.state.issues.add(func(id int64) *issue { i.id = id; return i })
	c.s.addComment(i, c.user, v.text("message"))
	return reply(http.StatusCreated, i.read(c))
}

// assign gives the issue to a user whom the caller may see.
func (i *issue) assign(c *call, v values) *answer {
	if !v.has("assignee") {
		return nil
	}
	u := c.s.state.users.rows[v.int("assignee")]
	switch {
	case v["assignee"] == nil, u != nil && c.mayUser(view, u):
	case !c.user.superuser:
		return forbidden()
	default:
		return invalidField("assignee", fmt.Sprintf("Invalid pk \"%d\" - object does not exist.", v.int("assignee")))
	}
	i.assignee = u
	return nil
}

// set changes what a request gives. The older server does not keep when.
func (i *issue) set(c *call, v values) {
	if v.has("position") {
		i.position, _ = v["position"].([]any)
	}
	if v.has("resolved") {
		i.resolved = v.bool("resolved")
	}
	if c.s.cfg.dialect == V2_73 {
		i.updated = now()
	}
}

// onIssue finds an issue and checks the right to act on it.
func onIssue(act action, handle func(*call, *issue) *answer) handler {
	return func(c *call) *answer {
		id, isNumber := c.id()
		i := c.s.state.issues.rows[id]
		switch {
		case !isNumber:
			return detail(http.StatusNotFound, "Not found.")
		case i == nil:
			return c.s.cfg.dialect.missing("Issue")
		}
		if refusal := c.permit(act, i.holding(), "Issue"); refusal != nil {
			return refusal
		}
		return handle(c, i)
	}
}

func readIssue(c *call, i *issue) *answer { return ok(i.read(c)) }

func updateIssue(c *call, i *issue) *answer {
	v, refusal := c.takeKnown(issueFields(true))
	if refusal != nil {
		return refusal
	}
	if refusal := i.assign(c, v); refusal != nil {
		return refusal
	}
	i.set(c, v)
	return ok(i.read(c))
}

func destroyIssue(c *call, i *issue) *answer {
	c.s.dropIssue(i)
	return empty(http.StatusNoContent)
}

func (s *Server) dropIssue(i *issue) {
	for _, m := range s.commentsOf(i) {
		delete(s.state.comments.rows, m.id)
	}
	delete(s.state.issues.rows, i.id)
}
