package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/cvattest"
)

// bench is a service in front of a fake CVAT.
type bench struct {
	cvat   *cvattest.Server
	facade *service
	log    *bytes.Buffer
}

func newBench(t *testing.T, callers int, opts ...cvattest.Option) *bench {
	t.Helper()
	b := &bench{cvat: cvattest.NewServer(t, opts...), log: &bytes.Buffer{}}
	transport, ok := b.cvat.HTTPClient().Transport.(*http.Transport)
	if !ok {
		t.Fatal("not a transport of net/http")
	}
	var err error
	b.facade, err = newService(b.cvat.URL, config{
		transport: transport, callers: callers, log: slog.New(slog.NewJSONHandler(&lockedWriter{w: b.log}, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.facade.close)
	return b
}

// lockedWriter is for a log that several goroutines write to.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.w.Write(p)
}

// get calls the service with headers, given as name, value, name, value ….
func (b *bench) get(ctx context.Context, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, http.NoBody)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.facade.ServeHTTP(w, r)
	return w
}

// as are the headers of a user with a login key.
func (b *bench) as(user string) []string {
	return []string{"Authorization", "Token " + b.cvat.Token(user)}
}

func expect(t *testing.T, w *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	if w.Code != status || !strings.Contains(w.Body.String(), body) {
		t.Errorf("answered %d %s, not %d with %s", w.Code, w.Body, status, body)
	}
}

func TestTasks(t *testing.T) {
	t.Parallel()
	for _, version := range cvattest.Versions() {
		t.Run(version.String(), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, 4, cvattest.WithVersion(version))
			task := b.cvat.AddTask(cvattest.Task{Name: "street", Frames: 3, JobSize: 2})
			caller := b.as(cvattest.Username)
			expect(t, b.get(t.Context(), "/tasks/1", caller...), 200, `{"id":1,"name":"street","frames":3}`)
			expect(t, b.get(t.Context(), "/tasks/1/jobs", caller...), 200,
				`[{"id":1,"stage":"annotation","state":"new","start_frame":0,"stop_frame":1},{"id":2,`)

			picture, _, err := b.cvat.Backstage(cvattest.Username).Tasks.Preview(t.Context(), task.ID)
			if err != nil {
				t.Fatal(err)
			}
			want, err := io.ReadAll(picture)
			if err != nil {
				t.Fatal(err)
			}
			got := b.get(t.Context(), "/tasks/1/preview", caller...)
			expect(t, got, 200, "")
			if !bytes.Equal(got.Body.Bytes(), want) || got.Header().Get("Content-Type") != "image/jpeg" {
				t.Errorf("the preview is another: %d bytes of %s", got.Body.Len(), got.Header())
			}
		})
	}
}

func TestAccessToken(t *testing.T) {
	t.Parallel()
	b := newBench(t, 4)
	b.cvat.AddTask(cvattest.Task{})
	bearer := "bearer " + b.cvat.AccessToken(cvattest.Username)
	expect(t, b.get(t.Context(), "/tasks/1", "Authorization", bearer), 200, `"task"`)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	b := newBench(t, 4)
	b.cvat.AddUser(cvattest.User{Username: "eve"})
	b.cvat.AddTask(cvattest.Task{Frames: 1})
	owner := b.as(cvattest.Username)
	for _, test := range []struct {
		path    string
		headers []string
		status  int
		body    string
	}{
		{"/tasks/1", nil, 401, "send your CVAT token"},
		{"/tasks/1", []string{"Authorization", "Basic YTpi"}, 401, "send your CVAT token"},
		{"/tasks/1", []string{"Authorization", "Token of nobody"}, 400, "takes no such"},
		{"/tasks/1", []string{"Authorization", "Token wrong"}, 401, "Invalid token."},
		{"/tasks/1", b.as("eve"), 403, "permission"},
		{"/tasks/1/jobs", b.as("eve"), 403, "permission"},
		{"/tasks/1/preview", b.as("eve"), 403, "permission"},
		{"/tasks/77", owner, 404, "No Task matches"},
		{"/tasks/0", owner, 400, "takes no such number"},
		{"/tasks/one", owner, 404, "a task has a number"},
		{"/tasks/1", append(owner, "X-Organization", "nobody"), 404, "nobody organization does not exist."},
		{"/other", owner, 404, ""},
	} {
		w := b.get(t.Context(), test.path, test.headers...)
		if expect(t, w, test.status, test.body); t.Failed() {
			t.Fatal(test.path, test.headers)
		}
		if w.Code == 401 && w.Header().Get("WWW-Authenticate") == "" {
			t.Error("nothing says how to authenticate")
		}
	}
}

