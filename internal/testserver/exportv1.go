package testserver

import (
	"fmt"
	"net/http"
	"time"
)

// export is an archive in the making at 2.3, where asking for it starts it and downloading it forgets it.
type export struct {
	*work
	file   *download
	name   string
	target *exportTarget // whose default storage the file goes to; nil for a backup, which has none
}

func exportV1Routes() []route {
	return []route{
		{
			op: "tasks_retrieve_dataset", method: http.MethodGet, path: "tasks/{id}/dataset",
			handle: handlersOf(retrieveDataset).task(view),
		},
		{
			op: "jobs_retrieve_dataset", method: http.MethodGet, path: "jobs/{id}/dataset",
			handle: handlersOf(retrieveDataset).job(view),
		},
		{
			op: "projects_retrieve_dataset", method: http.MethodGet, path: "projects/{id}/dataset", slash: eitherSlash,
			handle: onProject(view, retrieveProjectDataset),
		},
		{
			op: "projects_retrieve_annotations", method: http.MethodGet, path: "projects/{id}/annotations", in: only2_3,
			handle: onProject(view, retrieveProjectAnnotations),
		},
		{
			op: "projects_retrieve_annotations", method: http.MethodGet, path: "projects/{id}/annotations", in: only2_73,
			handle: func(*call) *answer { return gone("POST /api/projects/id/dataset/export?save_images=False") },
		},
	}
}

// gone is what the newer server says of the old way to export.
func gone(instead string) *answer {
	return plain(http.StatusGone, "This endpoint is no longer supported.\n"+
		"To initiate the export process, use "+instead+".\n"+
		"To check the process status, use GET /api/requests/rq_id,\n"+
		"where rq_id is obtained from the response of the previous request.\n"+
		"To download the prepared file, use the result_url obtained from the response of the previous request.\n")
}

func retrieveDataset(c *call, v *canvas) *answer { return c.exportV1(v.exportTarget(), true) }

func retrieveProjectDataset(c *call, p *project) *answer {
	if c.query.Get("action") == "import_status" {
		return c.datasetStatus(p)
	}
	return c.exportV1(p.exportTarget(c.s), true)
}

// retrieveProjectAnnotations exports or, without a format, answers with the annotations of the job of the same number:
// a mistake of the real server.
func retrieveProjectAnnotations(c *call, p *project) *answer {
	if c.query.Has("format") {
		return c.exportV1(p.exportTarget(c.s), false)
	}
	j := c.s.state.jobs.rows[p.id]
	if j == nil {
		return c.s.cfg.dialect.crash()
	}
	return retrieveAnnotations(c, j.canvas())
}

// exportV1 starts an export, says how it goes, and hands it out. The name of the export does not say whether it has
// images, so that the annotations and the dataset of one object get in each other's way.
func (c *call) exportV1(e *exportTarget, images bool) *answer {
	kind, id := e.kind()
	if c.s.cfg.dialect == V2_73 {
		with := map[bool]string{true: "True", false: "False"}[images]
		return gone(fmt.Sprintf("POST /api/%ss/id/dataset/export?save_images=%s", kind, with))
	}
	if !c.query.Has("format") {
		return bare(http.StatusBadRequest, "Format is not specified")
	}
	f, refusal := c.exporter()
	if refusal != nil {
		return refusal
	}
	act := c.query.Get("action")
	if act != "" && act != "download" {
		return invalid("Unexpected action specified for the request")
	}
	key := fmt.Sprintf("/api/%s/%d/annotations/%s", kind, id, f.name)
	return c.serveV1(key, e.updated(), act == "download", func() *export {
		x := &export{name: e.fileName(V2_3, f, images), target: e}
		context := c.exportContext(e)
		x.work = c.begin(func() error { x.file = c.s.exportedFile(e, context, f, images); return nil })
		return x
	})
}

// serveV1 starts what has not been started since the last change, says how it goes, and hands it out.
func (c *call) serveV1(key string, changed time.Time, download bool, start func() *export) *answer {
	x := c.s.state.exports[key]
	if x != nil && x.created.Before(changed) {
		c.s.stop(x.work)
		x = nil // made before the last change
	}
	if x == nil {
		c.s.state.exports[key] = start()
		return empty(http.StatusAccepted)
	}
	return c.pollExport(key, x, download)
}

// exportedFile makes an archive or, if the object has not changed since, gives the one made before: forgetting an export
// leaves its file, for some hours.
func (s *Server) exportedFile(e *exportTarget, c exportContext, f format, images bool) *download {
	kind, id := e.kind()
	key := fmt.Sprintf("%s %d %s %s", kind, id, subresource(images), f.name)
	if file := s.state.exportedFiles[key]; file != nil && !e.updated().After(file.modified) {
		return file
	}
	file := &download{content: e.pack(c, f, images), modified: now()}
	s.state.exportedFiles[key] = file
	return file
}

func (c *call) pollExport(key string, x *export, download bool) *answer {
	switch {
	case x.phase() == failed:
		delete(c.s.state.exports, key)
		return bare(http.StatusInternalServerError, x.failure+"\n")
	case x.phase() != finished:
		return empty(http.StatusAccepted)
	case !download:
		return empty(http.StatusCreated)
	}
	delete(c.s.state.exports, key)
	name := c.query.Get("filename")
	if name == "" {
		name = x.name
	}
	var st *cloudStorage
	if x.target != nil {
		var refusal *answer
		if st, refusal = c.destination(x.target); refusal != nil {
			return refusal
		}
	}
	if st != nil {
		if c.s.put(st, name, x.file.content) != nil {
			return c.s.cfg.dialect.crash()
		}
		return empty(http.StatusOK)
	}
	return sendFile(x.file.content, name, x.file.modified.Truncate(time.Second))
}
