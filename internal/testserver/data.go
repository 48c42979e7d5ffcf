package testserver

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

func dataRoutes() []route {
	return []route{
		{
			op: "tasks_create_data", method: http.MethodPost, path: "tasks/{id}/data", slash: eitherSlash,
			bodies: fileBodies, handle: onTask(change, createData),
		},
		{
			op: "tasks_retrieve_data", method: http.MethodGet, path: "tasks/{id}/data", slash: eitherSlash,
			handle: onTask(view, retrieveTaskData),
		},
		{
			op: "tasks_retrieve_data_meta", method: http.MethodGet, path: "tasks/{id}/data/meta",
			handle: onTask(view, retrieveTaskMeta),
		},
		{
			op: "tasks_partial_update_data_meta", method: http.MethodPatch, path: "tasks/{id}/data/meta",
			handle: onTask(change, updateTaskMeta),
		},
		{
			op: "jobs_retrieve_data", method: http.MethodGet, path: "jobs/{id}/data",
			handle: onJob(view, retrieveJobData),
		},
		{
			op: "jobs_retrieve_data_meta", method: http.MethodGet, path: "jobs/{id}/data/meta",
			handle: onJob(view, retrieveJobMeta),
		},
		{
			op: "jobs_partial_update_data_meta", method: http.MethodPatch, path: "jobs/{id}/data/meta",
			handle: onJob(change, updateJobMeta),
		},
		{
			op: "tasks_retrieve_preview", method: http.MethodGet, path: "tasks/{id}/preview", in: only2_73,
			handle: onTask(view, func(c *call, t *task) *answer { return t.media.preview(c, "Task", 0) }),
		},
		{
			op: "jobs_retrieve_preview", method: http.MethodGet, path: "jobs/{id}/preview", in: only2_73,
			handle: onJob(view, func(c *call, j *job) *answer { return j.task.media.preview(c, "Job", j.start) }),
		},
		{
			op: "projects_retrieve_preview", method: http.MethodGet, path: "projects/{id}/preview", in: only2_73,
			handle: onProject(view, projectPreview),
		},
		{op: "server_list_share", method: http.MethodGet, path: "server/share", handle: listShare},
	}
}

// dataFields describe the media of a task. Of image_quality the newer server makes no demand.
func dataFields(d Dialect) []field {
	fields := []field{
		{name: "chunk_size", kind: integer, min: new(0.0)},
		{name: "image_quality", kind: integer, required: d == V2_3, min: new(0.0), top: new(100.0)},
		{name: "start_frame", kind: integer, min: new(0.0)},
		{name: "stop_frame", kind: integer, min: new(0.0)},
		{
			name: "frame_filter", max: 256, pattern: regexp.MustCompile(`^step\s*=\s*[1-9]\d*$`),
			mismatch: "Invalid frame filter expression",
		},
		{name: "client_files", kind: list, items: &field{kind: anything}},
		{name: "server_files", kind: list, items: &field{max: 1024}},
		{name: "remote_files", kind: list, items: &field{max: 1024}},
		{name: "use_zip_chunks", kind: boolean},
		{name: "use_cache", kind: boolean},
		{name: "copy_data", kind: boolean},
		{name: "cloud_storage_id", kind: integer, null: true},
		{name: "storage_method", kind: choice, choices: []string{"cache", "file_system"}},
		{name: "storage", kind: choice, choices: []string{"cloud_storage", "local", "share"}},
		{
			name: "sorting_method", kind: choice,
			choices: []string{"lexicographical", "natural", "predefined", "random"},
		},
	}
	if d == V2_3 {
		return append(fields,
			field{name: "size", kind: integer},
			field{name: "compressed_chunk_type"},
			field{name: "original_chunk_type"},
		)
	}
	return append(fields,
		field{name: "server_files_exclude", kind: list, items: &field{max: 1024}},
		field{name: "filename_pattern", null: true},
		field{name: "job_file_mapping", kind: list, items: &field{kind: anything}},
		field{name: "upload_file_order", kind: list, items: &field{max: 1024}},
		field{name: "validation_params", kind: dict, null: true},
	)
}

// createData is the start, the pieces and the end of an upload: the headers tell which.
func createData(c *call, t *task) *answer {
	if refusal := c.mayAddData(t); refusal != nil {
		return refusal
	}
	header := c.r.Header
	starts, finishes := header["Upload-Start"] != nil, header["Upload-Finish"] != nil
	switch {
	case starts && !finishes:
		c.s.openMedia(t)
		return empty(http.StatusAccepted)
	case finishes:
		return c.createMedia(t)
	case header["Upload-Length"] != nil:
		return c.tusCreate(t.dataPath())
	case header["Upload-Multiple"] != nil:
		return c.addFiles(t)
	}
	return c.createMedia(t)
}

func (c *call) mayAddData(t *task) *answer {
	if t.media != nil && len(t.media.frames) > 0 {
		if c.s.cfg.dialect == V2_3 {
			return bare(http.StatusBadRequest, "Adding more data is not supported")
		}
		return invalid("Adding more data is not supported")
	}
	if c.s.cfg.dialect == V2_73 {
		return c.pending(t.creationID())
	}
	return nil
}

