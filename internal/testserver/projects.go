package testserver

import (
	"fmt"
	"net/http"
	"time"
)

// project is a set of tasks with labels in common.
type project struct {
	id               int64
	name, bugTracker string
	labels           labelSet
	owner, assignee  *user
	assigned         time.Time
	organization     *organization
	created, updated time.Time
	target, source   *storage
}

// storage says where exports go or imports come from.
type storage struct {
	id           int64
	location     string
	cloudStorage any
}

func (st *storage) read() any {
	if st == nil {
		return nil
	}
	return object{{"id", st.id}, {"location", st.location}, {"cloud_storage_id", st.cloudStorage}}
}

func (p *project) holding() holding {
	return holding{organization: p.organization, owners: []*user{p.owner}, assignees: []*user{p.assignee}}
}

func (p *project) read(c *call) object {
	if c.s.cfg.dialect == V2_3 {
		return p.read2_3(c)
	}
	return object{
		{"url", c.url("/api/projects/%d", p.id)},
		{"id", p.id},
		{"name", p.name},
		{"owner", c.basicUser(p.owner)},
		{"assignee", c.basicUser(p.assignee)},
		{"guide_id", nil},
		{"bug_tracker", p.bugTracker},
		{"created_date", stamp(p.created)},
		{"updated_date", stamp(p.updated)},
		{"status", c.s.projectStatus(p)},
		{"dimension", c.s.projectDimension(p)},
		{"organization", idOrNull(p.organization)},
		{"organization_id", idOrNull(p.organization)},
		{"target_storage", p.target.read()},
		{"source_storage", p.source.read()},
		{"tasks", object{
			{"count", len(c.s.tasksOf(p))}, {"url", c.url("/api/tasks?project_id=%d", p.id)},
		}},
		{"labels", object{{"url", c.url("/api/labels?project_id=%d", p.id)}}},
		{"assignee_updated_date", stampOrNull(p.assigned)},
		{"task_subsets", c.s.subsets(p)},
	}
}

func (p *project) read2_3(c *call) object {
	ids := []int64{}
	for _, t := range c.s.tasksOf(p) {
		ids = append(ids, t.id)
	}
	return object{
		{"url", c.url("/api/projects/%d", p.id)},
		{"id", p.id},
		{"name", p.name},
		{"labels", p.labels.embedded()},
		{"tasks", ids},
		{"owner", c.basicUser(p.owner)},
		{"assignee", c.basicUser(p.assignee)},
		{"bug_tracker", p.bugTracker},
		{"created_date", stamp(p.created)},
		{"updated_date", stamp(p.updated)},
		{"status", c.s.projectStatus(p)},
		{"dimension", c.s.projectDimension(p)},
		{"organization", idOrNull(p.organization)},
		{"target_storage", p.target.read()},
		{"source_storage", p.source.read()},
		{"task_subsets", c.s.subsets(p)},
	}
}

func idOrNull(o *organization) any {
	if o == nil {
		return nil
	}
	return o.id
}

func projectRoutes() []route {
	const one = "projects/{id}"
	return []route{
		{op: "projects_list", method: http.MethodGet, path: "projects", handle: listProjects},
		{op: "projects_create", method: http.MethodPost, path: "projects", handle: createProject},
		{op: "projects_retrieve", method: http.MethodGet, path: one, handle: onProject(view, readProject)},
		{op: "projects_partial_update", method: http.MethodPatch, path: one, handle: onProject(change, updateProject)},
		{op: "projects_destroy", method: http.MethodDelete, path: one, handle: onProject(remove, destroyProject)},
	}
}

func listProjects(c *call) *answer {
	l := listing[project]{
		rows: c.s.state.projects.all(),
		fields: map[string]func(*project) any{
			"id":           func(p *project) any { return p.id },
			"name":         func(p *project) any { return p.name },
			"owner":        func(p *project) any { return nameOf(p.owner) },
			"assignee":     func(p *project) any { return nameOf(p.assignee) },
			"status":       func(p *project) any { return c.s.projectStatus(p) },
			"updated_date": func(p *project) any { return stamp(p.updated) },
		},
		search: []string{"name", "owner", "assignee", "status"},
		simple: []string{"name", "owner", "assignee", "status"},
		sees:   func(p *project) bool { return c.lists(p.holding()) },
		read:   func(p *project) any { return p.read(c) },
	}
	return l.page(c)
}

func nameOf(u *user) any {
	if u == nil {
		return nil
	}
	return u.username
}

func projectFields(d Dialect, changes bool) []field {
	fields := []field{
		{name: "name", required: true, max: 256},
		labelsField(changes),
		{name: "owner_id", kind: integer, null: true},
		{name: "assignee_id", kind: integer, null: true},
		{name: "bug_tracker", max: 2000, blank: true},
		storageField("target_storage"),
		storageField("source_storage"),
	}
	if changes && d == V2_73 {
		fields = append(fields, field{name: "organization_id", kind: integer, null: true})
	}
	return fields
}

func storageField(name string) field {
	return field{name: name, kind: dict, null: true, fields: []field{
		{name: "location", kind: choice, choices: []string{"local", "cloud_storage"}},
		{name: "cloud_storage_id", kind: integer, null: true},
	}}
}

