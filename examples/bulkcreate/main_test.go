package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/examples/internal/program"
	"github.com/go-cvat/cvat/examples/internal/programtest"
	"github.com/go-cvat/cvat/models"
)

var bulkcreate programtest.Program = run

// site is a server with an organization, and folders a, b and c with three pictures each.
type site struct {
	*cvattest.Server

	folder string
	flags  []string
}

func onBoth(t *testing.T, test func(*testing.T, site)) {
	t.Helper()
	programtest.OnBoth(t, func(t *testing.T, server *cvattest.Server) {
		t.Helper()
		server.AddUser(cvattest.User{Username: "ann"})
		server.AddUser(cvattest.User{Username: "bob"})
		server.AddOrganization("team", cvattest.Username, map[string]models.Role{"ann": models.RoleWorker, "bob": models.RoleWorker})
		s := site{Server: server, folder: t.TempDir()}
		s.flags = programtest.Flags(server, "-organization", "team", "-folder", s.folder, "-project", "street", "-job-size", "2",
			"-assign", "ann,bob", "-state", filepath.Join(t.TempDir(), "state"))
		for _, name := range []string{"a", "b", "c"} {
			if err := paint(filepath.Join(s.folder, name), 3); err != nil {
				t.Fatal(err)
			}
		}
		test(t, s)
	})
}

// expectTasks compares the tasks of the project: names, frames and who has the jobs.
func (s site) expectTasks(t *testing.T, want string) {
	t.Helper()
	client, got := s.Backstage(cvattest.Username, cvat.WithOrganization("team")), []string{}
	for task, err := range client.Tasks.All(t.Context(), &cvat.TaskListOptions{ProjectName: "street"}) {
		if err != nil {
			t.Fatal(err)
		}
		jobs, err := client.Tasks.Jobs(t.Context(), task.ID)
		if err != nil {
			t.Fatal(err)
		}
		text := []string{task.Name + ":"}
		for _, job := range jobs {
			name := "nobody"
			if job.Assignee != nil {
				name = job.Assignee.Username
			}
			text = append(text, name)
		}
		got = append(got, strings.Join(text, " "))
	}
	if text := strings.Join(got, ", "); text != want {
		t.Errorf("the tasks are %q, not %q", text, want)
	}
}

const whole = "a: ann bob, b: ann bob, c: ann bob"

func TestATaskOfEachFolder(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		bulkcreate.Run(t.Context(), s.flags...).Expect(t, 0, "a: task 1, 3 frames, ann gets 1, bob gets 1\n", "3 tasks made, 0 there already, 0 failed")
		s.expectTasks(t, whole)
		s.Forget()
		bulkcreate.Run(t.Context(), s.flags...).Expect(t, 0, "a: task 1 is there already\n", "0 tasks made, 3 there already, 0 failed")
		s.expectTasks(t, whole)
		for _, request := range s.Requests() {
			if request.Method != "GET" {
				t.Errorf("the second run has sent %s %s", request.Method, request.Path)
			}
		}
	})
}

func TestABrokenFolderDoesNotKeepTheOthers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		picture := filepath.Join(s.folder, "b", "1.png")
		content, err := os.ReadFile(picture)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(picture, 0); err != nil {
			t.Fatal(err)
		}
		bulkcreate.Run(t.Context(), s.flags...).Expect(t, program.ExitFailed, "b: failed: ", "1.png", "2 tasks made, 0 there already, 1 failed",
			"bulkcreate: 1 of 3 folders failed", "2 of 3 folders are done")
		s.expectTasks(t, "a: ann bob, c: ann bob")
		if err := os.WriteFile(picture, content, 0o644); err != nil {
			t.Fatal(err)
		}
		bulkcreate.Run(t.Context(), s.flags...).Expect(t, 0, "1 task made, 2 there already, 0 failed")
		s.expectTasks(t, "a: ann bob, c: ann bob, b: ann bob")
	})
}

func TestPicturesThatTheServerCannotRead(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		s.Plan(cvat.OpTasksCreateData, cvattest.Work{Times: 1, Failure: "cannot identify image file"})
		bulkcreate.Run(t.Context(), s.flags...).Expect(t, program.ExitFailed, "a: failed: ", "cannot identify image file", "(now deleted)", "2 tasks made")
		s.expectTasks(t, "b: ann bob, c: ann bob")
		bulkcreate.Run(t.Context(), s.flags...).Expect(t, 0, "1 task made, 2 there already")
	})
}

