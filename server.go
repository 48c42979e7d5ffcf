package cvat

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Server service.
var (
	OpServerRetrieveAbout             = Operation{ID: "server_retrieve_about", Method: http.MethodGet, Path: "/api/server/about", Replay: Repeatable}
	OpServerRetrieveAnnotationFormats = Operation{ID: "server_retrieve_annotation_formats", Method: http.MethodGet, Path: "/api/server/annotation/formats", Replay: Repeatable}
	OpServerRetrievePlugins           = Operation{ID: "server_retrieve_plugins", Method: http.MethodGet, Path: "/api/server/plugins", Replay: Repeatable}
	OpServerListShare                 = Operation{ID: "server_list_share", Method: http.MethodGet, Path: "/api/server/share", Replay: Repeatable}
	OpServerCreateLogs                = Operation{ID: "server_create_logs", Method: http.MethodPost, Path: "/api/server/logs", Until: "2.3.0"}
	OpServerCreateException           = Operation{ID: "server_create_exception", Method: http.MethodPost, Path: "/api/server/exception", Until: "2.3.0"}
)

// ServerService tells about the server itself.
type ServerService service

// About returns the server's name and version. Servers up to 2.3.0-alpha want credentials for it, later ones do not. The client
// remembers the version, and refuses from then on operations that this version lacks.
//
// CVAT API: GET /api/server/about (server_retrieve_about)
func (s *ServerService) About(ctx context.Context, opts ...CallOption) (*models.About, *Response, error) {
	about, resp, err := fetch[models.About](ctx, s.client, call{op: OpServerRetrieveAbout}, opts)
	if err == nil {
		s.client.server.learn(about)
	}
	return about, resp, err
}

// Formats returns the formats that the server imports and exports. Their names, such as "CVAT for images 1.1", are what
// exports and imports want.
//
// CVAT API: GET /api/server/annotation/formats (server_retrieve_annotation_formats)
func (s *ServerService) Formats(ctx context.Context, opts ...CallOption) (*models.DatasetFormats, *Response, error) {
	return fetch[models.DatasetFormats](ctx, s.client, call{op: OpServerRetrieveAnnotationFormats}, opts)
}

// Plugins returns which optional parts the server has.
//
// CVAT API: GET /api/server/plugins (server_retrieve_plugins)
func (s *ServerService) Plugins(ctx context.Context, opts ...CallOption) (*models.Plugins, *Response, error) {
	return fetch[models.Plugins](ctx, s.client, call{op: OpServerRetrievePlugins}, opts)
}

// Share returns what a folder of the share holds that the server has mounted: files that tasks can take their data
// from. The folder is a path below the share, "" for the share itself; its subfolders are not looked into. A folder
// that is not there matches [ErrInvalid].
//
// CVAT API: GET /api/server/share (server_list_share)
func (s *ServerService) Share(ctx context.Context, folder string, opts ...CallOption) ([]*models.FileInfo, *Response, error) {
	cl := call{op: OpServerListShare}
	if folder != "" {
		cl.query = url.Values{"directory": {folder}}
	}
	return nested[models.FileInfo](ctx, s.client, cl, opts)
}

// SendLogs writes events to the server's log and returns them as the server understood them. Servers after 2.3.0 lack
// it: the error matches [ErrUnsupported].
//
// CVAT API: POST /api/server/logs (server_create_logs)
func (s *ServerService) SendLogs(ctx context.Context, body []models.LogEvent, opts ...CallOption) ([]*models.LogEvent, *Response, error) {
	for i, event := range body {
		if err := checkFilled("LogEvent["+strconv.Itoa(i)+"]", "Name", event.Name); err != nil {
			return nil, &Response{}, err
		}
	}
	return nested[models.LogEvent](ctx, s.client, call{op: OpServerCreateLogs, in: body}, opts)
}

// SendException writes a failure of a client to the server's log and returns it as the server understood it. Servers
// after 2.3.0 lack it: the error matches [ErrUnsupported].
//
// CVAT API: POST /api/server/exception (server_create_exception)
func (s *ServerService) SendException(ctx context.Context, body models.Exception, opts ...CallOption) (*models.Exception, *Response, error) {
	err := checkFilled("Exception", "System", body.System, "Client", body.Client, "Message", body.Message)
	if err != nil {
		return nil, &Response{}, err
	}
	if where, err := url.Parse(body.Filename); err != nil || where.Scheme == "" || where.Host == "" {
		return nil, &Response{}, &ArgumentError{Field: "Exception.Filename", Reason: "is no absolute URL"}
	}
	return fetch[models.Exception](ctx, s.client, call{op: OpServerCreateException, in: body}, opts)
}
