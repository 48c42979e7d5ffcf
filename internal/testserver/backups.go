package testserver

import (
	"fmt"
	"net/http"
	"strings"
)

// restore is a restoration at 2.3, where whoever has its id may ask how it goes.
type restore struct {
	*work
	made int64 // the id of what was restored
}

func backupRoutes() []route {
	var routes []route
	for _, kind := range []string{"task", "project"} {
		collection := kind + "s/backup"
		create := func(c *call) *answer { return c.createBackup(kind) }
		export := map[string]func(action, func(*call, *exportTarget) *answer) handler{
			"task":    taskExports,
			"project": projectExports,
		}[kind]
		routes = append(routes, []route{
			{op: kind + "s_create_backup", method: http.MethodPost, path: collection, slash: eitherSlash, bodies: fileBodies, handle: create},
			{op: kind + "s_retrieve_backup", method: http.MethodGet, path: kind + "s/{id}/backup", handle: backupV1(kind, export)},
			{
				op: kind + "s_create_backup_export", method: http.MethodPost, path: kind + "s/{id}/backup/export", in: only2_73,
				handle: export(view, (*call).backupV2),
			},
			{
				// It has no id on the real server.
				op: kind + "s_retrieve_backup_download", method: http.MethodGet, path: kind + "s/{id}/backup/download", in: only2_73,
				handle: export(view, (*call).download),
			},
		}...)
		nothing := func(*call) *answer { return nil }
		routes = append(routes, tusRoutes(kind+"s_partial_update_backup_file", collection, nothing)...)
	}
	return routes
}

func taskExports(act action, handle func(*call, *exportTarget) *answer) handler {
	return onTask(act, func(c *call, t *task) *answer { return handle(c, &exportTarget{task: t}) })
}

func projectExports(act action, handle func(*call, *exportTarget) *answer) handler {
	return onProject(act, func(c *call, p *project) *answer { return handle(c, p.exportTarget(c.s)) })
}

// backupV1 exports at 2.3. The newer server says what to do instead before it looks at the object.
func backupV1(kind string, export func(action, func(*call, *exportTarget) *answer) handler) handler {
	older := export(view, func(c *call, e *exportTarget) *answer { return c.backupV1(e) })
	return func(c *call) *answer {
		if c.s.cfg.dialect == V2_73 {
			return gone(fmt.Sprintf("POST /api/%ss/id/backup/export", kind))
		}
		return older(c)
	}
}

func (c *call) backupV1(e *exportTarget) *answer {
	act := c.query.Get("action")
	if act != "" && act != "download" {
		return invalid("Unexpected action specified for the request")
	}
	kind, id := e.kind()
	return c.serveV1(fmt.Sprintf("/api/%ss/%d/backup", kind, id), e.changed(), act == "download", func() *export {
		x := &export{name: e.backupName()}
		x.work = c.begin(func() error {
			content, err := e.backup(V2_3)
			x.file = &download{content: content, modified: now()}
			return err
		})
		return x
	})
}

// backup makes the archive, of which a task without data has none.
func (e *exportTarget) backup(d Dialect) ([]byte, error) {
	if e.project == nil && (e.task.media == nil || !e.task.media.ready) {
		return nil, failure("AttributeError: 'NoneType' object has no attribute 'storage'")
	}
	return e.packBackup(d), nil
}

func (e *exportTarget) backupName() string {
	kind, _ := e.kind()
	name := e.name()
	return strings.ToLower(fmt.Sprintf("%s_%s_backup_%s.zip", kind, name, e.changed().Format("2006_01_02_15_04_05")))
}

func (e *exportTarget) name() string {
	if e.project != nil {
		return e.project.name
	}
	return e.task.name
}

func (c *call) backupV2(e *exportTarget) *answer {
	location := c.query.Get("location")
	switch {
	case location != "" && location != "local":
		return c.s.cfg.dialect.crash() // an unknown one, or a cloud storage without a number
	case e.project == nil && (e.task.media == nil || !e.task.media.ready):
		return invalid("Backup of a task without data is not allowed")
	}
	kind, id := e.kind()
	rq := fmt.Sprintf("action=export&target=%s&target_id=%d&user_id=%d&subresource=backup", kind, id, c.user.id)
	if refusal := c.pending(rq); refusal != nil {
		return refusal
	}
	name := c.query.Get("filename")
	if name == "" {
		name = e.backupName()
	}
	r := &request{
		id: rq, kind: "export:backup", target: kind, targetID: id,
		resultPath: fmt.Sprintf("/api/%ss/%d/backup/download?rq_id=%s", kind, id, percent(rq)),
		keeps:      day, keepsFailed: day, fileName: name,
	}
	r.work = c.begin(func() (err error) { r.file, err = e.backup(V2_73); return err })
	return c.announce(r)
}

