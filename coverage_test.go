package cvat_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCoverage holds the library against the list of the Python SDK for a 2.3 server: 111 operations and 132 models.
//
// An operation counts when docs/python-sdk.md names a method that says it calls the operation, and when each form of it
// is covered by a scenario of the conformance suite: the scenario passes, the server answered with success, and the
// scenario fails when a server answers the same but has done nothing (or, for reads, has nothing to tell). The last is
// tried, in processes of their own: a scenario that does not look at the state afterwards covers nothing.
//
// A model counts when docs/python-sdk.md has it and the Go names given for it exist.
func TestCoverage(t *testing.T) { //nolint:tparallel // the scenarios end before what they cover is looked at
	t.Parallel()
	if path := os.Getenv(lieVariable); path != "" {
		meetLiar(t, path)
		return
	}
	forms := readForms(t)
	tried := slices.DeleteFunc(slices.Clone(forms), func(f *form) bool { return !f.mutant.checked() })
	t.Logf("%d forms of operations, %d of them lied about", len(forms), len(tried))
	covered := runScenarios(t, forms)
	problems := map[string][]string{} // by operation
	for form, why := range uncovered(t, forms, covered) {
		problems[form.operation] = append(problems[form.operation], form.name+": "+why)
	}
	page := readPage(t)
	var operations []string
	for _, f := range forms {
		if !slices.Contains(operations, f.operation) {
			operations = append(operations, f.operation)
			problems[f.operation] = append(problems[f.operation], page.methodProblems(f.operation)...)
		}
	}
	report(t, "operations", operations, 111, problems)

	models := readModelNames(t)
	report(t, "models", models, 132, page.modelProblems(models))
	assert.Empty(t, page.looseProblems(), "names that do not exist in Go")
	assert.Empty(t, page.strangers(operations, models), "entries of docs/python-sdk.md that the SDK does not have")
}

// report prints how many of the names have no problems, and fails if that is not all.
func report(t *testing.T, what string, names []string, want int, problems map[string][]string) {
	t.Helper()
	require.Len(t, names, want, "testdata/api lists other %s than the page", what)
	good := 0
	for _, name := range names {
		if len(problems[name]) == 0 {
			good++
			continue
		}
		t.Errorf("%s: %s", name, strings.Join(problems[name], "; "))
	}
	t.Logf("%d of %d %s", good, want, what)
}

// coverage is a scenario that had a form succeed, with what the server answered.
type coverage struct {
	scenario string
	answers  []givenAnswer
}

// runScenarios runs the conformance suite, each scenario against a server of its own.
func runScenarios(t *testing.T, forms []*form) map[*form][]coverage {
	t.Helper()
	var mu sync.Mutex
	covered := map[*form][]coverage{}
	t.Run("scenarios", func(t *testing.T) {
		for _, s := range scenarios() {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				rec := &recorder{forms: forms, answers: map[*form][]givenAnswer{}}
				s.run(t, behind(t, func(next http.Handler) http.Handler { rec.next = next; return rec }))
				mu.Lock()
				defer mu.Unlock()
				for f, answers := range rec.answers {
					if !t.Failed() {
						covered[f] = append(covered[f], coverage{s.name, answers})
					}
				}
			})
		}
	})
	return covered
}

// uncovered returns the forms that no scenario covers, and why.
func uncovered(t *testing.T, forms []*form, covered map[*form][]coverage) map[*form]string {
	t.Helper()
	var mu sync.Mutex
	missing := map[*form]string{}
	var running sync.WaitGroup
	children := &children{turns: make(chan struct{}, runtime.GOMAXPROCS(0)), sound: map[string]func() string{}}
	for _, f := range forms {
		running.Go(func() {
			if why := children.whyUncovered(t, f, covered[f]); why != "" {
				mu.Lock()
				defer mu.Unlock()
				missing[f] = why
			}
		})
	}
	running.Wait()
	return missing
}

// children are processes in which scenarios run that are meant to fail.
type children struct {
	turns chan struct{}

	mu    sync.Mutex
	sound map[string]func() string // by scenario: how it fails against an honest server
}

func (c *children) whyUncovered(t *testing.T, f *form, covering []coverage) string {
	t.Helper()
	if len(covering) == 0 {
		return "no scenario had it succeed"
	}
	if !f.mutant.checked() {
		return ""
	}
	var blind []string
	for _, with := range covering {
		if why := c.unsound(t, f, with.scenario); why != "" {
			return with.scenario + " fails against an honest server:\n" + why
		}
		failed, output := c.tell(t, lie{Scenario: with.scenario, Form: f.String(), Mutant: f.mutant, Answers: with.answers})
		if failed && strings.Contains(output, lieTold) {
			return ""
		}
		blind = append(blind, with.scenario)
	}
	return "a server whose answer is " + string(f.mutant) + " is believed: " + strings.Join(blind, ", ")
}

// unsound says how a scenario fails where it must not, so that its failure would prove nothing. It is tried once.
func (c *children) unsound(t *testing.T, f *form, scenario string) string {
	t.Helper()
	c.mu.Lock()
	try := c.sound[scenario]
	if try == nil {
		try = sync.OnceValue(func() string {
			failed, output := c.tell(t, lie{Scenario: scenario, Form: f.String(), Mutant: honest})
			if !failed {
				return ""
			}
			return output
		})
		c.sound[scenario] = try
	}
	c.mu.Unlock()
	return try()
}

// lie is what a child is told to try.
type lie struct {
	Scenario string        `json:"scenario"`
	Form     string        `json:"form"`
	Mutant   mutant        `json:"mutant"`
	Answers  []givenAnswer `json:"answers"`
}

const (
	lieVariable = "CVAT_TEST_LIE"
	lieTold     = "the server lied"
)

// tell runs a scenario against a server that lies, and returns whether it fails, and what it says.
func (c *children) tell(t *testing.T, l lie) (failed bool, output string) {
	t.Helper()
	c.turns <- struct{}{}
	defer func() { <-c.turns }()
	file := filepath.Join(t.TempDir(), "lie.json")
	text, err := json.Marshal(l)
	if !assert.NoError(t, err) || !assert.NoError(t, os.WriteFile(file, text, 0o600)) {
		return false, ""
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCoverage$", "-test.v", "-test.timeout=2m")
	child.Env = append(os.Environ(), lieVariable+"="+file)
	said, err := child.CombinedOutput()
	return err != nil, string(said)
}

// meetLiar is what happens in a child.
func meetLiar(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var l lie
	require.NoError(t, json.Unmarshal(text, &l))
	forms := readForms(t)
	f := slices.IndexFunc(forms, func(f *form) bool { return f.String() == l.Form })
	s := slices.IndexFunc(scenarios(), func(s scenario) bool { return s.name == l.Scenario })
	require.True(t, f >= 0 && s >= 0)
	server := &liar{form: forms[f], mutant: l.Mutant, answers: l.Answers}
	t.Run("scenarios/"+l.Scenario, func(t *testing.T) {
		scenarios()[s].run(t, behind(t, func(next http.Handler) http.Handler { server.next = next; return server }))
	})
}