func (s *Server) openMedia(t *task) *media {
	if t.media == nil {
		t.media = s.state.media.add(func(id int64) *media { return &media{id: id, quality: 50, updated: now()} })
	}
	return t.media
}

// addFiles takes in the files of one bulk request.
func (c *call) addFiles(t *task) *answer {
	if _, refusal := c.take(dataFields(c.s.cfg.dialect), false); refusal != nil {
		return refusal
	}
	c.s.openMedia(t)
	c.keepFiles(t)
	return empty(http.StatusOK)
}

// keepFiles keeps the files whose keys have an index: those without one are lost, as on the real server.
func (c *call) keepFiles(t *task) {
	type indexed struct {
		index int
		formFile
	}
	var files []indexed
	for _, f := range c.body.files {
		if name, index, found := cutIndex(f.field); found && name == "client_files" {
			files = append(files, indexed{index, f})
		}
	}
	slices.SortStableFunc(files, func(a, b indexed) int { return a.index - b.index })
	for _, f := range files {
		c.s.area(t.dataPath()).put(f.name, f.blob)
	}
}

// createMedia takes in the last files and the parameters, and starts the work.
func (c *call) createMedia(t *task) *answer {
	m := c.s.openMedia(t) // even if the request is refused
	v, refusal := c.take(dataFields(c.s.cfg.dialect), false)
	if refusal != nil {
		return refusal
	}
	m.set(v)
	if params, given := v["validation_params"].(values); given {
		t.validation, _ = params["mode"].(string)
	}
	c.keepFiles(t)
	if m.sorting == "predefined" && len(m.order) == 0 {
		for _, f := range c.s.area(t.dataPath()).files {
			m.order = append(m.order, f.name)
		}
	}
	if m.creation != nil {
		c.s.stop(m.creation)
	}
	m.creation = c.begin(func() error { return c.s.process(t) })
	if c.s.cfg.dialect == V2_3 {
		return reply(http.StatusAccepted, m.echo(c.s.area(t.dataPath())))
	}
	return c.announce(&request{
		work: m.creation, id: t.creationID(), kind: "create:task", target: "task", targetID: t.id,
		keeps: statusTTL, keepsFailed: 365 * day,
	})
}

func (m *media) set(v values) {
	m.quality = 70
	if v.has("image_quality") {
		m.quality = v.int("image_quality")
	}
	m.chunkSize = v.int("chunk_size")
	m.start, m.stop, m.stopGiven = v.int("start_frame"), v.int("stop_frame"), v.has("stop_frame")
	m.filter, m.sorting = v.text("frame_filter"), v.text("sorting_method")
	m.serverFiles, m.remoteFiles, m.order = v.texts("server_files"), v.texts("remote_files"), v.texts("upload_file_order")
	m.useCache, m.cloud = v.bool("use_cache"), v.int("cloud_storage_id")
}

// echo is the answer of 2.3: what was asked for, some of it always the default.
func (m *media) echo(area *uploadArea) object {
	names := []string{}
	for _, f := range area.files {
		names = append(names, f.name)
	}
	for id := range area.open {
		names = append(names, id)
	}
	sorting := m.sorting
	if sorting == "" {
		sorting = "lexicographical"
	}
	return object{
		{"chunk_size", m.chunkSizeOrNull()},
		{"size", 0},
		{"image_quality", m.quality},
		{"start_frame", m.start},
		{"stop_frame", m.stop},
		{"frame_filter", m.filter},
		{"compressed_chunk_type", "imageset"},
		{"original_chunk_type", "imageset"},
		{"client_files", names},
		{"server_files", m.serverFiles},
		{"remote_files", m.remoteFiles},
		{"use_zip_chunks", false},
		{"use_cache", false},
		{"copy_data", false},
		{"storage_method", "file_system"},
		{"storage", "local"},
		{"sorting_method", sorting},
	}
}

// listShare lists a folder of the share.
func listShare(c *call) *answer {
	folder := strings.Trim(c.query.Get("directory"), "/")
	type item struct{ kind, mime string }
	items := map[string]item{}
	for name := range c.s.state.shared {
		rest, inside := name, folder == ""
		if !inside {
			rest, inside = strings.CutPrefix(name, folder+"/")
		}
		if !inside {
			continue
		}
		if first, _, deeper := strings.Cut(rest, "/"); deeper {
			items[first] = item{"DIR", "DIR"}
		} else {
			items[rest] = item{"REG", "image"}
		}
	}
	if len(items) == 0 && folder != "" {
		return bare(http.StatusBadRequest, folder+" is an invalid directory")
	}
	out := []object{}
	names := sortedKeys(items)
	slices.SortStableFunc(names, func(a, b string) int { return strings.Compare(items[a].kind, items[b].kind) }) // folders first
	for _, name := range names {
		if search := c.query.Get("search"); search != "" && !strings.HasPrefix(name, search) {
			continue
		}
		out = append(out, object{{"name", name}, {"type", items[name].kind}, {"mime_type", items[name].mime}})
	}
	return ok(out)
}
