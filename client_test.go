package cvat_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://app.cvat.ai":              "https://app.cvat.ai",
		"https://app.cvat.ai/":             "https://app.cvat.ai",
		"  https://app.cvat.ai \n":         "https://app.cvat.ai",
		"HTTPS://App.cvat.ai":              "https://App.cvat.ai",
		"http://localhost:8080":            "http://localhost:8080",
		"http://[::1]:8080/":               "http://[::1]:8080",
		"http://10.0.0.1/annotation//":     "http://10.0.0.1/annotation",
		"https://x.test/a%20b":             "https://x.test/a%20b",
		"https://x.test/api-gateway":       "https://x.test/api-gateway",
		"https://tasks.example.com":        "https://tasks.example.com",
		"https://example.com/my-jobs/cvat": "https://example.com/my-jobs/cvat",
		"https://gateway.test/api/cvat":    "https://gateway.test/api/cvat",
		"https://x.test/projects/labels":   "https://x.test/projects/labels",
	} {
		client, err := cvat.NewClient(given)
		require.NoError(t, err, given)
		assert.Equal(t, want, client.BaseURL(), given)
	}
}

func TestBaseURLRefused(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"":                                     `is empty: give the server's address, as in "https://app.cvat.ai"`,
		" /":                                   "is empty",
		"app.cvat.ai":                          `did you mean "https://app.cvat.ai"?`,
		"localhost:8080":                       `did you mean "https://localhost:8080"?`,
		"ftp://app.cvat.ai":                    "CVAT speaks http and https",
		"https://":                             "has no scheme",
		"https:///api":                         "names no host",
		"https://:8080":                        "names no host",
		"https://app.cvat.ai:port":             "cannot be read",
		"https://user@app.cvat.ai":             "use WithBasicAuth, WithToken or WithAccessToken",
		"https://user:hunter2@app.cvat.ai":     "use WithBasicAuth, WithToken or WithAccessToken",
		"user:hunter2@app.cvat.ai":             "use WithBasicAuth, WithToken or WithAccessToken",
		"https://user:hunt er2@app.cvat.ai":    "use WithBasicAuth, WithToken or WithAccessToken",
		"https://user:hunt/er2@app.cvat.ai":    "use WithBasicAuth, WithToken or WithAccessToken",
		"https://user:12/hunter2@app.cvat.ai":  "use WithBasicAuth, WithToken or WithAccessToken",
		"https://app.cvat.ai/api/server/about": `use "https://app.cvat.ai"`,
		"https://app.cvat.ai/tasks/create":     `use "https://app.cvat.ai"`,
		"https://app.cvat.ai?org=x":            "has a query or a fragment",
		"https://app.cvat.ai?":                 "has a query or a fragment",
		"https://app.cvat.ai#top":              "has a query or a fragment",
		"https://app.cvat.ai/api":              `use "https://app.cvat.ai"`,
		"https://app.cvat.ai/api/":             `use "https://app.cvat.ai"`,
		"https://x.test/cvat/api/tasks/7":      `use "https://x.test/cvat"`,
		"https://x.test/cvat/tasks/7/jobs/1":   `use "https://x.test/cvat"`,
		"https://app.cvat.ai/auth/login":       `use "https://app.cvat.ai"`,
	} {
		client, err := cvat.NewClient(given)
		assert.Nil(t, client, given)
		refused, ok := errors.AsType[*cvat.ArgumentError](err)
		if assert.True(t, ok, "%q: %v", given, err) {
			assert.Equal(t, "base URL", refused.Field)
			assert.Contains(t, refused.Reason, want, given)
			assert.NotContains(t, err.Error(), "hunt", given)
			assert.NotContains(t, err.Error(), "hunt er2", given)
		}
	}
}

func TestSubPath(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusOK, `{"id":7}`))
	for base, want := range map[string]string{
		"http://cvat.test":         "/api/users/7",
		"http://cvat.test/":        "/api/users/7",
		"http://cvat.test/a/b":     "/a/b/api/users/7",
		"http://cvat.test/a%2Fb/":  "/a%2Fb/api/users/7",
		"http://cvat.test/a%20b//": "/a%20b/api/users/7",
	} {
		client, err := cvat.NewClient(base, cvat.WithHTTPClient(&http.Client{Transport: server.transport}))
		require.NoError(t, err)
		_, _, err = client.Users.Get(t.Context(), 7)
		require.NoError(t, err)
		requests := server.arrived()
		assert.Equal(t, want, requests[len(requests)-1].RequestURI, base)
	}
}

