package testserver

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// duplicated says whether two labels of a request have one name.
func duplicated(labels []values) bool {
	seen := map[string]bool{}
	for _, l := range labels {
		if seen[l.text("name")] {
			return true
		}
		seen[l.text("name")] = true
	}
	return false
}

// nameless says whether the older server trips over a label without a name, which it looks up before anything else.
func (d Dialect) nameless(labels []values) bool {
	return d == V2_3 && slices.ContainsFunc(labels, func(l values) bool { return !l.has("name") })
}

// changeLabels adds, changes and deletes labels as a PATCH of their owner says. The newer server takes back what it did
// when it comes to something wrong, the older one does not.
func (c *call) changeLabels(set labelSet, patches []values) (labelSet, *answer) {
	d := c.s.cfg.dialect
	switch {
	case d.nameless(patches):
		return nil, d.crash()
	case d == V2_3 && duplicated(patches):
		return nil, invalidField("non_field_errors", "All label names must be unique for the task")
	}
	undo := set.snapshot()
	changed := slices.Clone(set)
	for _, p := range patches {
		var refusal *answer
		if changed, refusal = c.changeLabel(changed, p); refusal != nil {
			if d == V2_73 {
				undo()
			}
			return nil, refusal
		}
	}
	for _, l := range set {
		if !slices.Contains(changed, l) {
			c.s.forget(l)
		}
	}
	return changed, nil
}

// changeLabel does one of the changes. A label that is deleted keeps its annotations until all has gone well.
func (c *call) changeLabel(set labelSet, p values) (labelSet, *answer) {
	if !p.has("id") {
		if c.s.cfg.dialect == V2_73 && set.taken(p.text("name"), nil) {
			return nil, invalid("All label names must be unique")
		}
		l := c.s.addLabel(p, nil)
		if c.s.cfg.dialect == V2_3 && !p.has("type") {
			l.kind = nil
		}
		return append(set, l), nil
	}
	i := slices.IndexFunc(set, func(l *label) bool { return l.id == p.int("id") })
	switch {
	case i < 0:
		return nil, detail(http.StatusNotFound, fmt.Sprintf("Not found label with id #%d to change", p.int("id")))
	case p.bool("deleted"):
		return slices.Delete(set, i, i+1), nil
	case c.s.cfg.dialect == V2_73 && set.taken(p.text("name"), set[i]):
		return nil, invalid("All label names must be unique")
	}
	return set, set[i].change(c.s, p)
}

// taken says whether another label has the name.
func (set labelSet) taken(name string, except *label) bool {
	return slices.ContainsFunc(set, func(l *label) bool { return l != except && l.name == name })
}

// snapshot returns what puts the labels back into their present state.
func (set labelSet) snapshot() func() {
	var undo []func()
	for _, l := range set {
		kept := *l
		for _, a := range l.attributes {
			attribute := *a
			undo = append(undo, func() { *a = attribute })
		}
		kept.attributes = slices.Clone(l.attributes)
		undo = append(undo, func() { *l = kept })
	}
	return func() {
		for _, f := range undo {
			f()
		}
	}
}

func (s *Server) dropLabel(set labelSet, l *label) labelSet {
	s.forget(l)
	return slices.DeleteFunc(slices.Clone(set), func(x *label) bool { return x == l })
}

// forget deletes a label with all its annotations.
func (s *Server) forget(l *label) {
	delete(s.state.labels.rows, l.id)
	for _, sub := range l.sublabels {
		delete(s.state.labels.rows, sub.id)
	}
	for _, j := range s.state.jobs.all() {
		for _, list := range j.annotations.lists() {
			*list = slices.DeleteFunc(*list, func(a *labeled) bool { return *a.LabelID == l.id })
		}
	}
}

// change applies a patch. A label whose color is not given gets another one.
func (l *label) change(s *Server, v values) *answer {
	if v.text("name") != "" {
		l.name = v.text("name")
	}
	l.color = v.text("color")
	if l.color == "" {
		l.color = l.pickColor()
	}
	if v.text("type") != "" && s.cfg.dialect == V2_73 && l.kind != "skeleton" && v.text("type") != "skeleton" {
		l.kind = v.text("type")
	}
	for _, a := range v.list("attributes") {
		if refusal := l.changeAttribute(s, a); refusal != nil {
			return refusal
		}
	}
	return nil
}

// changeAttribute adds, changes or deletes an attribute. Only the newer server knows it by its id.
func (l *label) changeAttribute(s *Server, v values) *answer {
	known := slices.IndexFunc(l.attributes, func(a *attribute) bool { return a.name == v.text("name") })
	if s.cfg.dialect == V2_3 {
		if known >= 0 {
			l.attributes[known].set(v)
			return nil
		}
		if v.has("id") || v.has("deleted") {
			return s.cfg.dialect.crash()
		}
	}
	switch i := slices.IndexFunc(l.attributes, func(a *attribute) bool { return a.id == v.int("id") }); {
	case !v.has("id") && v.bool("deleted"):
		return invalidField("non_field_errors", "Deleted attribute must have an ID")
	case v.has("id") && i < 0:
		return detail(http.StatusNotFound, fmt.Sprintf("Attribute with id #%d does not exist", v.int("id")))
	case v.bool("deleted"):
		l.attributes = slices.Delete(slices.Clone(l.attributes), i, i+1)
		return nil
	case v.has("id") && known >= 0 && known != i:
		return invalid(fmt.Sprintf("Attribute names are already used by this label: %q", v.text("name")))
	case v.has("id"):
		return l.attributes[i].replace(v)
	case known >= 0:
		return l.attributes[known].replace(v)
	}
	l.attributes = append(l.attributes, s.addAttribute(v))
	return nil
}

// set changes whatever is wanted.
func (a *attribute) set(v values) {
	a.name, a.mutable, a.inputType = v.text("name"), v.bool("mutable"), v.text("input_type")
	a.defaultValue, a.values = v.text("default_value"), v.texts("values")
}

// replace changes what stored values survive.
func (a *attribute) replace(v values) *answer {
	values := v.texts("values")
	chosen := a.inputType == "select" || a.inputType == "radio"
	switch {
	case v.bool("mutable") != a.mutable:
		return invalid(`Attribute field "mutable" cannot be changed`)
	case v.text("input_type") != a.inputType:
		return invalid(`Attribute field "input_type" cannot be changed`)
	case chosen && slices.ContainsFunc(a.values, func(old string) bool { return !slices.Contains(values, old) }):
		return invalid(`Attribute field "values" can only be appended for radio and select attributes`)
	case a.inputType == "number" && strings.Join(values, "\n") != strings.Join(a.values, "\n"):
		return invalid(`Attribute field "values" cannot be changed for number attributes`)
	}
	a.set(v)
	return nil
}
