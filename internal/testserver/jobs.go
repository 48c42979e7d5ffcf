package testserver

import (
	"net/http"
	"slices"
	"time"
)

// job is a part of a task that one person annotates.
type job struct {
	id               int64
	task             *task
	start, stop      int64
	included         []int64 // the frames of a ground truth job; nil for all from start to stop
	kind             string
	stage, state     string
	assignee         *user
	assigned         time.Time
	created, updated time.Time
	annotations      annotations
	commits          []commit
}

// commit is an entry of a job's history, which 2.3 keeps.
type commit struct {
	id    int64
	owner *user
	at    time.Time
	scope string
	data  object
}

const groundTruth = "ground_truth"

func (s *Server) addJob(t *task, start, stop int64, kind string) *job {
	at := now()
	j := s.state.jobs.add(func(id int64) *job {
		return &job{
			id: id, task: t, start: start, stop: stop, kind: kind, stage: "annotation", state: "new",
			created: at, updated: at,
		}
	})
	t.jobs = append(t.jobs, j)
	j.log(s, t.owner, nil)
	return j
}

func (j *job) status() string {
	switch {
	case j.stage == "acceptance" && j.state == "completed":
		return "completed"
	case j.stage == "annotation":
		return "annotation"
	}
	return "validation"
}

// holds says whether a frame is one of the job's.
func (j *job) holds(frame int64) bool {
	if j.included != nil {
		return slices.Contains(j.included, frame)
	}
	return j.start <= frame && frame <= j.stop
}

// frames lists the numbers of the job's frames.
func (j *job) frames() []int64 {
	if j.included != nil {
		return j.included
	}
	var out []int64
	for n := j.start; n <= j.stop; n++ {
		out = append(out, n)
	}
	return out
}

func (j *job) holding() holding {
	h := j.task.holding()
	h.owners = append(h.owners, h.assignees...) // the assignee of a task is the staff of its jobs
	h.owners = slices.DeleteFunc(h.owners, func(u *user) bool { return u == nil })
	h.assignees = []*user{j.assignee}
	return h
}

func (j *job) bugTracker() any {
	tracker := j.task.bugTracker
	if tracker == "" && j.task.project != nil {
		tracker = j.task.project.bugTracker
	}
	if tracker == "" {
		return nil
	}
	return tracker
}

func (j *job) read(c *call) object {
	if c.s.cfg.dialect == V2_3 {
		return j.read2_3(c)
	}
	t := j.task
	return object{
		{"url", c.url("/api/jobs/%d", j.id)},
		{"id", j.id},
		{"task_id", t.id},
		{"task_name", t.name},
		{"project_id", t.projectID()},
		{"project_name", t.projectName()},
		{"assignee", c.basicUser(j.assignee)},
		{"guide_id", nil},
		{"dimension", "2d"},
		{"mode", t.mode()},
		{"media_type", "image"},
		{"bug_tracker", j.bugTracker()},
		{"status", j.status()},
		{"stage", j.stage},
		{"state", j.state},
		{"frame_count", len(j.frames())},
		{"start_frame", j.start},
		{"stop_frame", j.stop},
		{"data_chunk_size", t.media.chunkSizeOrNull()},
		{"data_compressed_chunk_type", "imageset"},
		{"data_original_chunk_type", "imageset"},
		{"created_date", stamp(j.created)},
		{"updated_date", stamp(j.updated)},
		{"issues", object{{"url", c.url("/api/issues?job_id=%d", j.id)}, {"count", len(c.s.issuesOf(j))}}},
		{"labels", object{{"url", c.url("/api/labels?job_id=%d", j.id)}}},
		{"type", j.kind},
		{"organization", idOrNull(t.organization)},
		{"target_storage", t.target.read()},
		{"source_storage", t.source.read()},
		{"assignee_updated_date", stampOrNull(j.assigned)},
		{"parent_job_id", nil},
		{"replicas_count", 0},
		{"consensus_replicas", 0},
	}
}

func (j *job) read2_3(c *call) object {
	t := j.task
	return object{
		{"url", c.url("/api/jobs/%d", j.id)},
		{"id", j.id},
		{"task_id", t.id},
		{"project_id", t.projectID()},
		{"assignee", c.basicUser(j.assignee)},
		{"dimension", "2d"},
		{"labels", t.labelSet().embedded()},
		{"bug_tracker", j.bugTracker()},
		{"status", j.status()},
		{"stage", j.stage},
		{"state", j.state},
		{"mode", t.mode()},
		{"start_frame", j.start},
		{"stop_frame", j.stop},
		{"data_chunk_size", t.media.chunkSizeOrNull()},
		{"data_compressed_chunk_type", "imageset"},
		{"updated_date", stamp(j.updated)},
	}
}

func countStatus(jobs []*job, status string) int {
	n := 0
	for _, j := range jobs {
		if j.status() == status {
			n++
		}
	}
	return n
}

func jobRoutes() []route {
	const one = "jobs/{id}"
	return []route{
		{op: "jobs_list", method: http.MethodGet, path: "jobs", handle: listJobs},
		{op: "jobs_create", method: http.MethodPost, path: "jobs", in: only2_73, handle: createGroundTruth},
		{op: "jobs_retrieve", method: http.MethodGet, path: one, handle: onJob(view, readJob)},
		{op: "jobs_partial_update", method: http.MethodPatch, path: one, handle: onJob(change, updateJob)},
		{op: "jobs_destroy", method: http.MethodDelete, path: one, in: only2_73, handle: onJob(remove, destroyJob)},
		{
			op: "jobs_list_commits", method: http.MethodGet, path: one + "/commits", in: only2_3,
			handle: onJob(view, listCommits),
		},
	}
}

