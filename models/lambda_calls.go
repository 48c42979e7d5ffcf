package models

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// DetectRequest asks a detector for the objects in a frame.
type DetectRequest struct {
	// Task is where the frames are, or since 2.3.0 Job. With both the job must belong to the task.
	Task int64 `json:"task,omitzero"`
	Job  int64 `json:"job,omitzero"`
	// Frame is counted in the task from 0, for jobs too.
	Frame int `json:"frame"`
	// Threshold is the confidence that objects must have at least, from 0 to 1; 0: the function's own.
	Threshold float64 `json:"threshold,omitzero"`
	// Quality is of the picture that the function is given. until 2.22
	Quality FunctionQuality `json:"quality,omitzero"`
	// Mapping says which labels are wanted, and what they become.
	Mapping map[string]LabelMapping `json:"mapping,omitempty"`
	// ConvMaskToPoly makes polygons of masks. since 2.23
	ConvMaskToPoly bool `json:"conv_mask_to_poly,omitzero"`
	// ROI narrows the search to a part of the frame: left, top, right and bottom in pixels. since 2.70
	ROI []int `json:"roi,omitempty"`
}

// Detections are the objects that a detector has found in a frame. Nothing of it is stored. [Detections.Annotations] makes
// of it what can be, on every server.
type Detections struct {
	// Data are annotations with labels and attributes of the task. since 2.35
	Data *LabeledData
	// Objects are what the function has found, with names of labels of the task. until 2.34
	Objects []Detection
}

// MarshalJSON implements [json.Marshaler]: an object for Data, an array for Objects.
func (d Detections) MarshalJSON() ([]byte, error) {
	if d.Data != nil {
		return json.Marshal(d.Data)
	}
	return json.Marshal(listed(d.Objects))
}

// UnmarshalJSON implements [json.Unmarshaler] for the answers of all servers.
func (d *Detections) UnmarshalJSON(data []byte) error {
	*d = Detections{}
	if bytes.HasPrefix(data, []byte("[")) {
		return json.Unmarshal(data, &d.Objects)
	}
	d.Data = new(LabeledData)
	return json.Unmarshal(data, d.Data)
}

// Annotations returns what was found as annotations to be stored. Frame is the one that was asked for, and labels are those
// of the task: only answers of servers until 2.34 need them. Of those answers it leaves out skeletons, and objects whose label
// is not among the labels.
func (d Detections) Annotations(frame int, labels []Label) LabeledData {
	if d.Data != nil {
		return *d.Data
	}
	var found LabeledData
	for _, object := range d.Objects {
		i := slices.IndexFunc(labels, func(l Label) bool { return l.Name == object.Label })
		if i < 0 {
			continue
		}
		attributes := object.values(&labels[i])
		if object.Type == detectedTag {
			found.Tags = append(found.Tags, LabeledImage{Frame: frame, LabelID: labels[i].ID, Source: SourceAuto, Attributes: attributes})
			continue
		}
		if points := object.points(); len(points) > 0 {
			found.Shapes = append(found.Shapes, LabeledShape{
				Type: object.Type, Points: points, Rotation: object.Rotation, Frame: frame, LabelID: labels[i].ID,
				Group: object.GroupID, Source: SourceAuto, Attributes: attributes,
			})
		}
	}
	return found
}

const detectedTag ShapeType = "tag"

// Detection is an object that a detector has found, as servers until 2.34 tell it. Functions may say more than is here.
type Detection struct {
	// Label is the name of a label of the task.
	Label string `json:"label"`
	// Type is the form of a shape, or "tag".
	Type ShapeType `json:"type"`
	// Points are as in [LabeledShape].
	Points []float64 `json:"points,omitzero"`
	// Mask is, row by row, 1 for the object and 0 for the background inside a box, then left, top, right and bottom of it.
	Mask     []float64 `json:"mask,omitzero"`
	Rotation float64   `json:"rotation,omitzero"`
	// Confidence is from 0 to 1. Most functions write it as text.
	Confidence Confidence `json:"confidence,omitzero"`
	// GroupID joins objects that belong together.
	GroupID int64 `json:"group_id,omitzero"`
	// Attributes have the names of attributes of the task.
	Attributes []DetectedAttribute `json:"attributes"`
}

