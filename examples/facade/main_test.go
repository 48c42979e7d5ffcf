package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/go-cvat/cvat/cvattest"
)

// start runs the program until it ends, or until its output has a text.
func start(t *testing.T, until string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out, complaints bytes.Buffer
	code = run(ctx, args, func(string) string { return "" }, &interrupter{w: &out, until: until, interrupt: cancel}, &complaints)
	return code, out.String(), complaints.String()
}

// interrupter presses Ctrl-C when it reads a text.
type interrupter struct {
	w         *bytes.Buffer
	until     string
	interrupt func()
}

func (i *interrupter) Write(p []byte) (int, error) {
	n, err := i.w.Write(p)
	if i.until != "" && strings.Contains(i.w.String(), i.until) {
		i.interrupt()
	}
	return n, err
}

func TestTour(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := start(t, "")
	for _, text := range []string{
		`the member asks for /tasks/1: 200 OK {"id":1,"name":"street","frames":4}`,
		"the member asks for /tasks/1/preview: 200 OK, image/jpeg, ",
		"a stranger asks for /tasks/1: 403 Forbidden",
		"nobody asks for /tasks/1: 401 Unauthorized",
		`cvat_requests_total{operation="tasks_retrieve",code="403"} 1`,
	} {
		if !strings.Contains(stdout, text) {
			t.Errorf("the output lacks %q:\n%s", text, stdout)
		}
	}
	if code != 0 || !strings.Contains(stderr, `route="GET /tasks/{id}/preview" status=200`) {
		t.Errorf("it ended with %d:\n%s", code, stderr)
	}
}

func TestServingUntilInterrupted(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := start(t, "/metrics", "-listen", "127.0.0.1:0")
	if code != 0 || !strings.Contains(stdout, "X-Organization: team-a' http://127.0.0.1:") {
		t.Errorf("it ended with %d:\n%s\n%s", code, stdout, stderr)
	}
	server := cvattest.NewServer(t)
	code, stdout, stderr = start(t, "serving", "-url", server.URL, "-listen", "127.0.0.1:0")
	if code != 0 || strings.Contains(stdout, "fake") {
		t.Errorf("it ended with %d:\n%s\n%s", code, stdout, stderr)
	}
	if code, _, _ := start(t, "using", "-listen", ""); code != exitFailed {
		t.Errorf("interrupted before it could show anything, it ended with %d", code)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"-h"}, 0, "-callers many"},
		{[]string{"-nope"}, exitMisused, "-nope"},
		{[]string{"now"}, exitMisused, `unexpected argument "now"`},
		{[]string{"-callers", "0"}, exitMisused, "at least 1"},
		{[]string{"-url", "cvat.example.com"}, exitFailed, `did you mean "https://cvat.example.com"?`},
		{[]string{"-listen", "nowhere"}, exitFailed, "nowhere"},
	} {
		code, _, stderr := start(t, "", test.args...)
		if code != test.code || !strings.Contains(stderr, test.want) {
			t.Errorf("%q ended with %d:\n%s", test.args, code, stderr)
		}
	}
}
