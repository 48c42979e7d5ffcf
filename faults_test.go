package cvat_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// TestFaults runs every method that is one API call through a plan of faults, in both dialects. After each the number of
// attempts is what the replay class of the operation allows, the error tells what happened, and the state of the server
// is unchanged or changed exactly once.

// faulty is a method with arguments that succeed as long as nothing goes wrong.
type faulty struct {
	op     cvat.Operation
	delta  int                                 // by how much a call changes the number of objects on the server
	count  func(*testing.T, *faultFixture) int // that number; nil: of projects, tasks, jobs and annotations
	stream bool                                // it answers with a file
	silent bool                                // it answers with nothing
	newer  bool                                // only the newer dialect has it
	older  bool                                // only the older dialect has it
	// prepare makes what the call needs, and returns the call.
	prepare func(*testing.T, *faultFixture) func(context.Context, *cvat.Client) error
}

// on prepares a call that needs nothing but the fixture.
func on(run func(context.Context, *cvat.Client, *faultFixture) error) func(*testing.T, *faultFixture) func(context.Context, *cvat.Client) error {
	return func(_ *testing.T, f *faultFixture) func(context.Context, *cvat.Client) error {
		return func(ctx context.Context, c *cvat.Client) error { return run(ctx, c, f) }
	}
}

// faultyMethods gathers what each group of services brings.
func faultyMethods() map[string]faulty {
	all := map[string]faulty{}
	for _, some := range []map[string]faulty{
		faultyCore(),
		faultyAccounts(),
		faultyMedia("Tasks", cvat.OpTasksRetrieveDataMeta, cvat.OpTasksPartialUpdateDataMeta, cvat.OpTasksRetrieveData,
			func(c *cvat.Client) media { return c.Tasks }, func(f *faultFixture) int64 { return f.task }),
		faultyMedia("Jobs", cvat.OpJobsRetrieveDataMeta, cvat.OpJobsPartialUpdateDataMeta, cvat.OpJobsRetrieveData,
			func(c *cvat.Client) media { return c.Jobs }, func(f *faultFixture) int64 { return f.job }),
		faultyAnnotations("Tasks", cvat.OpTasksRetrieveAnnotations, cvat.OpTasksUpdateAnnotations, cvat.OpTasksPartialUpdateAnnotations,
			cvat.OpTasksDestroyAnnotations, func(c *cvat.Client) annotator { return c.Tasks }, func(f *faultFixture) int64 { return f.task }),
		faultyAnnotations("Jobs", cvat.OpJobsRetrieveAnnotations, cvat.OpJobsUpdateAnnotations, cvat.OpJobsPartialUpdateAnnotations,
			cvat.OpJobsDestroyAnnotations, func(c *cvat.Client) annotator { return c.Jobs }, func(f *faultFixture) int64 { return f.job }),
		faultyReview(),
		faultyLambda(),
		faultyStorage(),
		faultyOrganizations(),
		faultyMembers(),
	} {
		maps.Copy(all, some)
	}
	return all
}

