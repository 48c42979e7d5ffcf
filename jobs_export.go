package cvat

import (
	"context"
	"io"
	"net/http"
)

// Operations of the Jobs service that export.
var (
	OpJobsRetrieveDataset         = Operation{ID: "jobs_retrieve_dataset", Method: http.MethodGet, Path: "/api/jobs/{id}/dataset", Until: "2.31.0"}
	OpJobsCreateDatasetExport     = Operation{ID: "jobs_create_dataset_export", Method: http.MethodPost, Path: "/api/jobs/{id}/dataset/export", Since: "2.16.0"}
	OpJobsRetrieveDatasetDownload = Operation{ID: "jobs_retrieve_dataset_download", Method: http.MethodGet, Path: "/api/jobs/{id}/dataset/download", Since: "2.32.0", Replay: Repeatable}
)

// ExportDataset writes the annotations of a job together with its images to w, as an archive in one of the formats that
// [ServerService.Formats] lists, such as "CVAT for images 1.1". It waits for the server to write the archive, speaking
// whichever protocol the server has.
//
// A failed export is a [*BackgroundError] with the server's words; a download that breaks off is an
// [*IncompleteError]. Nothing is left on the server but, for some hours, the archive. On servers up to 2.3 an export
// takes away a result of the same job and format that another program may be about to fetch.
//
// CVAT API: GET /api/jobs/{id}/dataset (jobs_retrieve_dataset) up to 2.15, then POST
// /api/jobs/{id}/dataset/export (jobs_create_dataset_export), GET /api/requests/{id} (requests_retrieve) and GET
// /api/jobs/{id}/dataset/download (jobs_retrieve_dataset_download)
func (s *JobsService) ExportDataset(ctx context.Context, id int64, format string, w io.Writer, opts *ExportOptions) (*ExportedFile, error) {
	return s.client.export(ctx, exported(BackgroundExportDataset, targetJob, id, format), &writerTarget{w: w}, opts)
}

// ExportAnnotations writes the annotations of a job without its images to w; otherwise it is as
// [JobsService.ExportDataset].
//
// CVAT API: GET /api/jobs/{id}/annotations/?format= (jobs_retrieve_annotations) up to 2.15, then POST
// /api/jobs/{id}/dataset/export (jobs_create_dataset_export), GET /api/requests/{id} (requests_retrieve) and GET
// /api/jobs/{id}/dataset/download (jobs_retrieve_dataset_download)
func (s *JobsService) ExportAnnotations(ctx context.Context, id int64, format string, w io.Writer, opts *ExportOptions) (*ExportedFile, error) {
	return s.client.export(ctx, exported(BackgroundExportAnnotations, targetJob, id, format), &writerTarget{w: w}, opts)
}

// ExportDatasetToFile is [JobsService.ExportDataset] to a file, or under the server's name into a folder; otherwise it is as
// [TasksService.ExportDatasetToFile].
//
// CVAT API: GET /api/jobs/{id}/dataset (jobs_retrieve_dataset) up to 2.15, then POST
// /api/jobs/{id}/dataset/export (jobs_create_dataset_export), GET /api/requests/{id} (requests_retrieve) and GET
// /api/jobs/{id}/dataset/download (jobs_retrieve_dataset_download)
func (s *JobsService) ExportDatasetToFile(ctx context.Context, id int64, format, path string, opts *ExportOptions) (*ExportedFile, error) {
	return s.client.exportToFile(ctx, exported(BackgroundExportDataset, targetJob, id, format), path, opts)
}

// ExportAnnotationsToFile is [JobsService.ExportAnnotations] to a file, or under the server's name into a folder; otherwise
// it is as [TasksService.ExportDatasetToFile].
//
// CVAT API: GET /api/jobs/{id}/annotations/?format= (jobs_retrieve_annotations) up to 2.15, then POST
// /api/jobs/{id}/dataset/export (jobs_create_dataset_export), GET /api/requests/{id} (requests_retrieve) and GET
// /api/jobs/{id}/dataset/download (jobs_retrieve_dataset_download)
func (s *JobsService) ExportAnnotationsToFile(ctx context.Context, id int64, format, path string, opts *ExportOptions) (*ExportedFile, error) {
	return s.client.exportToFile(ctx, exported(BackgroundExportAnnotations, targetJob, id, format), path, opts)
}

// ExportDatasetToCloud is [JobsService.ExportDataset] to a cloud storage; otherwise it is as
// [TasksService.ExportDatasetToCloud].
//
// CVAT API: GET /api/jobs/{id}/dataset (jobs_retrieve_dataset) up to 2.15, then POST
// /api/jobs/{id}/dataset/export (jobs_create_dataset_export) and GET /api/requests/{id} (requests_retrieve)
func (s *JobsService) ExportDatasetToCloud(ctx context.Context, id int64, format string, storageID int64, name string, opts *ExportOptions) error {
	return s.client.exportToCloud(ctx, exported(BackgroundExportDataset, targetJob, id, format), storageID, name, opts)
}

// ExportAnnotationsToCloud is [JobsService.ExportAnnotations] to a cloud storage; otherwise it is as
// [TasksService.ExportDatasetToCloud].
//
// CVAT API: GET /api/jobs/{id}/annotations/?format= (jobs_retrieve_annotations) up to 2.15, then POST
// /api/jobs/{id}/dataset/export (jobs_create_dataset_export) and GET /api/requests/{id} (requests_retrieve)
func (s *JobsService) ExportAnnotationsToCloud(ctx context.Context, id int64, format string, storageID int64, name string, opts *ExportOptions) error {
	return s.client.exportToCloud(ctx, exported(BackgroundExportAnnotations, targetJob, id, format), storageID, name, opts)
}

// StartExportDataset starts what [JobsService.ExportDataset] does and returns at once: wait with [Client.Wait], also from
// another process, then fetch the archive with [Client.Download].
//
// CVAT API: GET /api/jobs/{id}/dataset (jobs_retrieve_dataset) up to 2.15, then POST
// /api/jobs/{id}/dataset/export (jobs_create_dataset_export)
func (s *JobsService) StartExportDataset(ctx context.Context, id int64, format string, opts *ExportOptions) (*Background, error) {
	return s.client.startExport(ctx, exported(BackgroundExportDataset, targetJob, id, format), opts)
}

// StartExportAnnotations starts what [JobsService.ExportAnnotations] does; otherwise it is as
// [JobsService.StartExportDataset].
//
// CVAT API: GET /api/jobs/{id}/annotations/?format= (jobs_retrieve_annotations) up to 2.15, then POST
// /api/jobs/{id}/dataset/export (jobs_create_dataset_export)
func (s *JobsService) StartExportAnnotations(ctx context.Context, id int64, format string, opts *ExportOptions) (*Background, error) {
	return s.client.startExport(ctx, exported(BackgroundExportAnnotations, targetJob, id, format), opts)
}
