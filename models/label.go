package models

import "encoding/json"

// LabelType is which shapes a label is for.
type LabelType string

// The label types of CVAT. Servers before 2.4 may also say "bbox" and "cuboid_3d".
const (
	LabelTypeAny       LabelType = "any"
	LabelTypeCuboid    LabelType = "cuboid"
	LabelTypeEllipse   LabelType = "ellipse"
	LabelTypeMask      LabelType = "mask" // since 2.3.0
	LabelTypePoints    LabelType = "points"
	LabelTypePolygon   LabelType = "polygon"
	LabelTypePolyline  LabelType = "polyline"
	LabelTypeRectangle LabelType = "rectangle"
	LabelTypeSkeleton  LabelType = "skeleton"
	LabelTypeInterval  LabelType = "interval" // since 2.66
	LabelTypeTag       LabelType = "tag"
)

// InputType is how an attribute is edited, and so what its values may be.
type InputType string

// The input types of CVAT.
const (
	InputTypeCheckbox InputType = "checkbox"
	InputTypeRadio    InputType = "radio"
	InputTypeNumber   InputType = "number"
	InputTypeText     InputType = "text"
	InputTypeSelect   InputType = "select"
)

// Label is a class of objects, of a task or of a project.
type Label struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	// Color is "#rrggbb"; the server does not check it.
	Color      string      `json:"color"`
	Attributes []Attribute `json:"attributes"`
	// Type is empty for a label that a PATCH without a type added to a server of 2.3: such a server holds null.
	Type LabelType `json:"type,omitzero"`
	// SVG draws a skeleton, see [LabelPatch]; empty for all other types. Its nodes name their sublabels by data-label-id.
	SVG string `json:"svg,omitzero"`
	// Sublabels are the points of a skeleton. Servers until 2.3 also list them among the labels, with HasParent.
	Sublabels []Sublabel `json:"sublabels"`
	HasParent bool       `json:"has_parent"`
	ProjectID int64      `json:"project_id,omitzero"` // since 2.4
	TaskID    int64      `json:"task_id,omitzero"`    // since 2.4
	ParentID  int64      `json:"parent_id,omitzero"`  // since 2.4
}

// Sublabel is one point of a skeleton label.
type Sublabel struct {
	ID         int64       `json:"id"`
	Name       string      `json:"name"`
	Color      string      `json:"color"`
	Attributes []Attribute `json:"attributes"`
	Type       LabelType   `json:"type"`
	HasParent  bool        `json:"has_parent"`
}

// Attribute is a property that objects of a label have.
type Attribute struct {
	// ID is what annotations call spec_id.
	ID   int64  `json:"id"`
	Name string `json:"name"`
	// Mutable attributes of a track change from frame to frame.
	Mutable      bool      `json:"mutable"`
	InputType    InputType `json:"input_type"`
	DefaultValue string    `json:"default_value"`
	// Values are the choices; for [InputTypeNumber] the least value, the greatest and the step. A server that has none
	// sends one empty string.
	Values []string `json:"values"`
}

// LabelCreate is a label of a task or project to be made.
type LabelCreate struct {
	Name string `json:"name"`
	// Color is "#rrggbb"; the server picks one if empty.
	Color      string           `json:"color,omitzero"`
	Attributes []AttributeWrite `json:"attributes,omitempty"`
	// Type is "any" if empty.
	Type LabelType `json:"type,omitzero"`
	// SVG draws a skeleton, see [LabelPatch].
	SVG string `json:"svg,omitzero"`
	// Sublabels are the points of a skeleton.
	Sublabels []SublabelWrite `json:"sublabels,omitempty"`
}

// LabelPatch creates, changes or deletes a label: in the labels of a task or project that is changed, and since 2.4 by
// itself. Without ID it creates and needs Name. Servers before 2.4 want Name in every item, deleted ones included, and all
// give a changed label a new color unless Color is set.
type LabelPatch struct {
	ID   *int64  `json:"id,omitempty"`
	Name *string `json:"name,omitempty"`
	// Color is "#rrggbb"; the server picks one if absent or empty.
	Color *string `json:"color,omitempty"`
	// Attributes are added, or changed where the name (until 2.11) or the ID (since 2.12) is known. Others stay.
	Attributes []AttributeWrite `json:"attributes,omitempty"`
	// Deleted deletes the label and all its annotations.
	Deleted *bool `json:"deleted,omitempty"`
	// Type of a new label is best set: left out, servers of 2.3 store null when it comes by PATCH.
	Type *LabelType `json:"type,omitempty"`
	// SVG draws a new skeleton on a canvas of 100 by 100: a circle for each point, a line for each edge, no svg element around.
	// A circle is
	//
	//	<circle r="1.5" cx="20" cy="20" data-type="element node" data-element-id="1" data-node-id="1" data-label-name="nose"></circle>
	//
	// where data-label-name is the name of one of Sublabels; an edge between nodes 1 and 2 is
	//
	//	<line x1="20" y1="20" x2="60" y2="20" data-type="edge" data-node-from="1" data-node-to="2"></line>
	//
	// The server stores data-label-id in the place of data-label-name.
	SVG       *string         `json:"svg,omitempty"`
	Sublabels []SublabelWrite `json:"sublabels,omitempty"`
}

// SublabelWrite creates or, with ID, changes one point of a skeleton label.
type SublabelWrite struct {
	ID         int64            `json:"id,omitzero"`
	Name       string           `json:"name"`
	Color      string           `json:"color,omitzero"`
	Attributes []AttributeWrite `json:"attributes,omitempty"`
	Type       LabelType        `json:"type,omitzero"`
}

// AttributeWrite creates or changes an attribute of a label. Servers of 2.3 do not check it and fail (500) on anything but the
// five plain fields, so these are always sent.
type AttributeWrite struct {
	ID           int64     `json:"id,omitzero"` // since 2.12
	Name         string    `json:"name"`
	Mutable      bool      `json:"mutable"`
	InputType    InputType `json:"input_type"`
	DefaultValue string    `json:"default_value"`
	// Values are as in [Attribute]. Nil travels as an empty list, because servers refuse both null and nothing.
	Values []string `json:"values"`
	// Deleted deletes the attribute and its values in all annotations; the other fields go with it. since 2.65
	Deleted bool `json:"deleted,omitzero"`
}

// MarshalJSON implements [json.Marshaler].
func (a AttributeWrite) MarshalJSON() ([]byte, error) {
	type plain AttributeWrite
	a.Values = listed(a.Values)
	return json.Marshal(plain(a))
}

// listed turns a nil slice, which would travel as null, into an empty one.
func listed[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