func TestOptionsRefused(t *testing.T) {
	t.Parallel()
	callback := func(context.Context) (cvat.Credentials, error) { return cvat.Token("x"), nil }
	for name, test := range map[string]struct {
		options     []cvat.Option
		field, want string
	}{
		"nil":                        {[]cvat.Option{nil}, "Option", "is nil"},
		"empty token":                {[]cvat.Option{cvat.WithToken("")}, "WithToken", "empty secret: is the variable set?"},
		"empty access token":         {[]cvat.Option{cvat.WithAccessToken("")}, "WithAccessToken", "empty secret"},
		"token with line break":      {[]cvat.Option{cvat.WithToken("hunter2\n")}, "WithToken", "was it trimmed?"},
		"access token with blank":    {[]cvat.Option{cvat.WithAccessToken("hunt er2")}, "WithAccessToken", "was it trimmed?"},
		"token beyond ASCII":         {[]cvat.Option{cvat.WithToken("hunter2é")}, "WithToken", "was it trimmed?"},
		"no password":                {[]cvat.Option{cvat.WithBasicAuth("me", "")}, "WithBasicAuth", "empty secret"},
		"no user":                    {[]cvat.Option{cvat.WithBasicAuth("", "hunter2")}, "WithBasicAuth", "empty secret"},
		"colon in user":              {[]cvat.Option{cvat.WithBasicAuth("a:b", "hunter2")}, "WithBasicAuth", "colon"},
		"nil callback":               {[]cvat.Option{cvat.WithCredentials(nil)}, "WithCredentials", "got nil"},
		"two credentials":            {[]cvat.Option{cvat.WithToken("hunter2"), cvat.WithAccessToken("hunter2")}, "WithAccessToken", "and WithToken contradict each other"},
		"two credentials, reversed":  {[]cvat.Option{cvat.WithAccessToken("hunter2"), cvat.WithToken("hunter2")}, "WithToken", "and WithAccessToken contradict each other"},
		"token and callback":         {[]cvat.Option{cvat.WithToken("hunter2"), cvat.WithCredentials(callback)}, "WithCredentials", "contradict"},
		"password and token":         {[]cvat.Option{cvat.WithBasicAuth("me", "hunter2"), cvat.WithToken("hunter2")}, "WithToken", "contradict"},
		"token twice":                {[]cvat.Option{cvat.WithToken("hunter2"), cvat.WithToken("hunter2")}, "WithToken", "contradict"},
		"empty organization":         {[]cvat.Option{cvat.WithOrganization("")}, "WithOrganization", "use WithPersonalWorkspace or WithoutOrganization"},
		"two organizations":          {[]cvat.Option{cvat.WithOrganization("a"), cvat.WithOrganization("b")}, "WithOrganization", "contradict"},
		"organization and personal":  {[]cvat.Option{cvat.WithOrganization("a"), cvat.WithPersonalWorkspace()}, "WithPersonalWorkspace", "and WithOrganization contradict"},
		"personal and none":          {[]cvat.Option{cvat.WithPersonalWorkspace(), cvat.WithoutOrganization()}, "WithoutOrganization", "contradict"},
		"nil HTTP client":            {[]cvat.Option{cvat.WithHTTPClient(nil)}, "WithHTTPClient", "got nil"},
		"nil middleware":             {[]cvat.Option{cvat.WithMiddleware(nil)}, "WithMiddleware", "got nil"},
		"nil logger":                 {[]cvat.Option{cvat.WithLogger(nil)}, "WithLogger", "got nil"},
		"empty user agent":           {[]cvat.Option{cvat.WithUserAgent("")}, "WithUserAgent", "one line"},
		"two lines of user agent":    {[]cvat.Option{cvat.WithUserAgent("a\r\nb: c")}, "WithUserAgent", "one line"},
		"negative attempts":          {[]cvat.Option{cvat.WithRetryPolicy(cvat.RetryPolicy{MaxAttempts: -1})}, "RetryPolicy", "negative"},
		"negative wait":              {[]cvat.Option{cvat.WithRetryPolicy(cvat.RetryPolicy{MinWait: -1})}, "RetryPolicy", "negative"},
		"negative longest wait":      {[]cvat.Option{cvat.WithRetryPolicy(cvat.RetryPolicy{MaxWait: -1})}, "RetryPolicy", "negative"},
		"negative Retry-After":       {[]cvat.Option{cvat.WithRetryPolicy(cvat.RetryPolicy{MaxRetryAfter: -1})}, "RetryPolicy", "negative"},
		"waits the wrong way round":  {[]cvat.Option{cvat.WithRetryPolicy(cvat.RetryPolicy{MinWait: 2, MaxWait: 1})}, "RetryPolicy.MaxWait", "shorter"},
		"negative time-out":          {[]cvat.Option{cvat.WithTimeouts(cvat.Timeouts{Metadata: -1})}, "WithTimeouts", "negative"},
		"negative transfer time-out": {[]cvat.Option{cvat.WithTimeouts(cvat.Timeouts{Transfer: -1})}, "WithTimeouts", "negative"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := cvat.NewClient("https://app.cvat.ai", test.options...)
			assert.Nil(t, client)
			refused, ok := errors.AsType[*cvat.ArgumentError](err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, test.field, refused.Field)
			assert.Contains(t, refused.Reason, test.want)
			assert.NotContains(t, err.Error(), "hunt")

			good, err := cvat.NewClient("https://app.cvat.ai")
			require.NoError(t, err)
			_, err = good.With(test.options...)
			require.ErrorAs(t, err, &refused, "With refuses it too")
		})
	}
}