func faultyCore() map[string]faulty {
	type call = func(context.Context, *cvat.Client) error
	return map[string]faulty{
		"Auth.Login": {op: cvat.OpAuthCreateLogin, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Auth.Login(ctx, models.LoginRequest{Username: "admin", Password: "admin-password"})
			return err
		})},
		"Auth.Logout": {op: cvat.OpAuthCreateLogout, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Auth.Logout(ctx)
			return err
		})},
		"Server.About": {op: cvat.OpServerRetrieveAbout, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Server.About(ctx)
			return err
		})},
		"Server.Formats": {op: cvat.OpServerRetrieveAnnotationFormats, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Server.Formats(ctx)
			return err
		})},
		"Users.List": {op: cvat.OpUsersList, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Users.List(ctx, nil)
			return err
		})},
		"Users.All": {op: cvat.OpUsersList, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, err := cvat.Collect(c.Users.All(ctx, nil))
			return err
		})},
		"Users.Get": {op: cvat.OpUsersRetrieve, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Users.Get(ctx, 1)
			return err
		})},
		"Users.Self": {op: cvat.OpUsersRetrieveSelf, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Users.Self(ctx)
			return err
		})},
		"Projects.List": {op: cvat.OpProjectsList, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Projects.List(ctx, nil)
			return err
		})},
		"Projects.All": {op: cvat.OpProjectsList, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, err := cvat.Collect(c.Projects.All(ctx, nil))
			return err
		})},
		"Projects.GetByName": {op: cvat.OpProjectsList, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Projects.GetByName(ctx, "fixture")
			return err
		})},
		"Projects.Get": {op: cvat.OpProjectsRetrieve, prepare: on(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := c.Projects.Get(ctx, f.project)
			return err
		})},
		"Projects.Create": {op: cvat.OpProjectsCreate, delta: 1, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Projects.Create(ctx, models.ProjectCreate{Name: "another"})
			return err
		})},
		"Projects.Update": {op: cvat.OpProjectsPartialUpdate, prepare: on(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := c.Projects.Update(ctx, f.project, models.ProjectPatch{BugTracker: new("https://bugs.example.com")})
			return err
		})},
		"Projects.Delete": {op: cvat.OpProjectsDestroy, delta: -1, silent: true, prepare: func(t *testing.T, f *faultFixture) call {
			t.Helper()
			project, _, err := f.calm.Projects.Create(t.Context(), models.ProjectCreate{Name: "short-lived"})
			require.NoError(t, err)
			return func(ctx context.Context, c *cvat.Client) error {
				_, err := c.Projects.Delete(ctx, project.ID)
				return err
			}
		}},
		"Tasks.List": {op: cvat.OpTasksList, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Tasks.List(ctx, nil)
			return err
		})},
		"Tasks.All": {op: cvat.OpTasksList, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, err := cvat.Collect(c.Tasks.All(ctx, nil))
			return err
		})},
		"Tasks.GetByName": {op: cvat.OpTasksList, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Tasks.GetByName(ctx, "fixture")
			return err
		})},
		"Tasks.Get": {op: cvat.OpTasksRetrieve, prepare: on(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := c.Tasks.Get(ctx, f.task)
			return err
		})},
		"Tasks.Create": {op: cvat.OpTasksCreate, delta: 1, prepare: on(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := c.Tasks.Create(ctx, models.TaskCreate{Name: "another", ProjectID: f.project})
			return err
		})},
		"Tasks.Update": {op: cvat.OpTasksPartialUpdate, prepare: on(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := c.Tasks.Update(ctx, f.task, models.TaskPatch{Subset: new("Train")})
			return err
		})},
		"Tasks.Delete": {op: cvat.OpTasksDestroy, delta: -1, silent: true, prepare: func(t *testing.T, f *faultFixture) call {
			t.Helper()
			id := f.emptyTask(t)
			return func(ctx context.Context, c *cvat.Client) error {
				_, err := c.Tasks.Delete(ctx, id)
				return err
			}
		}},
		"Tasks.CreateData": {op: cvat.OpTasksCreateData, prepare: func(t *testing.T, f *faultFixture) call {
			t.Helper()
			id := f.emptyTask(t)
			return func(ctx context.Context, c *cvat.Client) error {
				_, _, err := c.Tasks.CreateData(ctx, id, models.DataRequest{ImageQuality: 70, ServerFiles: []string{"no.jpg"}})
				return err
			}
		}},
		"Tasks.DataStatus": {op: cvat.OpTasksRetrieveStatus, prepare: on(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := c.Tasks.DataStatus(ctx, f.task)
			return err
		})},
		"Jobs.List": {op: cvat.OpJobsList, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Jobs.List(ctx, nil)
			return err
		})},
		"Jobs.All": {op: cvat.OpJobsList, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, err := cvat.Collect(c.Jobs.All(ctx, nil))
			return err
		})},
		"Jobs.Get": {op: cvat.OpJobsRetrieve, prepare: on(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := c.Jobs.Get(ctx, f.job)
			return err
		})},
		"Jobs.Create": {op: cvat.OpJobsCreate, delta: 1, newer: true, prepare: func(t *testing.T, f *faultFixture) call {
			t.Helper()
			f.removeGroundTruth(t)
			return func(ctx context.Context, c *cvat.Client) error {
				_, _, err := c.Jobs.Create(ctx, f.groundTruth())
				return err
			}
		}},
		"Jobs.Update": {op: cvat.OpJobsPartialUpdate, prepare: on(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := c.Jobs.Update(ctx, f.job, models.JobPatch{State: new(models.JobStateCompleted)})
			return err
		})},
		"Jobs.Delete": {op: cvat.OpJobsDestroy, delta: -1, newer: true, silent: true, prepare: func(t *testing.T, f *faultFixture) call {
			t.Helper()
			f.removeGroundTruth(t)
			job, _, err := f.calm.Jobs.Create(t.Context(), f.groundTruth())
			require.NoError(t, err)
			return func(ctx context.Context, c *cvat.Client) error {
				_, err := c.Jobs.Delete(ctx, job.ID)
				return err
			}
		}},
	}
}

