package models_test

import (
	"encoding/json"
	"math"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-querystring/query"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/models"
)

func TestNullableStates(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		field          models.Nullable[int64]
		absent, null   bool
		value          int64
		set            bool
		encoded, query string
	}{
		{name: "absent", absent: true, encoded: `{}`},
		{name: "null", field: models.Null[int64](), null: true, encoded: `{"id":null}`},
		{name: "zero", field: models.Value[int64](0), set: true, encoded: `{"id":0}`, query: "id=0"},
		{name: "value", field: models.Value[int64](7), value: 7, set: true, encoded: `{"id":7}`, query: "id=7"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			type document struct {
				ID models.Nullable[int64] `json:"id,omitzero" url:"id"`
			}
			assert.Equal(t, test.absent, test.field.IsZero())
			assert.Equal(t, test.null, test.field.IsNull())
			value, set := test.field.Get()
			assert.Equal(t, test.value, value)
			assert.Equal(t, test.set, set)

			data, err := json.Marshal(document{ID: test.field})
			require.NoError(t, err)
			assert.Equal(t, test.encoded, string(data))

			var decoded document
			require.NoError(t, json.Unmarshal(data, &decoded))
			assert.Equal(t, test.field, decoded.ID)

			values, err := query.Values(document{ID: test.field})
			require.NoError(t, err)
			assert.Equal(t, test.query, values.Encode())
		})
	}
}

func TestNullableDecodeReplaces(t *testing.T) {
	t.Parallel()
	n := models.Value("old")
	require.NoError(t, json.Unmarshal([]byte("null"), &n))
	assert.True(t, n.IsNull())
	require.NoError(t, json.Unmarshal([]byte(`"new"`), &n))
	assert.Equal(t, models.Value("new"), n)
	require.Error(t, json.Unmarshal([]byte("1"), &n))
	assert.Equal(t, models.Value("new"), n, "a failure changes nothing")
}

func TestNullableQuery(t *testing.T) {
	t.Parallel()
	moment := time.Date(2026, 11, 23, 14, 46, 10, 0, time.UTC)
	values := url.Values{}
	require.NoError(t, models.Value(`a "quoted" <word> ü`).EncodeValues("text", &values))
	require.NoError(t, models.Value(true).EncodeValues("flag", &values))
	require.NoError(t, models.Value(0.5).EncodeValues("number", &values))
	require.NoError(t, models.Value(moment).EncodeValues("moment", &values))
	require.NoError(t, models.Value(models.JobStateInProgress).EncodeValues("state", &values))
	require.NoError(t, models.Value([]int{1, 2}).EncodeValues("list", &values))
	assert.Equal(t, url.Values{
		"text":   {`a "quoted" <word> ü`},
		"flag":   {"true"},
		"number": {"0.5"},
		"moment": {"2026-11-23T14:46:10Z"},
		"state":  {"in progress"},
		"list":   {"[1,2]"},
	}, values)

	var unsupported *json.UnsupportedValueError
	err := models.Value(math.Inf(1)).EncodeValues("number", &values)
	require.ErrorAs(t, err, &unsupported)
	assert.ErrorContains(t, err, "number")
}

func FuzzNullable(f *testing.F) {
	for _, seed := range []string{`null`, `"a"`, `{"id":1}`, `[1,null]`, `1e400`, ` null `, `{`, `"\ud800"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var plain any
		var nullable models.Nullable[any]
		plainErr, err := json.Unmarshal(data, &plain), json.Unmarshal(data, &nullable)
		require.Equal(t, plainErr == nil, err == nil, "%v, %v", plainErr, err)
		if err != nil {
			return
		}
		value, set := nullable.Get()
		require.Equal(t, plain, value)
		require.Equal(t, plain != nil, set)
		require.Equal(t, plain == nil, nullable.IsNull())

		encoded, err := json.Marshal(nullable)
		require.NoError(t, err)
		var again models.Nullable[any]
		require.NoError(t, json.Unmarshal(encoded, &again))
		require.True(t, reflect.DeepEqual(nullable, again))
	})
}
