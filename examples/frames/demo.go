package main

import (
	"io"

	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/examples/internal/program"
)

// startDemo starts a fake CVAT with a task to download, unless the flags name another.
func (s *settings) startDemo(stdout io.Writer) (stop func()) {
	server := cvattest.NewServer(nil)
	task := server.AddTask(cvattest.Task{Name: "street", Frames: 5})
	s.URL, s.User, s.Password = server.URL, cvattest.Username, cvattest.Password
	if s.task == 0 {
		s.task = task.ID
	}
	program.Say(stdout, "no -url: using a fake CVAT in this process, with task %d", task.ID)
	return server.Close
}
