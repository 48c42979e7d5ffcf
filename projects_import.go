package cvat

import (
	"context"
	"net/http"
)

// Operations of the Projects service that import.
var (
	OpProjectsCreateDataset            = Operation{ID: "projects_create_dataset", Method: http.MethodPost, Path: "/api/projects/{id}/dataset/"}
	OpProjectsPartialUpdateDatasetFile = Operation{ID: "projects_partial_update_dataset_file", Method: http.MethodPatch, Path: "/api/projects/{id}/dataset/{file_id}", Replay: Repeatable}
)

// ImportDataset makes tasks of a dataset, pictures with annotations, in a project, and waits until they are there. The
// source is one zip archive, on this side or, by [FromCloud] without a manifest, in a cloud storage, in one of the formats
// that the importers of [ServerService.Formats] list, such as "CVAT 1.1"; all or nothing of it is imported. [ImportOptions].Mode is not for datasets.
//
// An import that failed is a [*BackgroundError] with the server's words. It is started once: if the answer to the start or
// to the last look is lost, and no new task shows that it has gone through, the error matches [ErrOutcomeUnknown], as does
// one that ended the wait.
//
// A server has one import at a time for each project. Those of one client, and of clients derived from it, wait for each
// other; one of another program that is under way makes an error that matches [ErrConflict]. Up to 2.15 the result of one
// that has ended, and that nobody has asked for, is taken away.
//
// It uses projects_partial_update_dataset_file for large archives, requests_retrieve from
// 2.16 on, and before projects_retrieve_dataset and tasks_list.
//
// CVAT API: POST /api/projects/{id}/dataset/?format= (projects_create_dataset)
func (s *ProjectsService) ImportDataset(ctx context.Context, id int64, format string, source Source, opts *ImportOptions) error {
	if err := opts.replacing(); err != nil {
		return err
	}
	_, err := s.client.importArchive(ctx, imported(BackgroundImportDataset, targetProject, id, format), source, opts)
	return err
}

// StartImportDataset starts what [ProjectsService.ImportDataset] does and returns when the archive is on the server: wait
// with [Client.Wait], also from another process. Up to 2.15 wait for the end before the next import into the same project,
// which would take the result away.
//
// CVAT API: POST /api/projects/{id}/dataset/?format= (projects_create_dataset)
func (s *ProjectsService) StartImportDataset(ctx context.Context, id int64, format string, source Source, opts *ImportOptions) (*Background, error) {
	if err := opts.replacing(); err != nil {
		return nil, err
	}
	return s.client.startImport(ctx, imported(BackgroundImportDataset, targetProject, id, format), source, opts)
}