// media is what tasks and jobs have in common about their frames.
type media interface {
	DataMeta(ctx context.Context, id int64, opts ...cvat.CallOption) (*models.DataMeta, *cvat.Response, error)
	UpdateDataMeta(ctx context.Context, id int64, body models.DataMetaPatch, opts ...cvat.CallOption) (*models.DataMeta, *cvat.Response, error)
	Frame(ctx context.Context, id int64, frame int, opts *cvat.FrameOptions, call ...cvat.CallOption) (*cvat.Content, *cvat.Response, error)
	Chunk(ctx context.Context, id int64, chunk int, opts *cvat.FrameOptions, call ...cvat.CallOption) (*cvat.Content, *cvat.Response, error)
	Preview(ctx context.Context, id int64, opts ...cvat.CallOption) (*cvat.Content, *cvat.Response, error)
}

func faultyMedia(name string, meta, update, data cvat.Operation, of func(*cvat.Client) media, id func(*faultFixture) int64) map[string]faulty {
	file := func(content *cvat.Content, err error) error {
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, content)
		return errors.Join(err, content.Close())
	}
	return map[string]faulty{
		name + ".DataMeta": {op: meta, prepare: on(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := of(c).DataMeta(ctx, id(f))
			return err
		})},
		name + ".UpdateDataMeta": {op: update, prepare: on(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := of(c).UpdateDataMeta(ctx, id(f), models.DataMetaPatch{DeletedFrames: []int{}})
			return err
		})},
		name + ".Frame": {op: data, stream: true, prepare: on(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			content, _, err := of(c).Frame(ctx, id(f), 0, nil)
			return file(content, err)
		})},
		name + ".Chunk": {op: data, stream: true, prepare: on(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			content, _, err := of(c).Chunk(ctx, id(f), 0, nil)
			return file(content, err)
		})},
		name + ".Preview": {op: data, stream: true, prepare: on(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			content, _, err := of(c).Preview(ctx, id(f))
			return file(content, err)
		})},
	}
}

// annotator is what tasks and jobs have in common about their annotations.
type annotator interface {
	GetAnnotations(ctx context.Context, id int64, opts ...cvat.CallOption) (*models.LabeledData, *cvat.Response, error)
	ReplaceAnnotations(ctx context.Context, id int64, data models.LabeledData, opts ...cvat.CallOption) (*models.LabeledData, *cvat.Response, error)
	CreateAnnotations(ctx context.Context, id int64, data models.LabeledData, opts ...cvat.CallOption) (*models.LabeledData, *cvat.Response, error)
	UpdateAnnotations(ctx context.Context, id int64, data models.LabeledData, opts ...cvat.CallOption) (*models.LabeledData, *cvat.Response, error)
	DeleteAnnotations(ctx context.Context, id int64, data models.LabeledData, opts ...cvat.CallOption) (*models.LabeledData, *cvat.Response, error)
	ClearAnnotations(ctx context.Context, id int64, opts ...cvat.CallOption) (*cvat.Response, error)
}