func TestOptionsCommute(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusOK, `{"id":7}`))
	options := []cvat.Option{
		cvat.WithHTTPClient(&http.Client{Transport: server.transport}), cvat.WithToken("key"),
		cvat.WithOrganization("team"), cvat.WithUserAgent("report/1"),
	}
	for range options {
		options = append(options[1:], options[0])
		client, err := cvat.NewClient(pipeURL, options...)
		require.NoError(t, err)
		_, _, err = client.Users.Self(t.Context())
		require.NoError(t, err)
	}
	requests := server.arrived()
	require.Len(t, requests, len(options))
	for _, r := range requests {
		assert.Equal(t, "Token key", r.Header.Get("Authorization"))
		assert.Equal(t, "org=team", r.URL.RawQuery)
		assert.Equal(t, "report/1 go-cvat", r.UserAgent())
	}
}

func TestWith(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusOK, `{"id":7,"version":"2.3"}`))
	parent := server.client(t, cvat.WithToken("parent"), cvat.WithOrganization("a"))
	child, err := parent.With(cvat.WithAccessToken("child"), cvat.WithPersonalWorkspace(), cvat.WithUserAgent("child/1"))
	require.NoError(t, err)
	grandchild, err := child.With(cvat.WithoutOrganization())
	require.NoError(t, err)
	assert.Empty(t, server.dials(), "With sends nothing")
	for _, client := range []*cvat.Client{parent, child, grandchild, parent} {
		_, _, err := client.Users.Self(t.Context())
		require.NoError(t, err)
	}
	var saw []string
	for _, r := range server.arrived() {
		saw = append(saw, r.Header.Get("Authorization")+"|"+r.URL.RawQuery+"|"+r.UserAgent())
	}
	assert.Equal(t, []string{
		"Token parent|org=a|go-cvat", "Bearer child|org=|child/1 go-cvat", "Bearer child||child/1 go-cvat", "Token parent|org=a|go-cvat",
	}, saw)
	assert.Len(t, server.dials(), 1, "all share one pool of connections")

	_, _, err = child.Server.About(t.Context())
	require.NoError(t, err)
	_, _, err = parent.Jobs.Create(t.Context(), models.JobCreate{TaskID: 1, Type: models.JobTypeGroundTruth})
	require.ErrorIs(t, err, cvat.ErrUnsupported, "what one learns of the server, all know")
}

// tracer is middleware that notes its name on the way in and on the way out.
func tracer(trace *[]string, name string) cvat.Option {
	return cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			op, ok := cvat.OperationFromContext(r.Context())
			*trace = append(*trace, fmt.Sprintf("%s> %s %t", name, op.ID, ok))
			resp, err := next.RoundTrip(r)
			*trace = append(*trace, "<"+name)
			return resp, err
		})
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestMiddleware(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := servePipe(t, inTurn(replyJSON(http.StatusOK, `{}`), detail(http.StatusBadGateway), replyJSON(http.StatusOK, `{}`)))
		var trace []string
		parent := server.client(t, tracer(&trace, "inner"), tracer(&trace, "outer"))
		_, _, err := parent.Users.Self(t.Context())
		require.NoError(t, err)
		once := []string{"outer> users_retrieve_self true", "inner> users_retrieve_self true", "<inner", "<outer"}
		assert.Equal(t, once, trace)

		trace = nil
		_, _, err = parent.Users.Self(t.Context())
		require.NoError(t, err)
		assert.Equal(t, slices.Concat(once, once), trace, "once per attempt")

		trace = nil
		child, err := parent.With(tracer(&trace, "added"))
		require.NoError(t, err)
		sibling, err := parent.With(tracer(&trace, "other"))
		require.NoError(t, err)
		_, _, err = child.Users.Self(t.Context())
		require.NoError(t, err)
		assert.Equal(t, slices.Concat([]string{"added> users_retrieve_self true"}, once, []string{"<added"}), trace)
		trace = nil
		_, _, err = sibling.Users.Self(t.Context())
		require.NoError(t, err)
		assert.Equal(t, slices.Concat([]string{"other> users_retrieve_self true"}, once, []string{"<other"}), trace)
	})
}

