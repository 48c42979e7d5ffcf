// Package programtest runs examples in their tests.
package programtest

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/examples/internal/program"
)

// Program is an example.
type Program func(context.Context, program.World) int

// Outcome is how a run ended.
type Outcome struct {
	Code           int
	Stdout, Stderr string
}

// Run runs the program with those flags, in an empty environment.
func (p Program) Run(ctx context.Context, args ...string) Outcome {
	var stdout bytes.Buffer
	return p.runTo(ctx, &stdout, &stdout, args)
}

// Interrupt runs the program, and presses Ctrl-C when it prints a line that holds text.
func (p Program) Interrupt(ctx context.Context, text string, args ...string) Outcome {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stdout := &interrupter{text: text, cancel: cancel}
	return p.runTo(ctx, stdout, &stdout.Buffer, args)
}

func (p Program) runTo(ctx context.Context, stdout io.Writer, written *bytes.Buffer, args []string) Outcome {
	var stderr bytes.Buffer
	code := p(ctx, program.World{Args: args, Getenv: func(string) string { return "" }, Stdout: stdout, Stderr: &stderr})
	return Outcome{code, written.String(), stderr.String()}
}

type interrupter struct {
	bytes.Buffer

	text   string
	cancel func()
}

// Write keeps what is printed.
func (i *interrupter) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(i.text)) {
		i.cancel()
	}
	return i.Buffer.Write(p)
}

// Expect fails the test unless the exit code is right and all texts were printed.
func (o Outcome) Expect(t *testing.T, code int, texts ...string) {
	t.Helper()
	if o.Code != code {
		t.Errorf("the exit code is %d, not %d", o.Code, code)
	}
	for _, text := range texts {
		if !strings.Contains(o.Stdout+o.Stderr, text) {
			t.Errorf("the output lacks %q", text)
		}
	}
	if t.Failed() {
		t.Fatalf("stdout:\n%s\nstderr:\n%s", o.Stdout, o.Stderr)
	}
}

// Flags are those for the ordinary user of a server, and more.
func Flags(server *cvattest.Server, more ...string) []string {
	return append([]string{"-url", server.URL, "-token", server.Token(cvattest.Username)}, more...)
}

// OnBoth runs a test against each version of the server.
func OnBoth(t *testing.T, test func(*testing.T, *cvattest.Server)) {
	t.Helper()
	for _, version := range cvattest.Versions() {
		t.Run(version.String(), func(t *testing.T) {
			t.Parallel()
			test(t, cvattest.NewServer(t, cvattest.WithVersion(version)))
		})
	}
}