func faultyAnnotations(name string, get, replace, patch, destroy cvat.Operation, of func(*cvat.Client) annotator, id func(*faultFixture) int64) map[string]faulty {
	type call = func(context.Context, *cvat.Client) error
	// having leaves n tags on the task before the call, which gets them as they are stored.
	having := func(n int, run func(context.Context, annotator, *faultFixture, models.LabeledData) error) func(*testing.T, *faultFixture) call {
		return func(t *testing.T, f *faultFixture) call {
			t.Helper()
			stored := f.annotate(t, n)
			return func(ctx context.Context, c *cvat.Client) error { return run(ctx, of(c), f, stored) }
		}
	}
	tag := func(f *faultFixture) models.LabeledData {
		return models.LabeledData{Tags: []models.LabeledImage{{LabelID: f.label}}}
	}
	return map[string]faulty{
		name + ".GetAnnotations": {op: get, prepare: having(1, func(ctx context.Context, s annotator, f *faultFixture, _ models.LabeledData) error {
			_, _, err := s.GetAnnotations(ctx, id(f))
			return err
		})},
		name + ".ReplaceAnnotations": {op: replace, delta: 1, prepare: having(0, func(ctx context.Context, s annotator, f *faultFixture, _ models.LabeledData) error {
			_, _, err := s.ReplaceAnnotations(ctx, id(f), tag(f))
			return err
		})},
		name + ".CreateAnnotations": {op: patch, delta: 1, prepare: having(1, func(ctx context.Context, s annotator, f *faultFixture, _ models.LabeledData) error {
			_, _, err := s.CreateAnnotations(ctx, id(f), tag(f))
			return err
		})},
		name + ".UpdateAnnotations": {op: patch, prepare: having(1, func(ctx context.Context, s annotator, f *faultFixture, stored models.LabeledData) error {
			_, _, err := s.UpdateAnnotations(ctx, id(f), stored)
			return err
		})},
		name + ".DeleteAnnotations": {op: patch, delta: -1, prepare: having(1, func(ctx context.Context, s annotator, f *faultFixture, stored models.LabeledData) error {
			_, _, err := s.DeleteAnnotations(ctx, id(f), stored)
			return err
		})},
		name + ".ClearAnnotations": {op: destroy, delta: -2, silent: true, prepare: having(2, func(ctx context.Context, s annotator, f *faultFixture, _ models.LabeledData) error {
			_, err := s.ClearAnnotations(ctx, id(f))
			return err
		})},
	}
}

