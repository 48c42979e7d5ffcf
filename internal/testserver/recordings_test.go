package testserver_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/internal/testserver"
)

// exchange is a request that a real server was sent, and what it answered.
type exchange struct {
	Seq       int               `json:"seq"`       // its number in the recording
	Setup     bool              `json:"setup"`     // not recorded: makes what exchanges made that were left out
	As        string            `json:"as"`        // who asks, and how that is proved: "Basic alice"
	After     string            `json:"after"`     // how long after the previous one, if that matters
	Times     int               `json:"times"`     // how often it is sent, if more than once
	Plan      *failurePlan      `json:"plan"`      // the background work that fails next
	Functions bool              `json:"functions"` // somebody has deployed functions meanwhile
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Operation string            `json:"operation"` // the real server's id of it; empty if it has none
	Header    map[string]string `json:"header"`
	Body      string            `json:"body"`
	Base64    []byte            `json:"base64"`
	Answer    recordedAnswer    `json:"answer"`
}

// failurePlan is background work that failed on the real server for a reason that the fake one does not know.
type failurePlan struct {
	Operation string `json:"operation"`
	Failure   string `json:"failure"`
}

type recordedAnswer struct {
	Status int               `json:"status"`
	Header map[string]string `json:"header"`
	Body   string            `json:"body"` // texts only, long lists without the elements that look like others
	Size   int               `json:"size"`

	// Files are the names and, of those that never change, the SHA-256 of the files in an archive. One without a name is
	// the whole body.
	Files map[string]string `json:"files"`
}

func (e *exchange) String() string { return fmt.Sprintf("#%d %s %s", e.Seq, e.Method, e.URL) }

// recording is what one real server was asked, and how it had been set up.
type recording struct {
	file     string
	dialect  testserver.Dialect
	users    []testserver.User
	share    []string    // the pictures on the server's share
	pictures image.Point // their size
	bucket   bucket
}

// bucket is what a cloud provider held: pictures, and perhaps a manifest of them.
type bucket struct {
	name, manifest string
	pictures       []string
}

func (b bucket) files(picture []byte) map[string][]byte {
	files := map[string][]byte{}
	var manifest strings.Builder
	for _, name := range b.pictures {
		files[name] = picture
		base, extension := strings.TrimSuffix(name, filepath.Ext(name)), filepath.Ext(name)
		fmt.Fprintf(&manifest, `{"name":%q,"extension":%q}`+"\n", base, extension)
	}
	if b.manifest != "" {
		files[b.manifest] = []byte(manifest.String())
	}
	return files
}

func recordings() []recording {
	admin := testserver.User{
		Username: "admin", Password: "admin-password", Email: "admin@localhost.local", Superuser: true,
	}
	older := []testserver.User{admin}
	for _, u := range []struct{ name, group string }{
		{"alice", "user"}, {"bob", "user"}, {"carol", "user"}, {"dave", "user"}, {"biz", "business"}, {"wendy", "worker"},
	} {
		older = append(older, testserver.User{
			Username: u.name, Password: "user-password", Email: u.name + "@example.com",
			FirstName: u.name, LastName: "Test", Groups: []string{u.group},
		})
	}
	return []recording{
		{
			"recordings-2.3.jsonl", testserver.V2_3, older,
			[]string{"images/s0.jpg", "images/s1.jpg"},
			image.Pt(64, 48),
			bucket{"bucket1", "manifest.jsonl", []string{"c0.jpg", "c1.jpg", "c2.jpg"}},
		},
		{
			"recordings-2.73.jsonl", testserver.V2_73,
			[]testserver.User{admin},
			[]string{"s1.png", "sub/s2.png"},
			image.Pt(320, 240),
			bucket{"buck", "", []string{"imgs/c_0.png", "imgs/c_1.png", "imgs/c_2.png", "root.png"}},
		},
	}
}

// TestRecordings sends what was recorded of real servers to the fake one, in the same order, and compares the answers:
// statuses, types, headers that matter, texts, and of JSON the members, the types and most values. Time is virtual, so
// that background work is seen in the state in which it was seen then.
func TestRecordings(t *testing.T) {
	t.Parallel()
	for _, rec := range recordings() {
		t.Run(rec.dialect.String(), func(t *testing.T) {
			t.Parallel()
			exchanges := load(t, rec.file)
			synctest.Test(t, func(t *testing.T) {
				r := newReplay(t, rec)
				for i := range exchanges {
					r.play(&exchanges[i])
				}
				r.finish()
			})
		})
	}
}

