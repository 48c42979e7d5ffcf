package cvat

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/go-cvat/cvat/models"
)

// annotated is what has annotations: tasks and jobs, which treat them alike.
type annotated struct {
	client                                   *Client
	retrieve, update, partialUpdate, destroy Operation
}

// The actions of PATCH. All are sent once: servers do not notice a repetition.
const (
	actionCreate = "create"
	actionUpdate = "update"
	actionDelete = "delete"
)

func (a annotated) get(ctx context.Context, id int64, opts []CallOption) (*models.LabeledData, *Response, error) {
	return fetch[models.LabeledData](ctx, a.client, call{op: a.retrieve, args: []any{id}, transfer: true}, opts)
}

func (a annotated) replace(ctx context.Context, id int64, data models.LabeledData, opts []CallOption) (*models.LabeledData, *Response, error) {
	cl := call{op: a.update, args: []any{id}, in: withoutIDs(data), transfer: true, want: []int{http.StatusOK}}
	return fetch[models.LabeledData](ctx, a.client, cl, opts)
}

func (a annotated) patch(ctx context.Context, id int64, action string, data models.LabeledData, opts []CallOption) (*models.LabeledData, *Response, error) {
	cl := call{
		op: a.partialUpdate, args: []any{id}, query: url.Values{"action": {action}}, in: data,
		transfer: true, want: []int{http.StatusOK},
	}
	return fetch[models.LabeledData](ctx, a.client, cl, opts)
}

func (a annotated) create(ctx context.Context, id int64, data models.LabeledData, opts []CallOption) (*models.LabeledData, *Response, error) {
	return a.patch(ctx, id, actionCreate, withoutIDs(data), opts)
}

// change updates or deletes stored annotations, which all must have an id: without one, servers create on an update
// and delete nothing on a deletion.
func (a annotated) change(ctx context.Context, id int64, action string, data models.LabeledData, opts []CallOption) (*models.LabeledData, *Response, error) {
	if field := firstWithoutID(data); field != "" {
		return nil, &Response{}, &ArgumentError{
			Field:  "LabeledData." + field,
			Reason: "holds an annotation without ID: read the annotations first, or create it",
		}
	}
	return a.patch(ctx, id, action, data, opts)
}

func (a annotated) clear(ctx context.Context, id int64, opts []CallOption) (*Response, error) {
	return a.client.perform(ctx, call{op: a.destroy, args: []any{id}}, nil, opts)
}

// withoutIDs returns a copy that creates: servers from 2.41 refuse ids of annotations that are to be created, and
// earlier ones ignore them.
func withoutIDs(data models.LabeledData) models.LabeledData {
	data.Tags = slices.Clone(data.Tags)
	for i := range data.Tags {
		data.Tags[i].ID = 0
	}
	data.Shapes = slices.Clone(data.Shapes)
	for i := range data.Shapes {
		shape := &data.Shapes[i]
		shape.ID = 0
		shape.Elements = slices.Clone(shape.Elements)
		for j := range shape.Elements {
			shape.Elements[j].ID = 0
		}
	}
	data.Tracks = slices.Clone(data.Tracks)
	for i := range data.Tracks {
		track := &data.Tracks[i]
		track.ID = 0
		track.Shapes = trackedWithoutIDs(track.Shapes)
		track.Elements = slices.Clone(track.Elements)
		for j := range track.Elements {
			track.Elements[j].ID = 0
			track.Elements[j].Shapes = trackedWithoutIDs(track.Elements[j].Shapes)
		}
	}
	data.Intervals = slices.Clone(data.Intervals)
	for i := range data.Intervals {
		data.Intervals[i].ID = 0
	}
	return data
}

func trackedWithoutIDs(shapes []models.TrackedShape) []models.TrackedShape {
	shapes = slices.Clone(shapes)
	for i := range shapes {
		shapes[i].ID = 0
	}
	return shapes
}

// firstWithoutID names the list that holds an annotation that is not stored, "" if there is none.
func firstWithoutID(data models.LabeledData) string {
	switch {
	case slices.ContainsFunc(data.Tags, func(t models.LabeledImage) bool { return t.ID == 0 }):
		return "Tags"
	case slices.ContainsFunc(data.Shapes, func(s models.LabeledShape) bool { return s.ID == 0 }):
		return "Shapes"
	case slices.ContainsFunc(data.Tracks, func(t models.LabeledTrack) bool { return t.ID == 0 }):
		return "Tracks"
	case slices.ContainsFunc(data.Intervals, func(i models.LabeledInterval) bool { return i.ID == 0 }):
		return "Intervals"
	}
	return ""
}
