package testserver

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// annotationImport is an import at 2.3, of which each user has one for each object.
type annotationImport struct{ *work }

func importRoutes() []route {
	start := handlersOf(createAnnotations)
	routes := []route{
		{
			op: "tasks_create_annotations", method: http.MethodPost, path: "tasks/{id}/annotations", slash: eitherSlash,
			bodies: fileBodies, handle: start.task(change),
		},
		{
			op: "jobs_create_annotations", method: http.MethodPost, path: "jobs/{id}/annotations", slash: eitherSlash,
			bodies: fileBodies, handle: start.job(change),
		},
	}
	nothing := handlersOf(func(*call, *canvas) *answer { return nil })
	routes = append(routes,
		tusRoutes("tasks_partial_update_annotations_file", "tasks/{id}/annotations", nothing.task(change))...)
	return append(routes,
		tusRoutes("jobs_partial_update_annotations_file", "jobs/{id}/annotations", nothing.job(change))...)
}

// collection is where files for an import are uploaded to.
func (v *canvas) collection() string {
	kind, id := v.exportTarget().kind()
	return fmt.Sprintf("%ss/%d/annotations", kind, id)
}

// createAnnotations is the start, the pieces and the end of an upload, or the whole of it.
func createAnnotations(c *call, v *canvas) *answer {
	header := c.r.Header
	switch {
	case header["Upload-Finish"] == nil && header["Upload-Length"] != nil:
		return c.tusCreate(v.collection())
	case header["Upload-Finish"] == nil && header["Upload-Start"] != nil:
		return empty(http.StatusAccepted)
	case c.readsCloud(v.task.source):
		return c.importFromCloud(v)
	case c.s.cfg.dialect == V2_73 && header["Upload-Finish"] == nil && !c.query.Has("filename"):
		return c.importFile(v)
	}
	return c.importUploaded(v)
}

// importUploaded imports a file that came in pieces. At 2.3 an import that is under way, or was not asked about since it
// ended, is in the way: the answer is about that one.
func (c *call) importUploaded(v *canvas) *answer {
	if refusal := c.checkImporter(); refusal != nil {
		return refusal
	}
	area, name := c.s.area(v.collection()), c.query.Get("filename")
	f := area.find(name)
	if f == nil {
		return c.s.cfg.dialect.noUpload()
	}
	if i := c.s.state.imports[c.importKey(v)]; i != nil {
		return c.pollImport(v, i)
	}
	file := f.blob
	area.remove(name)
	return c.startImport(v, file)
}

func (c *call) importFromCloud(v *canvas) *answer {
	if refusal := c.checkImporter(); refusal != nil {
		return refusal
	}
	if i := c.s.state.imports[c.importKey(v)]; i != nil {
		return c.pollImport(v, i)
	}
	file, refusal := c.fromCloud(v.task.source)
	if refusal != nil {
		return refusal
	}
	return c.startImport(v, file)
}

// readsCloud says whether an import is to come from a cloud storage: the object's own, unless the request names another
// place. At 2.3 it has to say first that the object's own does not count.
func (c *call) readsCloud(own *storage) bool {
	named := c.query.Get("location")
	if c.s.cfg.dialect == V2_3 && !strings.EqualFold(c.query.Get("use_default_location"), "false") {
		named = ""
	}
	if named == "" && own != nil {
		named = own.location
	}
	return named == "cloud_storage"
}

// fromCloud reads a file of a cloud storage.
func (c *call) fromCloud(own *storage) (*blob, *answer) {
	id, err := strconv.ParseInt(c.query.Get("cloud_storage_id"), 10, 64)
	if err != nil && own != nil {
		id, _ = own.cloudStorage.(int64)
	}
	st := c.s.state.cloudStorages.rows[id]
	if st == nil {
		return nil, c.s.cfg.dialect.missing("CloudStorage")
	}
	name := c.query.Get("filename")
	if name == "" {
		return nil, c.s.cfg.dialect.crash() // an assertion
	}
	content, found := c.s.state.buckets[st.resource][name]
	if !found {
		return nil, invalid("The file " + name + " was not found in the cloud storage") // the real server finds out later
	}
	return newBlob(content), nil
}

// importFile imports the file of a multipart body.
func (c *call) importFile(v *canvas) *answer {
	if _, refusal := c.parse(); refusal != nil {
		return refusal
	}
	f := c.body.file("annotation_file")
	if f == nil {
		return invalidField("annotation_file", "No file was submitted.")
	}
	if refusal := c.checkImporter(); refusal != nil {
		return refusal
	}
	return c.startImport(v, f.blob)
}

