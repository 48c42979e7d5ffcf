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
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/cvattest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait for anything
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// Exit codes.
const (
	exitFailed      = 1
	exitMisused     = 2
	exitInterrupted = 130 // what shells report after Ctrl-C
)

// settings are what flags and environment say.
type settings struct {
	url, accessToken, token, organization string
	project, task                         int64
	minSize                               float64
	dryRun                                bool
}

const usage = `usage: reviewgate [flags]

Checks the jobs in the stage validation: moves them on, or opens issues and sends them back.
Without -url it uses a fake CVAT in its own process.

The environment variables CVAT_URL, CVAT_ACCESS_TOKEN, CVAT_TOKEN and CVAT_ORGANIZATION stand in for flags; prefer them
for secrets, which other users can see on a command line.

flags:
`

func parse(args []string, getenv func(string) string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("reviewgate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		_, _ = io.WriteString(stderr, usage)
		flags.VisitAll(func(f *flag.Flag) { say(stderr, "  -%s  %s", f.Name, f.Usage) }) // not the defaults: secrets
	}
	flags.StringVar(&s.url, "url", getenv("CVAT_URL"), "the server's address")
	flags.StringVar(&s.accessToken, "access-token", getenv("CVAT_ACCESS_TOKEN"), "personal access token, on servers from 2.48 on")
	flags.StringVar(&s.token, "token", getenv("CVAT_TOKEN"), "login key")
	flags.StringVar(&s.organization, "organization", getenv("CVAT_ORGANIZATION"), "short name of the organization to work in")
	flags.Int64Var(&s.project, "project", 0, "check only the jobs of this project")
	flags.Int64Var(&s.task, "task", 0, "check only the jobs of this task")
	flags.Float64Var(&s.minSize, "min-size", 4, "the least width and height of an object, in pixels")
	flags.BoolVar(&s.dryRun, "dry-run", false, "only say what is wrong")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q; -h shows the flags", flags.Arg(0))
	case s.url != "" && s.accessToken == "" && s.token == "":
		return s, errors.New("-url needs credentials: -access-token or -token")
	}
	return s, nil
}

// client makes the client. Two kinds of credentials are refused.
func (s settings) client() (*cvat.Client, error) {
	var options []cvat.Option
	if s.accessToken != "" {
		options = append(options, cvat.WithAccessToken(s.accessToken))
	}
	if s.token != "" {
		options = append(options, cvat.WithToken(s.token))
	}
	if s.organization != "" {
		options = append(options, cvat.WithOrganization(s.organization))
	}
	return cvat.NewClient(s.url, options...)
}

// run is the program with everything it depends on; it returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	settings, err := parse(args, getenv, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		say(stderr, "reviewgate: %v", err)
		return exitMisused
	}
	if settings.url == "" {
		fake := cvattest.NewServer(nil) //nolint:contextcheck // it lives until Close
		defer fake.Close()
		addStreet(fake) //nolint:contextcheck // nothing of it takes time
		settings.url, settings.accessToken, settings.token = fake.URL, "", fake.Token(cvattest.Username)
		settings.organization = ""
		say(stdout, "no -url: using a fake CVAT in this process, with a task to check")
	}
	client, err := settings.client()
	if err == nil {
		gate := &gate{settings: settings, client: client, stdout: stdout}
		err = gate.run(ctx)
	}
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil:
		say(stderr, "reviewgate: interrupted; run it again for the rest")
		return exitInterrupted
	}
	say(stderr, "reviewgate: %v", err)
	return exitFailed
}

// say writes a line. Who closed the other end does not want to know.
func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
