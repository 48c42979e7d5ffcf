package testserver

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// task is a set of frames to annotate.
type task struct {
	id               int64
	name, bugTracker string
	subset           string
	project          *project
	labels           labelSet // its own, if it has no project
	owner, assignee  *user
	assigned         time.Time
	organization     *organization
	created, updated time.Time
	overlap          *int64
	segmentSize      int64
	target, source   *storage
	media            *media // nil until data are sent
	jobs             []*job
	validation       string // the mode that was asked for with the data
}

func (t *task) holding() holding {
	h := holding{organization: t.organization, owners: []*user{t.owner}, assignees: []*user{t.assignee}}
	if t.project != nil { // the staff of a project is the staff of its tasks
		h.owners = append(h.owners, t.project.owner, t.project.assignee)
	}
	h.owners = slices.DeleteFunc(h.owners, func(u *user) bool { return u == nil })
	return h
}

// labelSet returns the labels to annotate with.
func (t *task) labelSet() labelSet {
	if t.project != nil {
		return t.project.labels
	}
	return t.labels
}

// tasksOf lists the tasks of a project.
func (s *Server) tasksOf(p *project) []*task {
	return s.state.tasks.where(func(t *task) bool { return t.project == p })
}

// status follows from the stages of the jobs.
func (t *task) status() string {
	for _, status := range []string{"annotation", "validation"} {
		if len(t.jobs) == 0 || slices.ContainsFunc(t.jobs, func(j *job) bool { return j.status() == status }) {
			return status
		}
	}
	return "completed"
}

func (s *Server) projectStatus(*project) string { return "annotation" }

func (s *Server) projectDimension(p *project) any {
	if slices.ContainsFunc(s.tasksOf(p), func(t *task) bool { return t.media != nil }) {
		return "2d"
	}
	return nil
}

// subsets lists the subsets of the tasks of a project.
func (s *Server) subsets(p *project) []string {
	out := []string{}
	for _, t := range s.tasksOf(p) {
		if t.subset != "" && !slices.Contains(out, t.subset) {
			out = append(out, t.subset)
		}
	}
	return out
}

func (t *task) mode() string {
	if t.media == nil || !t.media.ready {
		return ""
	}
	return "annotation"
}

func (t *task) projectID() any {
	if t.project == nil {
		return nil
	}
	return t.project.id
}

func (t *task) projectName() any {
	if t.project == nil {
		return nil
	}
	return t.project.name
}

func (t *task) overlapOrNull() any {
	if t.overlap == nil {
		return nil
	}
	return *t.overlap
}

func (t *task) read(c *call) object {
	if c.s.cfg.dialect == V2_3 {
		return t.read2_3(c)
	}
	o := object{
		{"url", c.url("/api/tasks/%d", t.id)},
		{"id", t.id},
		{"name", t.name},
		{"project_id", t.projectID()},
		{"project_name", t.projectName()},
		{"owner", c.basicUser(t.owner)},
		{"assignee", c.basicUser(t.assignee)},
		{"bug_tracker", t.bugTracker},
		{"created_date", stamp(t.created)},
		{"updated_date", stamp(t.updated)},
		{"overlap", t.overlapOrNull()},
		{"segment_size", t.segmentSize},
		{"status", t.status()},
	}
	o = append(o, t.mediaMembers()...)
	return append(o, object{
		{"mode", t.mode()},
		{"media_type", t.ifReady("image")},
		{"subset", t.subset},
		{"organization_id", idOrNull(t.organization)},
		{"organization", idOrNull(t.organization)},
		{"target_storage", t.target.read()},
		{"source_storage", t.source.read()},
		{"jobs", object{
			{"count", len(t.jobs)},
			{"completed", countStatus(t.jobs, "completed")},
			{"validation", countStatus(t.jobs, "validation")},
			{"url", c.url("/api/jobs?task_id=%d", t.id)},
		}},
		{"labels", object{{"url", c.url("/api/labels?task_id=%d", t.id)}}},
		{"assignee_updated_date", stampOrNull(t.assigned)},
		{"validation_mode", t.validationMode()},
		{"consensus_enabled", false},
	}...)
}

