package cvat

import (
	"context"
	"io"
	"net/http"
)

// Operations of the Tasks service on backups.
var (
	OpTasksRetrieveBackup          = Operation{ID: "tasks_retrieve_backup", Method: http.MethodGet, Path: "/api/tasks/{id}/backup", Until: "2.31.0"}
	OpTasksCreateBackupExport      = Operation{ID: "tasks_create_backup_export", Method: http.MethodPost, Path: "/api/tasks/{id}/backup/export", Since: "2.16.0"}
	OpTasksRetrieveBackupDownload  = Operation{ID: "tasks_retrieve_backup_download", Method: http.MethodGet, Path: "/api/tasks/{id}/backup/download", Since: "2.32.0", Replay: Repeatable}
	OpTasksCreateBackup            = Operation{ID: "tasks_create_backup", Method: http.MethodPost, Path: "/api/tasks/backup/"}
	OpTasksPartialUpdateBackupFile = Operation{ID: "tasks_partial_update_backup_file", Method: http.MethodPatch, Path: "/api/tasks/backup/{file_id}", Replay: Repeatable}
)

// Backup writes a task with all that belongs to it (its pictures, annotations, labels and jobs) to w, as an archive that
// [TasksService.RestoreBackup] makes an equal task of, on this or another server. It waits for the server to write the
// archive, speaking whichever protocol the server has.
//
// A backup that failed is a [*BackgroundError] with the server's words (servers like 2.3 have none of data that lie in a cloud
// storage); a download that breaks off is an [*IncompleteError]. Nothing is left on the server but, for some hours, the
// archive. Up to 2.15 it takes away a backup of the same task that another program may be about to fetch.
//
// CVAT API: GET /api/tasks/{id}/backup (tasks_retrieve_backup) up to 2.15, then POST
// /api/tasks/{id}/backup/export (tasks_create_backup_export), GET /api/requests/{id} (requests_retrieve) and GET
// /api/tasks/{id}/backup/download (tasks_retrieve_backup_download)
func (s *TasksService) Backup(ctx context.Context, id int64, w io.Writer, opts *ExportOptions) (*ExportedFile, error) {
	return s.client.export(ctx, exported(BackgroundExportBackup, targetTask, id, ""), &writerTarget{w: w}, opts)
}

// BackupToFile is [TasksService.Backup] to a file, or under the server's name into a folder, whole or not at all: see
// [TasksService.ExportDatasetToFile].
//
// CVAT API: GET /api/tasks/{id}/backup (tasks_retrieve_backup) up to 2.15, then POST
// /api/tasks/{id}/backup/export (tasks_create_backup_export), GET /api/requests/{id} (requests_retrieve) and GET
// /api/tasks/{id}/backup/download (tasks_retrieve_backup_download)
func (s *TasksService) BackupToFile(ctx context.Context, id int64, path string, opts *ExportOptions) (*ExportedFile, error) {
	return s.client.exportToFile(ctx, exported(BackgroundExportBackup, targetTask, id, ""), path, opts)
}

// StartBackup starts what [TasksService.Backup] does and returns at once: wait with [Client.Wait], also from another process,
// then fetch the archive with [Client.Download].
//
// CVAT API: GET /api/tasks/{id}/backup (tasks_retrieve_backup) up to 2.15, then POST /api/tasks/{id}/backup/export
// (tasks_create_backup_export)
func (s *TasksService) StartBackup(ctx context.Context, id int64, opts *ExportOptions) (*Background, error) {
	return s.client.startExport(ctx, exported(BackgroundExportBackup, targetTask, id, ""), opts)
}

// RestoreBackup makes a new task of a backup, waits until it is there and returns its id. It belongs to the caller, in the
// organization of the client. The source is one file, which is looked into before anything is sent unless it is a stream, or
// lies, by [FromCloud] without a manifest, in a cloud storage.
//
// A restore that failed is a [*BackgroundError] with the server's words; nothing is left of it. It is started once: if the
// answer to the start or to the last look is lost, and no new task of the same name shows that it has gone through, the
// error matches [ErrOutcomeUnknown], as does one that ended the wait.
//
// It uses tasks_partial_update_backup_file for large backups, requests_retrieve from 2.16
// on, and before tasks_list and users_retrieve_self.
//
// CVAT API: POST /api/tasks/backup/ (tasks_create_backup)
func (s *TasksService) RestoreBackup(ctx context.Context, source Source, opts *RestoreOptions) (id int64, err error) {
	return s.client.restore(ctx, targetTask, source, opts)
}

// StartRestoreBackup starts what [TasksService.RestoreBackup] does and returns when the backup is on the server: wait with
// [Client.Wait], also from another process, which returns the id of the new task.
//
// CVAT API: POST /api/tasks/backup/ (tasks_create_backup)
func (s *TasksService) StartRestoreBackup(ctx context.Context, source Source, opts *RestoreOptions) (*Background, error) {
	return s.client.startImport(ctx, imported(BackgroundImportBackup, targetTask, 0, ""), source, opts.importOptions())
}

// Migrate makes an equal task on another server, through a backup, and returns its id there. The task stays where it is.
// The backup streams from one server to the other, a chunk in memory; if the server does not tell its length, it goes
// through a temporary file.
//
// What can go wrong are the failures of [TasksService.Backup] and, on the other server, of [TasksService.RestoreBackup]. A
// backup that breaks off half-way is not restored. It uses tasks_retrieve and what those two use.
func (s *TasksService) Migrate(ctx context.Context, id int64, to *Client, opts *RestoreOptions) (newID int64, err error) {
	if to == nil {
		return 0, &ArgumentError{Field: "to", Reason: "is nil"}
	}
	task, _, err := s.Get(ctx, id)
	if err != nil {
		return 0, err
	}
	return s.client.migrate(ctx, targetTask, id, task.Name, to, opts)
}
