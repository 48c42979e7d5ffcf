package cvattest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/models"
)

// onBoth runs a test against each release.
func onBoth(t *testing.T, test func(*testing.T, *cvattest.Server)) {
	t.Helper()
	for _, version := range cvattest.Versions() {
		t.Run(version.String(), func(t *testing.T) {
			t.Parallel()
			server := cvattest.NewServer(t, cvattest.WithVersion(version))
			assert.Equal(t, version, server.Version())
			test(t, server)
		})
	}
}

// boxes are rectangles on the first frames, one on each.
func boxes(n int) func(map[string]models.Label) models.LabeledData {
	return func(labels map[string]models.Label) models.LabeledData {
		var data models.LabeledData
		for frame := range n {
			data.Shapes = append(data.Shapes, models.LabeledShape{
				Type: models.ShapeTypeRectangle, Frame: frame, LabelID: labels["car"].ID, Points: []float64{1, 2, 30, 40},
			})
		}
		return data
	}
}

func TestATaskInOneCall(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, server *cvattest.Server) {
		t.Helper()
		ctx := t.Context()
		server.FailAny(cvattest.Fault{}) // does not strike
		task := server.AddTask(cvattest.Task{
			Name: "street", Labels: []models.LabelCreate{{Name: "car"}, {Name: "road"}}, Frames: 5, JobSize: 2,
			Stage: models.JobStageValidation, Annotations: boxes(3),
		})
		server.Heal()
		assert.Empty(t, server.Requests())

		client := server.Client()
		got, _, err := client.Tasks.Get(ctx, task.ID)
		require.NoError(t, err)
		assert.Equal(t, "street", got.Name)
		assert.Equal(t, 5, got.Size)
		assert.Equal(t, cvattest.Username, got.Owner.Username)
		assert.Equal(t, *got, task.Task)
		require.Len(t, task.Jobs, 3)
		job, _, err := client.Jobs.Get(ctx, task.Jobs[2].ID)
		require.NoError(t, err)
		assert.Equal(t, job, task.Jobs[2])
		assert.Equal(t, models.JobStageValidation, job.Stage)
		assert.Equal(t, 4, job.StartFrame)
		stored, _, err := client.Jobs.GetAnnotations(ctx, task.Jobs[1].ID)
		require.NoError(t, err)
		require.Len(t, stored.Shapes, 1)
		assert.Equal(t, task.LabelsByName["car"].ID, stored.Shapes[0].LabelID)

		names := map[string]bool{}
		meta, _, err := client.Tasks.DataMeta(ctx, task.ID)
		require.NoError(t, err)
		for _, frame := range meta.Frames {
			assert.Equal(t, 160, frame.Width)
			names[frame.Name] = true
		}
		assert.Len(t, names, 5)
	})
}

func TestLessThanATask(t *testing.T) {
	t.Parallel()
	server := cvattest.NewServer(t)
	assert.Equal(t, "task", server.AddTask(cvattest.Task{}).Name)
	project, _, err := server.Backstage(cvattest.Username).Projects.Create(t.Context(), models.ProjectCreate{
		Name: "city", Labels: []models.LabelCreate{{Name: "car"}},
	})
	require.NoError(t, err)
	task := server.AddTask(cvattest.Task{ProjectID: project.ID, Folder: "../examples/quickstart/images"})
	assert.Equal(t, project.ID, task.ProjectID)
	assert.Equal(t, 5, task.Size)
	assert.Contains(t, task.LabelsByName, "car")
}

