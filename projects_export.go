package cvat

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// Operations of the Projects service that export.
var (
	OpProjectsRetrieveDataset         = Operation{ID: "projects_retrieve_dataset", Method: http.MethodGet, Path: "/api/projects/{id}/dataset/", Until: "2.31.0"}
	OpProjectsRetrieveAnnotations     = Operation{ID: "projects_retrieve_annotations", Method: http.MethodGet, Path: "/api/projects/{id}/annotations", Until: "2.31.0"}
	OpProjectsCreateDatasetExport     = Operation{ID: "projects_create_dataset_export", Method: http.MethodPost, Path: "/api/projects/{id}/dataset/export", Since: "2.16.0"}
	OpProjectsRetrieveDatasetDownload = Operation{ID: "projects_retrieve_dataset_download", Method: http.MethodGet, Path: "/api/projects/{id}/dataset/download", Since: "2.32.0", Replay: Repeatable}
)

// ExportDataset writes the annotations of a project together with its images to w, as an archive in one of the formats that
// [ServerService.Formats] lists, such as "CVAT for images 1.1". It waits for the server to write the archive, speaking
// whichever protocol the server has.
//
// A failed export is a [*BackgroundError] with the server's words; a download that breaks off is an
// [*IncompleteError]. Nothing is left on the server but, for some hours, the archive. On servers up to 2.3 an export
// takes away a result of the same project and format that another program may be about to fetch.
//
// CVAT API: GET /api/projects/{id}/dataset/ (projects_retrieve_dataset) up to 2.15, then POST
// /api/projects/{id}/dataset/export (projects_create_dataset_export), GET /api/requests/{id} (requests_retrieve) and GET
// /api/projects/{id}/dataset/download (projects_retrieve_dataset_download)
func (s *ProjectsService) ExportDataset(ctx context.Context, id int64, format string, w io.Writer, opts *ExportOptions) (*ExportedFile, error) {
	e := s.export("dataset", id, format, opts)
	e.poll, e.images = OpProjectsRetrieveDataset, true
	return e.run(ctx, w)
}

// ExportAnnotations writes the annotations of a project without its images to w; otherwise it is as
// [ProjectsService.ExportDataset].
//
// CVAT API: GET /api/projects/{id}/annotations?format= (projects_retrieve_annotations) up to 2.15, then POST
// /api/projects/{id}/dataset/export (projects_create_dataset_export), GET /api/requests/{id} (requests_retrieve) and GET
// /api/projects/{id}/dataset/download (projects_retrieve_dataset_download)
func (s *ProjectsService) ExportAnnotations(ctx context.Context, id int64, format string, w io.Writer, opts *ExportOptions) (*ExportedFile, error) {
	e := s.export("annotations", id, format, opts)
	e.poll = OpProjectsRetrieveAnnotations
	return e.run(ctx, w)
}

func (s *ProjectsService) export(what string, id int64, format string, opts *ExportOptions) export {
	return export{
		client: s.client, work: fmt.Sprintf("%s of project %d", what, id), id: id, format: format, opts: opts,
		start: OpProjectsCreateDatasetExport, download: OpProjectsRetrieveDatasetDownload,
	}
}