// createBackup is the start, the pieces and the end of an upload, or the whole of it, or at 2.3 the question how a
// restoration goes.
func (c *call) createBackup(kind string) *answer {
	header, collection := c.r.Header, kind+"s/backup"
	starts, finishes := header["Upload-Start"] != nil, header["Upload-Finish"] != nil
	switch {
	case !c.mayCreate():
		return forbidden()
	case starts && !finishes:
		return empty(http.StatusAccepted)
	case header["Upload-Length"] != nil && !finishes:
		return c.tusCreate(collection)
	case c.query.Get("location") == "cloud_storage":
		file, refusal := c.fromCloud(nil)
		if refusal != nil {
			return refusal
		}
		return c.startRestore(kind, file)
	case finishes || c.s.cfg.dialect == V2_3 && c.query.Get("filename") != "":
		area, name := c.s.area(collection), c.query.Get("filename")
		f := area.find(name)
		if f == nil {
			return c.s.cfg.dialect.noUpload()
		}
		file := f.blob
		area.remove(name)
		return c.startRestore(kind, file)
	}
	return c.restoreFile(kind)
}

// noUpload refuses to finish an upload that was not made.
func (d Dialect) noUpload() *answer {
	if d == V2_3 {
		return bare(http.StatusBadRequest, "No such file were uploaded")
	}
	return invalid("No such file were uploaded")
}

// restoreFile restores the file of a multipart body or, if a body names a restoration of 2.3, says how that goes.
func (c *call) restoreFile(kind string) *answer {
	if c.query.Has("rq_id") && c.s.cfg.dialect == V2_73 {
		return goneStatus()
	}
	raw, refusal := c.parse()
	if refusal != nil {
		return refusal
	}
	fields, _ := raw.(map[string]any)
	rq, _ := fields["rq_id"].(string)
	if r := c.s.state.restores[rq]; r != nil {
		return c.pollRestore(rq, r)
	}
	f := c.body.file(kind + "_file")
	if f == nil {
		return invalidField(kind+"_file", "No file was submitted.")
	}
	return c.startRestore(kind, f.blob)
}

func (c *call) startRestore(kind string, file *blob) *answer {
	r := &request{kind: "import:backup", target: kind, keeps: day / 24, keepsFailed: 30 * day}
	old := &restore{}
	w := c.begin(func() error {
		files, err := unzip(file)
		if err != nil {
			return err
		}
		doing := &restoring{s: c.s, owner: c.user, org: c.context.organization, files: files}
		old.made, err = doing.run(kind)
		r.resultID = old.made
		return err
	})
	if c.s.cfg.dialect == V2_73 {
		r.work, r.id = w, fmt.Sprintf("action=import&target=%s&id=%s&subresource=backup", kind, newUUID())
		return c.announce(r)
	}
	old.work = w
	rq := fmt.Sprintf("%s@/api/%ss/%s/import", c.user.username, kind, newUUID())
	c.s.state.restores[rq] = old
	return reply(http.StatusAccepted, object{{"rq_id", rq}})
}

func (r *restoring) run(kind string) (id int64, err error) {
	if kind == "project" {
		p, err := r.project()
		if err != nil {
			return 0, err
		}
		r.store()
		return p.id, nil
	}
	t, err := r.task("", nil)
	if err != nil {
		return 0, err
	}
	r.store()
	return t.id, nil
}

// pollRestore says how a restoration goes, and forgets it when it is over.
func (c *call) pollRestore(rq string, r *restore) *answer {
	switch r.phase() {
	case finished:
		delete(c.s.state.restores, rq)
		return reply(http.StatusCreated, object{{"id", r.made}})
	case failed:
		delete(c.s.state.restores, rq)
		return importFailure(r.failure)
	case queued, started:
	}
	return reply(http.StatusAccepted, object{{"rq_id", rq}})
}