// points returns the points as a [LabeledShape] has them.
func (d *Detection) points() []float64 {
	box := len(d.Mask) - 4
	switch {
	case d.Type == ShapeTypeSkeleton:
		return nil
	case d.Type != ShapeTypeMask:
		return d.Points
	case box <= 0:
		return nil
	}
	var runs []float64
	length, inside := 0, false
	for _, pixel := range d.Mask[:box] {
		if (pixel != 0) != inside {
			runs = append(runs, float64(length))
			length, inside = 0, !inside
		}
		length++
	}
	return slices.Concat(runs, []float64{float64(length)}, d.Mask[box:])
}

// values returns the attributes that the label has.
func (d *Detection) values(label *Label) []AttributeVal {
	var values []AttributeVal
	for _, attribute := range d.Attributes {
		i := slices.IndexFunc(label.Attributes, func(spec Attribute) bool { return spec.Name == attribute.Name })
		if i >= 0 {
			values = append(values, AttributeVal{SpecID: label.Attributes[i].ID, Value: attribute.Value})
		}
	}
	return values
}

// DetectedAttribute is the value of an attribute by its name.
type DetectedAttribute struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Confidence is how sure a function is, from 0 to 1. It is written as text, as most functions do, and read from numbers too.
type Confidence float64

// MarshalJSON implements [json.Marshaler].
func (c Confidence) MarshalJSON() ([]byte, error) { return json.Marshal(fmt.Sprint(float64(c))) }

// UnmarshalJSON implements [json.Unmarshaler].
func (c *Confidence) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(bytes.Trim(data, `"`), (*float64)(c))
}

// InteractRequest asks an interactor for an object.
type InteractRequest struct {
	// Task is where the frames are, or since 2.3.0 Job. With both the job must belong to the task.
	Task int64 `json:"task,omitzero"`
	Job  int64 `json:"job,omitzero"`
	// Frame is counted in the task from 0, for jobs too.
	Frame int `json:"frame"`
	// PosPoints lie inside of the object, x and y in pixels. Until 2.16 the first two are the corners of a box around it if the
	// function starts with one.
	PosPoints [][2]float64 `json:"pos_points"`
	// NegPoints lie outside.
	NegPoints [][2]float64 `json:"neg_points"`
	// ObjBBox is the upper left and the lower right corner of a box around the object. since 2.17
	ObjBBox [][2]float64 `json:"obj_bbox,omitempty"`
	// TextPrompts say in words what is looked for. since 2.60
	TextPrompts []string `json:"text_prompts,omitempty"`
	// Threshold is for functions that know one; 0: their own.
	Threshold float64 `json:"threshold,omitzero"`
	// Quality is of the picture that the function is given. until 2.22
	Quality FunctionQuality `json:"quality,omitzero"`
	// ROI narrows the search to a part of the frame: left, top, right and bottom in pixels. since 2.70
	ROI []int `json:"roi,omitempty"`
}

// MarshalJSON implements [json.Marshaler]. Nil lists of points become empty ones, because servers refuse null.
func (r InteractRequest) MarshalJSON() ([]byte, error) {
	type plain InteractRequest
	r.PosPoints, r.NegPoints = listed(r.PosPoints), listed(r.NegPoints)
	return json.Marshal(plain(r))
}

// Interaction is an object that an interactor has drawn. What it says of it, and in which of the fields, is up to the
// function: the server passes it on.
type Interaction struct {
	// Points are x and y of the points of an outline.
	Points [][2]float64 `json:"points,omitzero"`
	// Mask is the object in the frame row by row, 0 where it is not.
	Mask [][]int `json:"mask,omitzero"`
	// Shapes are what newer functions answer with. since 2.60
	Shapes []LabeledShape `json:"shapes,omitzero"`
	// Raw is the whole answer.
	Raw json.RawMessage `json:"-"`
}

// MarshalJSON implements [json.Marshaler]: it is Raw if there is one.
func (i Interaction) MarshalJSON() ([]byte, error) {
	type plain Interaction
	if i.Raw != nil {
		return i.Raw, nil
	}
	return json.Marshal(plain(i))
}