func TestUsersAndOrganizations(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, server *cvattest.Server) {
		t.Helper()
		ctx := t.Context()
		ada := server.AddUser(cvattest.User{Username: "ada", Password: "engine", Email: "ada@example.com", FirstName: "Ada"})
		server.AddUser(cvattest.User{Username: "eve"})
		server.AddUser(cvattest.User{Username: "root", Superuser: true})
		team := server.AddOrganization("team-a", "ada", map[string]models.Role{"eve": models.RoleMaintainer})
		task := server.AddTask(cvattest.Task{Owner: "ada", Organization: "team-a"})

		client, err := cvat.NewClient(server.URL)
		require.NoError(t, err)
		client, err = client.Login(ctx, "ada", "engine")
		require.NoError(t, err)
		self, _, err := client.Users.Self(ctx)
		require.NoError(t, err)
		assert.Equal(t, ada, self.ID)
		assert.Equal(t, "Ada", self.FirstName)

		for name, want := range map[string]bool{"ada": true, "eve": true, "root": true, cvattest.Username: false} {
			_, _, err := server.ClientFor(name, cvat.WithOrganization("team-a")).Tasks.Get(ctx, task.ID)
			assert.Equal(t, want, err == nil, "%s: %v", name, err)
		}
		organization, _, err := server.ClientFor("eve").Organizations.Get(ctx, team)
		require.NoError(t, err)
		assert.Equal(t, "team-a", organization.Slug)
	})
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	server := cvattest.NewServer(t)
	ctx := t.Context()
	for name, option := range map[string]cvat.Option{
		cvattest.Username:      cvat.WithAccessToken(server.AccessToken(cvattest.Username)),
		cvattest.AdminUsername: cvat.WithBasicAuth(cvattest.AdminUsername, cvattest.AdminPassword),
	} {
		self, _, err := server.Client(option).Users.Self(ctx)
		require.NoError(t, err)
		assert.Equal(t, name, self.Username)
	}
	client := server.Client()
	server.RevokeToken(cvattest.Username)
	_, _, err := client.Users.Self(ctx)
	require.ErrorIs(t, err, cvat.ErrUnauthorized)
	_, _, err = server.Client().Users.Self(ctx)
	require.NoError(t, err)
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault cvattest.Fault
		acts  bool
		check func(*testing.T, error)
	}{
		{cvattest.Fault{}, false, is(cvat.ErrServer)},
		{cvattest.Fault{Status: http.StatusConflict, Body: `{"detail":"no"}`}, false, is(cvat.ErrConflict)},
		{cvattest.Fault{Kind: cvattest.Slow, Delay: time.Millisecond}, true, func(t *testing.T, err error) { t.Helper(); require.NoError(t, err) }},
		{cvattest.Fault{Kind: cvattest.CutBefore}, false, is(cvat.ErrOutcomeUnknown)},
		{cvattest.Fault{Kind: cvattest.CutAfter}, true, is(cvat.ErrOutcomeUnknown)},
		{cvattest.Fault{Kind: cvattest.TruncateBody}, true, func(t *testing.T, err error) { t.Helper(); require.Error(t, err) }},
		{cvattest.Fault{Kind: cvattest.HTMLPage}, false, func(t *testing.T, err error) { t.Helper(); require.ErrorContains(t, err, "HTML page") }},
	} {
		t.Run(fmt.Sprint(test.fault.Kind, test.fault.Status), func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, server *cvattest.Server) {
				t.Helper()
				server.Fail(cvat.OpProjectsCreate, test.fault)
				_, _, err := server.Client().Projects.Create(t.Context(), models.ProjectCreate{Name: "city"})
				test.check(t, err)
				made, _, err := server.Backstage(cvattest.Username).Projects.List(t.Context(), nil)
				require.NoError(t, err)
				assert.Equal(t, test.acts, len(made) == 1)
			})
		})
	}
}

func is(target error) func(*testing.T, error) {
	return func(t *testing.T, err error) { t.Helper(); require.ErrorIs(t, err, target) }
}

