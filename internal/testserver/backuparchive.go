package testserver

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
)

// The files of a backup, in the format of the real server, so that its own archives can be restored here too.

// backupTask is task.json.
type backupTask struct {
	Name       string        `json:"name"`
	BugTracker string        `json:"bug_tracker"`
	Status     string        `json:"status"`
	Subset     string        `json:"subset"`
	Labels     []backupLabel `json:"labels"`
	Version    string        `json:"version"`
	Data       backupData    `json:"data"`
	Jobs       []backupJob   `json:"jobs"`
}

// backupProject is project.json.
type backupProject struct {
	Name       string        `json:"name"`
	BugTracker string        `json:"bug_tracker"`
	Status     string        `json:"status"`
	Labels     []backupLabel `json:"labels"`
	Version    string        `json:"version"`
}

type backupData struct {
	ChunkSize     int64   `json:"chunk_size"`
	ImageQuality  int64   `json:"image_quality"`
	StartFrame    int64   `json:"start_frame"`
	StopFrame     int64   `json:"stop_frame"`
	StorageMethod string  `json:"storage_method"`
	Storage       string  `json:"storage"`
	SortingMethod string  `json:"sorting_method"`
	ChunkType     string  `json:"chunk_type"`
	DeletedFrames []int64 `json:"deleted_frames"`
}

type backupJob struct {
	StartFrame int64   `json:"start_frame"`
	StopFrame  int64   `json:"stop_frame"`
	Status     string  `json:"status"`
	Type       string  `json:"type,omitempty"`
	Frames     []int64 `json:"frames,omitempty"` // of ground truth
}

type backupLabel struct {
	Name       string            `json:"name"`
	Color      string            `json:"color"`
	Attributes []backupAttribute `json:"attributes"`
	Type       any               `json:"type"`
	Sublabels  []backupLabel     `json:"sublabels,omitempty"`
	SVG        string            `json:"svg,omitempty"`
}

type backupAttribute struct {
	Name         string   `json:"name"`
	Mutable      bool     `json:"mutable"`
	InputType    string   `json:"input_type"`
	DefaultValue string   `json:"default_value"`
	Values       []string `json:"values"`
}

// packBackup makes the archive.
func (e *exportTarget) packBackup(d Dialect) []byte {
	z := newArchive()
	if e.project == nil {
		e.task.packBackup(d, z, "")
		return z.close()
	}
	for i, t := range e.tasks {
		t.packBackup(d, z, fmt.Sprintf("task_%d/", i))
	}
	p := e.project
	z.addJSON("project.json", backupProject{
		Name: p.name, BugTracker: p.bugTracker, Status: "annotation", Labels: p.labels.backup(), Version: "1.0",
	})
	return z.close()
}

func (a *archive) addJSON(name string, v any) {
	content, err := json.Marshal(v)
	if err != nil {
		panic(err) // what can be stored can be written
	}
	a.add(name, content)
}

func (t *task) packBackup(d Dialect, z *archive, folder string) {
	m := t.media
	var manifest bytes.Buffer
	manifest.WriteString("{\"version\":\"1.1\"}\n{\"type\":\"images\"}\n")
	for _, f := range m.frames {
		z.add(folder+"data/"+f.name, f.blob.data)
		for _, r := range f.related {
			z.add(folder+"data/"+r.name, r.blob.data)
		}
		ext := path.Ext(f.name)
		fmt.Fprintf(&manifest, "{\"name\":%q,\"extension\":%q,\"width\":%d,\"height\":%d}\n",
			strings.TrimSuffix(f.name, ext), ext, f.width, f.height)
	}
	if d == V2_73 || m.sorting == "predefined" {
		z.add(folder+"data/manifest.jsonl", manifest.Bytes())
	}
	doc := backupTask{
		Name: t.name, BugTracker: t.bugTracker, Status: t.status(), Subset: t.subset, Labels: t.labelSet().backup(),
		Version: "1.0", Data: m.backup(d),
	}
	parts := []any{}
	for _, j := range t.jobs {
		doc.Jobs = append(doc.Jobs, j.backup(d))
		r := reading{dialect: d, labels: t.labelSet(), defaults: true}
		parts = append(parts, r.nameLabels(r.document(j.canvas().document())))
	}
	z.addJSON(folder+"task.json", doc)
	z.addJSON(folder+"annotations.json", parts)
}

func (m *media) backup(d Dialect) backupData {
	return backupData{
		ChunkSize: m.chunkSize, ImageQuality: m.quality, StopFrame: int64(len(m.frames) - 1),
		StorageMethod: map[Dialect]string{V2_3: "file_system", V2_73: "cache"}[d], Storage: "local",
		SortingMethod: cmp.Or(m.sorting, "lexicographical"), ChunkType: "imageset", DeletedFrames: append([]int64{}, m.deleted...),
	}
}

func (j *job) backup(d Dialect) backupJob {
	out := backupJob{StartFrame: j.start, StopFrame: j.stop, Status: j.status()}
	if d == V2_73 {
		out.Type, out.Frames = j.kind, j.included
	}
	return out
}

// backup writes labels without ids, in the order of their names.
func (set labelSet) backup() []backupLabel {
	out := []backupLabel{}
	for _, l := range set {
		b := backupLabel{Name: l.name, Color: l.color, Attributes: []backupAttribute{}, Type: l.kind, SVG: l.svg}
		for _, a := range l.attributes {
			b.Attributes = append(b.Attributes, backupAttribute{a.name, a.mutable, a.inputType, a.defaultValue, append([]string{}, a.values...)})
		}
		slices.SortFunc(b.Attributes, func(x, y backupAttribute) int { return strings.Compare(x.Name, y.Name) })
		b.Sublabels = labelSet(l.sublabels).backup()
		for _, sub := range l.sublabels {
			b.SVG = strings.ReplaceAll(b.SVG,
				fmt.Sprintf(`data-label-id="%d"`, sub.id), fmt.Sprintf("data-label-name=%q", sub.name))
		}
		out = append(out, b)
	}
	slices.SortFunc(out, func(x, y backupLabel) int { return strings.Compare(x.Name, y.Name) })
	return out
}

// nameLabels puts names in the place of the ids of labels and attributes, and drops those of the annotations.
func (r reading) nameLabels(v any) any {
	switch v := v.(type) {
	case object:
		return r.nameLabelsOf(v)
	case []object:
		return mapped(v, func(o object) any { return r.nameLabelsOf(o) })
	}
	return v
}

func (r reading) nameLabelsOf(o object) object {
	out := object{}
	for _, m := range o {
		switch m.name {
		case "id":
		case "label_id":
			id, _ := m.value.(*int64)
			out = append(out, member{"label", r.labels.find(*id).name})
		case "spec_id":
			id, _ := m.value.(int64)
			out = append(out, member{"name", r.labels.attribute(id)})
		default:
			out = append(out, member{m.name, r.nameLabels(m.value)})
		}
	}
	return out
}

// attribute returns the name of an attribute of any label.
func (set labelSet) attribute(id int64) string {
	for _, l := range set.flat() {
		for _, a := range l.attributes {
			if a.id == id {
				return a.name
			}
		}
	}
	return ""
}
