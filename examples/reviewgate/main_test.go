package main

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/examples/internal/program"
	"github.com/go-cvat/cvat/examples/internal/programtest"
	"github.com/go-cvat/cvat/models"
)

var reviewgate programtest.Program = run

// startAs runs the program for a user of a server.
func startAs(t *testing.T, server *cvattest.Server, user string, args ...string) programtest.Outcome {
	t.Helper()
	return reviewgate.Run(t.Context(), append([]string{"-url", server.URL, "-token", server.Token(user)}, args...)...)
}

// street is a server with the task of the program's own.
type street struct {
	*cvattest.Server

	*cvattest.SeededTask
	backstage *cvat.Client
}

func onBoth(t *testing.T, test func(*testing.T, street)) {
	t.Helper()
	programtest.OnBoth(t, func(t *testing.T, server *cvattest.Server) {
		t.Helper()
		test(t, street{server, addStreet(server), server.Backstage(cvattest.Username)})
	})
}

// stages are those of the two jobs, with their states.
func (s street) stages(t *testing.T) string {
	t.Helper()
	var stages []string
	for _, job := range s.Jobs {
		now, _, err := s.backstage.Jobs.Get(t.Context(), job.ID)
		if err != nil {
			t.Fatal(err)
		}
		stages = append(stages, string(now.Stage)+" "+string(now.State))
	}
	return strings.Join(stages, ", ")
}

// issues are those of the second job, each with its comments.
func (s street) issues(t *testing.T) [][]string {
	t.Helper()
	issues, err := s.backstage.Jobs.Issues(t.Context(), s.Jobs[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for _, issue := range issues {
		comments, err := s.backstage.Issues.Comments(t.Context(), issue.ID)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, comment := range comments {
			texts = append(texts, comment.Message)
		}
		all = append(all, texts)
	}
	return all
}

func (s street) expectIssues(t *testing.T, want int) {
	t.Helper()
	issues := s.issues(t)
	if len(issues) != want {
		t.Fatalf("there are %d issues, not %d: %q", len(issues), want, issues)
	}
	if want == 4 && strings.Join(issues[2], " ") != "The object is smaller than 4 pixels. The object reaches out of the frame." {
		t.Errorf("the third issue is %q", issues[2])
	}
}

func (s street) expectStages(t *testing.T, want string) {
	t.Helper()
	if got := s.stages(t); got != want {
		t.Errorf("the jobs are at %s, not %s", got, want)
	}
}

const (
	before = "validation new, validation new"
	after  = "acceptance new, annotation rejected"
)

func TestGate(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s street) {
		t.Helper()
		startAs(t, s.Server, cvattest.Username, "-dry-run").Expect(t, 0, "job 1: would pass", "frame 5: Nothing is annotated")
		s.expectStages(t, before)
		s.expectIssues(t, 0)

		result := startAs(t, s.Server, cvattest.Username)
		result.Expect(t, 0, "job 1: passed, moved on to acceptance\njob 2: 4 faults, 4 issues opened, sent back to annotation\n")
		s.expectStages(t, after)
		s.expectIssues(t, 4)
		startAs(t, s.Server, cvattest.Username).Expect(t, 0, "0 jobs checked")
	})
}

// Back from annotation with the same faults, a job gets no second set of issues.
func TestRunningAgain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s street) {
		t.Helper()
		startAs(t, s.Server, cvattest.Username).Expect(t, 0)
		_, _, err := s.backstage.Jobs.Update(t.Context(), s.Jobs[1].ID, models.JobPatch{Stage: new(models.JobStageValidation)})
		if err != nil {
			t.Fatal(err)
		}
		startAs(t, s.Server, cvattest.Username).Expect(t, 0, "job 2: 4 faults, 0 issues opened, sent back")
		s.expectStages(t, after)
		s.expectIssues(t, 4)
	})
}

func TestScope(t *testing.T) {
	t.Parallel()
	server := cvattest.NewServer(t)
	addStreet(server)
	startAs(t, server, cvattest.Username, "-task", "2").Expect(t, 0, "0 jobs checked")
	startAs(t, server, cvattest.Username, "-project", "3").Expect(t, 0, "0 jobs checked")
	startAs(t, server, cvattest.Username, "-task", "1", "-min-size", "1", "-dry-run").Expect(t, 0, "job 2: 3 faults")
}

// A worker may look at his job, but not move it.
func TestWorkerMayNot(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s street) {
		t.Helper()
		id := s.AddUser(cvattest.User{Username: "eve"})
		for _, job := range s.Jobs {
			if _, _, err := s.backstage.Jobs.Update(t.Context(), job.ID, models.JobPatch{Assignee: models.Value(id)}); err != nil {
				t.Fatal(err)
			}
		}
		startAs(t, s.Server, "eve").Expect(t, program.ExitFailed, "job 1: cvat: jobs_partial_update (PATCH /api/jobs/{id}): 403", "job 2: 4 faults, 4 issues opened, cvat: jobs_partial_update", "2 of 2 jobs")
		s.expectStages(t, before)
		startAs(t, s.Server, "eve").Expect(t, program.ExitFailed, "job 2: 4 faults, 0 issues opened, cvat: jobs_partial_update")
		s.expectIssues(t, 4)
	})
}

