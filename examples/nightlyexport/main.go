// Nightlyexport exports every task that has changed since its last run, into a folder:
//
//	go run ./examples/nightlyexport
//	go run ./examples/nightlyexport -url https://cvat.example.com -access-token … -out /backup/cvat -format "COCO 1.0"
//
// Without -url it starts a fake CVAT in its own process, with tasks to export. How far it has come is in checkpoint.json in
// the folder, written after every task: a run that is interrupted, or in which exports fail, skips nothing and does nothing
// twice. The files are called by the task's id and the time of its change; they are never removed.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"os"

	"github.com/go-cvat/cvat/examples/internal/connect"
	"github.com/go-cvat/cvat/examples/internal/program"
)

func main() { program.Main(run) }

// settings are what flags and environment say.
type settings struct {
	connect.Settings

	out, format string
	project     int64
	parallel    int
}

const usage = `usage: nightlyexport [flags]

Exports every task that has changed since the last run, into a folder.
Without -url it uses a fake CVAT in its own process.

`

func parse(w program.World) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("nightlyexport", flag.ContinueOnError)
	flags.StringVar(&s.out, "out", "", "`folder` for the files and the checkpoint (default: exports; without -url a temporary one)")
	flags.StringVar(&s.format, "format", "CVAT for images 1.1", "`name` of the format")
	flags.Int64Var(&s.project, "project", 0, "export only the tasks of the project with this `id`; it needs a folder of its own")
	flags.IntVar(&s.parallel, "parallel", 4, "`number` of exports at once")
	if err := s.Parse(flags, usage, w.Args, w.Getenv, w.Stderr); err != nil {
		return s, err
	}
	switch {
	case s.project < 0:
		return s, errors.New("-project is negative")
	case s.parallel < 1:
		return s, errors.New("-parallel has to be 1 at least")
	}
	return s, nil
}

// run is the program with everything it depends on; it returns the exit code.
func run(ctx context.Context, w program.World) int {
	settings, err := parse(w)
	if err != nil {
		return w.Misused("nightlyexport", err)
	}
	if settings.URL == "" {
		stop, err := settings.startDemo(w.Stdout) //nolint:contextcheck // it lives until stop
		if err != nil {
			return w.Ended(ctx, "nightlyexport", err, "")
		}
		defer stop()
	}
	settings.out = cmp.Or(settings.out, "exports")
	n := &night{settings: settings, stdout: w.Stdout}
	err = n.run(ctx)
	return w.Ended(ctx, "nightlyexport", err, n.left())
}

// run exports what has changed.
func (n *night) run(ctx context.Context) error {
	client, err := n.Client(ctx)
	if err != nil {
		return err
	}
	n.client = client
	if err := os.MkdirAll(n.out, 0o755); err != nil {
		return err
	}
	scope := scope{Server: client.BaseURL(), Organization: n.Organization, Project: n.project, Format: n.format}
	if n.checkpoint, err = openCheckpoint(n.out, scope); err != nil {
		return err
	}
	tasks, err := n.changed(ctx)
	if err != nil {
		return err
	}
	return n.export(ctx, tasks)
}
