package models

import (
	"encoding/json"
	"slices"
	"time"
)

// FunctionKind is what a serverless function is for.
type FunctionKind string

// The kinds of functions. Others are "unknown" until 2.17 and not listed since.
const (
	// FunctionKindDetector finds objects in a frame.
	FunctionKindDetector FunctionKind = "detector"
	// FunctionKindInteractor draws an object around points that a user has clicked.
	FunctionKindInteractor FunctionKind = "interactor"
	// FunctionKindReid matches the boxes of two frames.
	FunctionKindReid FunctionKind = "reid"
	// FunctionKindTracker follows objects from frame to frame.
	FunctionKindTracker FunctionKind = "tracker"
)

// Function is a serverless function: a model that annotates.
type Function struct {
	ID   string       `json:"id"`
	Kind FunctionKind `json:"kind"`
	// Labels are what the model knows. Servers until 2.8 call the field otherwise and tell less, and end up here as well.
	Labels      []FunctionLabel `json:"labels_v2"`
	Description string          `json:"description"`
	Framework   string          `json:"framework,omitzero"` // until 2.14
	// Name is for people; ID is what calls take.
	Name    string `json:"name"`
	Version int    `json:"version,omitzero"` // since 2.3.0
	// State is Nuclio's, such as "ready"; of trackers only. until 2.14
	State string `json:"state,omitzero"`

	// MinPosPoints and what follows are of interactors only. It is how many points inside of the object it takes.
	MinPosPoints int `json:"min_pos_points,omitzero"`
	// MinNegPoints is how many points outside of the object it takes; -1 if it does not know what to do with any.
	MinNegPoints int `json:"min_neg_points,omitzero"`
	// StartsWithBox: a call gives a box around the object, too.
	StartsWithBox         bool   `json:"startswith_box,omitzero"`
	StartsWithBoxOptional bool   `json:"startswith_box_optional,omitzero"` // since 2.17
	HelpMessage           string `json:"help_message,omitzero"`
	// AnimatedGIF is the address of a film that shows how to use it.
	AnimatedGIF string `json:"animated_gif,omitzero"`

	// SupportedShapeTypes are of trackers only. since 2.40
	SupportedShapeTypes []ShapeType `json:"supported_shape_types,omitzero"`
}

// olderLabels are the labels of a function as servers until 2.8 list them.
type olderLabels struct {
	Names      []string                       `json:"labels"`
	Attributes map[string][]FunctionAttribute `json:"attributes,omitzero"` // of detectors, by label
}

// UnmarshalJSON implements [json.Unmarshaler] for the functions of all servers.
func (f *Function) UnmarshalJSON(data []byte) error {
	type plain Function
	var known plain
	var older olderLabels
	if err := json.Unmarshal(data, &known); err != nil {
		return err
	}
	if known.Labels == nil {
		if err := json.Unmarshal(data, &older); err != nil {
			return err
		}
		for _, name := range older.Names {
			known.Labels = append(known.Labels, FunctionLabel{Name: name, Attributes: older.Attributes[name]})
		}
	}
	*f = Function(known)
	return nil
}

// MarshalJSON implements [json.Marshaler]. Labels without types are written as servers do that do not know them.
func (f Function) MarshalJSON() ([]byte, error) {
	type plain Function
	if !slices.ContainsFunc(f.Labels, func(l FunctionLabel) bool { return l.Type == "" }) {
		f.Labels = listed(f.Labels)
		return json.Marshal(plain(f))
	}
	written := struct {
		plain
		olderLabels

		Newer *struct{} `json:"labels_v2,omitempty"`
	}{plain: plain(f)}
	if f.Kind == FunctionKindDetector {
		written.Attributes = map[string][]FunctionAttribute{}
	}
	for _, label := range f.Labels {
		written.Names = append(written.Names, label.Name)
		if written.Attributes != nil {
			written.Attributes[label.Name] = listed(label.Attributes)
		}
	}
	return json.Marshal(written)
}

// FunctionLabel is a class of objects that a function knows.
type FunctionLabel struct {
	Name string `json:"name"`
	// Type is which shapes the function makes of it. since 2.9
	Type       LabelType           `json:"type"`
	Attributes []FunctionAttribute `json:"attributes"`
	// Sublabels are the points of a skeleton, and SVG is its drawing. since 2.9
	Sublabels []FunctionLabel `json:"sublabels,omitzero"`
	SVG       string          `json:"svg,omitzero"`
}

// FunctionAttribute is a property of the objects that a function finds.
type FunctionAttribute struct {
	Name      string    `json:"name"`
	InputType InputType `json:"input_type"`
	Values    []string  `json:"values"`
}

