package main

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/examples/internal/program"
	"github.com/go-cvat/cvat/examples/internal/programtest"
	"github.com/go-cvat/cvat/models"
)

var migrate programtest.Program = run

// route is a server with a project of two tasks, and one to copy it to.
type route struct {
	from, to *cvattest.Server

	flags    []string // for the servers
	original int64    // the project
	replicas *cvat.Client
}

// onEach runs a test between servers of all versions.
func onEach(t *testing.T, test func(*testing.T, route)) {
	t.Helper()
	for _, older := range cvattest.Versions() {
		t.Run("from "+older.String(), func(t *testing.T) {
			t.Parallel()
			programtest.OnBoth(t, func(t *testing.T, to *cvattest.Server) {
				t.Helper()
				test(t, newRoute(t, cvattest.NewServer(t, cvattest.WithVersion(older)), to))
			})
		})
	}
}

func newRoute(t *testing.T, from, to *cvattest.Server) route {
	t.Helper()
	r := route{from: from, to: to, replicas: to.Backstage(cvattest.Username)}
	r.flags = programtest.Flags(from, "-to-url", to.URL, "-to-token", to.Token(cvattest.Username))
	r.original = mustAddStreet(t, from)
	return r
}

// run runs the program on the project.
func (r route) run(ctx context.Context, more ...string) programtest.Outcome {
	return migrate.Run(ctx, r.project(more...)...)
}

func (r route) project(more ...string) []string {
	return slices.Concat(r.flags, []string{"-project", strconv.FormatInt(r.original, 10)}, more)
}

// download is the operation that fetches a backup.
func (r route) download() (cvat.Operation, func(*http.Request) bool) {
	if r.from.Version() == cvattest.V23 {
		return cvat.OpProjectsRetrieveBackup, func(req *http.Request) bool { return req.URL.Query().Get("action") == "download" }
	}
	return cvat.OpProjectsRetrieveBackupDownload, nil
}

// backup is the operation that starts a backup.
func (r route) backup() cvat.Operation {
	if r.from.Version() == cvattest.V23 {
		return cvat.OpProjectsRetrieveBackup
	}
	return cvat.OpProjectsCreateBackupExport
}

// expectProjects counts the projects on the target, and returns the id of the last.
func (r route) expectProjects(t *testing.T, want int) (id int64) {
	t.Helper()
	projects, err := cvat.Collect(r.replicas.Projects.All(t.Context(), nil))
	if err != nil {
		t.Fatal(err)
	}
	if len(projects) != want {
		t.Fatalf("the target has %d projects, not %d", len(projects), want)
	}
	for _, project := range projects {
		id = project.ID
	}
	return id
}

func TestCopiesAProject(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, r route) {
		t.Helper()
		_, err := r.replicas.Projects.Delete(t.Context(), mustAddStreet(t, r.to)) // so that ids differ
		must(t, err)
		r.run(t.Context()).Expect(t, 0,
			"from "+r.from.URL+", CVAT 2.", "to "+r.to.URL+", CVAT 2.", `copying project 1, "street"`, "waiting for the backup of project 1\n",
			"made project 2, "+r.to.URL+"/projects/2, of a backup of ", "its properties: the same\n", "its labels: 3 labels: the same\n",
			`task 1, "high street": 4 frames, 2 jobs, 1 tag, 3 shapes, `, `task 2, "low street": 4 frames, `, "tracks: the same\n",
			"the copy is the same: project 2, "+r.to.URL+"/projects/2\n")
		tasks, err := cvat.Collect(r.replicas.Tasks.All(t.Context(), &cvat.TaskListOptions{ProjectID: r.expectProjects(t, 1)}))
		if err != nil || len(tasks) != 2 {
			t.Fatalf("there are %d tasks: %v", len(tasks), err)
		}
		data, _, err := r.replicas.Tasks.GetAnnotations(t.Context(), tasks[0].ID)
		if err != nil || len(data.Tags) != 1 || len(data.Shapes) != 3 || len(data.Tracks) == 0 {
			t.Errorf("what is annotated is %+v: %v", data, err)
		}
	})
}

