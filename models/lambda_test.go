package models_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/models"
)

func decoded[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	require.NoError(t, json.Unmarshal([]byte(text), &v))
	return v
}

// The labels of a function are in one place, whatever the server calls them.
func TestFunctionLabels(t *testing.T) {
	t.Parallel()
	older := decoded[models.Function](t, `{"id": "f", "kind": "detector", "labels": ["car", "cat"],
		"attributes": {"car": [{"name": "parked", "input_type": "checkbox", "values": ["true", "false"]}], "cat": []}}`)
	parked := models.FunctionAttribute{Name: "parked", InputType: models.InputTypeCheckbox, Values: []string{"true", "false"}}
	require.Len(t, older.Labels, 2)
	assert.Equal(t, models.FunctionLabel{Name: "car", Attributes: []models.FunctionAttribute{parked}}, older.Labels[0])
	assert.Equal(t, "cat", older.Labels[1].Name)

	newer := decoded[models.Function](t, `{"id": "f", "kind": "detector", "labels_v2": [{"name": "person", "type": "skeleton",
		"attributes": [], "sublabels": [{"name": "nose", "type": "points", "attributes": []}], "svg": "<circle/>"}]}`)
	require.Len(t, newer.Labels, 1)
	assert.Equal(t, models.LabelTypeSkeleton, newer.Labels[0].Type)
	assert.Equal(t, "nose", newer.Labels[0].Sublabels[0].Name)
	assert.Equal(t, "<circle/>", newer.Labels[0].SVG)

	none := decoded[models.Function](t, `{"id": "f", "kind": "unheard-of", "labels_v2": []}`)
	assert.Empty(t, none.Labels)
	assertEncodes(t, `{"id": "f", "kind": "unheard-of", "labels_v2": [], "description": "", "name": ""}`, none)
	for _, wrong := range []string{`[]`, `{"labels": "car"}`} {
		require.Error(t, json.Unmarshal([]byte(wrong), new(models.Function)), wrong)
	}
}

func TestFunctionCallMoments(t *testing.T) {
	t.Parallel()
	older := decoded[models.FunctionCall](t, `{"enqueued": "2026-11-23T14:51:21.949221", "started": "2026-11-23T14:51:22", "ended": null}`)
	newer := decoded[models.FunctionCall](t, `{"enqueued": "2026-11-23T14:51:21.949221Z", "started": "2026-11-23T14:51:22Z", "ended": null}`)
	assert.Equal(t, newer, older, "UTC")
	assert.True(t, older.Ended.IsZero())
	require.Error(t, json.Unmarshal([]byte(`{"enqueued": "yesterday"}`), new(models.FunctionCall)))
}