func TestOperationFromContextOutsideACall(t *testing.T) {
	t.Parallel()
	_, ok := cvat.OperationFromContext(t.Context())
	assert.False(t, ok)
}

// sends are calls of every kind: with and without body, JSON and bytes back, nothing back, lists.
var sends = map[string]func(context.Context, *cvat.Client, ...cvat.CallOption) error{
	"GET": func(ctx context.Context, c *cvat.Client, opts ...cvat.CallOption) error {
		_, _, err := c.Users.Self(ctx, opts...)
		return err
	},
	"list": func(ctx context.Context, c *cvat.Client, opts ...cvat.CallOption) error {
		_, _, err := c.Tasks.List(ctx, nil, opts...)
		return err
	},
	"walk": func(ctx context.Context, c *cvat.Client, opts ...cvat.CallOption) error {
		_, err := cvat.Collect(c.Tasks.All(ctx, nil, opts...))
		return err
	},
	"POST": func(ctx context.Context, c *cvat.Client, opts ...cvat.CallOption) error {
		_, _, err := c.Tasks.Create(ctx, models.TaskCreate{Name: "street"}, opts...)
		return err
	},
	"POST without body": func(ctx context.Context, c *cvat.Client, opts ...cvat.CallOption) error {
		_, _, err := c.Auth.Logout(ctx, opts...)
		return err
	},
	"PATCH": func(ctx context.Context, c *cvat.Client, opts ...cvat.CallOption) error {
		_, _, err := c.Tasks.Update(ctx, 7, models.TaskPatch{Name: new("road")}, opts...)
		return err
	},
	"PUT": func(ctx context.Context, c *cvat.Client, opts ...cvat.CallOption) error {
		_, _, err := c.Jobs.ReplaceAnnotations(ctx, 7, models.LabeledData{}, opts...)
		return err
	},
	"DELETE": func(ctx context.Context, c *cvat.Client, opts ...cvat.CallOption) error {
		_, err := c.Tasks.Delete(ctx, 7, opts...)
		return err
	},
	"bytes": func(ctx context.Context, c *cvat.Client, opts ...cvat.CallOption) error {
		content, _, err := c.Tasks.Frame(ctx, 7, 0, nil, opts...)
		return errors.Join(err, drain(content))
	},
	"Do": func(ctx context.Context, c *cvat.Client, opts ...cvat.CallOption) error {
		_, err := do(ctx, c, opCreate, opts...)
		return err
	},
}

func drain(content *cvat.Content) error {
	if content == nil {
		return nil
	}
	_, err := io.Copy(io.Discard, content)
	return errors.Join(err, content.Close())
}

// serveAnything answers every call of sends.
func serveAnything(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodDelete {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	replyJSON(http.StatusOK, `{"count":0,"next":null,"previous":null,"results":[]}`)(w, r)
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	for name, send := range sends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := servePipe(t, serveAnything)
			client := server.client(t, cvat.WithToken("key"))
			require.NoError(t, send(t.Context(), client))
			r := server.only(t)
			assert.Equal(t, "Token key", r.Header.Get("Authorization"))
			assert.Equal(t, "go-cvat", r.UserAgent())
			assert.Contains(t, r.Header.Get("Accept"), "application/vnd.cvat+json", "CVAT answers 406 to application/json alone")
			assert.Contains(t, r.Header.Get("Accept"), "*/*")
			assert.Empty(t, r.Header.Values("Cookie"))
			assert.Empty(t, r.Header.Values("X-Organization"))

			assert.Empty(t, r.TransferEncoding, "CVAT answers 411 to bodies in chunks")
			assert.Equal(t, int64(len(r.Body)), r.ContentLength)
			if r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch {
				assert.NotEmpty(t, r.Header.Values("Content-Length"), "even for no body")
			}
			if len(r.Body) > 0 {
				assert.Equal(t, "application/json", r.Header.Get("Content-Type"), "CVAT answers 415 to its own media type")
			} else {
				assert.Empty(t, r.Header.Values("Content-Type"))
			}
			if name == "bytes" {
				assert.Equal(t, "identity", r.Header.Get("Accept-Encoding"), "the stored bytes, with a length")
			} else {
				assert.Equal(t, "gzip", r.Header.Get("Accept-Encoding"))
			}
		})
	}
}

