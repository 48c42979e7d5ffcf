package main

import (
	"flag"

	"github.com/go-cvat/cvat/examples/internal/connect"
	"github.com/go-cvat/cvat/examples/internal/program"
)

// settings are what flags and environment say.
type settings struct {
	connect.Settings

	images, out string
	clean       bool
}

const usage = `usage: quickstart [flags]

Uploads a folder of pictures to CVAT, annotates them, draws what was written, and exports it.
Without -url it uses a fake CVAT in its own process.

`

// parse reads the flags, and the environment for those that are not given.
func parse(w program.World) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.StringVar(&s.images, "images", "", "`folder` with pictures (default: pictures of a street that come with the program)")
	flags.StringVar(&s.out, "out", ".", "`folder` to save results in")
	flags.BoolVar(&s.clean, "clean", false, "remove the project at the end")
	err := s.Parse(flags, usage, w.Args, w.Getenv, w.Stderr)
	return s, err
}
