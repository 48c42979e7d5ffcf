package testserver_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/internal/testserver"
)

// complaints collects what the server reports.
type complaints struct {
	mu    sync.Mutex
	texts []string
}

func (c *complaints) Errorf(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.texts = append(c.texts, fmt.Sprintf(format, args...))
}

func (c *complaints) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.texts
}

// client speaks plain HTTP to a server as one user.
type client struct {
	t      *testing.T
	srv    *testserver.Server
	header http.Header
	http   *http.Client
}

func start(t *testing.T, r testserver.Reporter, opts ...testserver.Option) *client {
	t.Helper()
	srv := testserver.Start(r, opts...)
	t.Cleanup(srv.Close)
	c := &client{t: t, srv: srv, header: http.Header{}, http: &http.Client{
		Transport:     &http.Transport{DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	t.Cleanup(c.http.CloseIdleConnections)
	return c.as("admin")
}

// both runs a test in both dialects.
func both(t *testing.T, test func(t *testing.T, d testserver.Dialect)) {
	t.Helper()
	for _, d := range []testserver.Dialect{testserver.V2_3, testserver.V2_73} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			test(t, d)
		})
	}
}

func (c *client) with(name, value string) *client {
	clone := *c
	clone.header = c.header.Clone()
	clone.header.Set(name, value)
	return &clone
}

func (c *client) as(username string) *client {
	return c.with("Authorization", "Token "+c.srv.Token(username))
}

func (c *client) anonymous() *client {
	clone := c.with("Authorization", "")
	clone.header.Del("Authorization")
	return clone
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r *reply) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal(r.body, &v), "%s", r.body)
	return v
}

func (c *client) send(method, path string, body io.Reader) (*reply, error) {
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.srv.URL+path, body)
	require.NoError(c.t, err)
	maps.Copy(req.Header, c.header)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	return &reply{resp.StatusCode, resp.Header, b}, err
}

func (c *client) do(method, path string, body any) *reply {
	c.t.Helper()
	var r io.Reader
	switch v := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(v)
	default:
		b, err := json.Marshal(v)
		require.NoError(c.t, err)
		r = bytes.NewReader(b)
	}
	if r != nil && c.header.Get("Content-Type") == "" {
		c = c.with("Content-Type", "application/json")
	}
	got, err := c.send(method, path, r)
	require.NoError(c.t, err)
	return got
}

func (c *client) get(path string) *reply {
	c.t.Helper()
	return c.do(http.MethodGet, path, nil)
}

func TestServerAnswersUnderItsBasePathOnly(t *testing.T) {
	t.Parallel()
	var said complaints
	c := start(t, &said, testserver.WithBasePath("/cvat"))
	assert.Equal(t, 200, c.get("/api/server/about").status)
	assert.Empty(t, said.all())

	c.srv.URL = strings.TrimSuffix(c.srv.URL, "/cvat")
	assert.Equal(t, 404, c.get("/api/server/about").status)
	assert.Len(t, said.all(), 1)
}

func TestAboutNamesTheVersion(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c := start(t, t, testserver.WithDialect(d))
		r := c.get("/api/server/about")
		assert.Equal(t, d.String(), r.json(t)["version"])
		assert.Equal(t, "application/vnd.cvat+json", r.header.Get("Content-Type"))
		assert.Equal(t, d == testserver.V2_73, r.header.Get("X-Request-Id") != "")
		if d == testserver.V2_3 {
			assert.Equal(t, 401, c.anonymous().get("/api/server/about").status)
		} else {
			assert.Equal(t, 200, c.anonymous().get("/api/server/about").status)
		}
	})
}