func mustAddStreet(t *testing.T, server *cvattest.Server) int64 {
	t.Helper()
	id, err := addStreet(t.Context(), server)
	must(t, err)
	return id
}

func TestCopiesATask(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, r route) {
		t.Helper()
		migrate.Run(t.Context(), slices.Concat(r.flags, []string{"-task", "2"})...).Expect(t, 0,
			`copying task 2, "low street"`, "made task 1, "+r.to.URL+"/tasks/1, ", "its labels: 3 labels: the same\n",
			`task 2, "low street": 4 frames, 2 jobs, 1 tag, 3 shapes, `, "the copy is the same: task 1, ")
		r.expectProjects(t, 0)
	})
}

func TestWithinOneServer(t *testing.T) {
	t.Parallel()
	programtest.OnBoth(t, func(t *testing.T, server *cvattest.Server) {
		t.Helper()
		server.AddOrganization("team", cvattest.Username, nil)
		r := newRoute(t, server, server)
		r.run(t.Context()).Expect(t, 0, "which is the same place: there will be two of it\n", "made project 2, ", "the copy is the same")
		r.expectProjects(t, 2)
		other := r.run(t.Context(), "-to-organization", "team")
		other.Expect(t, 0, `, organization "team"`, "made project 3, ", "the copy is the same")
		if strings.Contains(other.Stdout, "the same place") {
			t.Error("an organization is taken for the place without one")
		}
		if _, _, err := server.Backstage(cvattest.Username, cvat.WithOrganization("team")).Projects.Get(t.Context(), 3); err != nil {
			t.Errorf("the project is not the organization's: %v", err)
		}
	})
}

const nothingMade = "the source is as it was, and the target has nothing of it\n"

func TestTheSourceDiesHalfWay(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, r route) {
		t.Helper()
		op, match := r.download()
		r.from.Fail(op, cvattest.Fault{Kind: cvattest.TruncateBody, Match: match})
		r.run(t.Context()).Expect(t, program.ExitFailed, "backup of project 1", "unexpected EOF", nothingMade)
		r.expectProjects(t, 0)
		r.from.Heal()
		r.run(t.Context()).Expect(t, 0, "the copy is the same")
	})
}

func TestTheTargetRefuses(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, r route) {
		t.Helper()
		r.to.Fail(cvat.OpProjectsCreateBackup, cvattest.Fault{Status: http.StatusRequestEntityTooLarge})
		r.run(t.Context()).Expect(t, program.ExitFailed, "413 Request Entity Too Large", nothingMade)
		r.to.Heal()
		r.to.Plan(cvat.OpProjectsCreateBackup, cvattest.Work{Failure: "no space left on the server"})
		r.run(t.Context()).Expect(t, program.ExitFailed, "no space left on the server", nothingMade)
		r.expectProjects(t, 0)
	})
}

// TestTheLastAnswerIsLost, which alone names the copy on servers like 2.3.
func TestTheLastAnswerIsLost(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, r route) {
		t.Helper()
		r.to.Plan(cvat.OpProjectsCreateBackup, cvattest.Work{Duration: 1})
		look, starts := cvat.OpRequestsRetrieve, 0
		if r.to.Version() == cvattest.V23 {
			look, starts = cvat.OpProjectsCreateBackup, 1
		}
		r.to.Fail(look, cvattest.Fault{Kind: cvattest.CutAfter, Skip: starts, Times: 1})
		r.run(t.Context()).Expect(t, 0, "made project 1, ", "the copy is the same")
		r.expectProjects(t, 1)
		if n := r.to.Count(look); n < starts+2 {
			t.Errorf("no answer was lost: there were %d requests", n)
		}
	})
}

