// Facade is a small HTTP service in front of CVAT: one process, many callers, each with a token and an organization of
// their own.
//
//	go run ./examples/facade                                   # against a fake CVAT: shows what it can do, and ends
//	go run ./examples/facade -listen 127.0.0.1:8080            # against a fake CVAT, until Ctrl-C
//	go run ./examples/facade -url https://cvat.example.com     # against yours
//
// Callers send their CVAT token as "Authorization: Bearer <access token>" or "Authorization: Token <login key>", and may
// send X-Organization. GET /tasks/{id}, /tasks/{id}/jobs and /tasks/{id}/preview answer with what that caller may see;
// GET /health and GET /metrics are for those who run the service.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/examples/internal/program"
)

func main() { program.Main(run) }

// settings are what flags and environment say.
type settings struct {
	url, listen string
	callers     int
}

func parse(w program.World) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("facade", flag.ContinueOnError)
	flags.SetOutput(w.Stderr)
	flags.StringVar(&s.url, "url", w.Getenv("CVAT_URL"), "CVAT's `address` (default: a fake CVAT in this process)")
	flags.StringVar(&s.listen, "listen", "", "`address` to listen on (default: 127.0.0.1:8080 with -url)")
	flags.IntVar(&s.callers, "callers", 64, "how `many` callers are served at a time")
	if err := flags.Parse(w.Args); err != nil {
		return s, err
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q; -h shows the flags", flags.Arg(0))
	case s.callers < 1:
		return s, errors.New("-callers is at least 1")
	}
	if s.url != "" && s.listen == "" {
		s.listen = "127.0.0.1:8080"
	}
	return s, nil
}

// run is the program with everything it depends on; it returns the exit code.
func run(ctx context.Context, w program.World) int {
	settings, err := parse(w)
	if err != nil {
		return w.Misused("facade", err)
	}
	err = settings.serve(ctx, w.Stdout, slog.New(slog.NewTextHandler(w.Stderr, nil)))
	return w.Ended(ctx, "facade", err, "")
}

// serve runs the service until ctx ends, or until it has shown what it can do.
func (s settings) serve(ctx context.Context, stdout io.Writer, log *slog.Logger) error {
	var try *tour
	if s.url == "" {
		fake := cvattest.NewServer(nil) //nolint:contextcheck // it lives until Close
		defer fake.Close()
		s.url, try = fake.URL, newTour(fake) //nolint:contextcheck // nothing of it takes time
		program.Say(stdout, "no -url: using a fake CVAT in this process")
	}
	facade, err := newService(s.url, config{callers: s.callers, log: log})
	if err != nil {
		return err
	}
	defer facade.close()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", orFree(s.listen))
	if err != nil {
		return err
	}
	address := "http://" + listener.Addr().String()
	program.Say(stdout, "serving %s at %s", s.url, address)
	if try == nil || s.listen != "" {
		try.suggest(stdout, address)
		return listenUntil(ctx, listener, facade)
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- listenUntil(ctx, listener, facade) }()
	err = try.walk(ctx, stdout, address)
	stop()
	return errors.Join(err, <-ended)
}

// orFree is an address to listen on; without one, any free port of this machine.
func orFree(listen string) string {
	if listen == "" {
		return "127.0.0.1:0"
	}
	return listen
}

// listenUntil serves until ctx ends. Callers that are being served then have a few seconds to get their answer.
func listenUntil(ctx context.Context, l net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: 2 * time.Minute, IdleTimeout: time.Minute,
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return server.Close()
	}
	return nil
}