// mediaMembers are what the newer server adds to a task that has data.
func (t *task) mediaMembers() object {
	switch {
	case t.media == nil:
		return object{{"guide_id", nil}, {"data", nil}, {"dimension", ""}}
	case !t.media.ready:
		return object{
			{"data_cloud_storage_id", nil}, {"guide_id", nil}, {"size", 0}, {"data", t.media.id}, {"dimension", ""},
		}
	}
	return object{
		{"data_chunk_size", t.media.chunkSizeOrNull()},
		{"data_original_chunk_type", "imageset"},
		{"data_compressed_chunk_type", "imageset"},
		{"data_cloud_storage_id", nil},
		{"guide_id", nil},
		{"size", len(t.media.frames)},
		{"image_quality", t.media.quality},
		{"data", t.media.id},
		{"dimension", t.ifReady("2d")},
	}
}

func (t *task) ifReady(value string) string {
	if t.media == nil || !t.media.ready {
		return ""
	}
	return value
}

func (t *task) read2_3(c *call) object {
	segments := []object{}
	for _, j := range t.jobs {
		segments = append(segments, object{
			{"start_frame", j.start},
			{"stop_frame", j.stop},
			{"jobs", []object{{
				{"url", c.url("/api/jobs/%d", j.id)},
				{"id", j.id},
				{"assignee", c.basicUser(j.assignee)},
				{"status", j.status()},
				{"stage", j.stage},
				{"state", j.state},
			}}},
		})
	}
	o := object{
		{"url", c.url("/api/tasks/%d", t.id)},
		{"id", t.id},
		{"name", t.name},
		{"project_id", t.projectID()},
		{"mode", t.mode()},
		{"owner", c.basicUser(t.owner)},
		{"assignee", c.basicUser(t.assignee)},
		{"bug_tracker", t.bugTracker},
		{"created_date", stamp(t.created)},
		{"updated_date", stamp(t.updated)},
		{"overlap", t.overlapOrNull()},
		{"segment_size", t.segmentSize},
		{"status", t.status()},
		{"labels", t.labelSet().embedded()},
		{"segments", segments},
	}
	if t.media != nil {
		o = append(o, object{
			{"data_chunk_size", t.media.chunkSizeOrNull()},
			{"data_compressed_chunk_type", "imageset"},
			{"data_original_chunk_type", "imageset"},
			{"size", len(t.media.frames)},
			{"image_quality", t.media.quality},
			{"data", t.media.id},
		}...)
	}
	return append(o, object{
		{"dimension", "2d"},
		{"subset", t.subset},
		{"organization", idOrNull(t.organization)},
		{"target_storage", t.target.read()},
		{"source_storage", t.source.read()},
	}...)
}

func taskRoutes() []route {
	const one = "tasks/{id}"
	return []route{
		{op: "tasks_list", method: http.MethodGet, path: "tasks", handle: listTasks},
		{op: "tasks_create", method: http.MethodPost, path: "tasks", handle: createTask},
		{op: "tasks_retrieve", method: http.MethodGet, path: one, handle: onTask(view, readTask)},
		{op: "tasks_partial_update", method: http.MethodPatch, path: one, handle: onTask(change, updateTask)},
		{op: "tasks_destroy", method: http.MethodDelete, path: one, handle: onTask(remove, destroyTask)},
		{
			op: "projects_list_tasks", method: http.MethodGet, path: "projects/{id}/tasks", in: only2_3,
			handle: onProject(view, listProjectTasks),
		},
		{op: "tasks_list_jobs", method: http.MethodGet, path: one + "/jobs", in: only2_3, handle: onTask(view, listTaskJobs)},
		{op: "tasks_retrieve_status", method: http.MethodGet, path: one + "/status", handle: onTask(view, readTaskStatus)},
	}
}