// UnmarshalJSON implements [json.Unmarshaler]. An answer that the fields cannot hold is only in Raw.
func (i *Interaction) UnmarshalJSON(data []byte) error {
	type plain Interaction
	*i = Interaction{Raw: bytes.Clone(data)}
	var known plain
	var outline [][2]float64
	if json.Unmarshal(data, &known) == nil {
		i.Points, i.Mask, i.Shapes = known.Points, known.Mask, known.Shapes
	} else if json.Unmarshal(data, &outline) == nil {
		i.Points = outline
	}
	return nil
}

// TrackRequest asks a tracker where objects are in a frame. The first call gives their Shapes, each later one the States that
// the call before has returned.
type TrackRequest struct {
	// Task is where the frames are, or since 2.3.0 Job. With both the job must belong to the task.
	Task int64 `json:"task,omitzero"`
	Job  int64 `json:"job,omitzero"`
	// Frame is counted in the task from 0, for jobs too.
	Frame int `json:"frame"`
	// Shapes are the objects in the frame. Servers until 2.39 want them again in later calls, as they were found in the frame
	// before.
	Shapes []TrackerShape `json:"shapes,omitempty"`
	// States are what the function knows of each object; see [Tracking].
	States []json.RawMessage `json:"states,omitempty"`
	// Quality is of the picture that the function is given. until 2.22
	Quality FunctionQuality `json:"quality,omitzero"`
}

// Tracking is where a tracker has found objects.
type Tracking struct {
	// Shapes are in the order of the request, nil for an object that is lost.
	Shapes []*TrackerShape `json:"shapes"`
	// States belong to the next call, as they are. Servers since 2.26 sign them, and take them for eight hours.
	States []json.RawMessage `json:"states"`
}

// TrackerShape is an object that is tracked. Servers until 2.39 know rectangles without a type: leave Type empty there.
type TrackerShape struct {
	Type ShapeType `json:"type"`
	// Points are as in [LabeledShape].
	Points []float64 `json:"points"`
}

// MarshalJSON implements [json.Marshaler]: without a type it is the points alone.
func (s TrackerShape) MarshalJSON() ([]byte, error) {
	type plain TrackerShape
	if s.Type == "" {
		return json.Marshal(listed(s.Points))
	}
	return json.Marshal(plain(s))
}

// UnmarshalJSON implements [json.Unmarshaler] for both forms.
func (s *TrackerShape) UnmarshalJSON(data []byte) error {
	type plain TrackerShape
	*s = TrackerShape{}
	if bytes.HasPrefix(data, []byte("[")) {
		return json.Unmarshal(data, &s.Points)
	}
	return json.Unmarshal(data, (*plain)(s))
}

// ReidentifyRequest asks a re-identification which boxes of two frames are the same object.
type ReidentifyRequest struct {
	// Task is where the frames are, or since 2.3.0 Job. With both the job must belong to the task.
	Task int64 `json:"task,omitzero"`
	Job  int64 `json:"job,omitzero"`
	// Frame0 and Frame1 are counted in the task from 0, for jobs too.
	Frame0 int `json:"frame0"`
	Frame1 int `json:"frame1"`
	// Boxes0 and Boxes1 are the rectangles in the two frames.
	Boxes0 []LabeledShape `json:"boxes0"`
	Boxes1 []LabeledShape `json:"boxes1"`
	// Threshold is how alike two boxes must be at least, from 0 to 1; 0: the function's own.
	Threshold float64 `json:"threshold,omitzero"`
	// MaxDistance is how far, in pixels, a box may have moved; 0: the function's own.
	MaxDistance int `json:"max_distance,omitzero"`
	// Quality is of the pictures that the function is given. until 2.22
	Quality FunctionQuality `json:"quality,omitzero"`
}

// MarshalJSON implements [json.Marshaler]. Nil lists of boxes become empty ones, because servers refuse null.
func (r ReidentifyRequest) MarshalJSON() ([]byte, error) {
	type plain ReidentifyRequest
	r.Boxes0, r.Boxes1 = listed(r.Boxes0), listed(r.Boxes1)
	return json.Marshal(plain(r))
}