func load(t *testing.T, file string) []exchange {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", file))
	require.NoError(t, err)
	defer f.Close()
	var all []exchange
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e exchange
		require.NoError(t, json.Unmarshal(lines.Bytes(), &e))
		all = append(all, e)
	}
	require.NoError(t, lines.Err())
	return all
}

const (
	processing = 100 * time.Millisecond // how long background work takes
	pause      = 2 * processing         // between most exchanges, which therefore find it done
)

// tally counts what became of the exchanges.
type tally struct{ replayed, compared, excepted, notYet int }

// play sends an exchange and compares the answer with the recorded one.
func (r *replay) play(e *exchange) {
	time.Sleep(e.after(r.t))
	if e.Plan != nil {
		r.srv.Plan(testserver.Work{Operation: e.Plan.Operation, Times: 1, Failure: e.Plan.Failure})
	}
	if e.Functions {
		deploy(r.srv)
	}
	var got *reply
	var operation string
	for range max(1, e.Times) {
		got, operation = r.send(e)
	}
	r.learn(e, got)
	r.replayed++
	switch {
	case e.Operation != "" && operation == "":
		r.notYet++
		r.missing[e.Operation]++
	case e.Setup:
		if got.status >= 300 {
			r.t.Errorf("%s: the preparation failed: %d %s", e, got.status, got.body)
		}
	default:
		differences := compare(&e.Answer, got)
		if operation != e.Operation {
			differences = append(differences, difference{"operation", fmt.Sprintf("%q, not %q", operation, e.Operation)})
		}
		r.judge(e, differences)
	}
}

// deploy adds functions that find the same as those that the real servers had.
func deploy(srv *testserver.Server) {
	labels := []testserver.FunctionLabel{{Name: "car"}, {Name: "person"}}
	srv.AddFunction(testserver.Function{
		ID: "test-detector", Name: "Test-Detector", Description: "a detector", Framework: "pytorch", Labels: labels,
		Detect: func(testserver.FunctionInput) ([]testserver.FunctionObject, error) {
			return []testserver.FunctionObject{
				{Label: "car", Type: "rectangle", Points: []float64{1.5, 2.5, 30.25, 40.75}, Confidence: "0.91"},
			}, nil
		},
	})
	srv.AddFunction(testserver.Function{
		ID: "test-interactor", Name: "Test-Interactor", Description: "a interactor", Framework: "pytorch", Labels: labels,
		MinPosPoints: 1,
		Interact: func(testserver.FunctionInput) (any, error) {
			return [][]int{{1, 1}, {20, 1}, {20, 20}}, nil
		},
	})
	srv.AddFunction(testserver.Function{
		ID: "test-tracker", Name: "Test-Tracker", Description: "a tracker", Framework: "pytorch", Labels: labels,
		Track: func(in testserver.FunctionInput) (testserver.FunctionTracking, error) {
			return testserver.FunctionTracking{Shapes: in.Shapes, States: []any{map[string]int{"s": 1}}}, nil
		},
	})
}

func (e *exchange) after(t *testing.T) time.Duration {
	t.Helper()
	if e.After == "" {
		return pause
	}
	d, err := time.ParseDuration(e.After)
	require.NoError(t, err)
	return d
}

// judge reports the differences that no exception covers.
func (r *replay) judge(e *exchange, differences []difference) {
	r.compared++
	excepted := false
	for _, d := range differences {
		if r.exceptions.cover(e.Seq, d.what) {
			excepted = true
			continue
		}
		r.t.Errorf("%s: %s: %s", e, d.what, d.text)
	}
	if excepted {
		r.excepted++
	}
}

// finish reports the exceptions that nothing needed.
func (r *replay) finish() {
	for _, x := range r.exceptions {
		if len(x.used) == 0 {
			r.t.Errorf("an exception that nothing needs: %q (%s)", x.what, x.why)
		}
		for _, seq := range x.seqs {
			if !x.used[seq] {
				r.t.Errorf("an exception that nothing needs: #%d %q (%s)", seq, x.what, x.why)
			}
		}
	}
	for what, n := range r.missing {
		r.t.Errorf("not there yet: %s, which the recording has %d times", what, n)
	}
	r.t.Logf("%d exchanges replayed, %d compared, %d of them with exceptions, %d not yet",
		r.replayed, r.compared, r.excepted, r.notYet)
}
