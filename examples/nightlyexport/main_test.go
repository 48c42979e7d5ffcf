package main

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
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

var nightlyexport programtest.Program = run

// site is a server with three tasks, and a folder for exports.
type site struct {
	*cvattest.Server

	out   string
	flags []string
	admin *cvat.Client // whose calls no fault strikes
}

func onBoth(t *testing.T, test func(*testing.T, site)) {
	t.Helper()
	programtest.OnBoth(t, func(t *testing.T, server *cvattest.Server) {
		t.Helper()
		s := site{Server: server, out: filepath.Join(t.TempDir(), "exports"), admin: server.Backstage(cvattest.Username)}
		s.flags = programtest.Flags(server, "-out", s.out, "-parallel", "1") // the oldest change first, then
		for i := range 3 {
			server.AddTask(cvattest.Task{Name: fmt.Sprintf("../street/%d", i), Frames: 2})
		}
		test(t, s)
	})
}

// export is the operation that starts an export.
func (s site) export() cvat.Operation {
	if s.Version() == cvattest.V23 {
		return cvat.OpTasksRetrieveDataset
	}
	return cvat.OpTasksCreateDatasetExport
}

// expectFiles counts the files of each task, which have to be whole, and nothing else but the checkpoint.
func (s site) expectFiles(t *testing.T, want map[string]int) {
	t.Helper()
	entries, err := os.ReadDir(s.out)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, entry := range entries {
		if entry.Name() == "checkpoint.json" {
			continue
		}
		got[entry.Name()[:len("task_1")]]++
		archive, err := zip.OpenReader(filepath.Join(s.out, entry.Name()))
		if err != nil {
			t.Fatalf("%s: %v", entry.Name(), err)
		}
		if len(archive.File) < 3 {
			t.Errorf("%s holds %d files", entry.Name(), len(archive.File))
		}
		archive.Close()
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the files are %v, not %v", got, want)
	}
}

func (s site) checkpoint(t *testing.T) (c checkpoint) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(s.out, "checkpoint.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// onSecondList calls do while the server holds back the answer to the second list of tasks.
func (s site) onSecondList(do func()) {
	var lists atomic.Int32
	called := make(chan struct{})
	go func() {
		<-called
		do()
	}()
	s.Fail(cvat.OpTasksList, cvattest.Fault{Kind: cvattest.Slow, Delay: 300 * time.Millisecond, Times: 1, Match: func(*http.Request) bool {
		if lists.Add(1) != 2 {
			return false
		}
		close(called)
		return true
	}})
}

func (s site) rename(t *testing.T, id int64) {
	t.Helper()
	if _, _, err := s.admin.Tasks.Update(t.Context(), id, models.TaskPatch{Name: new("renamed")}); err != nil {
		t.Error(err)
	}
}

func TestExportsWhatHasChanged(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		nightlyexport.Run(t.Context(), s.flags...).Expect(t, 0, `task 1, "../street/0": `+filepath.Join(s.out, "task_1_"), "3 tasks changed, 3 done, 0 failed")
		s.expectFiles(t, map[string]int{"task_1": 1, "task_2": 1, "task_3": 1})
		s.Forget()
		nightlyexport.Run(t.Context(), s.flags...).Expect(t, 0, "0 tasks changed, 0 done, 0 failed")
		if n := s.Count(s.export()); n != 0 {
			t.Errorf("%d requests export again what has not changed", n)
		}
		s.rename(t, 2)
		nightlyexport.Run(t.Context(), s.flags...).Expect(t, 0, `task 2, "renamed": `, "1 task changed, 1 done, 0 failed")
		s.expectFiles(t, map[string]int{"task_1": 1, "task_2": 2, "task_3": 1})
	})
}