func TestAJobThatIsGone(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s street) {
		t.Helper()
		first := func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/jobs/1/") }
		s.Fail(cvat.OpJobsRetrieveAnnotations, cvattest.Fault{Status: http.StatusNotFound, Match: first})
		startAs(t, s.Server, cvattest.Username).Expect(t, 0, "job 1: is gone", "job 2: 4 faults", "2 jobs checked")
		s.expectStages(t, "validation new, annotation rejected")
	})
}

// Somebody works on the second job while it is looked at.
func TestConcurrentUpdate(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]struct {
		after cvat.Operation // for the second job
		do    func(context.Context, *cvat.Client, int64) error
		want  string
		left  int
	}{
		"annotations": {cvat.OpJobsRetrieveAnnotations, func(ctx context.Context, client *cvat.Client, id int64) error {
			_, err := client.Jobs.ClearAnnotations(ctx, id)
			return err
		}, "validation new", 0},
		"state": {cvat.OpIssuesCreate, func(ctx context.Context, client *cvat.Client, id int64) error {
			_, _, err := client.Jobs.Update(ctx, id, models.JobPatch{State: new(models.JobStateInProgress)})
			return err
		}, "validation in progress", 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := street{Server: cvattest.NewServer(t, cvattest.WithVersion(cvattest.V23))}
			s.SeededTask, s.backstage = addStreet(s.Server), s.Backstage(cvattest.Username)
			meddle := func(next http.RoundTripper) http.RoundTripper {
				return roundTripper(func(r *http.Request) (*http.Response, error) {
					resp, err := next.RoundTrip(r)
					if op, _ := cvat.OperationFromContext(r.Context()); op.ID == change.after.ID && !strings.Contains(r.URL.Path, "/jobs/1/") {
						if err := change.do(r.Context(), s.backstage, 2); err != nil {
							t.Error(err)
						}
					}
					return resp, err
				})
			}
			var stdout bytes.Buffer
			g := &gate{settings: settings{minSize: 4}, client: s.Client(cvat.WithMiddleware(meddle)), stdout: &stdout}
			if err := g.check(t.Context()); err != nil || !strings.Contains(stdout.String(), "job 2: changed meanwhile") {
				t.Errorf("%v:\n%s", err, stdout.String())
			}
			s.expectStages(t, "acceptance new, "+change.want)
			s.expectIssues(t, change.left)
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// The answer to an issue is lost: the next run finds the issue, and adds what is missing.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s street) {
		t.Helper()
		s.Fail(cvat.OpIssuesCreate, cvattest.Fault{Kind: cvattest.CutAfter, Skip: 2, Times: 1})
		startAs(t, s.Server, cvattest.Username).Expect(t, program.ExitFailed, "job 1: passed", "job 2: 4 faults, 2 issues opened, ", "1 of 2 jobs could not")
		s.expectStages(t, "acceptance new, validation new")
		startAs(t, s.Server, cvattest.Username).Expect(t, 0, "job 2: 4 faults, 1 issues opened, sent back")
		s.expectIssues(t, 4)
	})
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s street) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		s.Fail(cvat.OpIssuesCreate, cvattest.Fault{Kind: cvattest.Slow, Skip: 1, Match: func(*http.Request) bool {
			cancel()
			return false
		}})
		reviewgate.Run(ctx, "-url", s.URL, "-token", s.Token(cvattest.Username)).Expect(t, program.ExitInterrupted, "interrupted")
		s.expectStages(t, "acceptance new, validation new")
		s.Heal()
		startAs(t, s.Server, cvattest.Username).Expect(t, 0, "sent back")
		s.expectIssues(t, 4)
	})
}

func TestOwnFake(t *testing.T) {
	t.Parallel()
	reviewgate.Run(t.Context()).Expect(t, 0, "no -url", "2 jobs checked")
}

func TestUsage(t *testing.T) {
	t.Parallel()
	server := cvattest.NewServer(t)
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"-h"}, 0, "only say what is wrong"},
		{[]string{"-nope"}, program.ExitMisused, "-nope"},
		{[]string{"now"}, program.ExitMisused, `unexpected argument "now"`},
		{[]string{"-url", server.URL}, program.ExitMisused, "needs credentials"},
		{[]string{"-url", server.URL, "-token", "a", "-access-token", "b"}, program.ExitFailed, "contradict each other"},
		{[]string{"-url", server.URL, "-token", "wrong"}, program.ExitFailed, "401"},
		{[]string{"-url", server.URL, "-token", server.Token("user1"), "-organization", "nobody"}, program.ExitFailed, "nobody"},
		{[]string{"-url", server.URL, "-access-token", server.AccessToken("user1")}, 0, "0 jobs checked"},
	} {
		reviewgate.Run(t.Context(), test.args...).Expect(t, test.code, test.want)
	}
	var stderr bytes.Buffer
	secret := func(string) string { return "secret-key" }
	run(t.Context(), program.World{Args: []string{"-h"}, Getenv: secret, Stdout: &stderr, Stderr: &stderr})
	if strings.Contains(stderr.String(), "secret-key") {
		t.Errorf("a secret is shown:\n%s", stderr.String())
	}
}
