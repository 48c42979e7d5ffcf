package cvat

import (
	"context"
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
	return s.client.export(ctx, exported(BackgroundExportDataset, targetProject, id, format), &writerTarget{w: w}, opts)
}

// ExportAnnotations writes the annotations of a project without its images to w; otherwise it is as
// [ProjectsService.ExportDataset].
//
// CVAT API: GET /api/projects/{id}/annotations?format= (projects_retrieve_annotations) up to 2.15, then POST
// /api/projects/{id}/dataset/export (projects_create_dataset_export), GET /api/requests/{id} (requests_retrieve) and GET
// /api/projects/{id}/dataset/download (projects_retrieve_dataset_download)
func (s *ProjectsService) ExportAnnotations(ctx context.Context, id int64, format string, w io.Writer, opts *ExportOptions) (*ExportedFile, error) {
	return s.client.export(ctx, exported(BackgroundExportAnnotations, targetProject, id, format), &writerTarget{w: w}, opts)
}

// ExportDatasetToFile is [ProjectsService.ExportDataset] to a file, or under the server's name into a folder; otherwise it is as
// [TasksService.ExportDatasetToFile].
//
// CVAT API: GET /api/projects/{id}/dataset/ (projects_retrieve_dataset) up to 2.15, then POST
// /api/projects/{id}/dataset/export (projects_create_dataset_export), GET /api/requests/{id} (requests_retrieve) and GET
// /api/projects/{id}/dataset/download (projects_retrieve_dataset_download)
func (s *ProjectsService) ExportDatasetToFile(ctx context.Context, id int64, format, path string, opts *ExportOptions) (*ExportedFile, error) {
	return s.client.exportToFile(ctx, exported(BackgroundExportDataset, targetProject, id, format), path, opts)
}

// ExportAnnotationsToFile is [ProjectsService.ExportAnnotations] to a file, or under the server's name into a folder; otherwise
// it is as [TasksService.ExportDatasetToFile].
//
// CVAT API: GET /api/projects/{id}/annotations?format= (projects_retrieve_annotations) up to 2.15, then POST
// /api/projects/{id}/dataset/export (projects_create_dataset_export), GET /api/requests/{id} (requests_retrieve) and GET
// /api/projects/{id}/dataset/download (projects_retrieve_dataset_download)
func (s *ProjectsService) ExportAnnotationsToFile(ctx context.Context, id int64, format, path string, opts *ExportOptions) (*ExportedFile, error) {
	return s.client.exportToFile(ctx, exported(BackgroundExportAnnotations, targetProject, id, format), path, opts)
}

// ExportDatasetToCloud is [ProjectsService.ExportDataset] to a cloud storage; otherwise it is as
// [TasksService.ExportDatasetToCloud].
//
// CVAT API: GET /api/projects/{id}/dataset/ (projects_retrieve_dataset) up to 2.15, then POST
// /api/projects/{id}/dataset/export (projects_create_dataset_export) and GET /api/requests/{id} (requests_retrieve)
func (s *ProjectsService) ExportDatasetToCloud(ctx context.Context, id int64, format string, storageID int64, name string, opts *ExportOptions) error {
	return s.client.exportToCloud(ctx, exported(BackgroundExportDataset, targetProject, id, format), storageID, name, opts)
}

// ExportAnnotationsToCloud is [ProjectsService.ExportAnnotations] to a cloud storage; otherwise it is as
// [TasksService.ExportDatasetToCloud].
//
// CVAT API: GET /api/projects/{id}/annotations?format= (projects_retrieve_annotations) up to 2.15, then POST
// /api/projects/{id}/dataset/export (projects_create_dataset_export) and GET /api/requests/{id} (requests_retrieve)
func (s *ProjectsService) ExportAnnotationsToCloud(ctx context.Context, id int64, format string, storageID int64, name string, opts *ExportOptions) error {
	return s.client.exportToCloud(ctx, exported(BackgroundExportAnnotations, targetProject, id, format), storageID, name, opts)
}

// StartExportDataset starts what [ProjectsService.ExportDataset] does and returns at once: wait with [Client.Wait], also from
// another process, then fetch the archive with [Client.Download].
//
// CVAT API: GET /api/projects/{id}/dataset/ (projects_retrieve_dataset) up to 2.15, then POST
// /api/projects/{id}/dataset/export (projects_create_dataset_export)
func (s *ProjectsService) StartExportDataset(ctx context.Context, id int64, format string, opts *ExportOptions) (*Background, error) {
	return s.client.startExport(ctx, exported(BackgroundExportDataset, targetProject, id, format), opts)
}

// StartExportAnnotations starts what [ProjectsService.ExportAnnotations] does; otherwise it is as
// [ProjectsService.StartExportDataset].
//
// CVAT API: GET /api/projects/{id}/annotations?format= (projects_retrieve_annotations) up to 2.15, then POST
// /api/projects/{id}/dataset/export (projects_create_dataset_export)
func (s *ProjectsService) StartExportAnnotations(ctx context.Context, id int64, format string, opts *ExportOptions) (*Background, error) {
	return s.client.startExport(ctx, exported(BackgroundExportAnnotations, targetProject, id, format), opts)
}
