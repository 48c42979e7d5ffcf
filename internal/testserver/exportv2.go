package testserver

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

func exportV2Routes() []route {
	start, fetch := handlersOf(startDatasetExport), handlersOf(downloadDataset)
	routes := []route{
		{
			op: "tasks_create_dataset_export", method: http.MethodPost, path: "tasks/{id}/dataset/export",
			handle: start.task(view),
		},
		{
			op: "jobs_create_dataset_export", method: http.MethodPost, path: "jobs/{id}/dataset/export",
			handle: start.job(view),
		},
		{
			op: "projects_create_dataset_export", method: http.MethodPost, path: "projects/{id}/dataset/export",
			handle: onProject(view, func(c *call, p *project) *answer { return c.exportV2(p.exportTarget(c.s)) }),
		},
		// The operations of the downloads have no ids on the real server.
		{
			op: "tasks_retrieve_dataset_download", method: http.MethodGet, path: "tasks/{id}/dataset/download",
			handle: fetch.task(view),
		},
		{
			op: "jobs_retrieve_dataset_download", method: http.MethodGet, path: "jobs/{id}/dataset/download",
			handle: fetch.job(view),
		},
		{
			op: "projects_retrieve_dataset_download", method: http.MethodGet, path: "projects/{id}/dataset/download",
			handle: onProject(view, func(c *call, p *project) *answer { return c.download(p.exportTarget(c.s)) }),
		},
	}
	for i := range routes {
		routes[i].in = only2_73
	}
	return routes
}

func startDatasetExport(c *call, v *canvas) *answer { return c.exportV2(v.exportTarget()) }

func downloadDataset(c *call, v *canvas) *answer { return c.download(v.exportTarget()) }

// rqPart writes a format into a request id.
func rqPart(name string) string { return strings.NewReplacer(" ", "_", ".", "~").Replace(name) }

// exportV2 starts an export as background request.
func (c *call) exportV2(e *exportTarget) *answer {
	st, refusal := c.destination(e)
	if refusal != nil {
		return refusal
	}
	f, refusal := c.exporter()
	if refusal != nil {
		return refusal
	}
	images := strings.EqualFold(c.query.Get("save_images"), "true")
	kind, id := e.kind()
	rq := fmt.Sprintf("action=export&target=%s&target_id=%d&user_id=%d&format=%s&subresource=%s",
		kind, id, c.user.id, rqPart(f.name), subresource(images))
	if refusal := c.pending(rq); refusal != nil {
		return refusal
	}
	name := c.query.Get("filename")
	if name == "" {
		name = e.fileName(V2_73, f, images)
	}
	r := &request{
		id: rq, kind: "export:" + subresource(images), target: kind, targetID: id, format: f.name,
		resultPath: fmt.Sprintf("/api/%ss/%d/dataset/download?rq_id=%s", kind, id, percent(rq)),
		keeps:      day, keepsFailed: day, fileName: name,
	}
	context := c.exportContext(e)
	if st != nil {
		r.resultPath = ""
	}
	r.work = c.begin(func() error {
		r.file = e.pack(context, f, images)
		if st != nil {
			return c.s.put(st, name, r.file)
		}
		return nil
	})
	return c.announce(r)
}

// percent escapes a request id for a query.
func percent(id string) string {
	return strings.NewReplacer("=", "%3D", "&", "%26", "~", "~").Replace(id)
}

// download hands an export out, as often as it is asked for until it expires.
func (c *call) download(e *exportTarget) *answer {
	rq := c.query.Get("rq_id")
	if rq == "" {
		return invalid("Missing request id in the query parameters")
	}
	kind, id := e.kind()
	if !strings.HasPrefix(rq, "action=export&") {
		return invalid("Unexpected request id format")
	}
	r := c.s.state.requests[rq]
	switch {
	case r == nil || r.target != kind || r.targetID != id:
		return invalid("Unknown export request id")
	case r.owner != c.user && !c.user.superuser:
		return forbidden()
	case r.expired():
		return detail(http.StatusNotFound, "The exported file has expired, please retry exporting")
	case r.phase() != finished:
		return invalid("The export process is not finished")
	}
	return sendFile(r.file, r.fileName, r.ended().Truncate(time.Second)).with("Accept-Ranges", "bytes")
}