func TestFaultsAreNarrow(t *testing.T) {
	t.Parallel()
	server := cvattest.NewServer(t)
	client := server.Client(cvat.WithRetryPolicy(cvat.RetryPolicy{MaxAttempts: 1}))
	server.Fail(cvat.OpTasksRetrieve, cvattest.Fault{
		Status: http.StatusTooManyRequests, RetryAfter: 7 * time.Second, Skip: 1, Times: 1,
		Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/tasks/1") },
	})
	server.AddTask(cvattest.Task{})
	server.AddTask(cvattest.Task{})
	var failed []string
	for _, id := range []int64{1, 2, 1, 1} {
		_, _, err := client.Tasks.Get(t.Context(), id)
		if refused, ok := errors.AsType[*cvat.Error](err); ok {
			failed = append(failed, fmt.Sprint(id, refused.StatusCode, refused.RetryAfter))
		}
	}
	assert.Equal(t, []string{"1 429 7s"}, failed)
	assert.Equal(t, 4, server.Count(cvat.OpTasksRetrieve))
}

func TestBackgroundWork(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, server *cvattest.Server) {
		t.Helper()
		server.Plan(cvat.OpTasksCreateData, cvattest.Work{Failure: "disk full", Times: 1})
		assert.Equal(t, 1, server.AddTask(cvattest.Task{Frames: 1}).Size, "what the test arranges goes well")
		task := server.AddTask(cvattest.Task{})
		err := server.Client().Tasks.Upload(t.Context(), task.ID, cvat.Dir("../examples/quickstart/images"), nil)
		failed := new(cvat.BackgroundError)
		require.ErrorAs(t, err, &failed)
		assert.Contains(t, failed.Message, "disk full")
	})
}

func TestWhatArrived(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, server *cvattest.Server) {
		t.Helper()
		ctx := t.Context()
		server.AddOrganization("team-a", cvattest.Username, nil)
		client := server.Client()
		_, _, err := client.Projects.Create(ctx, models.ProjectCreate{Name: "city"}, cvat.ForOrganization("team-a"))
		require.NoError(t, err)
		_, _, err = client.Projects.Get(ctx, 77)
		require.ErrorIs(t, err, cvat.ErrNotFound)
		anonymous, err := cvat.NewClient(server.URL)
		require.NoError(t, err)
		_, _, err = anonymous.Tasks.Get(ctx, 1)
		require.ErrorIs(t, err, cvat.ErrUnauthorized)

		all := server.Requests()
		require.Len(t, all, 3)
		assert.Equal(t, all[1:], server.Requests(cvat.OpTasksRetrieve, cvat.OpProjectsRetrieve))
		first := all[0]
		assert.Equal(t, "projects_create", first.Operation)
		assert.Equal(t, "POST /api/projects", first.Method+" "+first.Path)
		assert.Equal(t, cvattest.Username+" in team-a", first.User+" in "+first.Organization)
		assert.JSONEq(t, `{"name":"city"}`, string(first.Body))
		assert.EqualValues(t, len(first.Body), first.BodySize)
		assert.Equal(t, http.StatusCreated, first.Status)
		assert.NotEmpty(t, first.Header.Get("Authorization"))
		assert.Equal(t, http.StatusNotFound, all[1].Status)
		assert.Empty(t, all[2].User)
		server.Forget()
		assert.Zero(t, server.Count(cvat.OpProjectsCreate))
	})
}

func TestManyCallers(t *testing.T) {
	t.Parallel()
	server := cvattest.NewServer(t)
	want := map[string]string{}
	for i := range 20 {
		name := fmt.Sprintf("user-%d", i)
		server.AddUser(cvattest.User{Username: name})
		server.AddOrganization("org-"+name, name, nil)
		want[name] = "org-" + name
	}
	var callers sync.WaitGroup
	for name, slug := range want {
		client := server.ClientFor(name, cvat.WithOrganization(slug))
		callers.Go(func() {
			_, _, err := client.Tasks.List(t.Context(), nil)
			assert.NoError(t, err)
		})
	}
	callers.Wait()
	got := map[string]string{}
	for _, r := range server.Requests() {
		got[r.User] = r.Organization
	}
	assert.Equal(t, want, got)
}