func TestOrganization(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		option []cvat.Option
		call   []cvat.CallOption
		want   []string
	}{
		"default":                           {nil, nil, nil},
		"without":                           {[]cvat.Option{cvat.WithoutOrganization()}, nil, nil},
		"personal":                          {[]cvat.Option{cvat.WithPersonalWorkspace()}, nil, []string{""}},
		"slug":                              {[]cvat.Option{cvat.WithOrganization("team a")}, nil, []string{"team a"}},
		"for one call":                      {nil, []cvat.CallOption{cvat.ForOrganization("b&c")}, []string{"b&c"}},
		"for one call, instead of client's": {[]cvat.Option{cvat.WithOrganization("a")}, []cvat.CallOption{cvat.ForOrganization("b")}, []string{"b"}},
		"for one call, instead of personal": {[]cvat.Option{cvat.WithPersonalWorkspace()}, []cvat.CallOption{cvat.ForOrganization("b")}, []string{"b"}},
	} {
		for kind, send := range sends {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				server := servePipe(t, serveAnything)
				require.NoError(t, send(t.Context(), server.client(t, test.option...), test.call...))
				r := server.only(t)
				assert.Equal(t, test.want, r.URL.Query()["org"])
				assert.Empty(t, r.Header.Values("X-Organization"), "given twice it is a 400")
			})
		}
	}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	server := servePipe(t, serveAnything)
	client := server.client(t, cvat.WithUserAgent("nightly-report/1.2 (Linux)"))
	_, _, err := client.Users.Self(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "nightly-report/1.2 (Linux) go-cvat", server.only(t).UserAgent())
}

func TestWithHeader(t *testing.T) {
	t.Parallel()
	server := servePipe(t, serveAnything)
	client := server.client(t, cvat.WithToken("key"))
	_, _, err := client.Tasks.Create(t.Context(), models.TaskCreate{Name: "x"},
		cvat.WithHeader("x-gateway", "one"), cvat.WithHeader("X-Gateway", "two"),
		cvat.WithHeader("Authorization", "Bearer other"), cvat.WithHeader("accept", "application/json"),
		cvat.WithHeader("Content-Type", "text/plain"), cvat.WithHeader("User-Agent", "other"),
		cvat.WithHeader("Content-Length", "1"))
	require.NoError(t, err)
	r := server.only(t)
	assert.Equal(t, []string{"one", "two"}, r.Header.Values("X-Gateway"))
	assert.Equal(t, []string{"Token key"}, r.Header.Values("Authorization"))
	assert.Equal(t, []string{"application/json"}, r.Header.Values("Content-Type"))
	assert.Equal(t, []string{"go-cvat"}, r.Header.Values("User-Agent"))
	assert.NotEqual(t, "application/json", r.Header.Get("Accept"))
	assert.Equal(t, int64(len(r.Body)), r.ContentLength)

	_, _, err = client.Users.Self(t.Context())
	require.NoError(t, err)
	assert.Empty(t, server.arrived()[1].Header.Values("X-Gateway"), "for one call only")
}

func TestCallOptionsRefused(t *testing.T) {
	t.Parallel()
	server := servePipe(t, serveAnything)
	client := server.client(t)
	for field, options := range map[string][]cvat.CallOption{
		"WithTimeout":     {cvat.WithTimeout(0), cvat.WithTimeout(-1)},
		"ForOrganization": {cvat.ForOrganization("")},
		"WithHeader": {
			cvat.WithHeader("", "x"), cvat.WithHeader("two words", "x"), cvat.WithHeader("X-A:", "x"), cvat.WithHeader("X-É", "x"),
			cvat.WithHeader("X-A", "hunter2\r\nX-B: y"), cvat.WithHeader("X-A", "hunter2\x00"), cvat.WithHeader("X-A", "hunter2\x7f"),
		},
	} {
		for _, option := range options {
			_, resp, err := client.Users.Self(t.Context(), option)
			refused, ok := errors.AsType[*cvat.ArgumentError](err)
			require.True(t, ok, "%s: %v", field, err)
			assert.Equal(t, field, refused.Field)
			assert.NotContains(t, err.Error(), "hunter2")
			require.NotNil(t, resp)
			assert.Zero(t, resp.StatusCode)
			for _, err := range client.Tasks.All(t.Context(), nil, option) {
				require.ErrorAs(t, err, &refused)
			}
		}
	}
	assert.Empty(t, server.dials())
}

