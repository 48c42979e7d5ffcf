// Migrate copies a project or a task from one CVAT to another, and then compares the two:
//
//	go run ./examples/migrate
//	go run ./examples/migrate -url https://old.example.com -token … -to-url https://new.example.com -to-access-token … -project 7
//	go run ./examples/migrate -url https://old.example.com -token … -to-url https://new.example.com -to-access-token … -task 9 -check 12
//
// Without -url and -to-url it starts two fake CVATs in its own process, with a project to copy. What is copied stays where
// it is. With -check it copies nothing, and compares with what an earlier run has made.
//
// A copy goes through a backup of CVAT's, which has no issues, no assignees, no stages of jobs, and of a project no tasks
// without frames. Compared are names, subsets and bug trackers, labels, the names and sizes of frames, the frames of jobs, and
// every annotation. What is annotated meanwhile shows as a difference.
package main

import (
	"context"
	"errors"
	"flag"

	"github.com/go-cvat/cvat/examples/internal/connect"
	"github.com/go-cvat/cvat/examples/internal/program"
)

func main() { program.Main(run) }

// settings are what flags and environment say.
type settings struct {
	source, target connect.Settings

	project, task int64
	check         int64
}

const usage = `usage: migrate [flags]

Copies a project or a task from the source, which is -url, to the target, which is -to-url, and compares the two.
Without them it uses two fake CVATs in its own process.

`

func parse(w program.World) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("migrate", flag.ContinueOnError)
	flags.Int64Var(&s.project, "project", 0, "`id` of the project to copy")
	flags.Int64Var(&s.task, "task", 0, "`id` of the task to copy")
	flags.Int64Var(&s.check, "check", 0, "copy nothing, only compare with the project or task of this `id` on the target")
	err := connect.Parse(flags, usage, w.Args, w.Getenv, w.Stderr,
		connect.Server{Settings: &s.source}, connect.Server{Settings: &s.target, Prefix: "to"})
	if err != nil {
		return s, err
	}
	return s, s.validate()
}

func (s *settings) validate() error {
	demo := s.source.URL == ""
	switch {
	case demo && s.target.URL != "":
		return errors.New("-url is missing: where to copy from?")
	case !demo && s.target.URL == "":
		return errors.New("-to-url is missing: where to copy to?")
	case demo && (s.project != 0 || s.task != 0 || s.check != 0):
		return errors.New("-project, -task and -check are for servers: give -url and -to-url too")
	case s.project < 0 || s.task < 0 || s.check < 0:
		return errors.New("ids begin with 1")
	case s.project != 0 && s.task != 0:
		return errors.New("-project and -task exclude each other: run it twice")
	case !demo && s.project == 0 && s.task == 0:
		return errors.New("-project or -task is missing: what is to be copied?")
	}
	return nil
}

// run is the program with everything it depends on; it returns the exit code.
func run(ctx context.Context, w program.World) int {
	settings, err := parse(w)
	if err != nil {
		return w.Misused("migrate", err)
	}
	if settings.source.URL == "" {
		stop, err := settings.startDemo(ctx, w.Stdout)
		if err != nil {
			return w.Ended(ctx, "migrate", err, "")
		}
		defer stop()
	}
	m := newMigration(settings, w.Stdout)
	err = m.run(ctx)
	return w.Ended(ctx, "migrate", err, m.left(err))
}