// Hours pass at once.
func TestVirtualTime(t *testing.T) {
	t.Parallel()
	for _, version := range cvattest.Versions() {
		t.Run(version.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := cvattest.NewServer(t, cvattest.OverPipe(), cvattest.WithVersion(version), cvattest.WithProcessing(3*time.Hour))
				started := time.Now()
				task := server.AddTask(cvattest.Task{Frames: 2})
				assert.Less(t, time.Since(started), time.Minute)
				empty := server.AddTask(cvattest.Task{})
				server.Fail(cvat.OpTasksRetrieve, cvattest.Fault{Status: 503, RetryAfter: time.Minute, Times: 1})
				client, err := cvat.NewClient(server.URL, cvat.WithToken(server.Token(cvattest.Username)), cvat.WithHTTPClient(server.HTTPClient()))
				require.NoError(t, err)
				_, resp, err := client.Tasks.Get(t.Context(), task.ID)
				require.NoError(t, err)
				assert.Equal(t, 2, resp.Attempts)
				require.NoError(t, client.Tasks.Upload(t.Context(), empty.ID, cvat.Dir("../examples/quickstart/images"), nil))
				assert.Greater(t, time.Since(started), 3*time.Hour)

				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				server.Fail(cvat.OpTasksList, cvattest.Fault{Kind: cvattest.Slow, Delay: 2 * time.Hour})
				_, _, err = client.Tasks.List(ctx, nil)
				require.ErrorIs(t, err, context.DeadlineExceeded)
			})
		})
	}
}

func TestAServerThatIsGone(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]cvattest.Option{"TCP": nil, "pipe": {cvattest.OverPipe()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := cvattest.NewServer(t, opts...)
			client := server.Client()
			_, _, err := client.Server.About(t.Context())
			require.NoError(t, err)
			server.Close()
			server.Close()
			_, _, err = client.Server.About(t.Context())
			require.Error(t, err)
		})
	}
}

func TestFilesAndBuckets(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, server *cvattest.Server) {
		t.Helper()
		ctx := t.Context()
		server.Share("pictures/a.png", []byte("not looked at"))
		server.AddBucket("bucket", map[string][]byte{"manifest.jsonl": nil})
		client := server.Client()
		found, _, err := client.Server.Share(ctx, "")
		require.NoError(t, err)
		require.Len(t, found, 1)
		assert.Equal(t, "pictures", found[0].Name)
		storage, _, err := client.CloudStorages.Create(ctx, models.CloudStorageCreate{
			ProviderType: models.ProviderTypeAWSS3Bucket, Resource: "bucket", DisplayName: "bucket",
			Credentials: models.Credentials{Type: models.CredentialsTypeKeySecretKeyPair, Key: "key", SecretKey: "secret"},
		})
		require.NoError(t, err)
		for _, want := range []models.CloudStorageStatus{models.CloudStorageStatusAvailable, models.CloudStorageStatusNotFound} {
			status, _, err := client.CloudStorages.Status(ctx, storage.ID)
			require.NoError(t, err)
			assert.Equal(t, want, status)
			server.RemoveBucket("bucket")
		}
	})
}

// spy is a test whose failure is expected.
type spy struct {
	testing.TB

	mu       sync.Mutex
	failures []string
}

func (s *spy) Helper() {}

func (s *spy) Errorf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, fmt.Sprintf(format, args...))
}

func (s *spy) Fatal(args ...any) {
	s.Errorf("%s", fmt.Sprint(args...))
	runtime.Goexit()
}

// failures returns how a test fails.
func failures(t *testing.T, test func(testing.TB)) string {
	t.Helper()
	tb := &spy{TB: t}
	var running sync.WaitGroup
	running.Go(func() { test(tb) })
	running.Wait()
	return strings.Join(tb.failures, "\n")
}

