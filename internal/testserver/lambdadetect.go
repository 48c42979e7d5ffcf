package testserver

import (
	"slices"
	"strconv"
)

// mappedLabel is what a label of a function becomes in a task.
type mappedLabel struct {
	label      *label
	attributes map[string]string // of the task, by those of the function
}

// mapLabels says what the labels of a function become. The older server leaves out what it does not know of a mapping, and
// knows no attributes without one. Sublabels of skeletons are not mapped.
func (s *Server) mapLabels(f *Function, v *canvas, given map[string]functionMapping) (map[string]mappedLabel, error) {
	set := v.task.labelSet()
	if len(given) == 0 {
		return s.mapByName(f, set), nil
	}
	out := map[string]mappedLabel{}
	for _, name := range sortedKeys(given) {
		l, m := set.named(given[name].Name), f.label(name)
		switch {
		case s.cfg.dialect == V2_3 && l == nil:
			continue
		case s.cfg.dialect == V2_3:
		case m == nil:
			return nil, refused("Invalid mapping. Unknown model label \"%s\"", name)
		case l == nil:
			return nil, refused("Invalid mapping. Unknown db label \"%s\"", given[name].Name)
		case !compatible(m.kind(), l.kind):
			return nil, refused("Invalid mapping. Model label \"%s\" and database label \"%s\" are not compatible", name, l.name)
		}
		if s.cfg.dialect == V2_73 {
			if err := m.checkAttributes(l, given[name].Attributes); err != nil {
				return nil, err
			}
		}
		out[name] = mappedLabel{l, given[name].Attributes}
	}
	return out, nil
}

func (l FunctionLabel) checkAttributes(in *label, given map[string]string) error {
	for _, name := range sortedKeys(given) {
		switch {
		case !slices.ContainsFunc(l.Attributes, func(a FunctionAttribute) bool { return a.Name == name }):
			return refused("Invalid mapping. Unknown model attribute \"%s\"", name)
		case in.attribute(given[name]) == nil:
			return refused("Invalid mapping. Unknown db attribute \"%s\"", given[name])
		}
	}
	return nil
}

// mapByName is the mapping when none is given.
func (s *Server) mapByName(f *Function, set labelSet) map[string]mappedLabel {
	out := map[string]mappedLabel{}
	for _, l := range set {
		m := f.label(l.name)
		switch {
		case s.cfg.dialect == V2_3:
			out[l.name] = mappedLabel{label: l}
		case m != nil && compatible(m.kind(), l.kind):
			attributes := map[string]string{}
			for _, a := range m.Attributes {
				if l.attribute(a.Name) != nil {
					attributes[a.Name] = a.Name
				}
			}
			out[l.name] = mappedLabel{l, attributes}
		}
	}
	return out
}

// compatible says whether a label of a function can become one of a task.
func compatible(model string, task any) bool {
	areas := []any{"mask", "polygon"}
	return model == task || task == "any" && model != "skeleton" || model == "any" && task != "skeleton" ||
		slices.Contains(areas, any(model)) && slices.Contains(areas, task)
}

func (f *Function) label(name string) *FunctionLabel {
	i := slices.IndexFunc(f.Labels, func(l FunctionLabel) bool { return l.Name == name })
	if i < 0 {
		return nil
	}
	return &f.Labels[i]
}

func (set labelSet) named(name string) *label {
	i := slices.IndexFunc(set, func(l *label) bool { return l.name == name })
	if i < 0 {
		return nil
	}
	return set[i]
}

func (l *label) attribute(name string) *attribute {
	i := slices.IndexFunc(l.attributes, func(a *attribute) bool { return a.name == name })
	if i < 0 {
		return nil
	}
	return l.attributes[i]
}

// detect calls a detector, and leaves of what it found what the mapping knows, in the words of the task. If that is nothing,
// the older server forgets to leave anything out.
func (s *Server) detect(f *Function, b *functionBody, v *canvas, in FunctionInput) ([]FunctionObject, error) {
	mapping, err := s.mapLabels(f, v, b.Mapping)
	if err != nil {
		return nil, err
	}
	found, err := f.Detect(in)
	if err != nil {
		return nil, broken()
	}
	var out []FunctionObject
	for _, o := range found {
		m, known := mapping[o.Label]
		if !known {
			continue
		}
		o.Label = m.label.name
		o.Attributes = m.translate(o.Attributes)
		out = append(out, o)
	}
	if len(out) == 0 && s.cfg.dialect == V2_3 {
		return found, nil
	}
	return out, nil
}

func (m mappedLabel) translate(given []FunctionValue) []FunctionValue {
	var out []FunctionValue
	for _, value := range given {
		a := m.label.attribute(m.attributes[value.Name])
		if a != nil && a.takes(value.Value) {
			out = append(out, FunctionValue{a.name, value.Value})
		}
	}
	return out
}

// takes says whether an attribute can have a value. The older server also looks at how the function says that it enters it.
func (a *attribute) takes(value string) bool {
	switch a.inputType {
	case "number":
		n, err := strconv.Atoi(value)
		if err != nil || len(a.values) < 3 {
			return false
		}
		least, _ := strconv.Atoi(a.values[0])
		most, _ := strconv.Atoi(a.values[1])
		step, _ := strconv.Atoi(a.values[2])
		return least <= n && n <= most && (step == 0 || (n-least)%step == 0)
	case "checkbox":
		return value == "true" || value == "false"
	case "select", "radio":
		return slices.Contains(a.values, value)
	}
	return true
}

// read is what the older server answers.
func (o FunctionObject) read() object {
	out := object{{"confidence", o.Confidence}, {"label", o.Label}, {"points", o.Points}, {"type", o.Type}}
	if o.Mask != nil {
		out = append(out, member{"mask", o.Mask})
	}
	return append(out, member{"attributes", mapped(o.Attributes, func(v FunctionValue) object {
		return object{{"name", v.Name}, {"value", v.Value}}
	})})
}

// annotate makes annotations of what a detector has found. Labels that the task does not have are left out.
func (v *canvas) annotate(found []FunctionObject, frame int64, polygons bool) *annotations {
	doc := &annotations{}
	for _, o := range found {
		l := v.task.labelSet().named(o.Label)
		if l == nil {
			continue
		}
		a := &labeled{Frame: new(frame), LabelID: new(l.id), Source: new("auto")}
		for _, value := range o.Attributes {
			if spec := l.attribute(value.Name); spec != nil {
				a.Attributes = append(a.Attributes, attributeValue{spec.id, value.Value})
			}
		}
		if o.Type == "tag" {
			doc.Tags = append(doc.Tags, a)
			continue
		}
		a.Type, a.Points = new(o.Type), o.Points
		switch {
		case o.Type == "mask" && polygons && len(o.Points) > 0:
			a.Type = new("polygon")
		case o.Type == "mask":
			a.Points = runLengths(o.Mask)
		}
		doc.Shapes = append(doc.Shapes, a)
	}
	return doc
}

// runLengths packs the pixels of a mask, which its corners follow.
func runLengths(mask []float64) []float64 {
	if len(mask) < 4 {
		return nil
	}
	pixels, corners := mask[:len(mask)-4], mask[len(mask)-4:]
	runs := []float64{0}
	for i, p := range pixels {
		inside := len(runs)%2 == 0
		if i > 0 && p != pixels[i-1] || i == 0 && (p != 0) != inside {
			runs = append(runs, 0)
		}
		runs[len(runs)-1]++
	}
	return slices.Concat(runs, corners)
}
