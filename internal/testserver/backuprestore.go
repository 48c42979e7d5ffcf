package testserver

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// restoring is a backup that is being read. What it makes is stored only when all of it has been read.
type restoring struct {
	s      *Server
	owner  *user
	org    *organization
	files  map[string][]byte
	stores []func()
}

const badZip = "zipfile.BadZipFile: File is not a zip file"

// unzip reads all files of an archive.
func unzip(file *blob) (map[string][]byte, error) {
	archive, err := zip.NewReader(bytes.NewReader(file.data), file.size)
	if err != nil {
		return nil, failure(badZip)
	}
	files := map[string][]byte{}
	for _, entry := range archive.File {
		if files[entry.Name], err = readEntry(entry); err != nil {
			return nil, failure("zipfile.BadZipFile: " + err.Error())
		}
	}
	return files, nil
}

func (r *restoring) document(name string, v any) error {
	content, found := r.files[name]
	if !found {
		return failure(fmt.Sprintf(`KeyError: "There is no item named '%s' in the archive"`, name))
	}
	if json.Unmarshal(content, v) != nil {
		return failure("json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)")
	}
	return nil
}

func (r *restoring) store() {
	for _, store := range r.stores {
		store()
	}
}

// project restores a project with its tasks.
func (r *restoring) project() (*project, error) {
	var doc backupProject
	if err := r.document("project.json", &doc); err != nil {
		return nil, err
	}
	at := now()
	p := &project{name: doc.Name, bugTracker: doc.BugTracker, owner: r.owner, organization: r.org, created: at, updated: at}
	r.stores = append(r.stores, func() {
		r.s.state.projects.add(func(id int64) *project { p.id = id; return p })
		p.labels = r.s.restoreLabels(doc.Labels, nil)
	})
	for i := 0; ; i++ {
		folder := fmt.Sprintf("task_%d/", i)
		if _, found := r.files[folder+"task.json"]; !found {
			return p, nil
		}
		if _, err := r.task(folder, p); err != nil {
			return nil, err
		}
	}
}

// task restores a task, of a project or on its own.
func (r *restoring) task(folder string, p *project) (*task, error) {
	var doc backupTask
	if err := r.document(folder+"task.json", &doc); err != nil {
		return nil, err
	}
	var parts []map[string]any
	if err := r.document(folder+"annotations.json", &parts); err != nil {
		return nil, err
	}
	m := &media{
		quality: doc.Data.ImageQuality, chunkSize: doc.Data.ChunkSize, sorting: doc.Data.SortingMethod,
		deleted: doc.Data.DeletedFrames, ready: true, updated: now(),
	}
	if err := r.frames(m, folder+"data/"); err != nil {
		return nil, err
	}
	m.stop = int64(len(m.frames) - 1)
	at := now()
	t := &task{
		name: doc.Name, bugTracker: doc.BugTracker, subset: doc.Subset, project: p, owner: r.owner, organization: r.org,
		created: at, updated: at, media: m,
	}
	r.stores = append(r.stores, func() { r.s.storeTask(t, &doc, parts) })
	return t, nil
}

// frames finds the pictures of a task and puts them in order.
func (r *restoring) frames(m *media, folder string) error {
	var files []uploadedFile
	for _, name := range sortedKeys(r.files) {
		if inside, found := strings.CutPrefix(name, folder); found && inside != "" {
			files = append(files, uploadedFile{inside, newBlob(r.files[name])})
		}
	}
	if manifest, found := r.files[folder+"manifest.jsonl"]; found {
		m.order = bucket{"manifest.jsonl": manifest}.listed("manifest.jsonl")
	}
	sorting := m.sorting
	if len(m.order) > 0 {
		m.sorting = "predefined"
	}
	images, related := m.arrange(files)
	m.sorting = sorting
	if len(images) == 0 {
		return failure("ValueError: No media data found")
	}
	for _, f := range images {
		fr, err := m.decode(f)
		if err != nil {
			return err
		}
		fr.related = related[relatedKey(f.name)]
		m.frames = append(m.frames, fr)
	}
	return nil
}