func TestTheOutcomeIsUnknown(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, r route) {
		t.Helper()
		mustAddStreet(t, r.to)
		mustAddStreet(t, r.to)
		r.to.Plan(cvat.OpProjectsCreateBackup, cvattest.Work{Duration: 1})
		r.to.Fail(cvat.OpProjectsCreateBackup, cvattest.Fault{Kind: cvattest.CutAfter})
		r.run(t.Context()).Expect(t, program.ExitFailed, "the server may or may not have carried it out", "is not known\n",
			"look on "+r.to.URL+` for a project "street" with an id above 2: `, "-check ID")
		if n := r.to.Count(cvat.OpProjectsCreateBackup); n != 1 {
			t.Errorf("the restore was started %d times", n)
		}
		r.to.Heal()
		for len(r.to.Requests(cvat.OpProjectsList)) < 1000 { // until the restore is done
			if projects, _, err := r.to.Client().Projects.List(t.Context(), nil); err == nil && len(projects) == 3 {
				break
			}
		}
		r.to.Forget()
		r.run(t.Context(), "-check", "3").Expect(t, 0, "the copy is the same: project 3, ")
		if n := r.to.Count(cvat.OpProjectsCreateBackup); n != 0 {
			t.Error("it has made another copy")
		}
	})
}

func TestInterruptedBeforeTheRestore(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, r route) {
		t.Helper()
		r.from.Plan(r.backup(), cvattest.Work{Duration: time.Minute})
		migrate.Interrupt(t.Context(), "waiting for the backup", r.project()...).Expect(t, program.ExitInterrupted, "migrate: interrupted\n"+nothingMade)
		r.expectProjects(t, 0)
	})
}

func TestInterruptedWhileTheTargetRestores(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, r route) {
		t.Helper()
		r.to.Plan(cvat.OpProjectsCreateBackup, cvattest.Work{Duration: time.Minute})
		migrate.Interrupt(t.Context(), "waiting for the restore", r.project()...).Expect(t, program.ExitInterrupted,
			"migrate: interrupted\n", "is not known\n", `for a project "street" with an id above 0: `)
	})
}

func TestInterruptedWhileComparing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, r route) {
		t.Helper()
		migrate.Interrupt(t.Context(), "made project 1", r.project()...).Expect(t, program.ExitInterrupted,
			"migrate: interrupted\nthe copy is project 1, ", "-check 1 does that; the source is as it was")
		r.run(t.Context(), "-check", "1").Expect(t, 0, "the copy is the same")
		r.expectProjects(t, 1)
	})
}

func TestRefusedBeforeABackup(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, r route) {
		t.Helper()
		login := slices.Concat([]string{"-url", r.from.URL, "-token", r.from.Token(cvattest.Username), "-to-url", r.to.URL},
			[]string{"-project", "1", "-to-user", cvattest.Username, "-to-password", "wrong"})
		for _, test := range []struct {
			end, says string
			args      []string
		}{
			{"source", "404 Not Found", slices.Concat(r.flags, []string{"-project", "99"})},
			{"source", "404 Not Found", slices.Concat(r.flags, []string{"-task", "99"})},
			{"source", "401 Unauthorized", r.project("-token", "wrong")},
			{"target", "401 Unauthorized", r.project("-to-token", "wrong")},
			{"target", "400 Bad Request", login},
			{"target", "cvat: projects_list (GET /api/projects): 40", r.project("-to-organization", "nobody")},
		} {
			migrate.Run(t.Context(), test.args...).Expect(t, program.ExitFailed, "migrate: "+test.end+": ", test.says, "nothing was copied\n")
		}
		r.run(t.Context(), "-check", "99").Expect(t, program.ExitFailed, "migrate: target: ", "404 Not Found", "nothing was changed\n")
		if n := r.from.Count(r.backup()) + r.to.Count(cvat.OpProjectsCreateBackup); n != 0 {
			t.Errorf("%d requests are about backups", n)
		}
	})
}