func TestGoesOnWithAnUpload(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var chunks atomic.Int32
		s.Fail(cvat.OpTasksPartialUpdateDataFile, cvattest.Fault{Kind: cvattest.Slow, Delay: time.Minute, Match: func(*http.Request) bool {
			if chunks.Add(1) < 6 { // the last picture of b
				return false
			}
			cancel()
			return true
		}})
		bulkcreate.Run(ctx, s.flags...).Expect(t, program.ExitInterrupted, "1 of 3 folders are done: run it again for the rest")
		s.Heal()
		s.Forget()
		bulkcreate.Run(t.Context(), s.flags...).Expect(t, 0, "a: task 1 is there already", "b: task 2, 3 frames, gone on with, ann gets 1", "c: task 3, 3 frames, ann")
		s.expectTasks(t, whole)
		if n := s.Count(cvat.OpTasksCreate); n != 1 {
			t.Errorf("%d tasks were made instead of one", n)
		}
	})
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		bulkcreate.Interrupt(t.Context(), "a: task", s.flags...).Expect(t, program.ExitInterrupted, "bulkcreate: interrupted\n1 of 3 folders are done: run it again for the rest\n")
		bulkcreate.Run(t.Context(), s.flags...).Expect(t, 0, "a: task 1 is there already")
		s.expectTasks(t, whole)
	})
}

func TestDealsWhatAnotherRunHasNot(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		s.Fail(cvat.OpJobsPartialUpdate, cvattest.Fault{Status: 500, Skip: 1, Times: 1})
		bulkcreate.Run(t.Context(), s.flags...).Expect(t, program.ExitFailed, "a: failed: task 1, 3 frames, but its jobs are not all assigned")
		bulkcreate.Run(t.Context(), s.flags...).Expect(t, 0, "a: task 1 is there already, bob gets 1\n")
		s.expectTasks(t, whole)
	})
}

func TestRefusedBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		for text, more := range map[string][]string{
			`there is no user "eve"`: {"-assign", "ann,eve"},
			"holds no folders":       {"-folder", filepath.Join(s.folder, "a")},
			"missing-folder":         {"-folder", filepath.Join(s.folder, "missing-folder")},
		} {
			bulkcreate.Run(t.Context(), slices.Concat(s.flags, more)...).Expect(t, program.ExitFailed, text, "no task was made")
		}
		if n := s.Count(cvat.OpProjectsCreate); n != 0 {
			t.Error("a project was made")
		}
	})
}

func TestAnEmptyTaskIsLeftAlone(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		project, _, err := s.Backstage(cvattest.Username, cvat.WithOrganization("team")).Projects.Create(t.Context(),
			models.ProjectCreate{Name: "street", Labels: []models.LabelCreate{{Name: "car"}}})
		if err != nil {
			t.Fatal(err)
		}
		s.AddTask(cvattest.Task{Name: "a", ProjectID: project.ID, Organization: "team"})
		bulkcreate.Run(t.Context(), s.flags...).Expect(t, program.ExitFailed, "a: failed: task 1 has no frames", "2 tasks made")
	})
}

func TestMisused(t *testing.T) {
	t.Parallel()
	for text, args := range map[string][]string{
		"-folder is missing":       {"-url", "http://127.0.0.1", "-token", "key"},
		"-url needs credentials":   {"-url", "http://127.0.0.1", "-folder", "."},
		"-job-size is negative":    {"-job-size", "-1"},
		"give -url too":            {"-token", "key"},
		`unexpected argument "pi"`: {"pi"},
	} {
		bulkcreate.Run(t.Context(), args...).Expect(t, program.ExitMisused, text)
	}
	bulkcreate.Run(t.Context(), "-h").Expect(t, 0, "usage: bulkcreate [flags]", "CVAT_ACCESS_TOKEN", "-assign")
}

func TestDemo(t *testing.T) {
	t.Parallel()
	bulkcreate.Run(t.Context()).Expect(t, 0, "using a fake CVAT", "high-street: task 1, 3 frames, ann gets 1, bob gets 1", "3 tasks made")
}