// LabelMapping says what a label of a function becomes in the task: Name is the task's label. Without any mapping labels
// become those of the same name.
type LabelMapping struct {
	Name string `json:"name"`
	// Attributes are the task's attributes by those of the function.
	Attributes map[string]string `json:"attributes,omitzero"`
	// Sublabels are for skeletons, by the points of the function. since 2.9
	Sublabels map[string]LabelMapping `json:"sublabels,omitzero"`
}

// FunctionQuality is which pictures a function is given.
type FunctionQuality string

// The qualities of pictures. Servers since 2.23 give the original ones always, and ignore what is asked for.
const (
	FunctionQualityOriginal   FunctionQuality = "original"
	FunctionQualityCompressed FunctionQuality = "compressed"
)

// FunctionCallStatus is how far a [FunctionCall] has come.
type FunctionCallStatus string

// The statuses of a [FunctionCall]. Newer servers call what is deferred queued.
const (
	FunctionCallQueued    FunctionCallStatus = "queued"
	FunctionCallDeferred  FunctionCallStatus = "deferred"
	FunctionCallScheduled FunctionCallStatus = "scheduled"
	FunctionCallStarted   FunctionCallStatus = "started"
	FunctionCallFinished  FunctionCallStatus = "finished"
	FunctionCallFailed    FunctionCallStatus = "failed"
	FunctionCallStopped   FunctionCallStatus = "stopped"
	FunctionCallCanceled  FunctionCallStatus = "canceled"
)

// FunctionCall is a run of a function over a whole task or job, in the background.
type FunctionCall struct {
	ID       string             `json:"id"`
	Function FunctionCallParams `json:"function"`
	Status   FunctionCallStatus `json:"status"`
	// Progress is in percent.
	Progress int       `json:"progress"`
	Enqueued time.Time `json:"enqueued,omitzero"`
	// Started is zero while the call is queued.
	Started time.Time `json:"started,omitzero"`
	// Ended is zero until the call is over.
	Ended time.Time `json:"ended,omitzero"`
	// ExcInfo is why the call failed: a traceback, whose last line says what happened.
	ExcInfo string `json:"exc_info,omitzero"`
}

// UnmarshalJSON implements [json.Unmarshaler]. Servers until 2.4 write moments without a time zone, and mean UTC.
func (c *FunctionCall) UnmarshalJSON(data []byte) error {
	type plain FunctionCall
	var known struct {
		plain

		Enqueued moment `json:"enqueued"`
		Started  moment `json:"started"`
		Ended    moment `json:"ended"`
	}
	if err := json.Unmarshal(data, &known); err != nil {
		return err
	}
	*c = FunctionCall(known.plain)
	c.Enqueued, c.Started, c.Ended = known.Enqueued.Time, known.Started.Time, known.Ended.Time
	return nil
}

// moment reads a time with or without a time zone.
type moment struct{ time.Time }

func (m *moment) UnmarshalJSON(data []byte) error {
	if err := m.Time.UnmarshalJSON(data); err == nil {
		return nil
	}
	parsed, err := time.Parse(`"2006-01-02T15:04:05"`, string(data))
	m.Time = parsed
	return err
}

// FunctionCallParams is what a [FunctionCall] does.
type FunctionCallParams struct {
	// ID is the function; empty if the server has forgotten it.
	ID   string `json:"id"`
	Task int64  `json:"task"`
	// Job is 0 for the whole task. since 2.5
	Job int64 `json:"job,omitzero"`
	// Threshold is 0 if none was given.
	Threshold float64 `json:"threshold"`
}

// FunctionCallCreate starts a run of a detector, or of a re-identification, over a task.
type FunctionCallCreate struct {
	// Function is the id of the function.
	Function string `json:"function"`
	// Task is always needed, for a job too.
	Task int64 `json:"task"`
	// Job narrows the run to a job of the task. since 2.5
	Job int64 `json:"job,omitzero"`
	// Threshold is the confidence that objects must have at least, from 0 to 1; 0: the function's own.
	Threshold float64 `json:"threshold,omitzero"`
	// Quality is of the pictures that the function is given. until 2.22
	Quality FunctionQuality `json:"quality,omitzero"`
	// Cleanup deletes the annotations of the task, or of the job, first: all of them.
	Cleanup bool `json:"cleanup,omitzero"`
	// Mapping says which labels of a detector are wanted, and what they become.
	Mapping map[string]LabelMapping `json:"mapping,omitempty"`
	// ConvMaskToPoly makes polygons of masks. since 2.23
	ConvMaskToPoly bool `json:"conv_mask_to_poly,omitzero"`
	// MaxDistance is how far, in pixels, a box of a re-identification may have moved; 0: the function's own.
	MaxDistance int `json:"max_distance,omitzero"`
	// ROI narrows a detector to a part of the frames: left, top, right and bottom in pixels. since 2.70
	ROI []int `json:"roi,omitempty"`
}