func TestMisuseIsAnsweredAndReported(t *testing.T) {
	t.Parallel()
	for _, m := range []struct {
		name   string
		do     func(c *client) *reply
		status map[testserver.Dialect]int
		kind   testserver.Misuse
	}{
		{
			"unknown route", func(c *client) *reply { return c.get("/api/nonsense") },
			map[testserver.Dialect]int{testserver.V2_3: 404, testserver.V2_73: 404},
			testserver.UnknownRoute,
		},
		{
			"slash", func(c *client) *reply { return c.get("/api/projects/") },
			map[testserver.Dialect]int{testserver.V2_3: 404, testserver.V2_73: 404},
			testserver.WrongSlash,
		},
		{
			"method", func(c *client) *reply { return c.do(http.MethodPut, "/api/projects", "{}") },
			map[testserver.Dialect]int{testserver.V2_3: 405, testserver.V2_73: 405},
			testserver.UnknownRoute,
		},
		{
			"accept", func(c *client) *reply { return c.with("Accept", "application/json").get("/api/projects") },
			map[testserver.Dialect]int{testserver.V2_3: 406, testserver.V2_73: 406},
			testserver.WrongAccept,
		},
		{
			"content type", func(c *client) *reply {
				return c.with("Content-Type", "text/plain").do(http.MethodPost, "/api/projects", "x")
			},
			map[testserver.Dialect]int{testserver.V2_3: 415, testserver.V2_73: 415},
			testserver.WrongContentType,
		},
		{
			"chunked", func(c *client) *reply {
				r, err := c.with("Content-Type", "application/json").
					send(http.MethodPost, "/api/projects", io.MultiReader(strings.NewReader(`{"name":"p"}`)))
				require.NoError(c.t, err)
				return r
			},
			map[testserver.Dialect]int{testserver.V2_3: 411, testserver.V2_73: 201},
			testserver.ChunkedBody,
		},
		{
			"malformed", func(c *client) *reply { return c.do(http.MethodPost, "/api/projects", "{bad") },
			map[testserver.Dialect]int{testserver.V2_3: 400, testserver.V2_73: 400},
			testserver.MalformedBody,
		},
		{
			"unknown field", func(c *client) *reply {
				return c.do(http.MethodPost, "/api/projects", `{"name":"p","nope":1}`)
			},
			map[testserver.Dialect]int{testserver.V2_3: 201, testserver.V2_73: 201},
			testserver.UnknownField,
		},
	} {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			both(t, func(t *testing.T, d testserver.Dialect) {
				t.Helper()
				var said complaints
				c := start(t, &said, testserver.WithDialect(d))
				assert.Equal(t, m.status[d], m.do(c).status)
				require.Len(t, said.all(), 1)
				assert.Contains(t, said.all()[0], m.kind.String())
				c.srv.Allow(m.kind)
				assert.Equal(t, m.status[d], m.do(c).status)
				assert.Len(t, said.all(), 1, "an announced mistake is not reported")
			})
		})
	}
}

func TestJournalKeepsWhatArrived(t *testing.T) {
	t.Parallel()
	c := start(t, t)
	c.do(http.MethodPost, "/api/projects?org=", `{"name":"p"}`)
	c.get("/api/projects")
	require.Len(t, c.srv.Requests(), 2)
	r := c.srv.Requests()[0]
	assert.Equal(t, "projects_create", r.Operation)
	assert.Equal(t, "/api/projects", r.Path)
	assert.True(t, r.Query.Has("org"))
	assert.Equal(t, c.header.Get("Authorization"), r.Header.Get("Authorization"))
	assert.JSONEq(t, `{"name":"p"}`, string(r.Body))
	assert.EqualValues(t, 12, r.BodySize)
	assert.Equal(t, 201, r.Status)
	assert.Equal(t, 1, c.srv.Count("projects_list"))
	c.srv.Forget()
	assert.Empty(t, c.srv.Requests())
}

func TestCloseWaitsForEverything(t *testing.T) {
	t.Parallel()
	c := start(t, t)
	c.srv.Fail(testserver.Fault{Kind: testserver.Slow, Delay: time.Hour})
	done := make(chan error)
	go func() {
		_, err := c.send(http.MethodGet, "/api/projects", nil)
		done <- err
	}()
	require.Eventually(t, func() bool { return c.srv.Count("projects_list") == 1 }, time.Second, time.Millisecond)
	c.srv.Close()
	require.Error(t, <-done)
}

func TestHandlerRunsInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := testserver.New(t)
		srv.Fail(testserver.Fault{Kind: testserver.Slow, Delay: time.Hour})
		w := &recorder{header: http.Header{}}
		began := time.Now()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/base/api/server/about", http.NoBody)
		require.NoError(t, err)
		srv.Handler().ServeHTTP(w, req)
		assert.Equal(t, time.Hour, time.Since(began))
		assert.Equal(t, 200, w.status)
	})
}

// recorder is the least of a ResponseWriter.
type recorder struct {
	header http.Header
	status int
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) Write(p []byte) (int, error) { return len(p), nil }
func (r *recorder) WriteHeader(status int)      { r.status = status }

// post sends a body and keeps what came even if the answer broke off.
func (c *client) post(path, body string) (*reply, error) {
	return c.send(http.MethodPost, path, strings.NewReader(body))
}