func TestAFailedExportDoesNotMoveTheCheckpoint(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		s.Plan(s.export(), cvattest.Work{Times: 1, Failure: "no space left on the server"})
		nightlyexport.Run(t.Context(), s.flags...).Expect(t, program.ExitFailed, `task 1, "../street/0": failed: `, "no space left on the server",
			"nightlyexport: 1 of 3 tasks failed", "2 of 3 tasks are done")
		if c := s.checkpoint(t); !c.Mark.IsZero() || len(c.Done) != 2 {
			t.Errorf("the checkpoint is %v with %v", c.Mark, c.Done)
		}
		s.expectFiles(t, map[string]int{"task_2": 1, "task_3": 1})
		nightlyexport.Run(t.Context(), s.flags...).Expect(t, 0, `task 1, "../street/0": `, "1 task changed, 1 done")
		s.expectFiles(t, map[string]int{"task_1": 1, "task_2": 1, "task_3": 1})
		if c := s.checkpoint(t); c.Mark.IsZero() {
			t.Error("the checkpoint has not moved")
		}
	})
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		nightlyexport.Interrupt(t.Context(), "task 1,", s.flags...).Expect(t, program.ExitInterrupted, "nightlyexport: interrupted\n", "of 3 tasks are done", "run it again for the rest")
		nightlyexport.Run(t.Context(), s.flags...).Expect(t, 0, " failed")
		s.expectFiles(t, map[string]int{"task_1": 1, "task_2": 1, "task_3": 1})
	})
}

func TestATaskThatIsDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		s.onSecondList(func() {
			if _, err := s.admin.Tasks.Delete(t.Context(), 2); err != nil {
				t.Error(err)
			}
		})
		nightlyexport.Run(t.Context(), s.flags...).Expect(t, 0, `task 2, "../street/1": was deleted meanwhile`, "3 tasks changed, 3 done")
		s.expectFiles(t, map[string]int{"task_1": 1, "task_3": 1})
	})
}

func TestAChangeBetweenPagesSkipsNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		for range 150 {
			s.AddTask(cvattest.Task{}) // empty: there is nothing to export, and nothing to wait for
		}
		s.onSecondList(func() { s.rename(t, 1) })
		result := nightlyexport.Run(t.Context(), s.flags...)
		result.Expect(t, 0, `task 1, "renamed": `, `task 153, "task": has no frames yet`, "153 tasks changed, 153 done, 0 failed")
		for id := 1; id <= 153; id++ {
			if line := fmt.Sprintf("task %d, ", id); strings.Count(result.Stdout, line) != 1 {
				t.Errorf("%q is there %d times", line, strings.Count(result.Stdout, line))
			}
		}
		s.expectFiles(t, map[string]int{"task_1": 1, "task_2": 1, "task_3": 1})
	})
}

func TestACheckpointOfOtherExports(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		nightlyexport.Run(t.Context(), s.flags...).Expect(t, 0)
		nightlyexport.Run(t.Context(), append(s.flags, "-format", "COCO 1.0")...).Expect(t, program.ExitFailed, "is about other exports", "nothing was exported")
		if err := os.WriteFile(filepath.Join(s.out, "checkpoint.json"), []byte("{"), 0o644); err != nil {
			t.Fatal(err)
		}
		nightlyexport.Run(t.Context(), s.flags...).Expect(t, program.ExitFailed, "checkpoint.json cannot be read")
	})
}

func TestMisused(t *testing.T) {
	t.Parallel()
	for text, args := range map[string][]string{
		"-url needs credentials": {"-url", "http://127.0.0.1"},
		"-parallel has to be 1":  {"-parallel", "0"},
		"-project is negative":   {"-project", "-1"},
	} {
		nightlyexport.Run(t.Context(), args...).Expect(t, program.ExitMisused, text)
	}
	nightlyexport.Run(t.Context(), "-h").Expect(t, 0, "usage: nightlyexport [flags]", "-format")
}

func TestDemo(t *testing.T) {
	t.Parallel()
	nightlyexport.Run(t.Context(), "-out", t.TempDir()).Expect(t, 0, "using a fake CVAT", "3 tasks changed, 3 done, 0 failed")
}
