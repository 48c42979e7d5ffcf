package main

import (
	"strings"
	"testing"

	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/examples/internal/program"
	"github.com/go-cvat/cvat/examples/internal/programtest"
)

var facade programtest.Program = run

func TestTour(t *testing.T) {
	t.Parallel()
	facade.Run(t.Context()).Expect(t, 0,
		`the member asks for /tasks/1: 200 OK {"id":1,"name":"street","frames":4}`,
		"the member asks for /tasks/1/preview: 200 OK, image/jpeg, ",
		"a stranger asks for /tasks/1: 403 Forbidden",
		"nobody asks for /tasks/1: 401 Unauthorized",
		`cvat_requests_total{operation="tasks_retrieve",code="403"} 1`,
		`route="GET /tasks/{id}/preview" status=200`)
}

func TestServingUntilInterrupted(t *testing.T) {
	t.Parallel()
	facade.Interrupt(t.Context(), "/metrics", "-listen", "127.0.0.1:0").Expect(t, 0, "X-Organization: team-a' http://127.0.0.1:")
	server := cvattest.NewServer(t)
	served := facade.Interrupt(t.Context(), "serving", "-url", server.URL, "-listen", "127.0.0.1:0")
	served.Expect(t, 0, "serving "+server.URL)
	if strings.Contains(served.Stdout, "fake") {
		t.Errorf("it has started a fake server:\n%s", served.Stdout)
	}
	facade.Interrupt(t.Context(), "using", "-listen", "").Expect(t, program.ExitInterrupted, "facade: interrupted")
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"-h"}, 0, "-callers many"},
		{[]string{"-nope"}, program.ExitMisused, "-nope"},
		{[]string{"now"}, program.ExitMisused, `unexpected argument "now"`},
		{[]string{"-callers", "0"}, program.ExitMisused, "at least 1"},
		{[]string{"-url", "cvat.example.com"}, program.ExitFailed, `did you mean "https://cvat.example.com"?`},
		{[]string{"-listen", "nowhere"}, program.ExitFailed, "nowhere"},
	} {
		facade.Run(t.Context(), test.args...).Expect(t, test.code, test.want)
	}
}