// Each caller gets what is his, however many there are.
func TestCallersNeverMix(t *testing.T) {
	t.Parallel()
	const callers = 200
	b := newBench(t, 32)
	b.facade.patience = time.Minute
	type caller struct {
		headers []string
		task    int64
		name    string
	}
	all := make([]caller, callers)
	for i := range all {
		user, slug := fmt.Sprintf("user-%d", i), fmt.Sprintf("org-%d", i)
		b.cvat.AddUser(cvattest.User{Username: user})
		b.cvat.AddOrganization(slug, user, nil)
		task := b.cvat.AddTask(cvattest.Task{Name: "task of " + user, Owner: user, Organization: slug})
		credential := "Token " + b.cvat.Token(user)
		if i%2 == 0 {
			credential = "Bearer " + b.cvat.AccessToken(user)
		}
		all[i] = caller{[]string{"Authorization", credential, "X-Organization", slug}, task.ID, task.Name}
	}
	var running sync.WaitGroup
	for i, c := range all {
		running.Go(func() {
			own, others := fmt.Sprintf("/tasks/%d", c.task), fmt.Sprintf("/tasks/%d", all[(i+1)%callers].task)
			expect(t, b.get(t.Context(), own, c.headers...), 200, fmt.Sprintf("%q", c.name))
			expect(t, b.get(t.Context(), own+"/jobs", c.headers...), 200, "[]")
			expect(t, b.get(t.Context(), others, c.headers...), 403, "permission")
		})
	}
	running.Wait()
	arrived := b.cvat.Requests()
	if len(arrived) != 4*callers {
		t.Errorf("%d requests arrived", len(arrived))
	}
	for _, r := range arrived {
		if number, _ := strings.CutPrefix(r.User, "user-"); r.Organization != "org-"+number {
			t.Errorf("%s came to %s", r.User, r.Organization)
		}
	}
}

// inBubble tests a service that serves three callers at a time, and whose time, and whose CVAT's, is the bubble's.
func inBubble(t *testing.T, test func(*testing.T, *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 3, cvattest.OverPipe())
		b.cvat.AddTask(cvattest.Task{Frames: 1})
		test(t, b)
	})
}

// A caller who leaves takes the request to CVAT along, and frees its connection for the next.
func TestCancelling(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, b *bench) {
		t.Helper()
		caller := b.as(cvattest.Username)
		b.cvat.Fail(cvat.OpTasksRetrieve, cvattest.Fault{Kind: cvattest.Slow, Delay: time.Hour})
		for range 5 {
			ctx, leave := context.WithCancel(t.Context())
			var waiting sync.WaitGroup
			for range 3 {
				waiting.Go(func() { expect(t, b.get(ctx, "/tasks/1", caller...), statusClientLeft, "") })
			}
			synctest.Wait()
			expect(t, b.get(t.Context(), "/metrics"), 200, "cvat_requests_in_flight 3\n")
			left := time.Now()
			leave()
			waiting.Wait()
			if waited := time.Since(left); waited > 0 {
				t.Errorf("they were held for %v", waited)
			}
		}
		b.cvat.Heal()
		expect(t, b.get(t.Context(), "/tasks/1", caller...), 200, `"task"`)
		metrics := b.get(t.Context(), "/metrics")
		expect(t, metrics, 200, "cvat_requests_in_flight 0\n")
		expect(t, metrics, 200, `cvat_requests_total{operation="tasks_retrieve",code="canceled"} 15`)
	})
}

// A CVAT that hangs costs callers their time-out, and nobody else anything.
func TestSlowCVAT(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, b *bench) {
		t.Helper()
		caller := b.as(cvattest.Username)
		b.cvat.Fail(cvat.OpTasksRetrieve, cvattest.Fault{Kind: cvattest.Slow, Delay: time.Hour})
		started := time.Now()
		var waiting sync.WaitGroup
		for range 3 {
			waiting.Go(func() { expect(t, b.get(t.Context(), "/tasks/1", caller...), 504, "CVAT takes too long") })
		}
		synctest.Wait()
		busy := b.get(t.Context(), "/tasks/1", caller...)
		expect(t, busy, 503, "too many callers")
		if busy.Header().Get("Retry-After") != "1" || time.Since(started) != time.Second {
			t.Errorf("refused after %v: %v", time.Since(started), busy.Header())
		}
		expect(t, b.get(t.Context(), "/health"), 200, `"cvat":"2.73.1"`)
		waiting.Wait()
		if took := time.Since(started); took != 10*time.Second {
			t.Errorf("it took %v", took)
		}
		ctx, leave := context.WithTimeout(t.Context(), time.Millisecond)
		defer leave()
		expect(t, b.get(ctx, "/tasks/1", caller...), statusClientLeft, "")
		b.cvat.Heal()
		expect(t, b.get(t.Context(), "/tasks/1", caller...), 200, "")
	})
}

func TestHealth(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, b *bench) {
		t.Helper()
		b.cvat.Fail(cvat.OpServerRetrieveAbout, cvattest.Fault{Times: 1})
		for range 100 {
			expect(t, b.get(t.Context(), "/health"), 503, "CVAT does not answer")
		}
		time.Sleep(healthAge)
		left, leave := context.WithCancel(t.Context())
		leave()
		expect(t, b.get(left, "/health"), 200, `"status":"ok"`)
		expect(t, b.get(t.Context(), "/health"), 200, `"status":"ok"`)
		if n := b.cvat.Count(cvat.OpServerRetrieveAbout); n != 2 {
			t.Errorf("CVAT was asked %d times", n)
		}
	})
}