func createProject(c *call) *answer {
	owned := 0
	for _, p := range c.s.state.projects.rows {
		if p.owner == c.user {
			owned++
		}
	}
	if !c.mayCreate() || c.limited(owned, 3) {
		return forbidden()
	}
	v, refusal := c.take(projectFields(c.s.cfg.dialect, false), false)
	if refusal != nil {
		return refusal
	}
	if duplicated(v.list("labels")) {
		if c.s.cfg.dialect == V2_3 {
			return invalidField("labels", "All label names must be unique for the project")
		}
		return invalid("All label names must be unique")
	}
	at := now()
	p := &project{owner: c.user, organization: c.context.organization, created: at, updated: at}
	if refusal := p.set(c, v); refusal != nil {
		return refusal
	}
	c.s.state.projects.add(func(id int64) *project { p.id = id; return p })
	for _, l := range v.list("labels") {
		p.labels = append(p.labels, c.s.addLabel(l, nil))
	}
	return reply(http.StatusCreated, p.read(c)).with("Location", c.url("/api/projects/%d", p.id))
}

// onProject finds a project and checks the right to act on it.
func onProject(act action, handle func(*call, *project) *answer) handler {
	return func(c *call) *answer {
		id, isNumber := c.id()
		p := c.s.state.projects.rows[id]
		switch {
		case !isNumber:
			return detail(http.StatusNotFound, "Not found.")
		case p == nil:
			return c.s.cfg.dialect.missing("Project")
		}
		if refusal := c.permit(act, p.holding(), "Project"); refusal != nil {
			return refusal
		}
		return handle(c, p)
	}
}

func readProject(c *call, p *project) *answer { return ok(p.read(c)) }

func updateProject(c *call, p *project) *answer {
	v, refusal := c.takeKnown(projectFields(c.s.cfg.dialect, true))
	if refusal != nil {
		return refusal
	}
	if (v.has("assignee_id") || v.has("owner_id")) && !c.roleIn(p.holding()).may(assign) {
		return forbidden()
	}
	if c.s.cfg.dialect == V2_3 && !c.s.cfg.dialect.nameless(v.list("labels")) && duplicated(v.list("labels")) {
		return invalidField("labels", "All label names must be unique for the project")
	}
	labels, refusal := c.changeLabels(p.labels, v.list("labels"))
	if refusal != nil {
		return refusal
	}
	if refusal := p.set(c, v); refusal != nil {
		return refusal
	}
	if !v.has("assignee_id") {
		p.assigned = time.Time{} // forgotten by any other change
	}
	p.labels, p.updated = labels, now()
	return ok(p.read(c))
}

// set changes what a request gives.
func (p *project) set(c *call, v values) *answer {
	for _, name := range []string{"target_storage", "source_storage"} {
		if refusal := c.checkStorage(v, name); refusal != nil {
			return refusal
		}
	}
	ownership := ownership{&p.owner, &p.assignee, &p.assigned}
	if refusal := ownership.set(c, v); refusal != nil {
		return refusal
	}
	if v.has("name") {
		p.name = v.text("name")
	}
	if v.has("bug_tracker") {
		p.bugTracker = v.text("bug_tracker")
	}
	if v.has("target_storage") {
		p.target = c.storage(v, "target_storage")
	}
	if v.has("source_storage") {
		p.source = c.storage(v, "source_storage")
	}
	if v.has("organization_id") {
		p.organization = c.s.state.organizations.rows[v.int("organization_id")]
	}
	return nil
}

// ownership is who has to do with a task or a project.
type ownership struct {
	owner, assignee **user
	assigned        *time.Time
}

func (o ownership) set(c *call, v values) *answer {
	for name, target := range map[string]**user{"owner_id": o.owner, "assignee_id": o.assignee} {
		if !v.has(name) {
			continue
		}
		u := c.s.state.users.rows[v.int(name)]
		if u == nil && v[name] != nil {
			return c.s.cfg.dialect.crash() // the database minds the reference
		}
		if name == "assignee_id" && u != *target {
			*o.assigned = now()
		}
		*target = u
	}
	return nil
}

// checkStorage refuses a cloud storage that does not exist.
func (c *call) checkStorage(v values, name string) *answer {
	st, _ := v[name].(values)
	if id := st.int("cloud_storage_id"); id != 0 && c.s.state.cloudStorages.rows[id] == nil {
		return invalid(fmt.Sprintf("The specified cloud storage %d does not exist.", id))
	}
	return nil
}

func (c *call) storage(v values, name string) *storage {
	st, isStorage := v[name].(values)
	if !isStorage {
		return nil
	}
	c.s.state.storages++
	location := st.text("location")
	if location == "" {
		location = "local"
	}
	return &storage{id: c.s.state.storages, location: location, cloudStorage: st["cloud_storage_id"]}
}

func destroyProject(c *call, p *project) *answer {
	for _, t := range c.s.tasksOf(p) {
		c.s.dropTask(t)
	}
	for _, l := range p.labels {
		c.s.dropLabel(p.labels, l)
	}
	delete(c.s.state.projects.rows, p.id)
	return empty(http.StatusNoContent)
}
