package main

import (
	"io"
	"os"

	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/examples/internal/program"
)

// startDemo starts a fake CVAT with tasks to export. Each is another server, with a folder of its own, which stays.
func (s *settings) startDemo(stdout io.Writer) (stop func(), err error) {
	if s.out == "" {
		if s.out, err = os.MkdirTemp("", "nightlyexport-"); err != nil {
			return nil, err
		}
	}
	server := cvattest.NewServer(nil)
	for _, name := range []string{"high street", "low street", "side street"} {
		server.AddTask(cvattest.Task{Name: name, Frames: 3})
	}
	s.URL, s.User, s.Password = server.URL, cvattest.Username, cvattest.Password
	program.Say(stdout, "no -url: using a fake CVAT in this process, with three tasks")
	return server.Close, nil
}
