package testserver

import (
	"fmt"
	"net/http"
)

// holder is who has an id: an annotation of a job, or an element of that annotation.
type holder struct {
	job  *job
	root int64
}

// holders lists who has the ids of one kind: all tags, all shapes or all tracks.
func (s *Server) holders(kind int) map[int64]holder {
	out := map[int64]holder{}
	for _, j := range s.state.jobs.rows {
		for _, a := range *j.annotations.lists()[kind] {
			a.walk(func(part *labeled) { out[*part.ID] = holder{j, *a.ID} })
		}
	}
	return out
}

// walk visits an annotation and its elements.
func (a *labeled) walk(visit func(*labeled)) {
	visit(a)
	for _, e := range a.Elements {
		e.walk(visit)
	}
}

func (doc *annotations) hasIDs() bool {
	found := false
	for _, list := range doc.lists() {
		for _, a := range *list {
			a.walk(func(part *labeled) { found = found || part.ID != nil })
		}
	}
	return found
}

// frees says whether the holder of an id has lost it when a job stores the annotations of the given ids.
type frees func(h holder, j *job, given map[int64]bool) bool

// never is the rule of a creation.
func never(holder, *job, map[int64]bool) bool { return false }

// replaced is the rule of an update. It looks for the old annotation only in the job where the new one belongs, so an
// annotation cannot move to another job.
func replaced(h holder, j *job, given map[int64]bool) bool { return h.job == j && given[h.root] }

// refuseTaken refuses ids that somebody has. The real server finds out in the database, and says so in its words.
func (c *call) refuseTaken(v *canvas, doc *annotations, rule frees) *answer {
	if !doc.hasIDs() {
		return nil
	}
	for kind, table := range []string{"engine_labeledimage", "engine_labeledshape", "engine_labeledtrack"} {
		held := c.s.holders(kind)
		for _, j := range v.jobs {
			if id := taken(held, *v.share(doc, j).lists()[kind], j, rule); id != 0 {
				return bare(http.StatusBadRequest, fmt.Sprintf("duplicate key value violates unique constraint "+
					"\"%s_pkey\"\nDETAIL:  Key (id)=(%d) already exists.\n", table, id))
			}
		}
	}
	return nil
}

// taken gives ids to the annotations that a job is to store. It returns the first that somebody else has, or 0.
func taken(held map[int64]holder, items []*labeled, j *job, rule frees) int64 {
	given, found := idsOf(items), int64(0)
	for _, a := range items {
		a.walk(func(part *labeled) {
			if part.ID == nil || found != 0 {
				return
			}
			if h, isHeld := held[*part.ID]; isHeld && !rule(h, j, given) {
				found = *part.ID
			}
			held[*part.ID] = holder{root: *part.ID} // of no job yet, and so not to be freed
		})
	}
	return found
}

func idsOf(items []*labeled) map[int64]bool {
	ids := map[int64]bool{}
	for _, a := range items {
		if a.ID != nil {
			ids[*a.ID] = true
		}
	}
	return ids
}
