package models

import "encoding/json"

// ShapeType is the form of a shape; it decides what the points mean, see [LabeledShape].
type ShapeType string

// The shape types of CVAT.
const (
	ShapeTypeRectangle ShapeType = "rectangle"
	ShapeTypePolygon   ShapeType = "polygon"
	ShapeTypePolyline  ShapeType = "polyline"
	ShapeTypePoints    ShapeType = "points"
	ShapeTypeEllipse   ShapeType = "ellipse"
	ShapeTypeCuboid    ShapeType = "cuboid"
	ShapeTypeMask      ShapeType = "mask" // since 2.3.0
	ShapeTypeSkeleton  ShapeType = "skeleton"
)

// Source is how an annotation came about. Servers until 2.69 accept any text of up to 16 characters, later ones these only.
type Source string

// The sources of CVAT.
const (
	SourceAuto      Source = "auto"
	SourceSemiAuto  Source = "semi-auto"
	SourceManual    Source = "manual"
	SourceFile      Source = "file"
	SourceConsensus Source = "consensus"
)

// LabeledData is the annotations of a task or job. The same types serve reading and writing.
//
// Frames are counted in the task from 0, for jobs too. An ID of 0 is not yet stored: it is not sent, and servers since 2.41
// refuse any other on creation. A Group of 0 is none. An empty Source is not sent; the server makes it manual.
type LabeledData struct {
	// Version is a relic: servers send 0.
	Version int            `json:"version"`
	Tags    []LabeledImage `json:"tags"`
	Shapes  []LabeledShape `json:"shapes"`
	Tracks  []LabeledTrack `json:"tracks"`
	// Intervals are annotations of audio. since 2.66
	Intervals []LabeledInterval `json:"intervals,omitzero"`
}

// MarshalJSON implements [json.Marshaler]. Nil lists that all servers know become empty ones, because servers refuse null.
func (d LabeledData) MarshalJSON() ([]byte, error) {
	type plain LabeledData
	d.Tags, d.Shapes, d.Tracks = listed(d.Tags), listed(d.Shapes), listed(d.Tracks)
	return json.Marshal(plain(d))
}

// LabeledImage is a tag: a label of a whole frame.
type LabeledImage struct {
	ID      int64 `json:"id,omitzero"`
	Frame   int   `json:"frame"`
	LabelID int64 `json:"label_id"`
	// Group joins annotations that belong together. Servers until 2.64 send null for none.
	Group      int64          `json:"group"`
	Source     Source         `json:"source,omitzero"`
	Attributes []AttributeVal `json:"attributes,omitzero"`
}

// LabeledShape is an object on one frame.
//
// Points are in pixels of the original frame, x to the right and y down from its upper left corner:
//   - rectangle: x and y of two opposite corners, upper left first, before Rotation;
//   - polygon, polyline, points: x and y of each point;
//   - ellipse: x and y of the centre, x of the rightmost point, y of the topmost point, before Rotation;
//   - cuboid: 16 numbers, x and y of 8 corners; for point clouds position, rotation and scale by three coordinates each, then
//     seven zeroes;
//   - mask: lengths of runs of background and object pixels by turns, starting with background, row by row inside a box,
//     then left, top, right and bottom of the box, all four inside it;
//   - skeleton: none; its points are Elements.
type LabeledShape struct {
	Type     ShapeType `json:"type"`
	Occluded bool      `json:"occluded"`
	// Outside is true for the points of a skeleton that cannot be seen.
	Outside bool `json:"outside"`
	// ZOrder is the layer; higher ones cover lower ones.
	ZOrder int `json:"z_order"`
	// Rotation is in degrees clockwise, from 0 to 360.
	Rotation float64   `json:"rotation"`
	Points   []float64 `json:"points,omitzero"`
	ID       int64     `json:"id,omitzero"`
	Frame    int       `json:"frame"`
	LabelID  int64     `json:"label_id"`
	// Group joins annotations that belong together. Servers until 2.64 send null for none.
	Group      int64          `json:"group"`
	Source     Source         `json:"source,omitzero"`
	Attributes []AttributeVal `json:"attributes,omitzero"`
	// Score is the confidence of an automatic annotation, from 0 to 1; the server makes it 1 when absent. since 2.56
	Score *float64 `json:"score,omitempty"`
	// Elements are the points of a skeleton; other shapes have none.
	Elements []SubLabeledShape `json:"elements,omitzero"`
}

