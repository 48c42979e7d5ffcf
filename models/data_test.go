package models_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/models"
)

func TestDataResultOfServersThatEchoTheRequest(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(readFixture(t, "2.3/data_request"))
	require.NoError(t, err)
	var result models.DataResult
	require.NoError(t, json.Unmarshal(data, &result))
	assert.Empty(t, result.RqID)
}

func TestChapters(t *testing.T) {
	t.Parallel()
	var meta models.DataMeta
	document := `{"chapters": [{"id": 1, "start": 0, "stop": 9, "metadata": {"title": "Arrival"}}, {"id": 2, "metadata": {}}]}`
	require.NoError(t, json.Unmarshal([]byte(document), &meta))
	assert.Equal(t, []models.Chapter{
		{ID: 1, Stop: 9, Metadata: models.ChapterMetadata{Title: "Arrival"}},
		{ID: 2},
	}, meta.Chapters)
}
