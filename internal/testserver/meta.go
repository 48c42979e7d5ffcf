package testserver

import (
	"net/http"
	"slices"
)

func retrieveTaskMeta(c *call, t *task) *answer {
	if t.media == nil || !t.media.ready && c.s.cfg.dialect == V2_73 {
		return c.s.cfg.dialect.noMeta()
	}
	return ok(t.media.read(c, nil))
}

func retrieveJobMeta(c *call, j *job) *answer { return ok(j.task.media.read(c, j)) }

func (d Dialect) noMeta() *answer {
	if d == V2_3 {
		return d.crash()
	}
	return invalid("Data is not uploaded for the task yet")
}

// storage is where the server has the files from.
func (m *media) storage() string {
	if len(m.serverFiles) > 0 {
		return "share"
	}
	return "local"
}

// read describes the frames: all of them, or at 2.73 only those of a job.
func (m *media) read(c *call, j *job) object {
	d := c.s.cfg.dialect
	frames, start, stop := m.frames, m.start, m.stop
	var included any
	if j != nil {
		start, stop = m.start+j.start*m.step(), m.start+j.stop*m.step()
		frames = nil
		for _, n := range j.frames() {
			frames = append(frames, m.frames[n])
		}
		if j.included != nil {
			included = j.included
		}
	}
	list := []object{}
	for _, f := range frames {
		list = append(list, f.read(d))
	}
	common := object{
		{"chunk_size", m.chunkSizeOrNull()},
		{"size", len(frames)},
		{"image_quality", m.quality},
		{"start_frame", start},
		{"stop_frame", stop},
		{"frame_filter", m.filter},
		{"frames", list},
		{"deleted_frames", m.deletedIn(j)},
	}
	if d == V2_3 {
		return common
	}
	return slices.Concat(
		object{{"chapters", nil}, {"chunks_updated_date", stamp(m.updated)}},
		common,
		object{{"included_frames", included}, {"storage", m.storage()}, {"cloud_storage_id", nil}},
	)
}

func (f *frame) read(d Dialect) object {
	o := object{{"width", f.width}, {"height", f.height}, {"name", f.name}}
	if d == V2_73 {
		o = append(o, member{"related_files", len(f.related)})
	}
	return append(o, member{"has_related_context", len(f.related) > 0})
}

// deletedIn lists the deleted frames, of a job only its own.
func (m *media) deletedIn(j *job) []int64 {
	out := []int64{}
	for _, n := range m.deleted {
		if j == nil || j.holds(n) {
			out = append(out, n)
		}
	}
	return out
}

// deletedFrames reads the one member of a change.
func (c *call) deletedFrames() ([]int64, *answer) {
	v, refusal := c.take([]field{
		{
			name: "deleted_frames", kind: list, items: &field{kind: integer, min: new(0.0)},
			required: c.s.cfg.dialect == V2_3,
		},
		{name: "cloud_storage_id", kind: integer, null: true},
	}, false)
	if refusal != nil {
		return nil, refusal
	}
	items, _ := v["deleted_frames"].([]any)
	out := []int64{}
	for _, item := range items {
		n, _ := item.(int64)
		out = append(out, n)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func updateTaskMeta(c *call, t *task) *answer {
	if t.media == nil || !t.media.ready {
		return c.s.cfg.dialect.noMeta()
	}
	frames, refusal := c.deletedFrames()
	if refusal != nil {
		return refusal
	}
	t.media.deleted = frames
	return ok(t.media.read(c, nil))
}

// updateJobMeta replaces the deleted frames of a job. At 2.3 those of all other jobs come back.
func updateJobMeta(c *call, j *job) *answer {
	frames, refusal := c.deletedFrames()
	if refusal != nil {
		return refusal
	}
	m := j.task.media
	kept := slices.DeleteFunc(frames, func(n int64) bool { return !j.holds(n) })
	if c.s.cfg.dialect == V2_73 {
		for _, n := range m.deleted {
			if !j.holds(n) {
				kept = append(kept, n)
			}
		}
		slices.Sort(kept)
	}
	m.deleted = kept
	return reply(http.StatusOK, m.read(c, j))
}
