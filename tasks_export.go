package cvat

import (
	"context"
	"io"
	"net/http"
)

// Operations of the Tasks service that export.
var (
	OpTasksRetrieveDataset         = Operation{ID: "tasks_retrieve_dataset", Method: http.MethodGet, Path: "/api/tasks/{id}/dataset", Until: "2.31.0"}
	OpTasksCreateDatasetExport     = Operation{ID: "tasks_create_dataset_export", Method: http.MethodPost, Path: "/api/tasks/{id}/dataset/export", Since: "2.16.0"}
	OpTasksRetrieveDatasetDownload = Operation{ID: "tasks_retrieve_dataset_download", Method: http.MethodGet, Path: "/api/tasks/{id}/dataset/download", Since: "2.32.0", Replay: Repeatable}
)

// ExportDataset writes the annotations of a task together with its images to w, as an archive in one of the formats that
// [ServerService.Formats] lists, such as "CVAT for images 1.1". It waits for the server to write the archive, speaking
// whichever protocol the server has.
//
// A failed export is a [*BackgroundError] with the server's words; a download that breaks off is an
// [*IncompleteError]. Nothing is left on the server but, for some hours, the archive. On servers up to 2.3 an export
// takes away a result of the same task and format that another program may be about to fetch.
//
// CVAT API: GET /api/tasks/{id}/dataset (tasks_retrieve_dataset) up to 2.15, then POST
// /api/tasks/{id}/dataset/export (tasks_create_dataset_export), GET /api/requests/{id} (requests_retrieve) and GET
// /api/tasks/{id}/dataset/download (tasks_retrieve_dataset_download)
func (s *TasksService) ExportDataset(ctx context.Context, id int64, format string, w io.Writer, opts *ExportOptions) (*ExportedFile, error) {
	return s.client.export(ctx, exported(BackgroundExportDataset, targetTask, id, format), &writerTarget{w: w}, opts)
}

// ExportAnnotations writes the annotations of a task without its images to w; otherwise it is as
// [TasksService.ExportDataset].
//
// CVAT API: GET /api/tasks/{id}/annotations/?format= (tasks_retrieve_annotations) up to 2.15, then POST
// /api/tasks/{id}/dataset/export (tasks_create_dataset_export), GET /api/requests/{id} (requests_retrieve) and GET
// /api/tasks/{id}/dataset/download (tasks_retrieve_dataset_download)
func (s *TasksService) ExportAnnotations(ctx context.Context, id int64, format string, w io.Writer, opts *ExportOptions) (*ExportedFile, error) {
	return s.client.export(ctx, exported(BackgroundExportAnnotations, targetTask, id, format), &writerTarget{w: w}, opts)
}

// ExportDatasetToFile is [TasksService.ExportDataset] to a file, whole or not at all. If path is a folder (one that is
// there, or a path that ends in a separator), the file gets the server's name in it, made safe for every system; the result
// says where it is. A file that is there already is an [*ArgumentError] that matches fs.ErrExist, unless
// Overwrite is set.
//
// The file has a temporary name (.cvat-….part) in the same folder until its length is right and its directory of contents
// is at its end. A transfer that breaks off is tried again, as often as the retry policy says for each time that brings
// nothing new: from where it broke off if the server still has the same archive (the same time of writing, the same
// length), from the start if not. What still fails is an [*IncompleteError], and nothing is left in the folder.
//
// CVAT API: GET /api/tasks/{id}/dataset (tasks_retrieve_dataset) up to 2.15, then POST
// /api/tasks/{id}/dataset/export (tasks_create_dataset_export), GET /api/requests/{id} (requests_retrieve) and GET
// /api/tasks/{id}/dataset/download (tasks_retrieve_dataset_download)
func (s *TasksService) ExportDatasetToFile(ctx context.Context, id int64, format, path string, opts *ExportOptions) (*ExportedFile, error) {
	return s.client.exportToFile(ctx, exported(BackgroundExportDataset, targetTask, id, format), path, opts)
}

// ExportAnnotationsToFile is [TasksService.ExportAnnotations] to a file, or under the server's name into a folder; otherwise
// it is as [TasksService.ExportDatasetToFile].
//
// CVAT API: GET /api/tasks/{id}/annotations/?format= (tasks_retrieve_annotations) up to 2.15, then POST
// /api/tasks/{id}/dataset/export (tasks_create_dataset_export), GET /api/requests/{id} (requests_retrieve) and GET
// /api/tasks/{id}/dataset/download (tasks_retrieve_dataset_download)
func (s *TasksService) ExportAnnotationsToFile(ctx context.Context, id int64, format, path string, opts *ExportOptions) (*ExportedFile, error) {
	return s.client.exportToFile(ctx, exported(BackgroundExportAnnotations, targetTask, id, format), path, opts)
}

// ExportDatasetToCloud is [TasksService.ExportDataset] to a cloud storage that is attached to the server: the server writes
// the archive there, under name, and nothing comes here. If name is empty the server chooses one. What has the name already
// is replaced.
//
// Servers up to 2.10.0 write to the cloud storage while the last request waits. If its answer is lost, the error
// matches [ErrOutcomeUnknown]: look whether the file is there.
//
// CVAT API: GET /api/tasks/{id}/dataset (tasks_retrieve_dataset) up to 2.15, then POST
// /api/tasks/{id}/dataset/export (tasks_create_dataset_export) and GET /api/requests/{id} (requests_retrieve)
func (s *TasksService) ExportDatasetToCloud(ctx context.Context, id int64, format string, storageID int64, name string, opts *ExportOptions) error {
	return s.client.exportToCloud(ctx, exported(BackgroundExportDataset, targetTask, id, format), storageID, name, opts)
}

// ExportAnnotationsToCloud is [TasksService.ExportAnnotations] to a cloud storage; otherwise it is as
// [TasksService.ExportDatasetToCloud].
//
// CVAT API: GET /api/tasks/{id}/annotations/?format= (tasks_retrieve_annotations) up to 2.15, then POST
// /api/tasks/{id}/dataset/export (tasks_create_dataset_export) and GET /api/requests/{id} (requests_retrieve)
func (s *TasksService) ExportAnnotationsToCloud(ctx context.Context, id int64, format string, storageID int64, name string, opts *ExportOptions) error {
	return s.client.exportToCloud(ctx, exported(BackgroundExportAnnotations, targetTask, id, format), storageID, name, opts)
}

// StartExportDataset starts what [TasksService.ExportDataset] does and returns at once: wait with [Client.Wait], also from
// another process, then fetch the archive with [Client.Download].
//
// CVAT API: GET /api/tasks/{id}/dataset (tasks_retrieve_dataset) up to 2.15, then POST
// /api/tasks/{id}/dataset/export (tasks_create_dataset_export)
func (s *TasksService) StartExportDataset(ctx context.Context, id int64, format string, opts *ExportOptions) (*Background, error) {
	return s.client.startExport(ctx, exported(BackgroundExportDataset, targetTask, id, format), opts)
}

// StartExportAnnotations starts what [TasksService.ExportAnnotations] does; otherwise it is as
// [TasksService.StartExportDataset].
//
// CVAT API: GET /api/tasks/{id}/annotations/?format= (tasks_retrieve_annotations) up to 2.15, then POST
// /api/tasks/{id}/dataset/export (tasks_create_dataset_export)
func (s *TasksService) StartExportAnnotations(ctx context.Context, id int64, format string, opts *ExportOptions) (*Background, error) {
	return s.client.startExport(ctx, exported(BackgroundExportAnnotations, targetTask, id, format), opts)
}