// What detectors of older servers find becomes what newer servers answer.
func TestDetectionsOfOlderServers(t *testing.T) {
	t.Parallel()
	labels := []models.Label{
		{ID: 5, Name: "car", Attributes: []models.Attribute{{ID: 50, Name: "parked"}}},
		{ID: 6, Name: "night"},
	}
	found := decoded[models.Detections](t, `[
		{"confidence": "0.91", "label": "car", "points": [1, 2, 3, 4], "type": "rectangle", "group_id": 3,
		 "attributes": [{"name": "parked", "value": "true"}, {"name": "gone", "value": "x"}]},
		{"confidence": 0.5, "label": "night", "type": "tag", "attributes": []},
		{"label": "unknown", "points": [1, 2, 3, 4], "type": "rectangle", "attributes": []},
		{"label": "car", "type": "mask", "points": [9, 9, 9, 9, 9, 9], "mask": [0, 1, 1, 0, 10, 20, 11, 21], "attributes": []},
		{"label": "car", "type": "mask", "mask": [1, 1, 0, 1, 10, 20, 11, 21], "attributes": []},
		{"label": "car", "type": "mask", "attributes": []},
		{"label": "car", "type": "skeleton", "points": [1, 2], "attributes": []}
	]`)
	assert.InDelta(t, 0.91, float64(found.Objects[0].Confidence), 0)
	assert.InDelta(t, 0.5, float64(found.Objects[1].Confidence), 0)
	assert.Equal(t, models.LabeledData{
		Tags: []models.LabeledImage{{Frame: 4, LabelID: 6, Source: models.SourceAuto}},
		Shapes: []models.LabeledShape{
			{
				Type: models.ShapeTypeRectangle, Points: []float64{1, 2, 3, 4}, Frame: 4, LabelID: 5, Group: 3,
				Source: models.SourceAuto, Attributes: []models.AttributeVal{{SpecID: 50, Value: "true"}},
			},
			{
				Type: models.ShapeTypeMask, Points: []float64{1, 2, 1, 10, 20, 11, 21}, Frame: 4, LabelID: 5, Source: models.SourceAuto,
			},
			{
				Type: models.ShapeTypeMask, Points: []float64{0, 2, 1, 1, 10, 20, 11, 21}, Frame: 4, LabelID: 5, Source: models.SourceAuto,
			},
		},
	}, found.Annotations(4, labels))
	require.Error(t, json.Unmarshal([]byte(`[{"confidence": "high"}]`), new(models.Detections)))

	newer := decoded[models.Detections](t, `{"shapes": [{"type": "rectangle", "points": [1, 2, 3, 4], "label_id": 5, "id": null}]}`)
	assert.Equal(t, *newer.Data, newer.Annotations(0, nil))
	assertEncodes(t, `[]`, models.Detections{})
}

// Functions answer in many forms, and none is an error.
func TestInteractions(t *testing.T) {
	t.Parallel()
	outline := [][2]float64{{1, 1}, {20, 1}, {20, 20}}
	for text, want := range map[string]models.Interaction{
		`[[1,1],[20,1],[20,20]]`:                           {Points: outline},
		`{"points":[[1,1],[20,1],[20,20]],"mask":[[0,1]]}`: {Points: outline, Mask: [][]int{{0, 1}}},
		`{"shapes":[{"type":"mask","points":[0,1,0,0,1,1]}]}`: {
			Shapes: []models.LabeledShape{{Type: models.ShapeTypeMask, Points: []float64{0, 1, 0, 0, 1, 1}}},
		},
		`{"blob":"AAAA"}`:     {},
		`"no idea"`:           {},
		`{"mask":[["full"]]}`: {},
	} {
		want.Raw = json.RawMessage(text)
		got := decoded[models.Interaction](t, text)
		assert.Equal(t, want, got, text)
		assertEncodes(t, text, got)
	}
	assertEncodes(t, `{"points": [[1, 1], [20, 1], [20, 20]]}`, models.Interaction{Points: outline})
}

func TestTrackerShapes(t *testing.T) {
	t.Parallel()
	got := decoded[models.Tracking](t, `{"shapes": [[1, 2, 3, 4], {"type": "rectangle", "points": [5, 6, 7, 8]}, null], "states": [{"s": 1}, "signed", null]}`)
	assert.Equal(t, []*models.TrackerShape{
		{Points: []float64{1, 2, 3, 4}}, {Type: models.ShapeTypeRectangle, Points: []float64{5, 6, 7, 8}}, nil,
	}, got.Shapes)
	assertEncodes(t, `{"shapes": [[1, 2, 3, 4], {"type": "rectangle", "points": [5, 6, 7, 8]}, null], "states": [{"s": 1}, "signed", null]}`, got)
	assertEncodes(t, `[]`, models.TrackerShape{})
}

// Servers refuse null where a list must be.
func TestFunctionRequestsWithoutLists(t *testing.T) {
	t.Parallel()
	assertEncodes(t, `{"task": 1, "frame": 0, "pos_points": [], "neg_points": []}`, models.InteractRequest{Task: 1})
	assertEncodes(t, `{"task": 1, "frame0": 0, "frame1": 1, "boxes0": [], "boxes1": []}`, models.ReidentifyRequest{Task: 1, Frame1: 1})
}