// TestFindsDifferences changes one thing after the other in a copy.
func TestFindsDifferences(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, r route) {
		t.Helper()
		r.run(t.Context()).Expect(t, 0, "the copy is the same")
		differ := func(count int, texts ...string) {
			t.Helper()
			r.run(t.Context(), "-check", "1").Expect(t, program.ExitFailed, append(texts, "NOT the same\n",
				"migrate: the copy is not the same: "+program.Counted(count, "difference")+"\nthe copy is project 1, ")...)
		}
		c, ctx := r.replicas, t.Context()
		data, _, err := c.Tasks.GetAnnotations(ctx, 1)
		must(t, err)

		_, _, err = c.Tasks.DeleteAnnotations(ctx, 1, models.LabeledData{Shapes: data.Shapes[:1]})
		must(t, err)
		differ(1, `task 1, "high street": 4 frames, 2 jobs, 1 tag, 3 shapes, `,
			`  only the source has this shape: {"attributes":[{"name":"color","value":"red"},{"name":"parked","value":"true"}],"frame":0,`, `"label":"car"`)

		data.Shapes[1].Points[0]++
		_, _, err = c.Tasks.UpdateAnnotations(ctx, 1, models.LabeledData{Shapes: data.Shapes[1:2]})
		must(t, err)
		differ(3, `,"points":[20.25,12.5,70,42],`, `,"points":[21.25,12.5,70,42],`)

		jobs, err := c.Tasks.Jobs(ctx, 1)
		must(t, err)
		_, err = c.Jobs.SetDeletedFrames(ctx, jobs[0].ID, []int{1})
		must(t, err)
		differ(5, `  only the copy has this frame: 1: "frame_000001.png", 160x120 pixels, deleted`)

		_, _, err = c.Projects.Update(ctx, 1, models.ProjectPatch{BugTracker: new("https://bugs.example.com")})
		must(t, err)
		differ(7, "its properties: NOT the same\n", `  only the copy has this property: bug tracker "https://bugs.example.com"`)

		_, err = c.Projects.EditLabels(ctx, 1, cvat.LabelEdits{Change: map[string]cvat.LabelChange{"night": {Name: "dark"}}})
		must(t, err)
		differ(13, "its labels: 3 labels: NOT the same\n", "  only the source has this label: {", `,"name":"dark"`, "  only the copy has this tag: {", `"label":"dark"`)

		_, _, err = c.Tasks.Update(ctx, 2, models.TaskPatch{Name: new("side street")})
		must(t, err)
		differ(13, "task 2, \"low street\", is not in the copy\n", `task 2, "side street", of the copy is none of the source`)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestFindsWhatABackupLeavesOut(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, r route) {
		t.Helper()
		r.from.AddTask(cvattest.Task{Name: "high street", ProjectID: r.original, Frames: 2}) // a name that two have is none
		r.run(t.Context()).Expect(t, 0, `task 3, "high street": 2 frames, 1 job: the same`, "the copy is the same")
		r.from.AddTask(cvattest.Task{Name: "empty street", ProjectID: r.original})
		r.run(t.Context()).Expect(t, program.ExitFailed, `task 4, "empty street", is not in the copy: it has no frames`, "1 difference\nthe copy is project 2, ")
	})
}

func TestMisused(t *testing.T) {
	t.Parallel()
	from, to := []string{"-url", "http://127.0.0.1", "-token", "key"}, []string{"-to-url", "http://127.0.0.1", "-to-token", "key"}
	ends := slices.Concat(from, to)
	for text, args := range map[string][]string{
		"-url is missing":                    to,
		"-to-url is missing":                 from,
		"-project or -task is missing":       ends,
		"exclude each other":                 slices.Concat(ends, []string{"-project", "1", "-task", "1"}),
		"ids begin with 1":                   slices.Concat(ends, []string{"-project", "-1"}),
		"give -url and -to-url too":          {"-project", "1"},
		"-to-url needs credentials: -to-acc": slices.Concat(from, to[:2], []string{"-task", "1"}),
	} {
		migrate.Run(t.Context(), args...).Expect(t, program.ExitMisused, "migrate: ", text)
	}
	migrate.Run(t.Context(), "-h").Expect(t, 0, "usage: migrate [flags]", "CVAT_TO_URL", "-to-access-token", "-check")
}

func TestDemo(t *testing.T) {
	t.Parallel()
	migrate.Run(t.Context()).Expect(t, 0, "using two fake CVATs in this process, like 2.3 and 2.73", "the copy is the same: project 1, ")
}
