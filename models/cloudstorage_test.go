package models_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/models"
)

func TestSpecificAttributes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		attributes models.SpecificAttributes
		written    string
	}{
		"": {},
		"region=us-east-1&endpoint_url=http%3A%2F%2F127.0.0.1%3A9000": {
			models.SpecificAttributes{Region: "us-east-1", EndpointURL: "http://127.0.0.1:9000"},
			"endpoint_url=http%3A%2F%2F127.0.0.1%3A9000&region=us-east-1",
		},
		"endpoint_url=http://127.0.0.1:9000&region=us-east-1": {
			models.SpecificAttributes{Region: "us-east-1", EndpointURL: "http://127.0.0.1:9000"},
			"endpoint_url=http%3A%2F%2F127.0.0.1%3A9000&region=us-east-1",
		},
		"location=EU&project=p&project_id=q&prefix=a%2Fb": {
			models.SpecificAttributes{Location: "EU", Project: "p", ProjectID: "q", Prefix: "a/b"},
			"location=EU&prefix=a%2Fb&project=p&project_id=q",
		},
		"zone=a+b&flag=": {
			models.SpecificAttributes{Other: map[string]string{"zone": "a b", "flag": ""}},
			"flag=&zone=a+b",
		},
		"region=50%&&": {models.SpecificAttributes{Region: "50%"}, "region=50%25"},
	} {
		var got models.SpecificAttributes
		quoted, err := json.Marshal(text)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(quoted, &got))
		assert.Equal(t, want.attributes, got, text)
		assert.Equal(t, want.written, got.String())
		assertEncodes(t, `"`+want.written+`"`, got)
	}
}

func TestSpecificAttributesForgetTheOldOnes(t *testing.T) {
	t.Parallel()
	attributes := models.SpecificAttributes{Region: "us-east-1", Other: map[string]string{"zone": "a"}}
	require.NoError(t, json.Unmarshal([]byte(`"prefix=a"`), &attributes))
	assert.Equal(t, models.SpecificAttributes{Prefix: "a"}, attributes)
}

func FuzzSpecificAttributes(f *testing.F) {
	for _, seed := range []string{"", "region=a", "a=b&c", "=x", "%=%zz", "a=b=c&a=d", "region=&project=%26%3D"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var first, second models.SpecificAttributes
		require.NoError(t, first.UnmarshalText([]byte(text)))
		require.NoError(t, second.UnmarshalText([]byte(first.String())))
		assert.Equal(t, first, second)
	})
}
