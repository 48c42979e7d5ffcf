// Package program is what stands around an example: Ctrl-C, exit codes, lines of output.
package program

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// Exit codes.
const (
	ExitFailed      = 1
	ExitMisused     = 2
	ExitInterrupted = 130 // what shells report after Ctrl-C
)

// World is everything that a program depends on besides its server.
type World struct {
	Args           []string
	Getenv         func(string) string
	Stdout, Stderr io.Writer
}

// Main runs a program until it ends or Ctrl-C is pressed.
func Main(run func(context.Context, World) int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait for anything
	os.Exit(run(ctx, World{Args: os.Args[1:], Getenv: os.Getenv, Stdout: os.Stdout, Stderr: os.Stderr}))
}

// Misused returns the exit code for flags that could not be used.
func (w World) Misused(name string, err error) int {
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	Say(w.Stderr, "%s: %v", name, err)
	return ExitMisused
}

// Ended returns the exit code for the end of a program. left says what is there, and what to do about the rest, if it
// has failed or was interrupted.
func (w World) Ended(ctx context.Context, name string, err error, left string) int {
	if err == nil {
		return 0
	}
	code := ExitFailed
	if ctx.Err() != nil {
		code, err = ExitInterrupted, errors.New("interrupted")
	}
	Say(w.Stderr, "%s: %v", name, err)
	if left != "" {
		Say(w.Stderr, "%s", left)
	}
	return code
}

// Say writes a line. Who closed the other end does not want to know.
func Say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }

// Counted is a number of things, such as "1 job" or "5 jobs".
func Counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