// elsewhere are the methods whose faults have tests of their own: because they take several calls, because no recording
// shows them succeed, or because what they are after is a page of HTML.
var elsewhere = []string{
	"Auth.Sign", "CloudStorages.UpdateKeepingManifests", "Projects.EditLabels", "Restrictions.TermsOfUse", "Tasks.EditLabels",
	"Projects.Labels", "Tasks.Labels", "Tasks.Jobs", "Jobs.Labels", "Tasks.Upload", "Tasks.CreateFromData", "Tasks.WaitForData",
	"Projects.ExportDataset", "Projects.ExportAnnotations", "Tasks.ExportDataset", "Tasks.ExportAnnotations",
	"Jobs.ExportDataset", "Jobs.ExportAnnotations", "Projects.StartExportDataset", "Projects.StartExportAnnotations",
	"Tasks.StartExportDataset", "Tasks.StartExportAnnotations", "Jobs.StartExportDataset", "Jobs.StartExportAnnotations",
	"Jobs.SetDeletedFrames", "Tasks.ContextImages", "Jobs.ContextImages", "Tasks.Frames", "Jobs.Frames",
	"Tasks.DownloadFrames", "Jobs.DownloadFrames", "Projects.ExportDatasetToFile", "Projects.ExportAnnotationsToFile",
	"Tasks.ExportDatasetToFile", "Tasks.ExportAnnotationsToFile", "Jobs.ExportDatasetToFile",
	"Jobs.ExportAnnotationsToFile", "Projects.ExportDatasetToCloud", "Projects.ExportAnnotationsToCloud",
	"Tasks.ExportDatasetToCloud", "Tasks.ExportAnnotationsToCloud", "Jobs.ExportDatasetToCloud",
	"Jobs.ExportAnnotationsToCloud",
	"Jobs.Issues", "Issues.Comments",
	"Lambda.StartAnnotation", "Lambda.WaitForRequest",
	"Tasks.ImportAnnotations", "Tasks.StartImportAnnotations", "Jobs.ImportAnnotations", "Jobs.StartImportAnnotations",
	"Projects.ImportDataset", "Projects.StartImportDataset",
	"Tasks.Backup", "Tasks.BackupToFile", "Tasks.StartBackup", "Tasks.RestoreBackup", "Tasks.StartRestoreBackup", "Tasks.Migrate",
	"Projects.Backup", "Projects.BackupToFile", "Projects.StartBackup", "Projects.RestoreBackup", "Projects.StartRestoreBackup", "Projects.Migrate",
}

// faultFixture is a server with one of each object, and a client that no fault hits.
type faultFixture struct {
	srv                       *testserver.Server
	calm                      *cvat.Client
	project, task, job, label int64
}

func newFaultFixture(t *testing.T, dialect testserver.Dialect) *faultFixture {
	t.Helper()
	srv := testserver.Start(t, testserver.WithDialect(dialect), testserver.WithAnonymousLimit(0), testserver.WithProcessing(0))
	t.Cleanup(srv.Close)
	f := &faultFixture{srv: srv, calm: newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))}
	project, _, err := f.calm.Projects.Create(t.Context(), models.ProjectCreate{Name: "fixture", Labels: labels()})
	require.NoError(t, err)
	f.project = project.ID
	task, _, err := f.calm.Tasks.Create(t.Context(), models.TaskCreate{Name: "fixture", ProjectID: f.project})
	require.NoError(t, err)
	f.task = task.ID
	require.NoError(t, f.calm.Tasks.Upload(t.Context(), f.task, cvat.Bytes("frame0.png", picture(t, 0)), &cvat.UploadOptions{Wait: wait}))
	jobs, err := f.calm.Tasks.Jobs(t.Context(), f.task)
	require.NoError(t, err)
	f.job = jobs[0].ID
	stored, err := f.calm.Tasks.Labels(t.Context(), f.task)
	require.NoError(t, err)
	f.label = labelNamed(t, stored, "night").ID
	return f
}

func (f *faultFixture) emptyTask(t *testing.T) int64 {
	t.Helper()
	task, _, err := f.calm.Tasks.Create(t.Context(), models.TaskCreate{Name: "short-lived", ProjectID: f.project})
	require.NoError(t, err)
	return task.ID
}

// annotate leaves n tags on the task and returns them as they are stored.
func (f *faultFixture) annotate(t *testing.T, n int) models.LabeledData {
	t.Helper()
	var data models.LabeledData
	for range n {
		data.Tags = append(data.Tags, models.LabeledImage{LabelID: f.label})
	}
	_, _, err := f.calm.Tasks.ReplaceAnnotations(t.Context(), f.task, data)
	require.NoError(t, err)
	stored, _, err := f.calm.Tasks.GetAnnotations(t.Context(), f.task)
	require.NoError(t, err)
	require.Len(t, stored.Tags, n)
	return *stored
}

