package models_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/models"
)

func TestRelated(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, document string
		want           models.Related[int64]
		embedded       bool
	}{
		{name: "nothing", document: `null`},
		{name: "no items", document: `[]`, want: models.Related[int64]{Items: []int64{}}, embedded: true},
		{name: "items", document: `[3,1]`, want: models.Related[int64]{Items: []int64{3, 1}}, embedded: true},
		{name: "url", document: `{"url":"https://h/l"}`, want: models.Related[int64]{URL: "https://h/l"}},
		{
			name: "count", document: `{"count":0,"url":"https://h/l"}`,
			want: models.Related[int64]{Count: new(0), URL: "https://h/l"},
		},
		{
			name: "jobs", document: `{"count":4,"completed":0,"validation":2,"url":"https://h/l"}`,
			want: models.Related[int64]{Count: new(4), Completed: new(0), Validation: new(2), URL: "https://h/l"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			decoded := models.Related[int64]{Items: []int64{9}, Count: new(9), Completed: new(9), Validation: new(9), URL: "old"}
			require.NoError(t, decoded.UnmarshalJSON([]byte(test.document)))
			assert.Equal(t, test.want, decoded)
			assert.Equal(t, test.embedded, decoded.Embedded())
			data, err := json.Marshal(decoded)
			require.NoError(t, err)
			assert.Equal(t, test.document, string(data))
		})
	}
}

func TestRelatedRefusesOtherForms(t *testing.T) {
	t.Parallel()
	for _, document := range []string{`1`, `"x"`, `true`, `["x"]`, `{"count":"x"}`} {
		related := models.Related[int64]{URL: "kept"}
		require.Error(t, json.Unmarshal([]byte(document), &related), document)
		assert.Equal(t, models.Related[int64]{URL: "kept"}, related)
	}
}

func TestRelatedAbsentStaysAbsent(t *testing.T) {
	t.Parallel()
	var task models.Task
	require.NoError(t, json.Unmarshal([]byte(`{"labels":[]}`), &task))
	assert.True(t, task.Labels.Embedded())
	assert.False(t, task.Jobs.Embedded())
	data, err := json.Marshal(task)
	require.NoError(t, err)
	assert.NotContains(t, string(data), `"jobs"`)
}

func FuzzRelated(f *testing.F) {
	for _, seed := range []string{`null`, `[]`, `[1,2]`, `{"count":1,"url":"x"}`, `{}`, `{"completed":null}`, `[null]`, `1`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var related models.Related[any]
		if json.Unmarshal(data, &related) != nil {
			return
		}
		encoded, err := json.Marshal(related)
		require.NoError(t, err)
		var again models.Related[any]
		require.NoError(t, json.Unmarshal(encoded, &again))
		require.Equal(t, related, again)
	})
}