// importByPut starts an import at 2.3, or says how it goes.
func (c *call) importByPut(v *canvas) *answer {
	if c.s.cfg.dialect == V2_73 {
		return goneStatus()
	}
	if refusal := c.checkImporter(); refusal != nil {
		return refusal
	}
	if i := c.s.state.imports[c.importKey(v)]; i != nil {
		return c.pollImport(v, i)
	}
	return c.importFile(v)
}

// checkImporter refuses formats that cannot be read.
func (c *call) checkImporter() *answer {
	f, known := findFormat(c.s.cfg.dialect.importers(), c.query.Get("format"))
	switch {
	case !known:
		return invalid(fmt.Sprintf("Unknown input format '%s'", c.query.Get("format")))
	case !f.enabled:
		return empty(http.StatusMethodNotAllowed)
	}
	return nil
}

func (c *call) importKey(v *canvas) string { return c.user.username + "@/api/" + v.collection() }

func (c *call) startImport(v *canvas, file *blob) *answer {
	kind, id := v.exportTarget().kind()
	rq := fmt.Sprintf("action=import&target=%s&target_id=%d&subresource=annotations", kind, id)
	if refusal := c.pending(rq); refusal != nil {
		return refusal
	}
	appends := c.query.Get("import_mode") == "append"
	w := c.begin(func() error { return c.s.importAnnotations(v, file, appends) })
	if c.s.cfg.dialect == V2_3 {
		c.s.state.imports[c.importKey(v)] = &annotationImport{w}
		return empty(http.StatusAccepted)
	}
	return c.announce(&request{
		work: w, id: rq, kind: "import:annotations", target: kind, targetID: id, keeps: day / 24, keepsFailed: 30 * day,
	})
}

// goneStatus is what the newer server says of the old way to ask how an import goes.
func goneStatus() *answer {
	return plain(http.StatusGone, "This endpoint no longer supports checking the status of the import process.\n"+
		"The common requests API should be used instead: GET /api/requests/rq_id,\n"+
		"where rq_id is obtained from the response of the initializing request.\n")
}

// pollImport says how an import goes, and forgets it when it is over.
func (c *call) pollImport(v *canvas, i *annotationImport) *answer {
	switch i.phase() {
	case finished:
		delete(c.s.state.imports, c.importKey(v))
		return empty(http.StatusCreated)
	case failed:
		delete(c.s.state.imports, c.importKey(v))
		return importFailure(i.failure)
	case queued, started:
	}
	return empty(http.StatusAccepted)
}

// importError begins the failures that are the archive's own fault.
const importError = "cvat.apps.dataset_manager.bindings.CvatImportError: "

// importFailure is what 2.3 says, once, of an import that failed.
func importFailure(text string) *answer {
	if reason, fault := strings.CutPrefix(text, importError); fault {
		return bare(http.StatusBadRequest, reason+"\n")
	}
	return bare(http.StatusInternalServerError, text+"\n")
}

// importAnnotations reads an archive that the server could have exported: CVAT XML, or its own JSON.
func (s *Server) importAnnotations(v *canvas, file *blob, appends bool) error {
	doc, err := v.readArchive(file)
	if err != nil {
		return err
	}
	source := "file"
	if s.cfg.dialect == V2_3 {
		source = "manual"
	}
	for _, list := range doc.lists() {
		for _, a := range *list {
			a.forget(source)
		}
	}
	if !appends {
		v.clear()
	}
	v.accept(s, doc)
	v.touch()
	return nil
}

// forget makes an annotation a new one, of another source.
func (a *labeled) forget(source string) {
	a.ID, a.Source, a.Group = nil, &source, new(int64(0))
	for _, k := range a.Shapes {
		k.ID = nil
	}
	for _, e := range a.Elements {
		e.forget(source)
	}
}

func (v *canvas) readArchive(file *blob) (*annotations, error) {
	archive, err := zip.NewReader(bytes.NewReader(file.data), file.size)
	if err != nil {
		return v.readXML(file.data)
	}
	doc := &annotations{}
	read := false
	for _, entry := range archive.File {
		content, err := readEntry(entry)
		if err != nil {
			return nil, failure("zipfile.BadZipFile: " + err.Error())
		}
		var part *annotations
		switch path.Ext(entry.Name) {
		case ".xml":
			part, err = v.readXML(content)
		case ".json":
			part, _, err = decodeAnnotations(content)
		default:
			continue
		}
		if err != nil {
			return nil, err
		}
		read = true
		doc.Tags, doc.Shapes = append(doc.Tags, part.Tags...), append(doc.Shapes, part.Shapes...)
		doc.Tracks = append(doc.Tracks, part.Tracks...)
	}
	if !read {
		return nil, failure(importError + "no annotations in the archive")
	}
	return doc, nil
}
