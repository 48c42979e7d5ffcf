package cvat_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// stored is a document in which everything has an id, as a server returns it.
func stored() models.LabeledData {
	key := []models.TrackedShape{{ID: 1, Type: models.ShapeTypePoints, Points: []float64{1, 2}}}
	return models.LabeledData{
		Tags:      []models.LabeledImage{{ID: 2, LabelID: 9}},
		Shapes:    []models.LabeledShape{{ID: 3, LabelID: 9, Type: models.ShapeTypeSkeleton, Elements: []models.SubLabeledShape{{ID: 4, LabelID: 10}}}},
		Tracks:    []models.LabeledTrack{{ID: 5, LabelID: 9, Shapes: key, Elements: []models.SubLabeledTrack{{ID: 6, LabelID: 10, Shapes: key}}}},
		Intervals: []models.LabeledInterval{{ID: 7, LabelID: 9}},
	}
}

// TestCreationSendsNoIDs: servers from 2.41 refuse them. The caller's document stays as it is.
func TestCreationSendsNoIDs(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(200, `{"version":0,"tags":[],"shapes":[],"tracks":[]}`))
	client := server.client(t)
	data := stored()
	_, _, err := client.Tasks.ReplaceAnnotations(t.Context(), 7, data)
	require.NoError(t, err)
	_, _, err = client.Jobs.CreateAnnotations(t.Context(), 7, data)
	require.NoError(t, err)
	_, _, err = client.Jobs.UpdateAnnotations(t.Context(), 7, data)
	require.NoError(t, err)
	assert.Equal(t, stored(), data)

	arrived := server.arrived()
	require.Len(t, arrived, 3)
	for i, want := range []int{0, 0, 8} {
		var document any
		require.NoError(t, json.Unmarshal(arrived[i].Body, &document))
		assert.Equal(t, want, countKey(document, "id"))
		assert.Equal(t, 6, countKey(document, "label_id"), "nothing else is lost")
	}
}

// countKey counts how often a key stands in a JSON document, at any depth.
func countKey(value any, key string) int {
	n := 0
	switch v := value.(type) {
	case map[string]any:
		if _, ok := v[key]; ok {
			n++
		}
		for _, item := range v {
			n += countKey(item, key)
		}
	case []any:
		for _, item := range v {
			n += countKey(item, key)
		}
	}
	return n
}

// TestChangesNeedIDs: without one, an update would create and a deletion do nothing.
func TestChangesNeedIDs(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(200, `{}`))
	client := server.client(t)
	for name, data := range map[string]models.LabeledData{
		"Tags":      {Tags: []models.LabeledImage{{ID: 1}, {}}},
		"Shapes":    {Shapes: []models.LabeledShape{{}}},
		"Tracks":    {Tracks: []models.LabeledTrack{{}}},
		"Intervals": {Intervals: []models.LabeledInterval{{}}},
	} {
		_, _, err := client.Tasks.UpdateAnnotations(t.Context(), 7, data)
		var refused *cvat.ArgumentError
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, "LabeledData."+name, refused.Field)
		_, _, err = client.Jobs.DeleteAnnotations(t.Context(), 7, data)
		require.ErrorAs(t, err, &refused)
	}
	assert.Empty(t, server.arrived())
}