// SubLabeledShape is one point of a skeleton on one frame. Its fields are those of [LabeledShape], its label a [Sublabel].
type SubLabeledShape struct {
	Type       ShapeType      `json:"type"`
	Occluded   bool           `json:"occluded"`
	Outside    bool           `json:"outside"`
	ZOrder     int            `json:"z_order"`
	Rotation   float64        `json:"rotation"`
	Points     []float64      `json:"points,omitzero"`
	ID         int64          `json:"id,omitzero"`
	Frame      int            `json:"frame"`
	LabelID    int64          `json:"label_id"`
	Group      int64          `json:"group"`
	Source     Source         `json:"source,omitzero"`
	Attributes []AttributeVal `json:"attributes,omitzero"`
	Score      *float64       `json:"score,omitempty"` // since 2.56
}

// LabeledTrack is an object over many frames. Between its shapes the server interpolates; the last one lasts to the end of the
// task unless it is outside.
type LabeledTrack struct {
	ID int64 `json:"id,omitzero"`
	// Frame is the first frame.
	Frame   int   `json:"frame"`
	LabelID int64 `json:"label_id"`
	// Group joins annotations that belong together. Servers until 2.64 send null for none.
	Group  int64  `json:"group"`
	Source Source `json:"source,omitzero"`
	// Shapes are the key frames.
	Shapes []TrackedShape `json:"shapes,omitzero"`
	// Attributes are those that are not mutable; the others are in Shapes.
	Attributes []AttributeVal `json:"attributes,omitzero"`
	// Elements are the points of a skeleton; other tracks have none.
	Elements []SubLabeledTrack `json:"elements,omitzero"`
}

// SubLabeledTrack is one point of a skeleton over many frames. Its fields are those of [LabeledTrack], its label a [Sublabel].
type SubLabeledTrack struct {
	ID         int64          `json:"id,omitzero"`
	Frame      int            `json:"frame"`
	LabelID    int64          `json:"label_id"`
	Group      int64          `json:"group"`
	Source     Source         `json:"source,omitzero"`
	Shapes     []TrackedShape `json:"shapes,omitzero"`
	Attributes []AttributeVal `json:"attributes,omitzero"`
}

// TrackedShape is a track at one of its key frames. Points are as in [LabeledShape].
//
// Two fields of some answers to writes are left out, since they say nothing and no server reads them: an empty list of elements
// (2.3), and keyframe, always true, where a track was cut at the bounds of jobs (2.73).
type TrackedShape struct {
	Type     ShapeType `json:"type"`
	Occluded bool      `json:"occluded"`
	// Outside ends the track at this frame, until a later shape that is not outside.
	Outside bool `json:"outside"`
	ZOrder  int  `json:"z_order"`
	// Rotation is in degrees clockwise, from 0 to 360.
	Rotation float64   `json:"rotation"`
	Points   []float64 `json:"points,omitzero"`
	ID       int64     `json:"id,omitzero"`
	Frame    int       `json:"frame"`
	// Attributes are the mutable ones.
	Attributes []AttributeVal `json:"attributes,omitzero"`
}

// LabeledInterval is a stretch of audio. since 2.66
type LabeledInterval struct {
	ID         int64          `json:"id,omitzero"`
	LabelID    int64          `json:"label_id"`
	Group      int64          `json:"group"`
	Source     Source         `json:"source,omitzero"`
	Attributes []AttributeVal `json:"attributes,omitzero"`
	Score      *float64       `json:"score,omitempty"`
	// Start is the first frame.
	Start int `json:"start"`
	// Stop is the frame after the last one; nil is sent as null.
	Stop *int `json:"stop"`
}

// AttributeVal is the value of one attribute of an annotation.
type AttributeVal struct {
	// SpecID is the ID of the [Attribute].
	SpecID int64 `json:"spec_id"`
	// Value is text for every input type: "true", "12", "a b".
	Value string `json:"value"`
}