func (f *faultFixture) groundTruth() models.JobCreate {
	return models.JobCreate{
		TaskID: f.task, Type: models.JobTypeGroundTruth, FrameSelectionMethod: models.FrameSelectionManual, Frames: []int{0},
	}
}

func (f *faultFixture) removeGroundTruth(t *testing.T) {
	t.Helper()
	jobs, err := f.calm.Tasks.Jobs(t.Context(), f.task)
	require.NoError(t, err)
	for _, job := range jobs {
		if job.Type == models.JobTypeGroundTruth {
			_, err := f.calm.Jobs.Delete(t.Context(), job.ID)
			require.NoError(t, err)
		}
	}
}

// count returns the number of objects that a call may change.
func (f *faultFixture) count(t *testing.T, m faulty) int {
	t.Helper()
	if m.count != nil {
		return m.count(t, f)
	}
	_, projects, err := f.calm.Projects.List(t.Context(), nil)
	require.NoError(t, err)
	_, tasks, err := f.calm.Tasks.List(t.Context(), nil)
	require.NoError(t, err)
	_, jobs, err := f.calm.Jobs.List(t.Context(), nil)
	require.NoError(t, err)
	stored, _, err := f.calm.Tasks.GetAnnotations(t.Context(), f.task)
	require.NoError(t, err)
	return projects.Count + tasks.Count + jobs.Count + len(stored.Tags) + len(stored.Shapes) + len(stored.Tracks)
}

// trouble is a fault and what it must lead to.
type trouble struct {
	fault testserver.Fault
	// repeats are the classes whose calls are sent again and succeed then.
	repeats []cvat.Replay
	// lost: the server may have acted, as far as the client can tell.
	lost bool
	// acts: the server did act.
	acts bool
	// sentinel is what the error of a call that is not sent again matches.
	sentinel error
	// status is its status, if the server answered.
	status int
}

func troubles() map[string]trouble {
	notNever := []cvat.Replay{cvat.Repeatable, cvat.Refusable}
	onlyRepeatable := []cvat.Replay{cvat.Repeatable}
	now := http.Header{"Retry-After": {"0"}}
	status := func(code int, sentinel error) trouble {
		return trouble{fault: testserver.Fault{Status: code, Body: `{"detail":"planned"}`, ContentType: "application/vnd.cvat+json"}, sentinel: sentinel, status: code}
	}
	all := map[string]trouble{
		"401": status(http.StatusUnauthorized, cvat.ErrUnauthorized),
		"403": status(http.StatusForbidden, cvat.ErrForbidden),
		"404": status(http.StatusNotFound, cvat.ErrNotFound),
		"409": status(http.StatusConflict, cvat.ErrConflict),
		"413": status(http.StatusRequestEntityTooLarge, cvat.ErrTooLarge),
		"500": status(http.StatusInternalServerError, cvat.ErrServer),
		"429 with Retry-After": {
			fault: testserver.Fault{Status: http.StatusTooManyRequests, Header: now}, repeats: notNever,
			sentinel: cvat.ErrRateLimited, status: http.StatusTooManyRequests,
		},
		"503 with Retry-After": {
			fault: testserver.Fault{Status: http.StatusServiceUnavailable, Header: now}, repeats: notNever,
			sentinel: cvat.ErrServer, status: http.StatusServiceUnavailable,
		},
		"connection cut before the server acts": {fault: testserver.Fault{Kind: testserver.CutBefore}, repeats: onlyRepeatable, lost: true},
		"answer lost":                           {fault: testserver.Fault{Kind: testserver.CutAfter}, repeats: onlyRepeatable, lost: true, acts: true},
		"HTML": {
			fault:  testserver.Fault{Kind: testserver.HTMLPage},
			lost:   true,
			status: http.StatusOK,
		},
		"redirect to another host": {fault: testserver.Fault{Kind: testserver.Redirect}, status: http.StatusFound},
	}
	for _, code := range []int{http.StatusRequestTimeout, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout} {
		all[strconv.Itoa(code)] = trouble{
			fault:   testserver.Fault{Kind: testserver.HTMLPage, Status: code},
			repeats: onlyRepeatable, lost: true, status: code,
		}
	}
	return all
}

