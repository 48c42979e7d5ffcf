package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/examples/internal/program"
)

// run is the program with everything it depends on; it returns the exit code.
func run(ctx context.Context, w program.World) int {
	settings, err := parse(w)
	if err != nil {
		return w.Misused("quickstart", err)
	}
	q := &quickstart{settings: settings, stdout: w.Stdout}
	if err = q.steps(ctx); err == nil {
		return 0
	}
	program.Say(w.Stderr, "quickstart: %s", explained(err))
	program.Say(w.Stderr, "%s", q.left(err))
	if ctx.Err() != nil {
		return program.ExitInterrupted
	}
	return program.ExitFailed
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

func (q *quickstart) say(format string, args ...any) { program.Say(q.stdout, format, args...) }
