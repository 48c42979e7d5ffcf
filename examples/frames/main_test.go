package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/examples/internal/program"
	"github.com/go-cvat/cvat/examples/internal/programtest"
)

var frames programtest.Program = run

func flagsFor(server *cvattest.Server, task int64, more ...string) []string {
	return programtest.Flags(server, append(more, "-task", strconv.FormatInt(task, 10))...)
}

// newTask makes a task of six frames, of which the third is deleted.
func newTask(t *testing.T, server *cvattest.Server) int64 {
	t.Helper()
	task := server.AddTask(cvattest.Task{Frames: 6})
	if _, err := server.Backstage(cvattest.Username).Jobs.SetDeletedFrames(t.Context(), task.Jobs[0].ID, []int{2}); err != nil {
		t.Fatal(err)
	}
	return task.ID
}

func pictures(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestDownload(t *testing.T) {
	t.Parallel()
	programtest.OnBoth(t, func(t *testing.T, server *cvattest.Server) {
		t.Helper()
		task, folder := newTask(t, server), filepath.Join(t.TempDir(), "pictures")
		frames.Run(t.Context(), flagsFor(server, task, "-out", folder)...).Expect(t, 0,
			filepath.Join(folder, "frame_000003.png")+": ", "source frame 3\n", "5 pictures in", "5 downloaded", "0 there already")
		if names := pictures(t, folder); len(names) != 5 {
			t.Errorf("the folder holds %q", names)
		}
		server.Forget()
		frames.Run(t.Context(), flagsFor(server, task, "-out", folder, "-deleted")...).Expect(t, 0,
			"source frame 2\n", "source frame 3, there already", "6 pictures in", "1 downloaded", "5 there already")
		if n := server.Count(cvat.OpTasksRetrieveData); n != 1 {
			t.Errorf("%d pictures were fetched instead of one", n)
		}
	})
}

func TestList(t *testing.T) {
	t.Parallel()
	programtest.OnBoth(t, func(t *testing.T, server *cvattest.Server) {
		t.Helper()
		task, folder := newTask(t, server), filepath.Join(t.TempDir(), "pictures")
		frames.Run(t.Context(), flagsFor(server, task, "-out", folder, "-list")...).Expect(t, 0,
			`frame 2: "frame_000002.png", 160x120 pixels, source frame 2, deleted`,
			`frame 5: "frame_000005.png", 160x120 pixels, source frame 5`+"\n", ": 6 frames")
		if names := pictures(t, folder); names != nil || server.Count(cvat.OpTasksRetrieveData) != 0 {
			t.Errorf("something was fetched: %q", names)
		}
	})
}

func TestGoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	programtest.OnBoth(t, func(t *testing.T, server *cvattest.Server) {
		t.Helper()
		task, folder := newTask(t, server), t.TempDir()
		server.Fail(cvat.OpTasksRetrieveData, cvattest.Fault{Status: 500, Skip: 3})
		frames.Run(t.Context(), flagsFor(server, task, "-out", folder)...).Expect(t, program.ExitFailed, "run it again for the rest")
		server.Heal()
		frames.Run(t.Context(), flagsFor(server, task, "-out", folder)...).Expect(t, 0, "5 pictures in")
	})
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	programtest.OnBoth(t, func(t *testing.T, server *cvattest.Server) {
		t.Helper()
		task := newTask(t, server)
		server.Fail(cvat.OpTasksRetrieveData, cvattest.Fault{Kind: cvattest.Slow, Skip: 1, Delay: time.Minute})
		frames.Interrupt(t.Context(), "source frame", flagsFor(server, task, "-out", t.TempDir())...).Expect(t, program.ExitInterrupted,
			"frames: interrupted\n", "at least 1 of 5 pictures are whole in", "run it again for the rest")
	})
}

func TestRefused(t *testing.T) {
	t.Parallel()
	server := cvattest.NewServer(t)
	for name, test := range map[string]struct {
		args []string
		code int
		text string
	}{
		"no task":        {[]string{"-url", server.URL, "-token", "key"}, program.ExitMisused, "-task is missing"},
		"no credentials": {[]string{"-url", server.URL, "-task", "1"}, program.ExitMisused, "-url needs credentials"},
		"unknown task":   {flagsFor(server, 99), program.ExitFailed, "nothing was downloaded"},
		"help":           {[]string{"-h"}, 0, "usage: frames [flags]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			frames.Run(t.Context(), test.args...).Expect(t, test.code, test.text)
		})
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	frames.Run(t.Context(), "-out", t.TempDir()).Expect(t, 0, "using a fake CVAT", "5 downloaded")
}