func (c *call) jobListing() *listing[job] {
	return &listing[job]{
		rows: c.s.state.jobs.all(),
		fields: map[string]func(*job) any{
			"id":            func(j *job) any { return j.id },
			"task_id":       func(j *job) any { return j.task.id },
			"task_name":     func(j *job) any { return j.task.name },
			"project_id":    func(j *job) any { return j.task.projectID() },
			"project_name":  func(j *job) any { return j.task.projectName() },
			"assignee":      func(j *job) any { return nameOf(j.assignee) },
			"state":         func(j *job) any { return j.state },
			"stage":         func(j *job) any { return j.stage },
			"type":          func(j *job) any { return j.kind },
			"mode":          func(j *job) any { return j.task.mode() },
			"dimension":     func(*job) any { return "2d" },
			"media_type":    func(*job) any { return "image" },
			"parent_job_id": func(*job) any { return nil },
			"updated_date":  func(j *job) any { return stamp(j.updated) },
		},
		search: []string{"task_name", "project_name", "assignee", "state", "stage"},
		simple: []string{
			"task_id", "task_name", "project_id", "project_name", "assignee", "state", "stage", "type", "mode",
			"dimension", "media_type", "parent_job_id",
		},
		sees: func(j *job) bool { return c.lists(j.holding()) },
		read: func(j *job) any { return j.read(c) },
	}
}

func listJobs(c *call) *answer { return c.jobListing().page(c) }

// onJob finds a job and checks the right to act on it.
func onJob(act action, handle func(*call, *job) *answer) handler {
	return func(c *call) *answer {
		id, isNumber := c.id()
		j := c.s.state.jobs.rows[id]
		switch {
		case !isNumber:
			return detail(http.StatusNotFound, "Not found.")
		case j == nil:
			return c.s.cfg.dialect.missing("Job")
		}
		if refusal := c.permit(act, j.holding(), "Job"); refusal != nil {
			return refusal
		}
		return handle(c, j)
	}
}

func readJob(c *call, j *job) *answer { return ok(j.read(c)) }

func updateJob(c *call, j *job) *answer {
	v, refusal := c.takeKnown([]field{
		{name: "assignee", kind: integer, null: true},
		{name: "stage", kind: choice, choices: []string{"annotation", "validation", "acceptance"}},
		{name: "state", kind: choice, choices: []string{"new", "in progress", "completed", "rejected"}},
	})
	if refusal != nil {
		return refusal
	}
	if (v.has("assignee") || v.has("stage")) && !c.roleIn(j.holding()).may(assign) {
		return forbidden()
	}
	assignee := c.s.state.users.rows[v.int("assignee")]
	if v["assignee"] != nil && assignee == nil {
		return c.s.cfg.dialect.crash() // the database minds the reference
	}
	if v.has("assignee") {
		if assignee != j.assignee {
			j.assigned = now()
		}
		j.assignee = assignee
	}
	if v.has("stage") && v.text("stage") != j.stage {
		j.stage, j.state = v.text("stage"), "new"
	}
	if v.has("state") {
		j.state = v.text("state")
	}
	j.updated = now()
	j.log(c.s, c.user, v)
	return ok(j.read(c))
}

// log adds to the history of a job: how it is, and what was changed about it.
func (j *job) log(s *Server, by *user, changes values) {
	var assignee any
	if j.assignee != nil {
		assignee = object{{"user", object{{"id", j.assignee.id}, {"username", j.assignee.username}}}}
	}
	add := func(scope string, data object) {
		s.state.commits++
		j.commits = append(j.commits, commit{id: s.state.commits, owner: by, at: now(), scope: scope, data: data})
	}
	add("create", object{{"stage", j.stage}, {"state", j.state}, {"assignee", assignee}})
	if changes == nil {
		return
	}
	data := object{{"stage", j.stage}, {"state", j.state}, {"status", j.status()}}
	if changes.has("assignee") {
		data = append(data, member{"assignee", assignee})
	}
	add("update", data)
}

func listCommits(c *call, j *job) *answer {
	rows := make([]*commit, 0, len(j.commits))
	for i := range j.commits {
		rows = append(rows, &j.commits[i])
	}
	l := listing[commit]{
		rows:   rows,
		fields: map[string]func(*commit) any{"id": func(m *commit) any { return m.id }},
		read: func(m *commit) any {
			return object{
				{"id", m.id}, {"owner", m.owner.id}, {"data", m.data}, {"timestamp", stamp(m.at)}, {"scope", m.scope},
			}
		},
	}
	return l.page(c)
}

func destroyJob(c *call, j *job) *answer {
	if j.kind != groundTruth {
		return invalid("Only ground truth jobs can be removed")
	}
	c.s.dropJob(j)
	j.task.jobs = slices.DeleteFunc(j.task.jobs, func(x *job) bool { return x == j })
	return empty(http.StatusNoContent)
}

// dropJob forgets a job and its issues.
func (s *Server) dropJob(j *job) {
	for _, i := range s.issuesOf(j) {
		s.dropIssue(i)
	}
	delete(s.state.jobs.rows, j.id)
}

// validationMode says whether a task is checked against ground truth.
func (t *task) validationMode() any {
	if t.validation != "" {
		return t.validation
	}
	if slices.ContainsFunc(t.jobs, func(j *job) bool { return j.kind == groundTruth }) {
		return "gt"
	}
	return nil
}
