package cvat_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

func TestShareAsksForAFolder(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusOK, `[{"name": "a b", "type": "DIR", "mime_type": "DIR"}]`))
	client := server.client(t)
	for folder, want := range map[string]string{
		"": "/base/api/server/share", "/": "/base/api/server/share?directory=%2F", "a b/c": "/base/api/server/share?directory=a+b%2Fc",
	} {
		files, _, err := client.Server.Share(t.Context(), folder)
		require.NoError(t, err)
		assert.Equal(t, []*models.FileInfo{{Name: "a b", Type: models.FileTypeDirectory, MimeType: "DIR"}}, files)
		requests := server.arrived()
		assert.Equal(t, want, requests[len(requests)-1].RequestURI)
	}
}

func TestShareWithFolders(t *testing.T) {
	t.Parallel()
	srv := testserver.Start(t)
	t.Cleanup(srv.Close)
	srv.Share("city/a.png", picture(t, 0))
	srv.Share("city/night/b.png", picture(t, 1))
	client := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
	files, _, err := client.Server.Share(t.Context(), "/city/")
	require.NoError(t, err)
	assert.Equal(t, []*models.FileInfo{
		{Name: "night", Type: models.FileTypeDirectory, MimeType: "DIR"},
		{Name: "a.png", Type: models.FileTypeRegular, MimeType: "image"},
	}, files)
}

func TestReportsThatNoServerTakes(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusCreated, `[]`))
	client := server.client(t)
	unnamed := logEvent()
	unnamed.Name = ""
	_, _, err := client.Server.SendLogs(t.Context(), []models.LogEvent{logEvent(), unnamed})
	assertRefusedField(t, err, "LogEvent[1].Name")
	for field, spoil := range map[string]func(*models.Exception){
		"System":   func(e *models.Exception) { e.System = "" },
		"Client":   func(e *models.Exception) { e.Client = "" },
		"Message":  func(e *models.Exception) { e.Message = "" },
		"Filename": func(e *models.Exception) { e.Filename = "/a.go" },
	} {
		body := exception()
		spoil(&body)
		_, _, err := client.Server.SendException(t.Context(), body)
		assertRefusedField(t, err, "Exception."+field)
	}
	assert.Empty(t, server.dials())
}

func assertRefusedField(t *testing.T, err error, field string) {
	t.Helper()
	var refused *cvat.ArgumentError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, field, refused.Field)
}