// bodyTroubles spoil the body of an answer, which must have one.
func bodyTroubles() map[string]trouble {
	onlyRepeatable := []cvat.Replay{cvat.Repeatable}
	return map[string]trouble{
		"body cut":       {fault: testserver.Fault{Kind: testserver.CutBody}, repeats: onlyRepeatable, lost: true, acts: true, status: -1},
		"body truncated": {fault: testserver.Fault{Kind: testserver.TruncateBody}, repeats: onlyRepeatable, lost: true, acts: true, status: -1},
		"short length":   {fault: testserver.Fault{Kind: testserver.ShortLength}, lost: true, acts: true, status: -1},
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, dialect := range []testserver.Dialect{testserver.V2_3, testserver.V2_73} {
		t.Run(dialect.String(), func(t *testing.T) {
			t.Parallel()
			for name, method := range faultyMethods() {
				if method.newer && dialect == testserver.V2_3 || method.older && dialect != testserver.V2_3 {
					continue
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					newFaultFixture(t, dialect).run(t, method)
				})
			}
		})
	}
}

// run takes a method through the plan, one fault after the other: they hit one server.
func (f *faultFixture) run(t *testing.T, m faulty) {
	t.Helper()
	plan := troubles()
	if !m.stream && !m.silent {
		maps.Copy(plan, bodyTroubles())
	}
	for what, trouble := range plan {
		t.Run(what, func(t *testing.T) { f.strike(t, m, trouble) })
	}
	t.Run("refused", func(t *testing.T) { f.refuse(t, m) })
	t.Run("cancelled", func(t *testing.T) { f.cancel(t, m) })
}

// strike lets one fault hit the first attempt of a call.
func (f *faultFixture) strike(t *testing.T, m faulty, tr trouble) {
	t.Helper()
	run := m.prepare(t, f)
	before := f.count(t, m)
	var strangers atomic.Int32
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strangers.Add(1) }))
	defer stranger.Close()
	tr.fault.Operation, tr.fault.Times, tr.fault.Location = m.op.ID, 1, stranger.URL
	f.srv.Fail(tr.fault)
	f.srv.Forget()
	opts := []cvat.Option{cvat.WithRetryPolicy(cvat.RetryPolicy{MinWait: time.Microsecond})}
	if tr.fault.Kind == testserver.ShortLength {
		opts = append(opts, cvat.WithMiddleware(uncompressed)) // compressed, it would be a body that breaks off
	}
	client, open := f.client(t, opts...)

	err := run(t.Context(), client)

	arrived := f.srv.Count(m.op.ID)
	f.srv.Heal()
	assert.Zero(t, open.Load(), "bodies left open")
	assert.Zero(t, strangers.Load(), "requests to another host")
	if slices.Contains(tr.repeats, m.op.Replay) {
		require.NoError(t, err)
		assert.Equal(t, 2, arrived)
		assert.Equal(t, before+m.delta, f.count(t, m))
		return
	}
	require.Error(t, err)
	assert.Equal(t, 1, arrived, "%s calls are not sent again: %v", m.op.Replay, err)
	if tr.acts {
		assert.Equal(t, before+m.delta, f.count(t, m), "the server acted once")
	} else {
		assert.Equal(t, before, f.count(t, m), "the server did not act")
	}
	if tr.sentinel != nil {
		require.ErrorIs(t, err, tr.sentinel)
	}
	answered, ok := errors.AsType[*cvat.Error](err)
	assert.Equal(t, tr.status != 0, ok, "an *Error exactly if the server answered: %v", err)
	if ok && tr.status > 0 {
		assert.Equal(t, tr.status, answered.StatusCode)
	}
	assert.Equal(t, tr.lost && m.op.Replay != cvat.Repeatable, errors.Is(err, cvat.ErrOutcomeUnknown), "%v", err)
	assert.NotContains(t, err.Error(), "admin-password")
	assert.NotContains(t, fmt.Sprintf("%+v", err), "org=")
}

