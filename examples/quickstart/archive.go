package main

import (
	"archive/zip"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-cvat/cvat/models"
)

// archive is a dataset in the format "CVAT for images 1.1": pictures, and annotations.xml.
type archive struct {
	pictures int
	document
}

// document is annotations.xml.
type document struct {
	Labels []archiveLabel `xml:"meta>task>labels>label"`
	Images []archiveImage `xml:"image"`
}

type archiveLabel struct {
	Name   string `xml:"name"`
	Parent string `xml:"parent"` // the skeleton that a point belongs to
}

type archiveImage struct {
	Frame  int            `xml:"id,attr"`
	Name   string         `xml:"name,attr"`
	Tags   []archiveShape `xml:"tag"`
	Shapes []archiveShape `xml:",any"`
}

// archiveShape is a tag, a shape, or a point of a skeleton.
type archiveShape struct {
	XMLName    xml.Name         `xml:""`
	Label      string           `xml:"label,attr"`
	Layer      int              `xml:"z_order,attr"`
	Points     string           `xml:"points,attr"`
	Left       string           `xml:"xtl,attr"`
	Top        string           `xml:"ytl,attr"`
	Right      string           `xml:"xbr,attr"`
	Bottom     string           `xml:"ybr,attr"`
	Attributes []archiveValue   `xml:"attribute"`
	Elements   []archiveElement `xml:"points"`
}

type archiveElement struct {
	Label  string `xml:"label,attr"`
	Points string `xml:"points,attr"`
}

type archiveValue struct {
	Name  string `xml:"name,attr"`
	Value string `xml:",chardata"`
}

// readArchive opens a zip and reads its annotations.
func readArchive(path string) (*archive, error) {
	reader, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer func() { _ = reader.Close() }()
	content, err := reader.Open("annotations.xml")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer func() { _ = content.Close() }()
	a := &archive{}
	if err := xml.NewDecoder(content).Decode(&a.document); err != nil {
		return nil, fmt.Errorf("%s: annotations.xml: %w", path, err)
	}
	for _, file := range reader.File {
		if !file.FileInfo().IsDir() && file.Name != "annotations.xml" {
			a.pictures++
		}
	}
	return a, nil
}

// labels are those of objects, without those of the points of skeletons.
func (a *archive) labels() []string {
	var names []string
	for _, label := range a.Labels {
		if label.Parent == "" {
			names = append(names, label.Name)
		}
	}
	return names
}

func (a *archive) tags() (n int) {
	for _, image := range a.Images {
		n += len(image.Tags)
	}
	return n
}

func (a *archive) shapes() (n int) {
	for _, image := range a.Images {
		n += len(image.Shapes)
	}
	return n
}

// check compares the archive with what was written.
func (a *archive) check(written []object, frames []models.FrameMeta, labels []models.Label) error {
	if len(a.Images) != len(frames) || a.pictures != len(frames) {
		return fmt.Errorf("it describes %d images and has %d, instead of %d", len(a.Images), a.pictures, len(frames))
	}
	for i, frame := range frames {
		if name := a.Images[i].Name; name != frame.Name {
			return fmt.Errorf("image %d is %q instead of %q", i, name, frame.Name)
		}
	}
	if got := a.labels(); len(got) != len(labels) {
		return fmt.Errorf("it has %d labels %q instead of %d", len(got), got, len(labels))
	}
	objects, err := a.objects()
	if err != nil {
		return err
	}
	written = slices.Clone(written)
	for i := range written {
		written[i].Tracked = false // this format has shapes alone
	}
	return compare(written, objects)
}

// objects translates what is on the images.
func (a *archive) objects() ([]object, error) {
	var all []object
	for _, image := range a.Images {
		for _, tag := range image.Tags {
			all = append(all, object{Frame: image.Frame, Kind: kindTag, Label: tag.Label, Attributes: tag.values()})
		}
		for _, shape := range image.Shapes {
			o, err := shape.object(image.Frame)
			if err != nil {
				return nil, fmt.Errorf("image %d: %w", image.Frame, err)
			}
			all = append(all, o.sorted())
		}
	}
	return all, nil
}

func (s archiveShape) object(frame int) (object, error) {
	o := object{Frame: frame, Kind: s.XMLName.Local, Label: s.Label, Layer: s.Layer, Attributes: s.values()}
	numbers := s.Points
	switch o.Kind {
	case "box":
		o.Kind = string(models.ShapeTypeRectangle)
		numbers = s.Left + "," + s.Top + ";" + s.Right + "," + s.Bottom
	case string(models.ShapeTypeSkeleton):
		var points []string
		for _, element := range s.Elements {
			o.Joints = append(o.Joints, element.Label)
			points = append(points, element.Points)
		}
		numbers = strings.Join(points, ";")
	}
	for number := range strings.FieldsFuncSeq(numbers, func(r rune) bool { return r == ',' || r == ';' }) {
		value, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return o, fmt.Errorf("%s %q: %w", s.XMLName.Local, s.Label, err)
		}
		o.Points = append(o.Points, value)
	}
	return o, nil
}

func (s archiveShape) values() map[string]string {
	values := map[string]string{}
	for _, attribute := range s.Attributes {
		values[attribute.Name] = attribute.Value
	}
	return values
}
