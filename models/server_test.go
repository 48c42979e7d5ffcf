package models_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/models"
)

func TestFlags(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]models.Flag{"0": false, "1": true, "false": false, "true": true, "null": false} {
		var plugins models.Plugins
		require.NoError(t, json.Unmarshal([]byte(`{"ANALYTICS": `+text+`}`), &plugins), text)
		assert.Equal(t, want, plugins.Analytics, text)
	}
	for _, text := range []string{"2", `"yes"`, "{}", "0.0"} {
		var plugins models.Plugins
		require.Error(t, json.Unmarshal([]byte(`{"ANALYTICS": `+text+`}`), &plugins), text)
	}
}