// client returns a client for the fixture that counts the bodies it has not closed.
func (f *faultFixture) client(t *testing.T, opts ...cvat.Option) (client *cvat.Client, open *atomic.Int32) {
	t.Helper()
	open = new(atomic.Int32)
	opts = append(opts, cvat.WithBasicAuth("admin", "admin-password"), cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return transport(func(r *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(r)
			if err == nil {
				open.Add(1)
				resp.Body = &countedBody{ReadCloser: resp.Body, open: open}
			}
			return resp, err
		})
	}))
	client, err := cvat.NewClient(f.srv.URL, opts...)
	require.NoError(t, err)
	return client, open
}

// uncompressed keeps the server from compressing.
func uncompressed(next http.RoundTripper) http.RoundTripper {
	return transport(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.Header.Set("Accept-Encoding", "identity")
		return next.RoundTrip(r)
	})
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type countedBody struct {
	io.ReadCloser
	open   *atomic.Int32
	closed atomic.Bool
}

func (b *countedBody) Close() error {
	if !b.closed.Swap(true) {
		b.open.Add(-1)
	}
	return b.ReadCloser.Close()
}

// refuse runs a call against a port that nobody listens on: a free one could be taken by another test meanwhile.
func (f *faultFixture) refuse(t *testing.T, m faulty) {
	t.Helper()
	run := m.prepare(t, f)
	attempts := 0
	client, err := cvat.NewClient("http://127.0.0.1:1", cvat.WithBasicAuth("a", "b"),
		cvat.WithRetryPolicy(cvat.RetryPolicy{MaxAttempts: 3, MinWait: time.Microsecond, MaxWait: time.Microsecond}),
		cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return transport(func(r *http.Request) (*http.Response, error) {
				attempts++
				op, ok := cvat.OperationFromContext(r.Context())
				assert.True(t, ok)
				assert.Equal(t, m.op.ID, op.ID)
				return next.RoundTrip(r)
			})
		}))
	require.NoError(t, err)
	err = run(t.Context(), client)
	require.Error(t, err)
	require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown, "nothing was sent")
	want := 3
	if m.op.Replay == cvat.NeverRepeated {
		want = 1
	}
	assert.Equal(t, want, attempts)
}

// cancel ends a call that the server is slow to answer.
func (f *faultFixture) cancel(t *testing.T, m faulty) {
	t.Helper()
	run := m.prepare(t, f)
	client, open := f.client(t)
	cause := errors.New("the user has left")
	ctx, cancel := context.WithCancelCause(t.Context())
	f.srv.Fail(testserver.Fault{
		Kind: testserver.Slow, Operation: m.op.ID, Delay: time.Hour,
		Match: func(*http.Request) bool { cancel(cause); return true },
	})
	defer f.srv.Heal()
	err := run(ctx, client)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, cause)
	assert.Equal(t, m.op.Replay != cvat.Repeatable, errors.Is(err, cvat.ErrOutcomeUnknown))
	assert.Zero(t, open.Load())
}

// TestFaultsAreComplete fails when a service gets a method whose faults nobody tests.
func TestFaultsAreComplete(t *testing.T) {
	t.Parallel()
	tested := faultyMethods()
	for field := range reflect.TypeFor[cvat.Client]().Fields() {
		kind := field.Type
		if !field.IsExported() {
			continue
		}
		for method := range kind.Methods() {
			name := strings.TrimSuffix(kind.Elem().Name(), "Service") + "." + method.Name
			_, ok := tested[name]
			assert.NotEqual(t, ok, slices.Contains(elsewhere, name), name)
		}
	}
}