func (c *call) taskListing() *listing[task] {
	return &listing[task]{
		rows: c.s.state.tasks.all(),
		fields: map[string]func(*task) any{
			"id":           func(t *task) any { return t.id },
			"name":         func(t *task) any { return t.name },
			"owner":        func(t *task) any { return nameOf(t.owner) },
			"assignee":     func(t *task) any { return nameOf(t.assignee) },
			"status":       func(t *task) any { return t.status() },
			"subset":       func(t *task) any { return t.subset },
			"mode":         func(t *task) any { return t.mode() },
			"dimension":    func(*task) any { return "2d" },
			"project_id":   func(t *task) any { return t.projectID() },
			"project_name": func(t *task) any { return t.projectName() },
			"updated_date": func(t *task) any { return stamp(t.updated) },
			"tracker_link": func(t *task) any { return t.bugTracker },
			"media_type":   func(t *task) any { return t.ifReady("image") },
		},
		search: []string{"project_name", "name", "owner", "status", "assignee", "subset", "mode", "dimension"},
		simple: []string{
			"name", "owner", "assignee", "status", "subset", "mode", "dimension", "project_id", "project_name",
			"tracker_link", "media_type",
		},
		sees: func(t *task) bool { return c.lists(t.holding()) },
		read: func(t *task) any { return t.read(c) },
	}
}

func listTasks(c *call) *answer { return c.taskListing().page(c) }

func listProjectTasks(c *call, p *project) *answer {
	l := c.taskListing()
	l.rows, l.sees = c.s.tasksOf(p), nil
	return l.page(c)
}

func taskFields(d Dialect, changes bool) []field {
	fields := append(projectFields(d, changes),
		field{name: "project_id", kind: integer, null: true},
		field{name: "subset", max: 64, blank: true},
	)
	if changes {
		return fields
	}
	return append(fields,
		field{name: "overlap", kind: integer, null: true, min: new(0.0)},
		field{name: "segment_size", kind: integer, min: new(0.0)},
		field{name: "consensus_replicas", kind: integer, min: new(0.0)},
	)
}

func createTask(c *call) *answer {
	v, refusal := c.take(taskFields(c.s.cfg.dialect, false), false)
	if refusal != nil {
		if !c.mayCreate() {
			return forbidden()
		}
		return refusal
	}
	p := c.s.state.projects.rows[v.int("project_id")]
	staff := p != nil && c.roleIn(p.holding()).may(view)
	switch {
	case !c.mayCreate() && !staff, p != nil && !staff:
		return forbidden()
	case v["project_id"] != nil && p == nil:
		return invalid("Project matching query does not exist.")
	case p != nil && len(v.list("labels")) > 0:
		return invalid("Project must have only one of Label set or project_id")
	case p == nil && len(v.list("labels")) == 0 && c.s.cfg.dialect == V2_3:
		return invalid("Label set or project_id must be present")
	case duplicated(v.list("labels")):
		return c.refuseDuplicates(len(v.list("labels")))
	}
	at := now()
	t := &task{owner: c.user, organization: c.context.organization, created: at, updated: at, project: p}
	if p != nil {
		t.organization = p.organization
	}
	if refusal := t.set(c, v); refusal != nil {
		return refusal
	}
	c.s.state.tasks.add(func(id int64) *task { t.id = id; return t })
	for _, l := range v.list("labels") {
		t.labels = append(t.labels, c.s.addLabel(l, nil))
	}
	return reply(http.StatusCreated, t.read(c)).with("Location", c.url("/api/tasks/%d", t.id))
}

// refuseDuplicates refuses labels of one name. The newer server finds out in the database, which uses up the ids.
func (c *call) refuseDuplicates(labels int) *answer {
	if c.s.cfg.dialect == V2_3 {
		return invalidField("non_field_errors", "All label names must be unique for the task")
	}
	c.s.state.tasks.last++
	c.s.state.labels.last += int64(labels)
	return invalid("All label names must be unique")
}

// onTask finds a task and checks the right to act on it.
func onTask(act action, handle func(*call, *task) *answer) handler {
	return func(c *call) *answer {
		id, isNumber := c.id()
		t := c.s.state.tasks.rows[id]
		switch {
		case !isNumber:
			return detail(http.StatusNotFound, "Not found.")
		case t == nil:
			return c.s.cfg.dialect.missing("Task")
		}
		if refusal := c.permit(act, t.holding(), "Task"); refusal != nil {
			return refusal
		}
		return handle(c, t)
	}
}