func (s *Server) storeTask(t *task, doc *backupTask, parts []map[string]any) {
	s.state.tasks.add(func(id int64) *task { t.id = id; return t })
	if t.project == nil {
		t.labels = s.restoreLabels(doc.Labels, nil)
	}
	s.state.media.add(func(id int64) *media { t.media.id = id; return t.media })
	t.segmentSize, t.overlap = int64(len(t.media.frames)), new(int64(0))
	if len(doc.Jobs) > 0 {
		t.segmentSize = doc.Jobs[0].StopFrame - doc.Jobs[0].StartFrame + 1
	}
	if len(doc.Jobs) > 1 && doc.Jobs[1].Type != groundTruth {
		*t.overlap = doc.Jobs[0].StopFrame - doc.Jobs[1].StartFrame + 1
	}
	for i, b := range doc.Jobs {
		kind := "annotation"
		if b.Type != "" {
			kind = b.Type
		}
		j := s.addJob(t, b.StartFrame, b.StopFrame, kind) // at the first stage, as on the real server
		j.included = b.Frames
		if i < len(parts) {
			j.store(s, t.labelSet().readNamed(parts[i]))
		}
	}
}

// restoreLabels makes the labels of a backup.
func (s *Server) restoreLabels(backups []backupLabel, parent *label) labelSet {
	var set labelSet
	for _, b := range backups {
		l := s.state.labels.add(func(id int64) *label {
			return &label{id: id, name: b.Name, color: b.Color, kind: b.Type, svg: b.SVG, parent: parent}
		})
		for _, a := range b.Attributes {
			l.attributes = append(l.attributes, s.state.attributes.add(func(id int64) *attribute {
				return &attribute{id, a.Name, a.Mutable, a.InputType, a.DefaultValue, a.Values}
			}))
		}
		l.sublabels = s.restoreLabels(b.Sublabels, l)
		for _, sub := range l.sublabels {
			l.svg = strings.ReplaceAll(l.svg,
				fmt.Sprintf("data-label-name=%q", sub.name), fmt.Sprintf(`data-label-id="%d"`, sub.id))
		}
		set = append(set, l)
	}
	return set
}

// readNamed reads annotations that know labels and attributes by their names.
func (set labelSet) readNamed(part map[string]any) *annotations {
	for _, list := range []string{"tags", "shapes", "tracks"} {
		items, _ := part[list].([]any)
		for _, item := range items {
			set.numberNames(item)
		}
	}
	content, err := json.Marshal(part)
	if err != nil {
		panic(err) // it was JSON a moment ago
	}
	doc, _, err := decodeAnnotations(content)
	if err != nil {
		return &annotations{}
	}
	return doc
}

// numberNames puts ids in the place of the names of an annotation and of its elements.
func (set labelSet) numberNames(v any) {
	a, _ := v.(map[string]any)
	i := slices.IndexFunc(set, func(l *label) bool { return l.name == a["label"] })
	if i < 0 {
		return
	}
	l := set[i]
	delete(a, "label")
	a["label_id"] = l.id
	l.numberAttributes(a)
	keyframes, _ := a["shapes"].([]any)
	for _, k := range keyframes {
		o, _ := k.(map[string]any)
		l.numberAttributes(o)
	}
	elements, _ := a["elements"].([]any)
	for _, e := range elements {
		labelSet(l.sublabels).numberNames(e)
	}
}

func (l *label) numberAttributes(o map[string]any) {
	items, _ := o["attributes"].([]any)
	for _, item := range items {
		value, _ := item.(map[string]any)
		for _, a := range l.attributes {
			if a.name == value["name"] {
				delete(value, "name")
				value["spec_id"] = a.id
			}
		}
	}
}
