package models_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/models"
)

func TestAnnotationsNeverSendNullLists(t *testing.T) {
	t.Parallel()
	assertEncodes(t, `{"version": 0, "tags": [], "shapes": [], "tracks": []}`, models.LabeledData{})
	assertEncodes(t, `{"version": 0, "tags": [], "shapes": [], "tracks": []}`, &models.LabeledData{})
	assertEncodes(t,
		`{"version": 0, "tags": [], "shapes": [], "tracks": [], "intervals": []}`,
		models.LabeledData{Intervals: []models.LabeledInterval{}})
	assertEncodes(t, `{"frame": 0, "label_id": 0, "group": 0}`, models.LabeledImage{})
	assertEncodes(t,
		`{"type": "", "occluded": false, "outside": false, "z_order": 0, "rotation": 0, "frame": 0, "label_id": 0, "group": 0}`,
		models.LabeledShape{})
	assertEncodes(t,
		`{"type": "", "occluded": false, "outside": false, "z_order": 0, "rotation": 0, "frame": 0, "label_id": 0, "group": 0}`,
		models.SubLabeledShape{})
	assertEncodes(t, `{"frame": 0, "label_id": 0, "group": 0}`, models.LabeledTrack{})
	assertEncodes(t, `{"frame": 0, "label_id": 0, "group": 0}`, models.SubLabeledTrack{})
	assertEncodes(t,
		`{"type": "", "occluded": false, "outside": false, "z_order": 0, "rotation": 0, "frame": 0}`,
		models.TrackedShape{})
	assertEncodes(t, `{"label_id": 0, "group": 0, "start": 0, "stop": null}`, models.LabeledInterval{})
}

func TestAnnotationsKeepEmptyLists(t *testing.T) {
	t.Parallel()
	shape := models.LabeledShape{
		Type: models.ShapeTypeSkeleton, Points: []float64{}, Attributes: []models.AttributeVal{},
		Elements: []models.SubLabeledShape{},
	}
	data, err := json.Marshal(shape)
	require.NoError(t, err)
	var decoded models.LabeledShape
	require.NoError(t, json.Unmarshal(data, &decoded))
	assert.Equal(t, shape, decoded)
}

func TestIntervals(t *testing.T) {
	t.Parallel()
	data := models.LabeledData{Intervals: []models.LabeledInterval{{
		ID: 1, LabelID: 2, Group: 3, Source: models.SourceSemiAuto, Attributes: []models.AttributeVal{{SpecID: 4, Value: "x"}},
		Score: new(0.0), Start: 5, Stop: new(0),
	}}}
	assertEncodes(t, `{"version": 0, "tags": [], "shapes": [], "tracks": [], "intervals": [{"id": 1, "label_id": 2, "group": 3,
		"source": "semi-auto", "attributes": [{"spec_id": 4, "value": "x"}], "score": 0, "start": 5, "stop": 0}]}`, data)
	encoded, err := json.Marshal(data)
	require.NoError(t, err)
	var decoded models.LabeledData
	require.NoError(t, json.Unmarshal(encoded, &decoded))
	assert.Equal(t, data.Intervals, decoded.Intervals)
}

func TestScoreOfZeroIsNotNoScore(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]*float64{`{}`: nil, `{"score": 0}`: new(0.0), `{"score": 0.5}`: new(0.5)} {
		var shape models.LabeledShape
		require.NoError(t, json.Unmarshal([]byte(document), &shape))
		assert.Equal(t, want, shape.Score, document)
	}
}

func TestUnknownValuesAreKept(t *testing.T) {
	t.Parallel()
	document := `{"type": "blob", "source": "oracle", "label_id": 1, "novelty": [1]}`
	var shape models.LabeledShape
	require.NoError(t, json.Unmarshal([]byte(document), &shape))
	assert.Equal(t, models.ShapeType("blob"), shape.Type)
	assert.Equal(t, models.Source("oracle"), shape.Source)
	data, err := json.Marshal(shape)
	require.NoError(t, err)
	assert.Contains(t, string(data), `"type":"blob"`)
	assert.Contains(t, string(data), `"source":"oracle"`)
}
