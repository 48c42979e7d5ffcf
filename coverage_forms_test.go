package cvat_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/internal/testserver"
)

// form is one way to call an operation of the API, from testdata/api/operations.tsv. Its columns are the facts of the
// Python SDK's page (operation, method, path), then the name of the form, what tells its requests from those of others,
// the status of success on a 2.3 server, and how the check of a scenario is checked: see mutant.
type form struct {
	operation, method, name string
	path                    *regexp.Regexp
	when                    []string
	status                  int
	mutant                  mutant
}

// mutant is a server that lies about a form: the scenario that covers the form must fail when it meets one.
type mutant string

const (
	// notDone answers as the server did, and does nothing.
	notDone mutant = "not done"
	// emptied answers with the status of the server, and nothing in the body.
	emptied mutant = "empty"
	// honest is no mutant. It shows that a scenario fails because of the lie, and of nothing else.
	honest mutant = "honest"
)

// checked says whether there is a lie that could be found out. Where there is none, the facts say why.
func (m mutant) checked() bool { return !strings.HasPrefix(string(m), "-: ") }

func (f *form) String() string { return f.operation + " (" + f.name + ")" }

// readForms reads the facts.
func readForms(t *testing.T) []*form {
	t.Helper()
	var forms []*form
	for _, row := range readTable(t, "testdata/api/operations.tsv") {
		require.Len(t, row, 7, row)
		status, err := strconv.Atoi(row[5])
		require.NoError(t, err)
		placeholder := regexp.MustCompile(`\\\{\w+\\\}`)
		path := "^" + placeholder.ReplaceAllString(regexp.QuoteMeta(row[2]), "[^/]+") + "$"
		f := &form{
			operation: row[0], method: row[1], name: row[3], path: regexp.MustCompile(path),
			when: strings.Fields(row[4]), status: status, mutant: mutant(row[6]),
		}
		require.True(t, f.mutant == notDone || f.mutant == emptied || !f.mutant.checked(), row)
		forms = append(forms, f)
	}
	return forms
}

func readTable(t *testing.T, file string) [][]string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var rows [][]string
	for line := range strings.Lines(string(text)) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return rows[1:]
}

// matches says whether a request is one of the form. Conditions are a query parameter (?name or ?name=value), a header
// (@Name) and the type of the body (json, multipart); an exclamation mark negates.
func (f *form) matches(r *http.Request) bool {
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/base")
	if r.Method != f.method || !f.path.MatchString(path) || strings.HasSuffix(path, "/self") && !strings.HasSuffix(f.path.String(), "self$") {
		return false
	}
	for _, condition := range f.when {
		wanted, negated := strings.CutPrefix(condition, "!")
		if holds(r, wanted) == negated {
			return false
		}
	}
	return true
}

func holds(r *http.Request, condition string) bool {
	if parameter, found := strings.CutPrefix(condition, "?"); found {
		name, value, valued := strings.Cut(parameter, "=")
		return r.URL.Query().Has(name) && (!valued || r.URL.Query().Get(name) == value)
	}
	if header, found := strings.CutPrefix(condition, "@"); found {
		return len(r.Header.Values(header)) > 0
	}
	return strings.Contains(r.Header.Get("Content-Type"), condition)
}

// givenAnswer is what the fake answered.
type givenAnswer struct {
	Status int         `json:"status"`
	Header http.Header `json:"header"`
	Body   []byte      `json:"body"`
}

func (a *givenAnswer) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.Header)
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

// recorder stands in front of a fake server and keeps its answers, by form.
type recorder struct {
	next  http.Handler
	forms []*form

	mu      sync.Mutex
	answers map[*form][]givenAnswer
}

func (rec *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var matched []*form
	for _, f := range rec.forms {
		if f.matches(r) {
			matched = append(matched, f)
		}
	}
	if len(matched) == 0 {
		rec.next.ServeHTTP(w, r)
		return
	}
	answer := answerOf(rec.next, r)
	rec.mu.Lock()
	for _, f := range matched {
		if answer.Status == f.status {
			rec.answers[f] = append(rec.answers[f], answer)
		}
	}
	rec.mu.Unlock()
	answer.write(w)
}

func answerOf(handler http.Handler, r *http.Request) givenAnswer {
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return givenAnswer{w.Code, w.Header(), w.Body.Bytes()}
}

// liar stands in front of a fake server and lies about one form.
type liar struct {
	next    http.Handler
	form    *form
	mutant  mutant
	answers []givenAnswer // what the server once answered to the same requests

	mu       sync.Mutex
	lies     int
	requests int
}

// patience is how many requests of a scenario are answered: who waits for what has not been done would ask for ever.
const patience = 300

func (l *liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	l.requests++
	enough := l.requests > patience
	l.mu.Unlock()
	if enough {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if l.mutant == honest || !l.form.matches(r) {
		l.next.ServeHTTP(w, r)
		return
	}
	if l.mutant == notDone {
		l.claim(w, r)
		return
	}
	answer := answerOf(l.next, r)
	if answer.Status == l.form.status {
		answer.Body = nothing(answer)
		answer.Header.Del("Content-Encoding")
		answer.Header.Set("Content-Length", strconv.Itoa(len(answer.Body)))
		l.told()
	}
	answer.write(w)
}

// claim says that something is done.
func (l *liar) claim(w http.ResponseWriter, r *http.Request) {
	n := l.told()
	if n >= len(l.answers) { // more than the scenario asks for: somebody has found out already
		l.next.ServeHTTP(w, r)
		return
	}
	l.answers[n].write(w)
}

func (l *liar) told() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lies == 0 {
		fmt.Println(lieTold) // at once, whatever becomes of the scenario
	}
	l.lies++
	return l.lies - 1
}

// nothing is an answer of the same kind that holds nothing.
func nothing(a givenAnswer) []byte {
	body := bytes.TrimSpace(a.Body)
	switch {
	case len(body) > 0 && body[0] == '[':
		return []byte("[]")
	case bytes.Contains(body, []byte(`"results":`)):
		return []byte(`{"count":0,"next":null,"previous":null,"results":[]}`)
	case len(body) > 0 && body[0] == '{':
		return []byte("{}")
	case len(body) > 0 && body[0] == '"':
		return []byte(`""`)
	}
	return nil
}

// behind starts a 2.3 fake behind a handler, and returns how scenarios reach it.
func behind(t *testing.T, wrap func(http.Handler) http.Handler) *target {
	t.Helper()
	srv := testserver.New(t, testserver.WithDialect(testserver.V2_3), testserver.WithAnonymousLimit(0))
	front := httptest.NewServer(wrap(srv.Handler()))
	t.Cleanup(func() {
		front.Close()
		srv.Close()
	})
	srv.URL = front.URL + "/base"
	return fakeTarget(t, srv)
}
