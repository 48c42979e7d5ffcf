package cvat_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

func conformPlugins(t *testing.T, s *target) {
	plugins, _, err := s.admin.Server.Plugins(t.Context())
	require.NoError(t, err)
	assert.Equal(t, s.old, bool(plugins.GitIntegration), "newer servers have none")
}

func conformShare(t *testing.T, s *target) {
	files, _, err := s.admin.Server.Share(t.Context(), "")
	require.NoError(t, err)
	for _, file := range files {
		assert.NotEmpty(t, file.Name)
		assert.Contains(t, []models.FileType{models.FileTypeRegular, models.FileTypeDirectory}, file.Type)
		assert.NotEmpty(t, file.MimeType)
	}
	_, _, err = s.admin.Server.Share(t.Context(), s.prefix+"/nowhere")
	require.ErrorIs(t, err, cvat.ErrInvalid)
	require.ErrorContains(t, err, "is an invalid directory")
}

func conformClientLogs(t *testing.T, s *target) {
	events, _, err := s.admin.Server.SendLogs(t.Context(), []models.LogEvent{logEvent()})
	if !s.old {
		require.ErrorIs(t, err, cvat.ErrUnsupported)
		_, _, err = s.admin.Server.SendException(t.Context(), exception())
		require.ErrorIs(t, err, cvat.ErrUnsupported)
		return
	}
	require.NoError(t, err)
	require.Len(t, events, 1)
	assert.Equal(t, logEvent(), *events[0])

	stored, _, err := s.admin.Server.SendException(t.Context(), exception())
	require.NoError(t, err)
	assert.Equal(t, exception(), *stored)

	nowhere := exception()
	nowhere.Filename = "http://x.y/a.js"
	_, _, err = s.admin.Server.SendException(t.Context(), nowhere)
	var refused *cvat.Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, []string{"Enter a valid URL."}, refused.Fields["filename"])
}
