package cvat

import (
	"context"
	"io"
	"net/http"
)

// Operations of the Projects service on backups.
var (
	OpProjectsRetrieveBackup          = Operation{ID: "projects_retrieve_backup", Method: http.MethodGet, Path: "/api/projects/{id}/backup", Until: "2.31.0"}
	OpProjectsCreateBackupExport      = Operation{ID: "projects_create_backup_export", Method: http.MethodPost, Path: "/api/projects/{id}/backup/export", Since: "2.16.0"}
	OpProjectsRetrieveBackupDownload  = Operation{ID: "projects_retrieve_backup_download", Method: http.MethodGet, Path: "/api/projects/{id}/backup/download", Since: "2.32.0", Replay: Repeatable}
	OpProjectsCreateBackup            = Operation{ID: "projects_create_backup", Method: http.MethodPost, Path: "/api/projects/backup/"}
	OpProjectsPartialUpdateBackupFile = Operation{ID: "projects_partial_update_backup_file", Method: http.MethodPatch, Path: "/api/projects/backup/{file_id}", Replay: Repeatable}
)

// Backup writes a project with all that belongs to it (its tasks and labels) to w, as an archive that
// [ProjectsService.RestoreBackup] makes an equal project of, on this or another server. It waits for the server to write the
// archive, speaking whichever protocol the server has.
//
// A backup that failed is a [*BackgroundError] with the server's words (servers like 2.3 have none of data that lie in a cloud
// storage); a download that breaks off is an [*IncompleteError]. Nothing is left on the server but, for some hours, the
// archive. Up to 2.15 it takes away a backup of the same project that another program may be about to fetch.
//
// CVAT API: GET /api/projects/{id}/backup (projects_retrieve_backup) up to 2.15, then POST
// /api/projects/{id}/backup/export (projects_create_backup_export), GET /api/requests/{id} (requests_retrieve) and GET
// /api/projects/{id}/backup/download (projects_retrieve_backup_download)
func (s *ProjectsService) Backup(ctx context.Context, id int64, w io.Writer, opts *ExportOptions) (*ExportedFile, error) {
	return s.client.export(ctx, exported(BackgroundExportBackup, targetProject, id, ""), &writerTarget{w: w}, opts)
}

// BackupToFile is [ProjectsService.Backup] to a file, or under the server's name into a folder, whole or not at all: see
// [ProjectsService.ExportDatasetToFile].
//
// CVAT API: GET /api/projects/{id}/backup (projects_retrieve_backup) up to 2.15, then POST
// /api/projects/{id}/backup/export (projects_create_backup_export), GET /api/requests/{id} (requests_retrieve) and GET
// /api/projects/{id}/backup/download (projects_retrieve_backup_download)
func (s *ProjectsService) BackupToFile(ctx context.Context, id int64, path string, opts *ExportOptions) (*ExportedFile, error) {
	return s.client.exportToFile(ctx, exported(BackgroundExportBackup, targetProject, id, ""), path, opts)
}

// StartBackup starts what [ProjectsService.Backup] does and returns at once: wait with [Client.Wait], also from another process,
// then fetch the archive with [Client.Download].
//
// CVAT API: GET /api/projects/{id}/backup (projects_retrieve_backup) up to 2.15, then POST /api/projects/{id}/backup/export
// (projects_create_backup_export)
func (s *ProjectsService) StartBackup(ctx context.Context, id int64, opts *ExportOptions) (*Background, error) {
	return s.client.startExport(ctx, exported(BackgroundExportBackup, targetProject, id, ""), opts)
}

// RestoreBackup makes a new project of a backup, waits until it is there and returns its id. It belongs to the caller, in the
// organization of the client. The source is one file, which is looked into before anything is sent unless it is a stream, or
// lies, by [FromCloud] without a manifest, in a cloud storage.
//
// A restore that failed is a [*BackgroundError] with the server's words; nothing is left of it. It is started once: if the
// answer to the start or to the last look is lost, and no new project of the same name shows that it has gone through, the
// error matches [ErrOutcomeUnknown], as does one that ended the wait.
//
// It uses projects_partial_update_backup_file for large backups, requests_retrieve from 2.16
// on, and before projects_list and users_retrieve_self.
//
// CVAT API: POST /api/projects/backup/ (projects_create_backup)
func (s *ProjectsService) RestoreBackup(ctx context.Context, source Source, opts *RestoreOptions) (id int64, err error) {
	return s.client.restore(ctx, targetProject, source, opts)
}

// StartRestoreBackup starts what [ProjectsService.RestoreBackup] does and returns when the backup is on the server: wait with
// [Client.Wait], also from another process, which returns the id of the new project.
//
// CVAT API: POST /api/projects/backup/ (projects_create_backup)
func (s *ProjectsService) StartRestoreBackup(ctx context.Context, source Source, opts *RestoreOptions) (*Background, error) {
	return s.client.startImport(ctx, imported(BackgroundImportBackup, targetProject, 0, ""), source, opts.importOptions())
}

// Migrate makes an equal project on another server, through a backup, and returns its id there. The project stays where it is.
// The backup streams from one server to the other, a chunk in memory; if the server does not tell its length, it goes
// through a temporary file.
//
// What can go wrong are the failures of [ProjectsService.Backup] and, on the other server, of [ProjectsService.RestoreBackup]. A
// backup that breaks off half-way is not restored. It uses projects_retrieve and what those two use.
func (s *ProjectsService) Migrate(ctx context.Context, id int64, to *Client, opts *RestoreOptions) (newID int64, err error) {
	if to == nil {
		return 0, &ArgumentError{Field: "to", Reason: "is nil"}
	}
	project, _, err := s.Get(ctx, id)
	if err != nil {
		return 0, err
	}
	return s.client.migrate(ctx, targetProject, id, project.Name, to, opts)
}
