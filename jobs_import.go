package cvat

import (
	"context"
	"net/http"
)

// Operations of the Jobs service that import.
var (
	OpJobsCreateAnnotations            = Operation{ID: "jobs_create_annotations", Method: http.MethodPost, Path: "/api/jobs/{id}/annotations/"}
	OpJobsPartialUpdateAnnotationsFile = Operation{ID: "jobs_partial_update_annotations_file", Method: http.MethodPatch, Path: "/api/jobs/{id}/annotations/{file_id}", Replay: Repeatable}
)

// ImportAnnotations reads annotations from an archive, or a single file, in one of the formats that the importers of
// [ServerService.Formats] list, such as "CVAT 1.1", and waits until they are there. They replace those of the job, unless
// the options say otherwise. The source is one file, on this side or, by [FromCloud] without a
// manifest, in a cloud storage; all or nothing of it is imported.
//
// An import that failed is a [*BackgroundError] with the server's words. It is started once: if the answer to the start or
// to the last look is lost, and the annotations do not show that it has gone through, the error matches
// [ErrOutcomeUnknown], as does one that ended the wait.
//
// A server has one import at a time for each job. Those of one client, and of clients derived from it, wait for each other;
// one of another program that is under way makes an error that matches [ErrConflict]. Up to 2.37 the result of one that has
// ended, and that nobody has asked for, is taken away.
//
// It uses jobs_partial_update_annotations_file for large files, requests_retrieve from
// 2.16 on, and before jobs_retrieve_annotations.
//
// CVAT API: PUT /api/jobs/{id}/annotations/?format= (jobs_update_annotations) up to 2.37 for small files, POST
// /api/jobs/{id}/annotations/?format= (jobs_create_annotations) otherwise
func (s *JobsService) ImportAnnotations(ctx context.Context, id int64, format string, source Source, opts *ImportOptions) error {
	_, err := s.client.importArchive(ctx, imported(BackgroundImportAnnotations, targetJob, id, format), source, opts)
	return err
}

// StartImportAnnotations starts what [JobsService.ImportAnnotations] does and returns when the archive is on the server:
// wait with [Client.Wait], also from another process. Up to 2.15 wait for the end before the next import into the same
// job, which would take the result away.
//
// CVAT API: PUT /api/jobs/{id}/annotations/?format= (jobs_update_annotations) up to 2.37 for small files, POST
// /api/jobs/{id}/annotations/?format= (jobs_create_annotations) otherwise
func (s *JobsService) StartImportAnnotations(ctx context.Context, id int64, format string, source Source, opts *ImportOptions) (*Background, error) {
	return s.client.startImport(ctx, imported(BackgroundImportAnnotations, targetJob, id, format), source, opts)
}
