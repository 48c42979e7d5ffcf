package testserver

import (
	"fmt"
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
		{name: "deleted", kind: boolean},
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

// labelsField is the member "labels" of a creation or of a change. Changed labels of the newer server need no name, and the
// older one asks for it elsewhere.
func labelsField(changes bool) field {
	fields := labelFields(true)
	if changes {
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
		l.color = l.pickColor()
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

// pickColor is the server's choice.
func (l *label) pickColor() string { return fmt.Sprintf("#%06x", (l.id*0x3f5a21+0x204060)&0xffffff) }

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
