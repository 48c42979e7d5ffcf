package testserver

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// xmlWriter writes the format "CVAT for images 1.1" with the indents of the real server.
type xmlWriter struct {
	out     strings.Builder
	dialect Dialect
	labels  labelSet
	depth   int
}

// writeXML makes the file of the format "CVAT for images 1.1".
func (e *exportTarget) writeXML(c exportContext) []byte {
	x := &xmlWriter{dialect: c.reading.dialect, labels: e.labels()}
	x.write(`<?xml version="1.0" encoding="utf-8"?>`)
	x.element("annotations", func() {
		x.text("version", "1.1")
		x.element("meta", func() {
			x.meta(e, c)
			x.text("dumped", pythonTime(now()))
		})
		offset := int64(0)
		for _, v := range e.canvases() {
			x.images(e, v, offset)
			offset += int64(len(v.task.media.frames))
		}
	})
	x.write("\n")
	return []byte(x.out.String())
}

func escapeXML(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

func (x *xmlWriter) write(parts ...string) {
	for _, part := range parts {
		x.out.WriteString(part)
	}
}

func (x *xmlWriter) indent() { x.write("\n", strings.Repeat("  ", x.depth)) }

// tag writes the beginning of an element; attributes are names and values in turn.
func (x *xmlWriter) tag(name string, attributes []string) {
	x.indent()
	x.write("<", name)
	for i := 0; i+1 < len(attributes); i += 2 {
		quoted := strings.ReplaceAll(escapeXML(attributes[i+1]), `"`, "&quot;")
		x.write(" ", attributes[i], `="`, quoted, `"`)
	}
	x.write(">")
}

// element writes an element with what inner writes into it.
func (x *xmlWriter) element(name string, inner func(), attributes ...string) {
	x.tag(name, attributes)
	x.depth++
	inner()
	x.depth--
	x.indent()
	x.write("</", name, ">")
}

// text writes an element that holds text.
func (x *xmlWriter) text(name string, value any, attributes ...string) {
	x.tag(name, attributes)
	x.write(escapeXML(fmt.Sprint(value)), "</", name, ">")
}

// shown is the canvas whose frames an export has: at 2.3 the export of a job has all of its task.
func (x *xmlWriter) shown(v *canvas) *canvas {
	if x.dialect == V2_3 {
		return v.task.canvas()
	}
	return v
}

// frames lists the frames of an export, without the deleted ones.
func (v *canvas) frames() []int64 {
	var out []int64
	if v.job != nil {
		out = slices.Clone(v.job.frames())
	} else {
		for n := range v.task.media.frames {
			out = append(out, int64(n))
		}
	}
	return slices.DeleteFunc(out, func(n int64) bool { return slices.Contains(v.task.media.deleted, n) })
}

// images writes the frames of a canvas. In a project their numbers go on from those of the task before.
func (x *xmlWriter) images(e *exportTarget, v *canvas, offset int64) {
	doc, m := v.document(), v.task.media
	for _, n := range x.shown(v).frames() {
		f := m.frames[n]
		attributes := []string{"id", strconv.FormatInt(m.start+n*m.step()+offset, 10), "name", f.name}
		if e.project != nil {
			attributes = append(attributes, "subset", subsetOf(v.task), "task_id", strconv.FormatInt(v.task.id, 10))
		}
		attributes = append(attributes, "width", strconv.Itoa(f.width), "height", strconv.Itoa(f.height))
		x.element("image", func() { x.frame(doc, n) }, attributes...)
	}
}

// frame writes what is marked in a frame: shapes, then tracks, from the lowest layer up, then tags.
func (x *xmlWriter) frame(doc *annotations, n int64) {
	var shapes []*labeled
	for _, s := range doc.Shapes {
		if *s.Frame == n {
			shapes = append(shapes, s)
		}
	}
	for _, t := range doc.Tracks {
		if s := t.visibleAt(n); s != nil {
			shapes = append(shapes, s)
		}
	}
	slices.SortStableFunc(shapes, func(a, b *labeled) int { return cmp.Compare(a.ZOrder, b.ZOrder) })
	for _, s := range shapes {
		x.shape(s, false)
	}
	for _, t := range doc.Tags {
		if *t.Frame == n {
			attributes := append([]string{"label", x.labels.find(*t.LabelID).name, "source", *t.Source}, groupOf(t)...)
			x.element("tag", func() { x.values(t) }, attributes...)
		}
	}
}

// shape writes a shape, or an element of a skeleton.
func (x *xmlWriter) shape(s *labeled, element bool) {
	name, geometry := x.geometry(&s.figure)
	occluded := []string{"occluded", bit(s.Occluded)}
	attributes := []string{"label", x.labels.find(*s.LabelID).name}
	if x.dialect == V2_3 {
		attributes = append(attributes, occluded...)
	}
	attributes = append(attributes, "source", *s.Source)
	if element {
		attributes = append(attributes, "outside", bit(s.Outside))
	}
	if x.dialect == V2_73 && name != "skeleton" {
		attributes = append(attributes, occluded...)
	}
	attributes = append(attributes, geometry...)
	if x.dialect == V2_3 || !element {
		attributes = append(attributes, "z_order", strconv.FormatInt(s.ZOrder, 10))
	}
	attributes = append(attributes, groupOf(s)...)
	x.element(name, func() {
		for _, e := range s.Elements {
			x.shape(e, true)
		}
		x.values(s)
	}, attributes...)
}

func groupOf(a *labeled) []string {
	if a.Group == nil || *a.Group == 0 {
		return nil
	}
	return []string{"group_id", strconv.FormatInt(*a.Group, 10)}
}

// values writes the attributes of an annotation, the defaults of those without a value included.
func (x *xmlWriter) values(a *labeled) {
	l := x.labels.find(*a.LabelID)
	full := reading{labels: x.labels, defaults: true}.filled(a, a.Attributes, anyAttribute)
	for _, v := range full {
		for _, spec := range l.attributes {
			if spec.id == v.SpecID {
				x.text("attribute", v.text(), "name", spec.name)
			}
		}
	}
}

// geometry returns the name of a figure's element and the attributes that are special to it.
func (x *xmlWriter) geometry(f *figure) (string, []string) {
	p := f.Points
	switch *f.Type {
	case "rectangle":
		return "box", append(named([]string{"xtl", "ytl", "xbr", "ybr"}, p), f.turn()...)
	case "ellipse":
		radii := []float64{p[0], p[1], p[2] - p[0], p[1] - p[3]}
		return "ellipse", append(named([]string{"cx", "cy", "rx", "ry"}, radii), f.turn()...)
	case "cuboid":
		return "cuboid", named(cornerNames(), p)
	case "mask":
		return "mask", maskAttributes(p)
	case "skeleton":
		if x.dialect == V2_73 {
			return "skeleton", nil
		}
		return "skeleton", []string{"points", "", "rotation", coordinate(f.Rotation)}
	}
	return *f.Type, []string{"points", coordinates(p)}
}

func (f *figure) turn() []string {
	if f.Rotation == 0 {
		return nil
	}
	return []string{"rotation", coordinate(f.Rotation)}
}

// cornerNames are the names of the coordinates of a cuboid: first those of its front.
func cornerNames() []string {
	var names []string
	for _, side := range []string{"1", "2"} {
		for _, corner := range []string{"tl", "bl", "tr", "br"} {
			names = append(names, "x"+corner+side, "y"+corner+side)
		}
	}
	return names
}

func coordinate(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// coordinates writes points as x,y;x,y.
func coordinates(points []float64) string {
	var pairs []string
	for i := 0; i+1 < len(points); i += 2 {
		pairs = append(pairs, coordinate(points[i])+","+coordinate(points[i+1]))
	}
	return strings.Join(pairs, ";")
}

func named(names []string, points []float64) []string {
	var out []string
	for i, name := range names[:min(len(names), len(points))] {
		out = append(out, name, coordinate(points[i]))
	}
	return out
}

// maskAttributes writes run lengths and the box that they lie in.
func maskAttributes(points []float64) []string {
	runs, box := points[:len(points)-4], points[len(points)-4:]
	whole := func(v float64) string { return strconv.FormatInt(int64(v), 10) }
	return []string{
		"rle", strings.Join(mapped(runs, whole), ", "), "left", whole(box[0]), "top", whole(box[1]),
		"width", whole(box[2] - box[0] + 1), "height", whole(box[3] - box[1] + 1),
	}
}
