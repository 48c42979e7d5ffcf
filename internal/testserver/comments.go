package testserver

import (
	"net/http"
	"time"
)

// comment is what somebody says in an issue.
type comment struct {
	id               int64
	issue            *issue
	owner            *user
	message          string
	created, updated time.Time
}

func (m *comment) holding() holding {
	h := m.issue.holding()
	h.owners = append(h.owners, m.owner)
	return h
}

func (m *comment) read(c *call) object {
	return object{
		{"id", m.id},
		{"issue", m.issue.id},
		{"owner", c.basicUser(m.owner)},
		{"message", m.message},
		{"created_date", stamp(m.created)},
		{"updated_date", stamp(m.updated)},
	}
}

func commentRoutes() []route {
	const one = "comments/{id}"
	return []route{
		{op: "comments_list", method: http.MethodGet, path: "comments", handle: listComments},
		{op: "comments_create", method: http.MethodPost, path: "comments", handle: createComment},
		{op: "comments_retrieve", method: http.MethodGet, path: one, handle: onComment(view, readComment)},
		// Who may see a comment may change and delete it.
		{op: "comments_partial_update", method: http.MethodPatch, path: one, handle: onComment(change, updateComment)},
		{op: "comments_destroy", method: http.MethodDelete, path: one, handle: onComment(change, destroyComment)},
	}
}

func (c *call) commentListing() *listing[comment] {
	return &listing[comment]{
		rows: c.s.state.comments.all(),
		fields: map[string]func(*comment) any{
			"id":       func(m *comment) any { return m.id },
			"issue_id": func(m *comment) any { return m.issue.id },
			"job_id":   func(m *comment) any { return m.issue.job.id },
			"frame_id": func(m *comment) any { return m.issue.frame },
			"owner":    func(m *comment) any { return nameOf(m.owner) },
		},
		search: []string{"owner"},
		simple: []string{"owner", "issue_id", "job_id", "frame_id"},
		sees:   func(m *comment) bool { return c.lists(m.holding()) },
		read:   func(m *comment) any { return m.read(c) },
	}
}

func listComments(c *call) *answer { return c.commentListing().page(c) }

func listIssueComments(c *call, i *issue) *answer {
	l := c.commentListing()
	l.rows, l.sees, l.order = c.s.commentsOf(i), nil, "id"
	return l.array(c)
}

// commentsOf lists the comments of an issue.
func (s *Server) commentsOf(i *issue) []*comment {
	return s.state.comments.where(func(m *comment) bool { return m.issue == i })
}

func (s *Server) addComment(i *issue, owner *user, message string) *comment {
	at := now()
	return s.state.comments.add(func(id int64) *comment {
		return &comment{id: id, issue: i, owner: owner, message: message, created: at, updated: at}
	})
}

// createComment looks for the issue and at the rights before it finds fault with the fields.
func createComment(c *call) *answer {
	v, errs, refusal := c.check([]field{{name: "issue", kind: integer, required: true}, {name: "message"}}, false)
	if refusal != nil {
		return refusal
	}
	i := c.s.state.issues.rows[v.int("issue")]
	switch {
	case i == nil:
		return invalid("Issue matching query does not exist.")
	case !c.roleIn(i.holding()).may(change):
		return forbidden()
	case len(errs) > 0:
		return reply(http.StatusBadRequest, errs)
	}
	return reply(http.StatusCreated, c.s.addComment(i, c.user, v.text("message")).read(c))
}

// onComment finds a comment and checks the right to act on it.
func onComment(act action, handle func(*call, *comment) *answer) handler {
	return func(c *call) *answer {
		id, isNumber := c.id()
		m := c.s.state.comments.rows[id]
		switch {
		case !isNumber:
			return detail(http.StatusNotFound, "Not found.")
		case m == nil:
			return c.s.cfg.dialect.missing("Comment")
		}
		if refusal := c.permit(act, m.holding(), "Comment"); refusal != nil {
			return refusal
		}
		return handle(c, m)
	}
}

func readComment(c *call, m *comment) *answer { return ok(m.read(c)) }

func updateComment(c *call, m *comment) *answer {
	v, refusal := c.takeKnown([]field{{name: "message"}})
	if refusal != nil {
		return refusal
	}
	if v.has("message") {
		m.message = v.text("message")
	}
	m.updated = now()
	return ok(m.read(c))
}

func destroyComment(c *call, m *comment) *answer {
	delete(c.s.state.comments.rows, m.id)
	return empty(http.StatusNoContent)
}
