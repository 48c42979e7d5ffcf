package testserver

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// label is a label of a task or of a project; a sublabel has a parent too.
type label struct {
	id         int64
	name       string
	color      string
	kind       any // text; null for labels that 2.3 adds by PATCH
	svg        string
	attributes []*attribute
	sublabels  []*label
	parent     *label
}

// attribute is a property of the objects that a label marks.
type attribute struct {
	id           int64
	name         string
	mutable      bool
	inputType    string
	defaultValue string
	values       []string
}

// labelSet is the labels of one owner, without the sublabels.
type labelSet []*label

func labelFields(nested bool) []field {
	attributes := field{kind: dict, fields: []field{
		{name: "id", kind: integer},
		{name: "name", required: true, max: 64},
		{name: "mutable", kind: boolean},
		{name: "input_type", kind: text},
		{name: "default_value", max: 128, blank: true},
		{name: "values", kind: list, items: &field{blank: true}},
	}}
	fields := []field{
		{name: "id", kind: integer},
		{name: "name", required: true, max: 64},
		{name: "color", blank: true},
		{name: "attributes", kind: list, items: &attributes},
		{name: "type", blank: true},
		{name: "svg", blank: true},
		{name: "has_parent", kind: boolean},
		{name: "deleted", kind: boolean},
	}
	if nested {
		fields = append(fields, field{
			name: "sublabels", kind: list, items: &field{kind: dict, fields: labelFields(false)},
		})
	}
	return fields
}

// labelsField is the member "labels" of a creation or of a change. Changed labels of the newer server need no name.
func (d Dialect) labelsField(changes bool) field {
	fields := labelFields(true)
	if changes && d == V2_73 {
		fields[1].required = false
	}
	return field{name: "labels", kind: list, items: &field{kind: dict, fields: fields}}
}

// addLabel makes a label of what a request says.
func (s *Server) addLabel(v values, parent *label) *label {
	l := s.state.labels.add(func(id int64) *label {
		return &label{id: id, name: v.text("name"), color: v.text("color"), svg: v.text("svg"), kind: "any", parent: parent}
	})
	if l.color == "" {
		l.color = fmt.Sprintf("#%06x", (l.id*0x3f5a21+0x204060)&0xffffff)
	}
	if v.text("type") != "" {
		l.kind = v.text("type")
	}
	for _, a := range v.list("attributes") {
		l.attributes = append(l.attributes, s.addAttribute(a))
	}
	for _, sub := range v.list("sublabels") {
		l.sublabels = append(l.sublabels, s.addLabel(sub, l))
	}
	for _, sub := range l.sublabels {
		l.svg = strings.ReplaceAll(l.svg,
			fmt.Sprintf("data-label-name=%q", sub.name), fmt.Sprintf(`data-label-id="%d"`, sub.id))
	}
	return l
}

func (s *Server) addAttribute(v values) *attribute {
	return s.state.attributes.add(func(id int64) *attribute {
		return &attribute{
			id: id, name: v.text("name"), mutable: v.bool("mutable"), inputType: v.text("input_type"),
			defaultValue: v.text("default_value"), values: v.texts("values"),
		}
	})
}

// find returns a label or sublabel of the set.
func (set labelSet) find(id int64) *label {
	for _, l := range set {
		if l.id == id {
			return l
		}
		if sub := labelSet(l.sublabels).find(id); sub != nil {
			return sub
		}
	}
	return nil
}

// flat lists the labels with their sublabels. Sublabels follow all labels, as their ids do not.
func (set labelSet) flat() []*label {
	out := slices.Clone(set)
	for _, l := range set {
		out = append(out, l.sublabels...)
	}
	slices.SortFunc(out, func(a, b *label) int { return int(a.id - b.id) })
	return out
}

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

// changeLabels adds, changes and deletes labels as a PATCH of their owner says.
func (c *call) changeLabels(set labelSet, patches []values) (labelSet, *answer) {
	for _, p := range patches {
		if !p.has("id") {
			l := c.s.addLabel(p, nil)
			if c.s.cfg.dialect == V2_3 && !p.has("type") {
				l.kind = nil
			}
			set = append(set, l)
			continue
		}
		i := slices.IndexFunc(set, func(l *label) bool { return l.id == p.int("id") })
		switch {
		case i < 0:
			return nil, detail(http.StatusNotFound, fmt.Sprintf("Not found label with id #%d to change", p.int("id")))
		case p.bool("deleted"):
			set = c.s.dropLabel(set, set[i])
		default:
			set[i].change(c.s, p)
		}
	}
	return set, nil
}

func (s *Server) dropLabel(set labelSet, l *label) labelSet {
	delete(s.state.labels.rows, l.id)
	for _, sub := range l.sublabels {
		delete(s.state.labels.rows, sub.id)
	}
	return slices.DeleteFunc(slices.Clone(set), func(x *label) bool { return x == l })
}

// change applies a patch. Attributes are matched by name.
func (l *label) change(s *Server, v values) {
	if v.text("name") != "" {
		l.name = v.text("name")
	}
	if v.text("color") != "" {
		l.color = v.text("color")
	}
	if v.text("type") != "" {
		l.kind = v.text("type")
	}
	for _, a := range v.list("attributes") {
		i := slices.IndexFunc(l.attributes, func(known *attribute) bool { return known.name == a.text("name") })
		if i < 0 {
			l.attributes = append(l.attributes, s.addAttribute(a))
			continue
		}
		l.attributes[i].defaultValue = a.text("default_value")
		l.attributes[i].values = a.texts("values")
	}
}

// embedded is the labels as 2.3 embeds them into their owners: sublabels stand beside their parents too.
func (set labelSet) embedded() []object {
	out := []object{}
	for _, l := range set.flat() {
		out = append(out, l.read2_3())
	}
	return out
}

func (l *label) read2_3() object {
	subs := []object{}
	for _, sub := range l.sublabels {
		subs = append(subs, object{
			{"id", sub.id},
			{"name", sub.name},
			{"color", sub.color},
			{"attributes", readAttributes(sub.attributes)},
			{"type", sub.kind},
			{"has_parent", true},
		})
	}
	o := object{
		{"id", l.id},
		{"name", l.name},
		{"color", l.color},
		{"attributes", readAttributes(l.attributes)},
		{"type", l.kind},
	}
	if l.svg != "" {
		o = append(o, member{"svg", l.svg})
	}
	return append(o, member{"sublabels", subs}, member{"has_parent", l.parent != nil})
}

func readAttributes(attributes []*attribute) []object {
	out := []object{}
	for _, a := range attributes {
		values := a.values
		if len(values) == 0 {
			values = []string{""} // the lines of an empty text
		}
		out = append(out, object{
			{"id", a.id},
			{"name", a.name},
			{"mutable", a.mutable},
			{"input_type", a.inputType},
			{"default_value", a.defaultValue},
			{"values", values},
		})
	}
	return out
}
