package testserver

import (
	"encoding/xml"
	"slices"
	"strconv"
	"strings"
)

// xmlNode is any element of an XML file.
type xmlNode struct {
	XMLName    xml.Name
	Attributes []xml.Attr `xml:",any,attr"`
	Nodes      []xmlNode  `xml:",any"`
	Text       string     `xml:",chardata"`
}

func (n *xmlNode) get(name string) string {
	for _, a := range n.Attributes {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// readXML reads the images of a file in the format "CVAT 1.1".
func (v *canvas) readXML(content []byte) (*annotations, error) {
	var root xmlNode
	if err := xml.Unmarshal(content, &root); err != nil { //nolint:musttag,gosec // any element will do; into a tree of texts
		return nil, failure("json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)")
	}
	doc := &annotations{}
	for _, image := range root.Nodes {
		frame := slices.IndexFunc(v.task.media.frames, func(f *frame) bool { return f.name == image.get("name") })
		if image.XMLName.Local != "image" || frame < 0 {
			continue
		}
		for _, node := range image.Nodes {
			a := v.readNode(&node, int64(frame), v.task.labelSet())
			if a == nil {
				return nil, failure(importError + "unknown label '" +
					node.get("label") + "'")
			}
			if node.XMLName.Local == "tag" {
				doc.Tags = append(doc.Tags, a)
			} else {
				doc.Shapes = append(doc.Shapes, a)
			}
		}
	}
	return doc, nil
}

// readNode reads a tag, a shape or an element of a skeleton, whose labels are those of the skeleton. It returns nil if
// there is no such label.
func (v *canvas) readNode(node *xmlNode, frame int64, labels labelSet) *labeled {
	i := slices.IndexFunc(labels, func(l *label) bool { return l.name == node.get("label") })
	if i < 0 {
		return nil
	}
	l := labels[i]
	a := &labeled{Frame: new(frame), LabelID: new(l.id), figure: node.figure()}
	for _, child := range node.Nodes {
		if child.XMLName.Local != "attribute" {
			if e := v.readNode(&child, frame, l.sublabels); e != nil {
				a.Elements = append(a.Elements, e)
			}
			continue
		}
		for _, spec := range l.attributes {
			if spec.name == child.get("name") {
				a.Attributes = append(a.Attributes, attributeValue{spec.id, child.Text})
			}
		}
	}
	return a
}

func (n *xmlNode) number(name string) float64 {
	f, err := strconv.ParseFloat(n.get(name), 64)
	if err != nil {
		return 0
	}
	return f
}

// figure reads the drawing of a node; a tag has none.
func (n *xmlNode) figure() figure {
	kind := n.XMLName.Local
	f := figure{
		Type: &kind, Occluded: n.get("occluded") == "1", Outside: n.get("outside") == "1",
		ZOrder: int64(n.number("z_order")), Rotation: n.number("rotation"),
	}
	switch kind {
	case "box":
		kind = "rectangle"
		f.Points = []float64{n.number("xtl"), n.number("ytl"), n.number("xbr"), n.number("ybr")}
	case "ellipse":
		x, y := n.number("cx"), n.number("cy")
		f.Points = []float64{x, y, x + n.number("rx"), y - n.number("ry")}
	case "cuboid":
		for _, side := range []string{"1", "2"} {
			for _, corner := range []string{"tl", "bl", "tr", "br"} {
				f.Points = append(f.Points, n.number("x"+corner+side), n.number("y"+corner+side))
			}
		}
	case "mask":
		left, top := n.number("left"), n.number("top")
		f.Points = append(numbers(n.get("rle")), left, top, left+n.number("width")-1, top+n.number("height")-1)
	case "skeleton", "tag":
	default:
		f.Points = numbers(n.get("points"))
	}
	return f
}

// numbers reads the numbers of a text, whatever stands between them.
func numbers(text string) []float64 {
	var out []float64
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",; ", r) }) {
		if f, err := strconv.ParseFloat(part, 64); err == nil {
			out = append(out, f)
		}
	}
	return out
}

// xmlLabels reads the labels that the meta data of a file describe.
func xmlLabels(content []byte) []backupLabel {
	var root xmlNode
	if xml.Unmarshal(content, &root) != nil { //nolint:musttag,gosec // any element will do; into a tree of texts
		return nil
	}
	var out []backupLabel
	root.walk(func(n *xmlNode) {
		if n.XMLName.Local != "label" {
			return
		}
		l := backupLabel{Name: n.child("name"), Color: n.child("color"), Type: n.child("type")}
		n.walk(func(a *xmlNode) {
			if a.XMLName.Local == "attribute" {
				l.Attributes = append(l.Attributes, backupAttribute{
					a.child("name"), a.child("mutable") == "True", a.child("input_type"), a.child("default_value"),
					strings.Split(a.child("values"), "\n"),
				})
			}
		})
		out = append(out, l)
	})
	return out
}

func (n *xmlNode) walk(visit func(*xmlNode)) {
	for i := range n.Nodes {
		visit(&n.Nodes[i])
		n.Nodes[i].walk(visit)
	}
}

// child returns the text of an element within the node.
func (n *xmlNode) child(name string) string {
	for i := range n.Nodes {
		if n.Nodes[i].XMLName.Local == name {
			return n.Nodes[i].Text
		}
	}
	return ""
}
