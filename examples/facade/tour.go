package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/examples/internal/program"
	"github.com/go-cvat/cvat/models"
)

// tour is a walk through what the service can do, with two callers of a fake CVAT.
type tour struct {
	member, stranger string // their tokens
	task             int64  // of the member's organization
}

func newTour(fake *cvattest.Server) *tour {
	fake.AddOrganization("team-a", cvattest.Username, nil)
	fake.AddUser(cvattest.User{Username: "stranger"})
	task := fake.AddTask(cvattest.Task{
		Name: "street", Organization: "team-a", Frames: 4, JobSize: 2, Labels: []models.LabelCreate{{Name: "car"}},
	})
	return &tour{member: fake.AccessToken(cvattest.Username), stranger: fake.AccessToken("stranger"), task: task.ID}
}

// suggest says what to try; a real CVAT has other tasks.
func (t *tour) suggest(w io.Writer, address string) {
	if t == nil {
		return
	}
	for _, path := range []string{"", "/jobs", "/preview"} {
		program.Say(w, "curl -H 'Authorization: Bearer %s' -H 'X-Organization: team-a' %s/tasks/%d%s", t.member, address, t.task, path)
	}
	program.Say(w, "curl %[1]s/health; curl %[1]s/metrics", address)
}

// walk makes the calls and shows the answers.
func (t *tour) walk(ctx context.Context, w io.Writer, address string) error {
	task := fmt.Sprintf("/tasks/%d", t.task)
	for _, stop := range []struct{ who, token, path string }{
		{"the member", t.member, task},
		{"the member", t.member, task + "/jobs"},
		{"the member", t.member, task + "/preview"},
		{"a stranger", t.stranger, task},
		{"nobody", "", task},
		{"nobody", "", "/health"},
		{"nobody", "", "/metrics"},
	} {
		answer, err := ask(ctx, address+stop.path, stop.token)
		if err != nil {
			return err
		}
		program.Say(w, "%s asks for %s: %s", stop.who, stop.path, answer)
	}
	return nil
}

// ask makes a call and describes the answer.
func ask(ctx context.Context, url, token string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", err
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("X-Organization", "team-a")
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return "", err
	}
	kind := resp.Header.Get("Content-Type")
	switch {
	case strings.HasPrefix(kind, "image/"):
		return fmt.Sprintf("%s, %s, %d bytes", resp.Status, kind, len(body)), nil
	case strings.HasPrefix(kind, "text/"):
		return resp.Status + ", among others\n" + strings.Join(counters(string(body)), "\n"), nil
	}
	return resp.Status + " " + strings.TrimSpace(string(body)), nil
}

// counters picks the metrics that count requests.
func counters(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool {
		return !strings.HasPrefix(line, "cvat_requests_total")
	})
}