func TestWhatFailsTheTest(t *testing.T) {
	t.Parallel()
	for want, do := range map[string]func(*cvattest.Server){
		`there is no user "bob"`:           func(s *cvattest.Server) { s.ClientFor("bob") },
		`there is no user "tom"`:           func(s *cvattest.Server) { s.AddOrganization("team", "admin", map[string]models.Role{"tom": "worker"}) },
		`a name that nobody has: "admin"`:  func(s *cvattest.Server) { s.AddUser(cvattest.User{Username: "admin"}) },
		`a name that nobody has: ""`:       func(s *cvattest.Server) { s.AddUser(cvattest.User{}) },
		`no operation "nope"`:              func(s *cvattest.Server) { s.Fail(cvat.Operation{ID: "nope"}, cvattest.Fault{}) },
		`no operation "none"`:              func(s *cvattest.Server) { s.Count(cvat.Operation{ID: "none"}) },
		`no operation ""`:                  func(s *cvattest.Server) { s.Plan(cvat.Operation{}, cvattest.Work{}) },
		"no personal access tokens":        func(s *cvattest.Server) { s.AccessToken("admin") },
		"WithOrganization got no slug":     func(s *cvattest.Server) { s.Client(cvat.WithOrganization("")) },
		"AddTask: cvat: TaskCreate.Labels": func(s *cvattest.Server) { s.AddTask(cvattest.Task{Labels: []models.LabelCreate{{}}}) },
		`AddTask: cvat: folder "missing"`:  func(s *cvattest.Server) { s.AddTask(cvattest.Task{Folder: "missing"}) },
		"AddTask: cvat: tasks_update": func(s *cvattest.Server) {
			s.AddTask(cvattest.Task{Frames: 1, Annotations: func(labels map[string]models.Label) models.LabeledData {
				return models.LabeledData{Tags: []models.LabeledImage{{LabelID: labels["no such label"].ID}}}
			}})
		},
	} {
		got := failures(t, func(tb testing.TB) { tb.Helper(); do(cvattest.NewServer(tb, cvattest.WithVersion(cvattest.V23))) })
		assert.Contains(t, got, want)
		outside := cvattest.NewServer(nil, cvattest.WithVersion(cvattest.V23))
		assert.Panics(t, func() { do(outside) }, want)
		outside.Close()
	}
}

func TestMisuseFailsTheTest(t *testing.T) {
	t.Parallel()
	field := func(opts ...cvattest.Option) func(testing.TB) {
		return func(tb testing.TB) {
			tb.Helper()
			server := cvattest.NewServer(tb, opts...)
			_, err := server.Client().Do(t.Context(), cvat.OpProjectsCreate, cvat.Args{}, map[string]any{"name": "city", "colour": "blue"}, nil)
			assert.NoError(t, err, "the server ignores the field")
		}
	}
	assert.Contains(t, failures(t, field()), "colour")
	assert.Empty(t, failures(t, field(cvattest.Lenient())))
	assert.Empty(t, failures(t, func(tb testing.TB) {
		tb.Helper()
		server := cvattest.NewServer(tb, cvattest.WithVersion(cvattest.V23))
		_, err := server.Client().Do(t.Context(), cvat.Operation{ID: "webhooks_list", Method: "GET", Path: "/api/webhooks"}, cvat.Args{}, nil, nil)
		assert.ErrorIs(t, err, cvat.ErrNotFound)
	}), "programs may find out what a server lacks")
}

func TestAnonymousLimit(t *testing.T) {
	t.Parallel()
	server := cvattest.NewServer(t, cvattest.WithAnonymousLimit(1))
	client, err := cvat.NewClient(server.URL, cvat.WithRetryPolicy(cvat.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	_, _, err = client.Server.About(t.Context())
	require.NoError(t, err)
	_, _, err = client.Server.About(t.Context())
	require.ErrorIs(t, err, cvat.ErrRateLimited)
}
