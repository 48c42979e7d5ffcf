package testserver

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// annotations is the document of what is marked in a job or task.
type annotations struct {
	Version   int64      `json:"version"`
	Tags      []*labeled `json:"tags"`
	Shapes    []*labeled `json:"shapes"`
	Tracks    []*labeled `json:"tracks"`
	Intervals []*labeled `json:"intervals"`
}

// labeled is a tag, a shape or a track, or an element of one: the kind of list it stands in tells which.
type labeled struct {
	ID         *int64           `json:"id"`
	Frame      *int64           `json:"frame"`
	LabelID    *int64           `json:"label_id"`
	Group      *int64           `json:"group"`
	Source     *string          `json:"source"`
	Attributes []attributeValue `json:"attributes"`
	Elements   []*labeled       `json:"elements"`
	Shapes     []*keyframe      `json:"shapes"` // of a track
	Score      *float64         `json:"score"`
	figure
}

// figure is the drawing of a shape, or of a track in one frame.
type figure struct {
	Type     *string   `json:"type"`
	Occluded bool      `json:"occluded"`
	Outside  bool      `json:"outside"`
	ZOrder   int64     `json:"z_order"`
	Rotation float64   `json:"rotation"`
	Points   []float64 `json:"points"`
}

// keyframe is a track in a frame where it was drawn by hand.
type keyframe struct {
	ID         *int64           `json:"id"`
	Frame      *int64           `json:"frame"`
	Attributes []attributeValue `json:"attributes"`
	Elements   []any            `json:"elements"` // always empty, but sent back by 2.3
	figure
}

// attributeValue is the value of an attribute.
type attributeValue struct {
	SpecID int64 `json:"spec_id"`
	Value  any   `json:"value"`
}

// text is the value as the server stores it.
func (a attributeValue) text() string {
	switch v := a.Value.(type) {
	case string:
		return v
	case bool:
		return pythonBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

func pythonBool(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// decodeAnnotations reads a document, and names a member that it does not know.
func decodeAnnotations(raw []byte) (doc *annotations, unknown string, err error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	doc = &annotations{}
	err = dec.Decode(doc)
	if err == nil {
		return doc, "", nil
	}
	if name, isUnknown := strings.CutPrefix(err.Error(), "json: unknown field "); isUnknown {
		unknown = name
		doc = &annotations{}
		err = json.Unmarshal(raw, doc)
	}
	return doc, unknown, err
}

// typeError returns the field that has the wrong type, if that is what is wrong.
func typeError(err error) (string, bool) {
	wrong, isType := errors.AsType[*json.UnmarshalTypeError](err)
	if !isType {
		return "", false
	}
	return wrong.Field, true
}

// reading is the form of a document: that of a read, with all attributes, or that of an answer to a write.
type reading struct {
	dialect  Dialect
	labels   labelSet
	defaults bool // fill in the values of attributes that are missing
}

func (r reading) document(doc *annotations) object {
	o := object{
		{"version", doc.Version},
		{"tags", mapped(doc.Tags, r.tag)},
		{"shapes", mapped(doc.Shapes, func(s *labeled) object { return r.shape(s, true) })},
		{"tracks", mapped(doc.Tracks, func(t *labeled) object { return r.track(t, true) })},
	}
	if r.dialect == V2_73 {
		o = append(o, member{"intervals", []any{}})
	}
	return o
}

// mapped applies a function to all items. It never returns nil, so that JSON has a list.
func mapped[T, U any](items []T, f func(T) U) []U {
	out := make([]U, 0, len(items))
	for _, item := range items {
		out = append(out, f(item))
	}
	return out
}

func (r reading) common(a *labeled, values []attributeValue) object {
	return object{
		{"id", a.ID},
		{"frame", a.Frame},
		{"label_id", a.LabelID},
		{"group", a.Group},
		{"source", a.Source},
		{"attributes", mapped(values, func(v attributeValue) object {
			return object{{"spec_id", v.SpecID}, {"value", v.text()}}
		})},
	}
}

func (r reading) tag(t *labeled) object { return r.common(t, r.filled(t, t.Attributes, anyAttribute)) }

func (f *figure) drawn() object {
	return object{
		{"type", f.Type},
		{"occluded", f.Occluded},
		{"outside", f.Outside},
		{"z_order", f.ZOrder},
		{"rotation", decimal(f.Rotation)},
		{"points", mapped(f.Points, func(p float64) decimal { return decimal(p) })},
	}
}

func (r reading) shape(s *labeled, whole bool) object {
	o := append(s.drawn(), r.common(s, r.filled(s, s.Attributes, anyAttribute))...)
	if r.dialect == V2_73 {
		o = append(o, member{"score", decimal(*s.Score)})
	}
	if whole {
		o = append(o, member{"elements", mapped(s.Elements, func(e *labeled) object { return r.shape(e, false) })})
	}
	return o
}

func (r reading) track(t *labeled, whole bool) object {
	o := append(r.common(t, r.filled(t, t.Attributes, immutableAttribute)), member{
		"shapes", mapped(t.Shapes, func(k *keyframe) object { return r.keyframe(t, k) }),
	})
	if whole {
		o = append(o, member{"elements", mapped(t.Elements, func(e *labeled) object { return r.track(e, false) })})
	}
	return o
}

func (r reading) keyframe(t *labeled, k *keyframe) object {
	values := k.Attributes
	if r.defaults {
		values = t.valuesAt(*k.Frame)
	}
	o := append(k.drawn(), object{
		{"id", k.ID},
		{"frame", k.Frame},
		{"attributes", mapped(r.filled(t, values, mutableAttribute), func(v attributeValue) object {
			return object{{"spec_id", v.SpecID}, {"value", v.text()}}
		})},
	}...)
	if r.dialect == V2_3 && !r.defaults {
		o = append(o, member{"elements", []any{}}) // in the answer to a write only
	}
	return o
}

func anyAttribute(*attribute) bool { return true }

func immutableAttribute(a *attribute) bool { return !a.mutable }

func mutableAttribute(a *attribute) bool { return a.mutable }

// filled adds the default values of the attributes that are missing, in a read.
func (r reading) filled(a *labeled, values []attributeValue, which func(*attribute) bool) []attributeValue {
	l := r.labels.find(*a.LabelID)
	if !r.defaults || l == nil {
		return values
	}
	out := slices.Clone(values)
	for _, spec := range l.attributes {
		known := slices.ContainsFunc(values, func(v attributeValue) bool { return v.SpecID == spec.id })
		if which(spec) && !known {
			out = append(out, attributeValue{spec.id, spec.defaultValue})
		}
	}
	slices.SortFunc(out, func(a, b attributeValue) int { return cmp.Compare(a.SpecID, b.SpecID) })
	return out
}