func TestWithHeaderTakesWhatHTTPTakes(t *testing.T) {
	t.Parallel()
	server := servePipe(t, serveAnything)
	_, _, err := server.client(t).Users.Self(t.Context(), cvat.WithHeader("x_1-!~", "tab\there, é and ''"))
	require.NoError(t, err)
	assert.Equal(t, "tab\there, é and ''", server.only(t).Header.Get("X_1-!~"))
}

func TestCallersHTTPClientIsNotChanged(t *testing.T) {
	t.Parallel()
	server := servePipe(t, inTurn(redirect(http.StatusFound, "{path}?again"), serveAnything))
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	own, err := url.Parse(pipeURL)
	require.NoError(t, err)
	jar.SetCookies(own, []*http.Cookie{{Name: "sessionid", Value: "old"}})
	var consulted atomic.Bool
	hc := &http.Client{
		Transport: server.transport, Jar: jar, Timeout: time.Hour,
		CheckRedirect: func(*http.Request, []*http.Request) error { consulted.Store(true); return nil },
	}
	client, err := cvat.NewClient(pipeURL, cvat.WithHTTPClient(hc), cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper { return next }))
	require.NoError(t, err)
	_, _, err = client.Users.Self(t.Context())
	require.NoError(t, err)
	assert.Same(t, server.transport, hc.Transport)
	assert.Same(t, jar, hc.Jar)
	assert.Equal(t, time.Hour, hc.Timeout)
	assert.False(t, consulted.Load())
	for _, r := range server.arrived() {
		assert.Empty(t, r.Cookies(), "with a session CVAT would demand a CSRF token")
	}
}

func TestCookiesAreIgnored(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusOK, `{}`, "Set-Cookie", "sessionid=abc; Path=/"))
	client := server.client(t, cvat.WithToken("key"))
	for range 2 {
		_, _, err := client.Users.Self(t.Context())
		require.NoError(t, err)
	}
	for _, r := range server.arrived() {
		assert.Empty(t, r.Cookies())
	}
}

func TestHTTPClientWithoutTransport(t *testing.T) {
	t.Parallel()
	var seen http.RoundTripper
	_, err := cvat.NewClient(pipeURL, cvat.WithHTTPClient(&http.Client{}), cvat.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		seen = next
		return next
	}))
	require.NoError(t, err)
	assert.NotEqual(t, reflect.ValueOf(http.DefaultTransport).Pointer(), reflect.ValueOf(seen).Pointer(), "whose pool is everybody's")
}

func TestHTTPClientTimeoutBoundsEachAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := servePipe(t, inTurn(after(time.Hour, serveAnything), serveAnything))
		client, err := cvat.NewClient(pipeURL, cvat.WithHTTPClient(&http.Client{Transport: server.transport, Timeout: time.Second}))
		require.NoError(t, err)
		_, resp, err := client.Users.Self(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 2, resp.Attempts)
	})
}

