// Frames downloads all frames of a task into a folder, under the names that they have in the data set:
//
//	go run ./examples/frames
//	go run ./examples/frames -url https://cvat.example.com -access-token … -task 7 -out pictures
//	go run ./examples/frames -url https://cvat.example.com -access-token … -task 7 -list
//
// Without -url it starts a fake CVAT in its own process, with a task to download. Running it again, after an interruption
// too, fetches what is missing; -list fetches nothing.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/examples/internal/connect"
	"github.com/go-cvat/cvat/examples/internal/program"
)

func main() { program.Main(run) }

// settings are what flags and environment say.
type settings struct {
	connect.Settings

	task          int64
	out           string
	list, deleted bool
	compressed    bool
}

const usage = `usage: frames [flags]

Downloads all frames of a task into a folder, and prints name, size and number in the source of each.
Without -url it uses a fake CVAT in its own process.

`

func parse(w program.World) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("frames", flag.ContinueOnError)
	flags.Int64Var(&s.task, "task", 0, "`id` of the task")
	flags.StringVar(&s.out, "out", "", "`folder` for the pictures; each task needs its own (default: frames-ID)")
	flags.BoolVar(&s.list, "list", false, "only list the frames")
	flags.BoolVar(&s.deleted, "deleted", false, "download deleted frames too")
	flags.BoolVar(&s.compressed, "compressed", false, "download what annotators see, instead of the pictures as stored")
	err := s.Parse(flags, usage, w.Args, w.Getenv, w.Stderr)
	switch {
	case err != nil:
		return s, err
	case s.task < 0 || s.task == 0 && s.URL != "":
		return s, errors.New("-task is missing: which task?")
	}
	return s, nil
}

// run is the program with everything it depends on; it returns the exit code.
func run(ctx context.Context, w program.World) int {
	settings, err := parse(w)
	if err != nil {
		return w.Misused("frames", err)
	}
	if settings.URL == "" {
		stop := settings.startDemo(w.Stdout) //nolint:contextcheck // it lives until stop
		defer stop()
	}
	if settings.out == "" {
		settings.out = fmt.Sprintf("frames-%d", settings.task)
	}
	d := &download{settings: settings, stdout: w.Stdout}
	err = d.run(ctx)
	return w.Ended(ctx, "frames", err, d.left())
}

// download is one run of the program.
type download struct {
	settings

	stdout         io.Writer
	total          int // pictures to download, once it is known
	fetched, there int
	bytes          int64
}

func (d *download) run(ctx context.Context) error {
	client, err := d.Client(ctx)
	if err != nil {
		return err
	}
	frames, err := cvat.Collect(client.Tasks.Frames(ctx, d.task))
	if err != nil {
		return err
	}
	if d.list {
		d.print(frames)
		return nil
	}
	for _, frame := range frames {
		if !frame.Deleted || d.deleted {
			d.total++
		}
	}
	options := &cvat.DownloadFramesOptions{Deleted: d.deleted, OnFrame: d.arrived}
	if d.compressed {
		options.Quality = cvat.QualityCompressed
	}
	if _, err := client.Tasks.DownloadFrames(ctx, d.task, d.out, options); err != nil {
		return err
	}
	program.Say(d.stdout, "task %d: %s in %s: %d downloaded (%s), %d there already",
		d.task, program.Counted(d.total, "picture"), d.out, d.fetched, program.Counted(int(d.bytes), "byte"), d.there)
	return nil
}

// print lists the frames without fetching any.
func (d *download) print(frames []*cvat.Frame) {
	for _, f := range frames {
		state := ""
		if f.Deleted {
			state = ", deleted"
		}
		program.Say(d.stdout, "frame %d: %q, %dx%d pixels, source frame %d%s", f.Number, f.Name, f.Width, f.Height, f.SourceFrame, state)
	}
	program.Say(d.stdout, "task %d: %s", d.task, program.Counted(len(frames), "frame"))
}

// arrived tells of a picture as soon as it is whole.
func (d *download) arrived(picture cvat.DownloadedFrame) {
	how := ""
	if picture.Skipped {
		d.there++
		how = ", there already"
	} else {
		d.fetched++
		d.bytes += picture.Size
	}
	program.Say(d.stdout, "%s: %s, source frame %d%s",
		picture.Path, program.Counted(int(picture.Size), "byte"), picture.Frame.SourceFrame, how)
}

// left says what there is when a run ends early.
func (d *download) left() string {
	if d.total == 0 {
		return "nothing was downloaded"
	}
	// Others may have arrived while the first failure was on its way here.
	return fmt.Sprintf("at least %d of %s are whole in %s: run it again for the rest", d.fetched+d.there, program.Counted(d.total, "picture"), d.out)
}
