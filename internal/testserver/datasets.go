package testserver

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
)

func datasetImportRoutes() []route {
	nothing := func(*call, *project) *answer { return nil }
	return append([]route{{
		op: "projects_create_dataset", method: http.MethodPost, path: "projects/{id}/dataset", slash: eitherSlash,
		bodies: fileBodies, handle: onProject(change, createDataset),
	}}, tusRoutes("projects_partial_update_dataset_file", "projects/{id}/dataset", onProject(change, nothing))...)
}

func (p *project) datasetPath() string { return fmt.Sprintf("projects/%d/dataset", p.id) }

// datasetKey is the one slot that 2.3 has for imports into a project, whoever starts them.
func (p *project) datasetKey() string { return fmt.Sprintf("/api/project/%d/dataset_import", p.id) }

// createDataset is the start, the pieces and the end of an upload, or the whole of it.
func createDataset(c *call, p *project) *answer {
	header := c.r.Header
	starts, finishes := header["Upload-Start"] != nil, header["Upload-Finish"] != nil
	switch {
	case header["Upload-Length"] != nil && !finishes:
		return c.tusCreate(p.datasetPath())
	case starts && !finishes:
		return empty(http.StatusAccepted)
	}
	if refusal := c.checkImporter(); refusal != nil {
		return refusal
	}
	if c.s.cfg.dialect == V2_3 && c.s.state.imports[p.datasetKey()] != nil {
		return bare(http.StatusConflict, "Import job already exists")
	}
	if c.readsCloud(p.source) {
		file, refusal := c.fromCloud(p.source)
		if refusal != nil {
			return refusal
		}
		return c.startDataset(p, file)
	}
	area, name := c.s.area(p.datasetPath()), c.query.Get("filename")
	f := area.find(name)
	switch {
	case finishes && f != nil:
		file := f.blob
		area.remove(name)
		return c.startDataset(p, file)
	case finishes && c.s.cfg.dialect == V2_73:
		return c.s.cfg.dialect.noUpload()
	}
	return c.importDatasetFile(p)
}

func (c *call) importDatasetFile(p *project) *answer {
	if _, refusal := c.parse(); refusal != nil {
		return refusal
	}
	f := c.body.file("dataset_file")
	switch {
	case f == nil:
		return invalidField("dataset_file", "No file was submitted.")
	case path.Ext(f.name) != ".zip":
		return invalidField("dataset_file", "Dataset file should be zip archive")
	}
	return c.startDataset(p, f.blob)
}

func (c *call) startDataset(p *project, file *blob) *answer {
	rq := fmt.Sprintf("action=import&target=project&target_id=%d&subresource=dataset", p.id)
	if refusal := c.pending(rq); refusal != nil {
		return refusal
	}
	owner := c.user
	w := c.begin(func() error { return c.s.importDataset(p, owner, file) })
	if c.s.cfg.dialect == V2_3 {
		c.s.state.imports[p.datasetKey()] = &annotationImport{w}
		return empty(http.StatusAccepted)
	}
	return c.announce(&request{
		work: w, id: rq, kind: "import:dataset", target: "project", targetID: p.id, keeps: day / 24, keepsFailed: 30 * day,
	})
}

// datasetStatus says how an import into a project goes, and forgets it when it is over.
func (c *call) datasetStatus(p *project) *answer {
	if c.s.cfg.dialect == V2_73 {
		return goneStatus()
	}
	i := c.s.state.imports[p.datasetKey()]
	if i == nil {
		return empty(http.StatusNotFound)
	}
	switch i.phase() {
	case finished:
		delete(c.s.state.imports, p.datasetKey())
		return empty(http.StatusCreated)
	case failed:
		delete(c.s.state.imports, p.datasetKey())
		return bare(http.StatusInternalServerError, i.failure+"\n")
	case started:
		return reply(http.StatusAccepted, object{
			{"state", "Started"}, {"message", "Dataset import has been started..."}, {"progress", decimal(0)},
		})
	case queued:
	}
	return reply(http.StatusAccepted, object{{"state", "Queued"}})
}

// importDataset makes a task of each subset of an archive in the format "CVAT 1.1".
func (s *Server) importDataset(p *project, owner *user, file *blob) error {
	files, err := unzip(file)
	if err != nil {
		return err
	}
	content, found := files["annotations.xml"]
	if !found {
		return failure(importError + "Dataset must contain a file: \"annotations.xml\"")
	}
	subsets := map[string][]uploadedFile{}
	for _, name := range sortedKeys(files) {
		if inside, isImage := strings.CutPrefix(name, "images/"); isImage {
			subset, base, _ := strings.Cut(inside, "/")
			subsets[subset] = append(subsets[subset], uploadedFile{base, newBlob(files[name])})
		}
	}
	tasks := make([]*task, 0, len(subsets))
	for _, subset := range sortedKeys(subsets) {
		t, err := p.subsetTask(subset, subsets[subset])
		if err != nil {
			return err
		}
		t.owner = owner
		tasks = append(tasks, t)
	}
	if len(p.labels) == 0 {
		p.labels = s.labelsOfXML(content)
	}
	return s.storeImported(tasks, content)
}

// subsetTask makes the task of a subset, which is not stored yet.
func (p *project) subsetTask(subset string, files []uploadedFile) (*task, error) {
	at := now()
	t := &task{name: subset, subset: subset, project: p, organization: p.organization, created: at, updated: at}
	if subset == "default" {
		t.subset = ""
	}
	t.media = &media{quality: 70, chunkSize: defaultChunkSize, stop: int64(len(files) - 1), ready: true, updated: at}
	for _, f := range files {
		fr, err := t.media.decode(f)
		if err != nil {
			return nil, err
		}
		t.media.frames = append(t.media.frames, fr)
	}
	return t, nil
}

// storeImported stores tasks with their annotations: all or none.
func (s *Server) storeImported(tasks []*task, content []byte) error {
	docs := make([]*annotations, 0, len(tasks))
	for _, t := range tasks {
		doc, err := t.canvas().readXML(content)
		if err != nil {
			return err
		}
		docs = append(docs, doc)
	}
	for i, t := range tasks {
		s.state.tasks.add(func(id int64) *task { t.id = id; return t })
		s.state.media.add(func(id int64) *media { t.media.id = id; return t.media })
		s.split(t)
		t.canvas().accept(s, docs[i])
		t.project.updated = now()
	}
	return nil
}

// labelsOfXML makes the labels that a file describes, for a project that has none.
func (s *Server) labelsOfXML(content []byte) labelSet {
	var set labelSet
	for _, l := range xmlLabels(content) {
		set = append(set, s.restoreLabels([]backupLabel{l}, nil)...)
	}
	return slices.Clip(set)
}