func TestTrouble(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault  cvattest.Fault
		status int
		body   string
		after  string
	}{
		{cvattest.Fault{Status: 503, Times: 1}, 200, `"task"`, ""}, // tried again
		{cvattest.Fault{Status: 503}, 502, "cannot be used", ""},
		{cvattest.Fault{Status: 500, Body: `{"detail":"Traceback of CVAT"}`}, 502, "cannot be used", ""},
		{cvattest.Fault{Status: 429, RetryAfter: time.Minute}, 429, "planned fault", "60"},
		{cvattest.Fault{Kind: cvattest.HTMLPage}, 502, "cannot be used", ""},
		{cvattest.Fault{Kind: cvattest.CutBefore}, 502, "cannot be used", ""},
		{cvattest.Fault{Kind: cvattest.TruncateBody}, 502, "cannot be used", ""},
	} {
		t.Run(fmt.Sprint(test.fault.Kind, test.fault.Status, test.fault.Times), func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, b *bench) {
				t.Helper()
				b.cvat.Fail(cvat.OpTasksRetrieve, test.fault)
				w := b.get(t.Context(), "/tasks/1", b.as(cvattest.Username)...)
				expect(t, w, test.status, test.body)
				if got := w.Header().Get("Retry-After"); got != test.after {
					t.Errorf("Retry-After is %q", got)
				}
			})
		})
	}
}

// A preview that breaks off must not look whole.
func TestBrokenPreview(t *testing.T) {
	t.Parallel()
	b := newBench(t, 3)
	b.cvat.AddTask(cvattest.Task{Frames: 1})
	b.cvat.Fail(cvat.OpTasksRetrieveData, cvattest.Fault{Kind: cvattest.TruncateBody})
	site := httptest.NewServer(b.facade)
	defer site.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site.URL+"/tasks/1/preview", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Token "+b.cvat.Token(cvattest.Username))
	resp, err := site.Client().Do(r)
	if err == nil {
		defer resp.Body.Close()
		_, err = io.Copy(io.Discard, resp.Body)
	}
	if err == nil {
		t.Error("the caller takes half a picture for a whole one")
	}
}

func TestSecretsStayInside(t *testing.T) {
	t.Parallel()
	b := newBench(t, 3)
	b.cvat.AddTask(cvattest.Task{})
	secret := b.cvat.Token(cvattest.Username)
	caller := []string{"Authorization", "Token " + secret}
	var said strings.Builder
	for _, fault := range []cvattest.Fault{
		{Times: 4}, {Status: 401}, {Status: 403, Body: `"` + strings.Repeat("x", 1000) + `"`}, {Kind: cvattest.CutAfter}, {Kind: cvattest.HTMLPage},
	} {
		b.cvat.Heal()
		b.cvat.Fail(cvat.OpTasksRetrieve, fault)
		said.WriteString(b.get(t.Context(), "/tasks/1?token="+secret, caller...).Body.String())
	}
	b.cvat.Close()
	said.WriteString(b.get(t.Context(), "/tasks/1", caller...).Body.String())
	expect(t, b.get(t.Context(), "/health"), 503, "")
	said.WriteString(b.get(t.Context(), "/metrics").Body.String() + b.log.String())
	if strings.Contains(said.String(), secret) {
		t.Errorf("the token shows:\n%s", said.String())
	}
	if !strings.Contains(b.log.String(), `"route":"GET /tasks/{id}","status":502`) {
		t.Errorf("the log lacks what happened:\n%s", b.log)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, b *bench) {
		t.Helper()
		b.cvat.Fail(cvat.OpTasksRetrieve, cvattest.Fault{Delay: 2 * time.Second, Times: 1})
		for range 3 {
			b.get(t.Context(), "/tasks/1", b.as(cvattest.Username)...)
		}
		b.cvat.Fail(cvat.OpTasksRetrieve, cvattest.Fault{Kind: cvattest.CutBefore})
		b.get(t.Context(), "/tasks/1", b.as(cvattest.Username)...)
		w := b.get(t.Context(), "/metrics")
		for _, line := range []string{
			"# TYPE cvat_requests_total counter",
			`cvat_requests_total{operation="tasks_retrieve",code="200"} 3`,
			`cvat_requests_total{operation="tasks_retrieve",code="503"} 1`,
			`cvat_requests_total{operation="tasks_retrieve",code="failed"} 2`,
			`cvat_request_duration_seconds_bucket{operation="tasks_retrieve",le="1"} 5`,
			`cvat_request_duration_seconds_bucket{operation="tasks_retrieve",le="5"} 6`,
			`cvat_request_duration_seconds_bucket{operation="tasks_retrieve",le="+Inf"} 6`,
			`cvat_request_duration_seconds_sum{operation="tasks_retrieve"} 2`,
			`cvat_request_duration_seconds_count{operation="tasks_retrieve"} 6`,
		} {
			expect(t, w, 200, line+"\n")
		}
	})
}
