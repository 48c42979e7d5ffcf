// Cloudingest makes a task of each folder of pictures below a prefix of a bucket, which stay where they are:
//
//	go run ./examples/cloudingest
//	go run ./examples/cloudingest -url https://cvat.example.com -access-token … -storage 3 -prefix pictures -project street
//	AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… go run ./examples/cloudingest -url https://cvat.example.com -access-token … \
//		-bucket street-pictures -region eu-central-1 -manifest pictures/manifest.jsonl -prefix pictures -labels car,person
//
// Without -url it starts a fake CVAT in its own process, with a bucket. A bucket that is not attached to CVAT is attached; the
// keys for that come from the environment alone. A task is called as its folder, with all folders above it. Frames are in
// the order in which CVAT lists the pictures; servers before 2.4.6 sort them by name if there is a manifest, and those
// before 2.4.5 cannot do without one that the storage was attached with.
//
// A folder that fails does not keep the others; a task that fails half-way, or that gets fewer frames than its folder has
// pictures, is removed. Running it again does nothing twice: it leaves out the tasks that are there, by name, in the
// project or, without -project, among those of the same organization (or personal workspace) that are in no project.
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
	"github.com/go-cvat/cvat/models"
)

func main() { program.Main(run) }

// settings are what flags and environment say.
type settings struct {
	connect.Settings

	storage                            int64
	provider, bucket, region, endpoint string
	anonymous                          bool
	keys                               keys
	manifest, prefix, project          string
	labels                             []string
}

const usage = `usage: cloudingest [flags]

Makes a task of each folder of pictures below a prefix of a bucket.
Without -url it uses a fake CVAT in its own process.

The keys of a bucket that is to be attached come from the environment, never from flags:
	-provider s3      AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
	-provider azure   AZURE_STORAGE_CONNECTION_STRING (servers from 2.4.2 on), or
	                  AZURE_STORAGE_ACCOUNT and AZURE_STORAGE_SAS_TOKEN
	-provider google  GOOGLE_APPLICATION_CREDENTIALS, the path of a key file

`

func parse(w program.World) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("cloudingest", flag.ContinueOnError)
	flags.Int64Var(&s.storage, "storage", 0, "`id` of a cloud storage that is attached to CVAT")
	flags.StringVar(&s.bucket, "bucket", "", "`name` of the bucket or container, which is attached if it is not")
	flags.StringVar(&s.provider, "provider", "s3", "`kind` of the bucket: s3, azure or google")
	flags.StringVar(&s.region, "region", "", "`name` of the region of a bucket of S3")
	flags.StringVar(&s.endpoint, "endpoint", "", "`address` of a service that speaks S3, if it is not Amazon's")
	flags.BoolVar(&s.anonymous, "anonymous", false, "attach the bucket without keys")
	flags.StringVar(&s.manifest, "manifest", "", "`path` of the manifest in the bucket (default: the one that the storage was attached with, if any)")
	flags.StringVar(&s.prefix, "prefix", "", "`folder` of the bucket (default: all of it)")
	flags.StringVar(&s.project, "project", "", "`name` of the project, which is made if it is not there (default: tasks without a project)")
	flags.Func("labels", "`names` of the labels of a new project, or of tasks without one, with commas between them (default: object)", func(value string) error {
		s.labels = slices.DeleteFunc(strings.Split(value, ","), func(name string) bool { return name == "" })
		return nil
	})
	if err := s.Parse(flags, usage, w.Args, w.Getenv, w.Stderr); err != nil {
		return s, err
	}
	if s.prefix = strings.Trim(s.prefix, "/"); s.prefix != "" {
		s.prefix += "/"
	}
	if len(s.labels) == 0 {
		s.labels = []string{"object"}
	}
	s.keys = keysIn(w.Getenv)
	return s, s.check()
}

// check refuses settings that cannot be meant.
func (s *settings) check() error {
	named := s.storage != 0 || s.bucket != ""
	switch {
	case s.storage < 0:
		return errors.New("-storage is negative")
	case s.storage != 0 && s.bucket != "":
		return errors.New("-storage and -bucket exclude each other")
	case s.URL == "" && named:
		return errors.New("-storage and -bucket are for a server: give -url too")
	case s.URL != "" && !named:
		return errors.New("-storage or -bucket is missing: where are the pictures?")
	case s.bucket == "" && (s.region != "" || s.endpoint != "" || s.anonymous):
		return errors.New("-region, -endpoint and -anonymous are for -bucket")
	case s.manifest != "" && !strings.HasSuffix(s.manifest, ".jsonl"):
		return errors.New("-manifest has to end in .jsonl")
	case s.bucket != "":
		_, err := s.credentials()
		return err
	}
	return nil
}

// run is the program with everything it depends on; it returns the exit code.
func run(ctx context.Context, w program.World) int {
	settings, err := parse(w)
	if err != nil {
		return w.Misused("cloudingest", err)
	}
	if settings.URL == "" {
		stop, err := settings.startDemo(w.Stdout) //nolint:contextcheck // it lives until stop
		if err != nil {
			return w.Ended(ctx, "cloudingest", err, "")
		}
		defer stop()
	}
	i := &ingest{settings: settings, stdout: w.Stdout}
	err = i.run(ctx)
	return w.Ended(ctx, "cloudingest", err, i.left())
}

// ingest is one run of the program.
type ingest struct {
	settings

	stdout  io.Writer
	client  *cvat.Client
	storage *models.CloudStorage
	project int64 // 0 for none

	folders      []folder
	made, failed int
	there        int
}

// left says what there is when a run ends early.
func (i *ingest) left() string {
	if i.folders == nil {
		return "no task was made"
	}
	return fmt.Sprintf("%d of %s are done: run it again for the rest", i.made+i.there, program.Counted(len(i.folders), "folder"))
}