func TestTimeouts(t *testing.T) {
	t.Parallel()
	const longer = 10 * time.Hour
	for name, test := range map[string]struct {
		client []cvat.Option
		call   []cvat.CallOption
		kind   string
		want   time.Duration // longer: no bound
		cause  string
	}{
		"default":                 {nil, nil, "GET", 2 * time.Minute, "no answer within 2m0s (WithTimeouts: Metadata)"},
		"default of transfers":    {nil, nil, "bytes", longer, ""},
		"annotations":             {nil, nil, "PUT", longer, ""},
		"client's":                {[]cvat.Option{cvat.WithTimeouts(cvat.Timeouts{Metadata: time.Minute})}, nil, "GET", time.Minute, "WithTimeouts: Metadata"},
		"client's, not transfers": {[]cvat.Option{cvat.WithTimeouts(cvat.Timeouts{Metadata: time.Minute})}, nil, "bytes", longer, ""},
		"client's, transfers":     {[]cvat.Option{cvat.WithTimeouts(cvat.Timeouts{Transfer: time.Minute})}, nil, "bytes", time.Minute, "WithTimeouts: Transfer"},
		"none":                    {[]cvat.Option{cvat.WithTimeouts(cvat.Timeouts{})}, nil, "GET", longer, ""},
		"call's":                  {nil, []cvat.CallOption{cvat.WithTimeout(time.Second)}, "GET", time.Second, "no answer within 1s (WithTimeout)"},
		"call's, longer":          {nil, []cvat.CallOption{cvat.WithTimeout(time.Hour)}, "GET", time.Hour, "WithTimeout"},
		"call's, transfer":        {nil, []cvat.CallOption{cvat.WithTimeout(time.Second)}, "bytes", time.Second, "WithTimeout"},
		"call's, Do":              {nil, []cvat.CallOption{cvat.WithTimeout(time.Second)}, "Do", time.Second, "WithTimeout"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := servePipe(t, after(longer, serveAnything))
				start := time.Now()
				err := sends[test.kind](t.Context(), server.client(t, test.client...), test.call...)
				assert.Equal(t, test.want, time.Since(start))
				if test.want == longer {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, context.DeadlineExceeded)
				assert.ErrorContains(t, err, test.cause)
			})
		})
	}
}

func TestTimeoutIncludesRepetitionsAndTheBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := servePipe(t, detail(http.StatusBadGateway))
		client := server.client(t, cvat.WithRetryPolicy(cvat.RetryPolicy{MaxAttempts: 1000, MinWait: time.Second, MaxWait: 3 * time.Second}))
		start := time.Now()
		_, _, err := client.Users.Self(t.Context(), cvat.WithTimeout(30*time.Second))
		require.Error(t, err)
		assert.LessOrEqual(t, time.Since(start), 30*time.Second)
		assert.GreaterOrEqual(t, time.Since(start), 27*time.Second)
	})
	synctest.Test(t, func(t *testing.T) {
		server := servePipe(t, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		content, _, err := server.client(t).Tasks.Frame(t.Context(), 7, 0, nil, cvat.WithTimeout(time.Minute))
		require.NoError(t, err)
		start := time.Now()
		_, err = io.Copy(io.Discard, content)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Minute, time.Since(start))
		require.NoError(t, content.Close())
	})
}

func TestContextsDeadlineHoldsBesides(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := servePipe(t, after(time.Hour, serveAnything))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, _, err := server.client(t).Users.Self(ctx, cvat.WithTimeout(time.Minute))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))
	})
}

func TestResponse(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusCreated, `{"id":7}`, "X-Request-Id", "r-1", "X-Other", "y"))
	task, resp, err := server.client(t).Tasks.Create(t.Context(), models.TaskCreate{Name: "x"})
	require.NoError(t, err)
	assert.Equal(t, int64(7), task.ID)
	assert.Equal(t, http.StatusCreated, resp.StatusCode)
	assert.Equal(t, "r-1", resp.RequestID)
	assert.Equal(t, "y", resp.Header.Get("X-Other"))
	assert.Equal(t, 1, resp.Attempts)
}

func TestContent(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		``:                                    "",
		`inline; filename="0.zip"`:            "0.zip",
		`attachment; filename="a b 1.0.zip"`:  "a b 1.0.zip",
		`attachment; filename="../../x.zip"`:  "x.zip",
		`attachment; filename="/etc/passwd"`:  "passwd",
		`attachment; filename="..\\..\\x"`:    "x",
		`attachment; filename=".."`:           "",
		`attachment; filename="/"`:            "",
		`attachment; filename="unterminated`:  "",
		`attachment; filename*=UTF-8''%C3%A9`: "é",
	} {
		server := servePipe(t, reply(http.StatusOK, "image/jpeg; x=y", "picture", "Content-Disposition", header))
		content, resp, err := server.client(t).Tasks.Frame(t.Context(), 7, 0, nil)
		require.NoError(t, err)
		assert.Equal(t, want, content.Name, header)
		assert.Equal(t, "image/jpeg", content.Type)
		assert.Equal(t, int64(7), content.Size)
		assert.Equal(t, http.StatusOK, resp.StatusCode)
		data, err := io.ReadAll(content)
		require.NoError(t, err)
		assert.Equal(t, "picture", string(data))
		require.NoError(t, content.Close())
	}
}

