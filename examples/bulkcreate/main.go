// Bulkcreate makes a task of each folder in a folder, all in one project, and deals the jobs out in turn:
//
//	go run ./examples/bulkcreate
//	go run ./examples/bulkcreate -url https://cvat.example.com -access-token … -organization team \
//		-folder pictures -project street -labels car,person -assign ann,bob
//
// Without -url it starts a fake CVAT in its own process, with pictures to upload. A folder that fails does not keep the
// others. Running it again does nothing twice: it leaves out the tasks that are there, and goes on with the upload that was
// cut.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/examples/internal/connect"
	"github.com/go-cvat/cvat/examples/internal/program"
)

func main() { program.Main(run) }

// settings are what flags and environment say.
type settings struct {
	connect.Settings

	folder, project, state string
	labels, assignees      []string
	jobSize                int
}

const usage = `usage: bulkcreate [flags]

Makes a task of each folder in a folder, all in one project, and deals the jobs out in turn.
Without -url it uses a fake CVAT in its own process.

`

func parse(w program.World) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("bulkcreate", flag.ContinueOnError)
	names := func(into *[]string) func(string) error {
		return func(value string) error {
			*into = slices.DeleteFunc(strings.Split(value, ","), func(name string) bool { return name == "" })
			return nil
		}
	}
	flags.StringVar(&s.folder, "folder", "", "`folder` that holds a folder of pictures for each task")
	flags.StringVar(&s.project, "project", "bulk", "`name` of the project, which is made if it is not there")
	flags.Func("labels", "`names` of the labels of a new project, with commas between them (default: object)", names(&s.labels))
	flags.Func("assign", "`names` of the users that get jobs, with commas between them", names(&s.assignees))
	flags.IntVar(&s.jobSize, "job-size", 0, "`number` of frames of a job (default: all frames of the task)")
	flags.StringVar(&s.state, "state", ".bulkcreate", "`folder` for what is needed to go on with an upload")
	if err := s.Parse(flags, usage, w.Args, w.Getenv, w.Stderr); err != nil {
		return s, err
	}
	switch {
	case s.folder == "" && s.URL != "":
		return s, errors.New("-folder is missing: where are the pictures?")
	case s.jobSize < 0:
		return s, errors.New("-job-size is negative")
	}
	if len(s.labels) == 0 {
		s.labels = []string{"object"}
	}
	return s, nil
}

// run is the program with everything it depends on; it returns the exit code.
func run(ctx context.Context, w program.World) int {
	settings, err := parse(w)
	if err != nil {
		return w.Misused("bulkcreate", err)
	}
	if settings.URL == "" {
		stop, err := settings.startDemo(w.Stdout) //nolint:contextcheck // it lives until stop
		if err != nil {
			return w.Ended(ctx, "bulkcreate", err, "")
		}
		defer stop()
	}
	b := &bulk{settings: settings, stdout: w.Stdout}
	err = b.run(ctx)
	return w.Ended(ctx, "bulkcreate", err, b.left())
}

// bulk is one run of the program.
type bulk struct {
	settings

	stdout  io.Writer
	client  *cvat.Client
	users   []int64 // who gets jobs, in the order of assignees
	project int64
	dealt   int // jobs that had their turn

	folders      []string
	made, failed int
	there        int
}

// left says what there is when a run ends early.
func (b *bulk) left() string {
	if b.folders == nil {
		return "no task was made"
	}
	return fmt.Sprintf("%d of %s are done: run it again for the rest", b.made+b.there, program.Counted(len(b.folders), "folder"))
}