func readTask(c *call, t *task) *answer { return ok(t.read(c)) }

func updateTask(c *call, t *task) *answer {
	v, refusal := c.takeKnown(taskFields(c.s.cfg.dialect, true))
	if refusal != nil {
		return refusal
	}
	if (v.has("assignee_id") || v.has("owner_id") || v.has("project_id")) && !c.roleIn(t.holding()).may(assign) {
		return forbidden()
	}
	labels := t.labels
	if t.project == nil { // or else they are not looked at
		if labels, refusal = c.changeLabels(t.labels, v.list("labels")); refusal != nil {
			return refusal
		}
	}
	if refusal := t.move(c, v); refusal != nil {
		return refusal
	}
	if refusal := t.set(c, v); refusal != nil {
		return refusal
	}
	if t.project == nil {
		t.labels = labels
	}
	t.updated = now()
	return ok(t.read(c))
}

// move puts a task into another project, if that has all of its labels.
func (t *task) move(c *call, v values) *answer {
	if v["project_id"] == nil {
		return nil
	}
	p := c.s.state.projects.rows[v.int("project_id")]
	if p == nil {
		return invalid("Project matching query does not exist.")
	}
	for _, l := range t.labelSet() {
		if !slices.ContainsFunc(p.labels, func(x *label) bool { return x.name == l.name }) {
			return invalidField("non_field_errors", "All task or project label names must be mapped to the target project")
		}
	}
	t.project, t.labels = p, nil
	return nil
}

// set changes what a request gives.
func (t *task) set(c *call, v values) *answer {
	for _, name := range []string{"target_storage", "source_storage"} {
		if refusal := c.checkStorage(v, name); refusal != nil {
			return refusal
		}
	}
	ownership := ownership{&t.owner, &t.assignee, &t.assigned}
	if refusal := ownership.set(c, v); refusal != nil {
		return refusal
	}
	for name, target := range map[string]*string{"name": &t.name, "bug_tracker": &t.bugTracker, "subset": &t.subset} {
		if v.has(name) {
			*target = v.text(name)
		}
	}
	for name, target := range map[string]**storage{"target_storage": &t.target, "source_storage": &t.source} {
		if v.has(name) {
			*target = c.storage(v, name)
		}
	}
	if v["overlap"] != nil {
		t.overlap = new(v.int("overlap"))
	}
	if v.has("segment_size") {
		t.segmentSize = v.int("segment_size")
	}
	if v.has("organization_id") {
		t.organization = c.s.state.organizations.rows[v.int("organization_id")]
	}
	return nil
}

func destroyTask(c *call, t *task) *answer {
	c.s.dropTask(t)
	return empty(http.StatusNoContent)
}

func (s *Server) dropTask(t *task) {
	for _, j := range t.jobs {
		s.dropJob(j)
	}
	for _, l := range t.labels {
		s.dropLabel(t.labels, l)
	}
	if t.media != nil && t.media.creation != nil {
		s.stop(t.media.creation)
	}
	delete(s.state.areas, fmt.Sprintf("tasks/%d/data", t.id))
	delete(s.state.tasks.rows, t.id)
}

func listTaskJobs(c *call, t *task) *answer {
	l := c.jobListing()
	l.rows, l.sees, l.order = t.jobs, nil, "id"
	return l.array(c)
}

// statusTTL is how long the server remembers how the creation of a task went.
const statusTTL = 500 * time.Second

// readTaskStatus says how the creation of a task goes, and "Finished" of what it does not know.
func readTaskStatus(c *call, t *task) *answer {
	state, message := "Finished", ""
	if t.media != nil && t.media.creation != nil {
		w := t.media.creation
		forgotten := w.settled && w.failure == "" && now().After(w.ended().Add(statusTTL))
		if !forgotten {
			state = [...]string{"Queued", "Started", "Finished", "Failed"}[w.phase()]
			message = w.failure
		}
		if w.phase() == started {
			message = "Images are being compressed"
		}
	}
	a := ok(object{{"state", state}, {"message", message}, {"progress", decimal(0)}})
	if c.s.cfg.dialect == V2_73 {
		a.header.Set("Deprecation", "true")
	}
	return a
}
