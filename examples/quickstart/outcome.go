package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/go-cvat/cvat"
)

// Exit codes.
const (
	exitFailed      = 1
	exitMisused     = 2
	exitInterrupted = 130 // what shells report after Ctrl-C
)

// run is the program with everything it depends on; it returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	settings, err := parse(args, getenv, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		say(stderr, "quickstart: %v", err)
		return exitMisused
	}
	q := &quickstart{settings: settings, stdout: stdout}
	if err = q.steps(ctx); err == nil {
		return 0
	}
	say(stderr, "quickstart: %s", explained(err))
	say(stderr, "%s", q.left(err))
	if ctx.Err() != nil {
		return exitInterrupted
	}
	return exitFailed
}

// explained shows the server's message in full where the error shortens it.
func explained(err error) string {
	text := err.Error()
	if failed, ok := errors.AsType[*cvat.BackgroundError](err); ok && !strings.Contains(text, failed.Message) {
		return text + "\nthe server's message: " + failed.Message
	}
	return text
}

// left says what stays on the server when a run ends early.
func (q *quickstart) left(err error) string {
	text := "nothing was made on the server"
	switch {
	case q.task != nil:
		text = fmt.Sprintf("left on the server: project %d, %q, with task %d", q.project.ID, q.name, q.task.ID)
	case q.project != nil:
		text = fmt.Sprintf("left on the server: project %d, %q", q.project.ID, q.name)
	case q.name != "" && errors.Is(err, cvat.ErrOutcomeUnknown):
		text = fmt.Sprintf("the server may or may not have made the project %q", q.name)
	}
	if q.fake {
		text += " (the fake one, which is gone)"
	}
	return text
}

func (q *quickstart) say(format string, args ...any) { say(q.stdout, format, args...) }

// say writes a line. Who closed the other end does not want to know.
func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }

// counted is a number of things, such as "1 job" or "5 jobs".
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