// TestContentCancelled reads on after the call has returned, over both versions of HTTP.
func TestContentCancelled(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "image/jpeg")
			_, _ = io.WriteString(w, "picture")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}))
		server.EnableHTTP2 = http2
		server.StartTLS()
		t.Cleanup(server.Close)
		client := newClient(t, server.URL, cvat.WithHTTPClient(server.Client()))

		cause := errors.New("the user has left")
		ctx, cancel := context.WithCancelCause(t.Context())
		content, _, err := client.Tasks.Frame(ctx, 7, 0, nil)
		require.NoError(t, err)
		_, err = io.ReadFull(content, make([]byte, len("picture")))
		require.NoError(t, err)
		cancel(cause)
		_, err = io.ReadAll(content)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, cause)
		require.NoError(t, content.Close())
	}
}

func TestDo(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusAccepted, `{"id":8}`))
	client := server.client(t, cvat.WithOrganization("team"))
	op := cvat.Operation{ID: "things_do", Method: http.MethodPost, Path: "/api/things/{id}/parts/{key}"}

	var out thing
	type args struct {
		Name  string `url:"name"`
		Empty string `url:"empty,omitempty"`
	}
	resp, err := client.Do(t.Context(), op, cvat.Args{Path: []any{int64(7), "a/b"}, Query: args{Name: "x y"}}, map[string]int{"n": 1}, &out)
	require.NoError(t, err)
	assert.Equal(t, http.StatusAccepted, resp.StatusCode)
	assert.Equal(t, int64(8), out.ID)
	r := server.only(t)
	assert.Equal(t, "/base/api/things/7/parts/a%2Fb?name=x+y&org=team", r.RequestURI)
	assert.JSONEq(t, `{"n":1}`, string(r.Body))

	query := url.Values{"name": {"z"}}
	var bytes bytes.Buffer
	_, err = client.Do(t.Context(), op, cvat.Args{Path: []any{7, "k"}, Query: query}, nil, &bytes)
	require.NoError(t, err)
	assert.Equal(t, `{"id":8}`, bytes.String())
	assert.Equal(t, url.Values{"name": {"z"}}, query, "the caller's query is not changed")
	assert.Equal(t, "name=z&org=team", server.arrived()[1].URL.RawQuery)

	_, err = client.Do(t.Context(), op, cvat.Args{Path: []any{7, "k"}}, nil, nil)
	require.NoError(t, err, "nil drops the answer")

	refused := new(cvat.ArgumentError)
	_, err = client.Do(t.Context(), op, cvat.Args{Path: []any{7, "k"}, Query: 7}, nil, nil)
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "Args.Query", refused.Field)
	_, err = client.Do(t.Context(), op, cvat.Args{Path: []any{7, "k"}}, func() {}, nil)
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "body of things_do", refused.Field)
	assert.Len(t, server.arrived(), 3)
}

func TestDoWritesErrors(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	server := servePipe(t, inTurn(replyJSON(http.StatusOK, `{}`), detail(http.StatusNotFound), breakOff(http.StatusOK, "half")))
	client := server.client(t)
	args := cvat.Args{Path: []any{7}}
	_, err := client.Do(t.Context(), opCreate, args, nil, failingWriter{full})
	require.ErrorIs(t, err, full)
	var out strings.Builder
	_, err = client.Do(t.Context(), opCreate, args, nil, &out)
	require.ErrorIs(t, err, cvat.ErrNotFound)
	assert.Empty(t, out.String(), "an error is no content")
	_, err = client.Do(t.Context(), opCreate, args, nil, &out)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Equal(t, "half", out.String())
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestLogger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := servePipe(t, inTurn(hangUp, detail(http.StatusBadGateway, "X-Request-Id", "r-1"), replyJSON(http.StatusOK, `{"count":0,"results":[]}`, "X-Request-Id", "r-2")))
		var log bytes.Buffer
		client := server.client(t, cvat.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{
			Level: slog.LevelDebug,
			ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey || a.Key == "duration" {
					return slog.Attr{}
				}
				return a
			},
		}))))
		_, _, err := client.Tasks.List(t.Context(), &cvat.TaskListOptions{Name: "query"})
		require.NoError(t, err)
		assert.Equal(t, strings.Join([]string{
			`level=DEBUG msg="cvat call" operation=tasks_list method=GET path=/api/tasks attempt=1 error=EOF`,
			`level=DEBUG msg="cvat call" operation=tasks_list method=GET path=/api/tasks attempt=2 status=502 request_id=r-1`,
			`level=DEBUG msg="cvat call" operation=tasks_list method=GET path=/api/tasks attempt=3 status=200 request_id=r-2`,
			"",
		}, "\n"), log.String())
	})
}
