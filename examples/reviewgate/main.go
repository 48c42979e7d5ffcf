// Reviewgate checks the jobs that wait for validation. A job without faults moves on to acceptance; one with faults gets
// an issue at each of them and goes back to annotation.
//
//	go run ./examples/reviewgate
//	go run ./examples/reviewgate -url https://cvat.example.com -access-token … -project 7 -dry-run
//
// Without -url it starts a fake CVAT in its own process, with a task to check. Running it again is safe, after an
// interruption too: issues that are there already are not opened twice.
package main

import (
	"context"
	"flag"

	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/examples/internal/connect"
	"github.com/go-cvat/cvat/examples/internal/program"
)

func main() { program.Main(run) }

// settings are what flags and environment say.
type settings struct {
	connect.Settings

	project, task int64
	minSize       float64
	dryRun        bool
}

const usage = `usage: reviewgate [flags]

Checks the jobs in the stage validation: moves them on, or opens issues and sends them back.
Without -url it uses a fake CVAT in its own process.

`

func parse(w program.World) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("reviewgate", flag.ContinueOnError)
	flags.Int64Var(&s.project, "project", 0, "check only the jobs of the project with this `id`")
	flags.Int64Var(&s.task, "task", 0, "check only the jobs of the task with this `id`")
	flags.Float64Var(&s.minSize, "min-size", 4, "the least width and height of an object, in `pixels`")
	flags.BoolVar(&s.dryRun, "dry-run", false, "only say what is wrong")
	err := s.Parse(flags, usage, w.Args, w.Getenv, w.Stderr)
	return s, err
}

// run is the program with everything it depends on; it returns the exit code.
func run(ctx context.Context, w program.World) int {
	settings, err := parse(w)
	if err != nil {
		return w.Misused("reviewgate", err)
	}
	if settings.URL == "" {
		fake := cvattest.NewServer(nil) //nolint:contextcheck // it lives until Close
		defer fake.Close()
		addStreet(fake) //nolint:contextcheck // nothing of it takes time
		settings.URL, settings.Token = fake.URL, fake.Token(cvattest.Username)
		program.Say(w.Stdout, "no -url: using a fake CVAT in this process, with a task to check")
	}
	gate := &gate{settings: settings, stdout: w.Stdout}
	return w.Ended(ctx, "reviewgate", gate.run(ctx), "run it again for the rest")
}
