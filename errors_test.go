package cvat_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// What real servers answered.
const (
	notFoundPage = "\n<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>Not Found</title>\n</head>\n<body>\n  <h1>Not Found</h1><p>The requested resource was not found on this server.</p>\n</body>\n</html>\n"
	crashPage    = "\n<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>Server Error (500)</title>\n</head>\n<body>\n  <h1>Server Error (500)</h1><p></p>\n</body>\n</html>\n"
	gone         = "This endpoint is no longer supported.\nTo initiate the export process, use POST /api/tasks/id/dataset/export?save_images=False."
	htmlUTF8     = "text/html; charset=utf-8"
)

// answered makes a call that gets an answer and returns the error.
func answered(t *testing.T, answer http.HandlerFunc) *cvat.Error {
	t.Helper()
	_, err := do(t.Context(), servePipe(t, answer).client(t), opRead, cvat.WithoutRetry())
	e, ok := errors.AsType[*cvat.Error](err)
	require.True(t, ok, "%v", err)
	return e
}

func TestErrorShapes(t *testing.T) {
	t.Parallel()
	type fields = map[string][]string
	for name, test := range map[string]struct {
		status            int
		contentType, body string
		detail            string
		fields            fields
	}{
		"detail":             {401, cvatJSON, `{"detail":"Authentication credentials were not provided."}`, "Authentication credentials were not provided.", nil},
		"message":            {502, "application/json", `{"message":"no route to upstream"}`, "no route to upstream", nil},
		"field":              {400, cvatJSON, `{"name":["This field is required."]}`, "name: This field is required.", fields{"name": {"This field is required."}}},
		"fields":             {400, cvatJSON, `{"username":["A user with that username already exists."],"email":["A user is already registered with this e-mail address."]}`, "email: A user is already registered with this e-mail address.; username: A user with that username already exists.", fields{"email": {"A user is already registered with this e-mail address."}, "username": {"A user with that username already exists."}}},
		"several of a field": {400, cvatJSON, `{"password1":["This password is too short.","This password is too common."]}`, "password1: This password is too short. This password is too common.", fields{"password1": {"This password is too short.", "This password is too common."}}},
		"message of a field": {400, cvatJSON, `{"scope":"Event scope **nope** is not allowed from client"}`, "scope: Event scope **nope** is not allowed from client", fields{"scope": {"Event scope **nope** is not allowed from client"}}},
		"nested":             {400, cvatJSON, `{"labels":[{},{"name":["This field is required."]}]}`, "labels[1].name: This field is required.", fields{"labels[1].name": {"This field is required."}}},
		"nested deeper":      {400, cvatJSON, `{"labels":[{"attributes":[{"values":["a","b"]}]}],"segment":{"size":[1,true,null]}}`, "labels[0].attributes[0].values: a b; segment.size: 1 true", fields{"labels[0].attributes[0].values": {"a", "b"}, "segment.size": {"1", "true"}}},
		"non-field":          {400, cvatJSON, `{"non_field_errors":["All label names must be unique for the task"]}`, "All label names must be unique for the task", fields{"non_field_errors": {"All label names must be unique for the task"}}},
		"detail among":       {400, cvatJSON, `{"detail":"x","code":"y"}`, "code: y; detail: x", fields{"detail": {"x"}, "code": {"y"}}},
		"detail is no text":  {400, cvatJSON, `{"detail":["x"]}`, "detail: x", fields{"detail": {"x"}}},
		"conflict":           {409, cvatJSON, `{"rq_id":"action=create&target=task&target_id=7"}`, "rq_id: action=create&target=task&target_id=7", fields{"rq_id": {"action=create&target=task&target_id=7"}}},
		"list":               {400, cvatJSON, `["Label set or project_id must be present"]`, "Label set or project_id must be present", nil},
		"longer list":        {400, cvatJSON, `["one","two"]`, "one; two", nil},
		"list of maps":       {400, cvatJSON, `[{"client_id":["This field is required."],"time":["This field is required."]}]`, "[0].client_id: This field is required.; [0].time: This field is required.", fields{"[0].client_id": {"This field is required."}, "[0].time": {"This field is required."}}},
		"list of lists":      {400, cvatJSON, `[["a"],["b"]]`, "a; b", nil},
		"bare string":        {500, cvatJSON, `"zipfile.BadZipFile: File is not a zip file\n"`, "zipfile.BadZipFile: File is not a zip file", nil},
		"number":             {500, cvatJSON, `7`, "7", nil},
		"null":               {500, cvatJSON, `null`, "", nil},
		"empty map":          {400, cvatJSON, `{}`, "", nil},
		"empty list":         {400, cvatJSON, `[]`, "", nil},
		"text as HTML":       {404, htmlUTF8, "There is no request with specified id", "There is no request with specified id", nil},
		"lines of text":      {400, htmlUTF8, "provider_type: This field is required.\nresource: This field is required.\n", "provider_type: This field is required.\nresource: This field is required.", nil},
		"text":               {502, "text/plain", "upstream connect error", "upstream connect error", nil},
		"text, no type":      {502, "", "upstream connect error", "upstream connect error", nil},
		"page":               {404, "text/html", notFoundPage, `an HTML page titled "Not Found"`, nil},
		"page of a crash":    {500, htmlUTF8, crashPage, `an HTML page titled "Server Error (500)"`, nil},
		"page, no type":      {502, "", "<html><head><title>502 Bad\n Gateway &amp; co</title></head></html>", `an HTML page titled "502 Bad Gateway & co"`, nil},
		"page, bad type":     {502, ";", "<HTML><TITLE lang=en>x</TITLE></HTML>", `an HTML page titled "x"`, nil},
		"page, no title":     {502, "text/html", "<html><body>no</body></html>", "an HTML page", nil},
		"page, empty title":  {502, "text/html", "<html><title> </title></html>", "an HTML page", nil},
		"page, only head":    {502, "text/html", "<head><title>x</title>", `an HTML page titled "x"`, nil},
		"page, only heading": {502, "text/html", "  <h1>Bad gateway</h1>", "an HTML page", nil},
		"page as text":       {502, "text/plain", "<html>", "<html>", nil},
		"empty":              {409, "", "", "", nil},
		"blank":              {409, "text/html", " \n", "", nil},
		"truncated JSON":     {400, cvatJSON, `{"name":["This`, `{"name":["This`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := answered(t, reply(test.status, test.contentType, test.body))
			assert.Equal(t, test.detail, e.Detail)
			assert.Equal(t, test.fields, e.Fields)
			assert.Equal(t, test.body, string(e.Body))
			assert.Equal(t, test.status, e.StatusCode)
			assert.NotContains(t, e.Error(), "\n", "one line")
			first, _, _ := strings.Cut(test.detail, "\n")
			assert.Contains(t, e.Error(), first)
		})
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	e := answered(t, detail(404, "X-Request-Id", "r-1"))
	require.EqualError(t, e, "cvat: things_retrieve (GET /api/things/{id}): 404 Not Found: status 404 [request r-1]")
	e = answered(t, reply(599, "", ""))
	require.EqualError(t, e, "cvat: things_retrieve (GET /api/things/{id}): 599")
	e = answered(t, detail(401))
	require.EqualError(t, e, "cvat: things_retrieve (GET /api/things/{id}): 401 Unauthorized: status 401 (the client has no credentials: use WithAccessToken, WithToken or WithBasicAuth)")
	e = answered(t, reply(410, htmlUTF8, gone))
	require.EqualError(t, e, "cvat: things_retrieve (GET /api/things/{id}): 410 Gone: This endpoint is no longer supported. To initiate the export process, use POST /api/tasks/id/dataset/export?save_images=False.")
	e = answered(t, reply(404, "text/html", notFoundPage))
	require.ErrorContains(t, e, "(the server knows no such path: is the base URL its root?)")
	e = answered(t, detail(429, "Retry-After", "9"))
	assert.Equal(t, 9*time.Second, e.RetryAfter)
}

func TestErrorIsBounded(t *testing.T) {
	t.Parallel()
	for name, letter := range map[string]string{"ASCII": "x", "two bytes": "é", "four bytes": "🚗", "line breaks": "\n.", "no UTF-8": "\xff\xfe"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := answered(t, reply(500, "text/plain", "a"+strings.Repeat(letter, 100_000)))
			assert.Len(t, e.Body, 64<<10)
			text := e.Error()
			prefix := "cvat: things_retrieve (GET /api/things/{id}): 500 Internal Server Error: "
			assert.LessOrEqual(t, len(text), len(prefix)+300+len("…"))
			assert.GreaterOrEqual(t, len(text), len(prefix)+290)
			assert.True(t, strings.HasSuffix(text, "…"))
			assert.True(t, utf8.ValidString(text))
			assert.NotContains(t, text, "\n")

			var log bytes.Buffer
			slog.New(slog.NewJSONHandler(&log, nil)).Error("x", "err", e)
			assert.Less(t, log.Len(), 3000)
		})
	}
	exact := answered(t, reply(500, "text/plain", strings.Repeat("x", 300)))
	assert.True(t, strings.HasSuffix(exact.Error(), "Error: "+strings.Repeat("x", 300)), "nothing is cut that fits")
}

func TestSentinels(t *testing.T) {
	t.Parallel()
	all := map[string]error{
		"invalid": cvat.ErrInvalid, "unauthorized": cvat.ErrUnauthorized, "forbidden": cvat.ErrForbidden, "not found": cvat.ErrNotFound,
		"conflict": cvat.ErrConflict, "too large": cvat.ErrTooLarge, "rate limited": cvat.ErrRateLimited, "server": cvat.ErrServer,
		"unsupported": cvat.ErrUnsupported, "std unsupported": errors.ErrUnsupported, "outcome": cvat.ErrOutcomeUnknown,
		"page loop": cvat.ErrPageLoop, "not unique": cvat.ErrNotUnique, "nil": nil, "EOF": io.EOF,
	}
	for status, want := range map[int][]string{
		302: nil, 400: {"invalid"}, 401: {"unauthorized"}, 402: nil, 403: {"forbidden"}, 404: {"not found"}, 405: nil, 406: nil,
		408: nil, 409: {"conflict"}, 410: nil, 411: nil, 413: {"too large"}, 415: nil, 418: nil, 429: {"rate limited"}, 499: nil,
		500: {"server"}, 501: {"server"}, 502: {"server"}, 503: {"server"}, 504: {"server"}, 599: {"server"},
	} {
		e := answered(t, detail(status))
		var got []string
		for name, sentinel := range all {
			if errors.Is(e, sentinel) {
				got = append(got, name)
			}
		}
		slices.Sort(got)
		assert.Equal(t, want, got, "%d", status)
	}
	assert.ErrorIs(t, cvat.ErrUnsupported, errors.ErrUnsupported)
}

func TestErrorFormats(t *testing.T) {
	t.Parallel()
	const secret = "a detail so long that it is cut before this: "
	e := answered(t, replyJSON(400, `{"name":["`+strings.Repeat("x", 400)+secret+`"]}`))
	text := e.Error()
	for verb, want := range map[string]string{
		"%v": text, "%+v": text, "%#v": text, "%s": text, "%d": text, "%x": text, "%10.3v": text, "%q": fmt.Sprintf("%q", text),
	} {
		assert.Equal(t, want, fmt.Sprintf(verb, e), verb)
	}
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		for _, wrapped := range []any{fmt.Errorf("loading: %w", e), errors.Join(e, io.EOF), struct{ Err error }{e}, []error{e}} {
			shown := fmt.Sprintf(verb, wrapped)
			assert.NotContains(t, shown, secret, "%s of %T", verb, wrapped)
			assert.NotContains(t, shown, `["`, "no body")
		}
	}
}

func TestErrorLogValue(t *testing.T) {
	t.Parallel()
	e := answered(t, replyJSON(400, `{"name":["`+strings.Repeat("x", 400)+`hidden"]}`, "X-Request-Id", "r-1"))
	for _, value := range []any{e, error(e)} {
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Error("failed", "err", value)
		var record struct {
			Err map[string]any `json:"err"`
		}
		require.NoError(t, json.Unmarshal(log.Bytes(), &record))
		assert.Equal(t, map[string]any{
			"operation": "things_retrieve", "status": 400.0, "detail": "name: " + strings.Repeat("x", 294) + "…", "request_id": "r-1", "attempts": 1.0,
		}, record.Err)
	}
}

func TestOtherErrorTexts(t *testing.T) {
	t.Parallel()
	cause := errors.New("it burnt")
	argument := &cvat.ArgumentError{Field: "file", Reason: "cannot be read", Err: cause}
	require.EqualError(t, argument, "cvat: file cannot be read: it burnt")
	require.ErrorIs(t, argument, cause)
	require.EqualError(t, &cvat.ArgumentError{Field: "id", Reason: "is 0"}, "cvat: id is 0")

	const prefix = "cvat: data of task 7: the server's background work failed: "
	for message, want := range map[string]string{
		"ValueError: No media data found":   "ValueError: No media data found",
		"Traceback:\n  File x\nIt failed\n": "Traceback: File x It failed",
		"Traceback:\n" + strings.Repeat("  File x\n", 100) + "ValueError: No media data found\n": "ValueError: No media data found",
		strings.Repeat("x", 301): strings.Repeat("x", 300) + "…",
	} {
		require.EqualError(t, &cvat.BackgroundError{Work: "data of task 7", Message: message}, prefix+want)
	}
}

// opNew came with a release.
var opNew = cvat.Operation{ID: "things_new", Method: http.MethodGet, Path: "/api/new", Since: "2.16.0", Replay: cvat.Repeatable}

func TestUnsupportedByAnswer(t *testing.T) {
	t.Parallel()
	opOld := cvat.Operation{ID: "things_old", Method: http.MethodGet, Path: "/api/old", Until: "2.15", Replay: cvat.Repeatable}
	opBoth := cvat.Operation{ID: "things_both", Method: http.MethodPost, Path: "/api/both", Since: "2.4.0", Until: "2.15"}
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   bool
	}{
		"page 404":   {reply(404, "text/html", notFoundPage), true},
		"405":        {replyJSON(405, `{"detail":"Method \"POST\" not allowed."}`), true},
		"empty 405":  {reply(405, "", ""), true},
		"410":        {reply(410, htmlUTF8, gone), true},
		"JSON 404":   {replyJSON(404, `{"detail":"Not found."}`), false},
		"text 404":   {reply(404, htmlUTF8, "There is no request with specified id"), false},
		"page 500":   {reply(500, "text/html", crashPage), false},
		"403":        {detail(403), false},
		"page 200":   {reply(200, "text/html", notFoundPage), false},
		"empty body": {reply(404, "", ""), false},
	} {
		for op, hint := range map[cvat.Operation]string{
			opNew: "it needs CVAT 2.16.0 or later", opOld: "CVAT 2.15 was the last release with it", opBoth: "it needs CVAT 2.4.0 to 2.15", opRead: "",
		} {
			t.Run(name+"/"+op.ID, func(t *testing.T) {
				t.Parallel()
				args := cvat.Args{}
				if op == opRead {
					args.Path = []any{7}
				}
				_, err := servePipe(t, test.answer).client(t).Do(t.Context(), op, args, nil, new(thing))
				require.Error(t, err)
				want := test.want && op != opRead
				assert.Equal(t, want, errors.Is(err, cvat.ErrUnsupported), "%v", err)
				assert.Equal(t, want, errors.Is(err, errors.ErrUnsupported))
				e, ok := errors.AsType[*cvat.Error](err)
				require.True(t, ok, "the answer stays part of the error")
				if want {
					require.ErrorContains(t, err, "cvat: "+op.ID+" ("+op.String()+") is not supported by this server: "+hint+": cvat: ")
					require.ErrorContains(t, err, e.Error())
				}
			})
		}
	}
}

func TestUnsupportedByVersion(t *testing.T) {
	t.Parallel()
	since := func(s string) cvat.Operation {
		return cvat.Operation{ID: "x", Method: http.MethodGet, Path: "/api/x", Since: s, Replay: cvat.Repeatable}
	}
	until := func(s string) cvat.Operation {
		return cvat.Operation{ID: "x", Method: http.MethodGet, Path: "/api/x", Until: s, Replay: cvat.Repeatable}
	}
	for _, test := range []struct {
		version string
		op      cvat.Operation
		refused bool
	}{
		{"2.3", since("2.4.0"), true},
		{"2.3", since("2.3.0"), false},
		{"2.3", since("2.3.1"), true},
		{"2.3.dev20220915165419", since("2.4.0"), true},
		{"2.3.dev20220915165419", since("2.3.0"), false},
		{"2.3a1", since("2.3.0"), false},
		{"2.4.6", since("2.4.7"), true},
		{"2.4.7", since("2.4.7"), false},
		{"2.4.7-rc1", since("2.4.7"), false},
		{"2.10.0", since("2.9.0"), false},
		{"2.9.0", since("2.10.0"), true},
		{"3.0.0", since("2.73.0"), false},
		{"1.7.0", since("2.2.0"), true},
		{"2", since("2.0.0"), false},
		{"2.73.1", until("2.15"), true},
		{"2.15.0", until("2.15"), false},
		{"2.15.9", until("2.15"), false},
		{"2.3", until("2.3.0"), false},
		{"2.3.1", until("2.3.0"), false},
		{"2.4.0", until("2.3.0"), true},
		{"3.0", until("2.15"), true},
		{"develop", since("2.99.0"), false},
		{"", since("2.99.0"), false},
		{"v2.3", since("2.99.0"), false},
		{"99999999999999999999.1", since("2.99.0"), false},
		{"2.3", cvat.Operation{ID: "x", Method: http.MethodGet, Path: "/api/x"}, false},
	} {
		server := servePipe(t, replyJSON(200, `{"version":"`+test.version+`"}`))
		client := server.client(t)
		_, err := client.Do(t.Context(), test.op, cvat.Args{}, nil, nil)
		require.NoError(t, err, "nothing is refused, or asked, before the version is known")
		require.Len(t, server.arrived(), 1)
		_, _, err = client.Server.About(t.Context())
		require.NoError(t, err)
		resp, err := client.Do(t.Context(), test.op, cvat.Args{}, nil, nil)
		if !test.refused {
			require.NoError(t, err, "%s %+v", test.version, test.op)
			continue
		}
		require.ErrorIs(t, err, cvat.ErrUnsupported, "%s %+v", test.version, test.op)
		require.ErrorIs(t, err, errors.ErrUnsupported)
		require.ErrorContains(t, err, "not supported by this server, version "+test.version+": ")
		require.ErrorContains(t, err, "CVAT "+test.op.Since+test.op.Until)
		assert.Zero(t, resp.StatusCode)
		assert.Len(t, server.arrived(), 2, "before sending")
	}
}

func TestUnsupportedNamesTheKnownVersion(t *testing.T) {
	t.Parallel()
	server := servePipe(t, inTurn(replyJSON(200, `{"version":"2.20.0"}`), reply(410, htmlUTF8, gone)))
	client := server.client(t)
	_, _, err := client.Server.About(t.Context())
	require.NoError(t, err)
	_, err = client.Do(t.Context(), opNew, cvat.Args{}, nil, nil)
	require.ErrorIs(t, err, cvat.ErrUnsupported)
	require.ErrorContains(t, err, "version 2.20.0")
}

func TestVersionIsAskedOnceByWorkflows(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		about   http.HandlerFunc
		listed  bool // labels are a list of their own
		refused bool
	}{
		"2.3":          {replyJSON(200, `{"version":"2.3"}`), false, false},
		"2.4":          {replyJSON(200, `{"version":"2.4.0"}`), true, false},
		"2.73":         {replyJSON(200, `{"version":"2.73.1"}`), true, false},
		"a fork":       {replyJSON(200, `{"version":"our-own"}`), true, false},
		"an error":     {detail(403), false, true},
		"a lost about": {reply(200, "text/html", notFoundPage), false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			server := servePipe(t, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/base/api/server/about":
					asked++
					test.about(w, r)
				case "/base/api/labels":
					replyJSON(200, `{"count":1,"next":null,"results":[{"id":3,"name":"car"}]}`)(w, r)
				default:
					replyJSON(200, `{"id":7,"labels":[{"id":3,"name":"car"}]}`)(w, r)
				}
			})
			client := server.client(t)
			for range 2 {
				labels, err := client.Tasks.Labels(t.Context(), 7)
				if test.refused {
					require.ErrorContains(t, err, "cannot tell whether the server has")
					_, ok := errors.AsType[*cvat.Error](err)
					assert.True(t, ok)
					return
				}
				require.NoError(t, err)
				require.Len(t, labels, 1)
				assert.Equal(t, "car", labels[0].Name)
			}
			requests := server.arrived()
			assert.Equal(t, test.listed, requests[len(requests)-1].URL.Path == "/base/api/labels")
			if name != "a fork" {
				assert.Equal(t, 1, asked)
			}
		})
	}
}

func FuzzErrorBody(f *testing.F) {
	for _, body := range []string{
		`{"detail":"x"}`, `{"labels":[{"name":["required"]}]}`, `["a"]`, `"a"`, "text\n", notFoundPage, "", "null", "{", "[[[]]]", `{"":{"":[{}]}}`,
	} {
		f.Add(400, cvatJSON, []byte(body))
		f.Add(500, "text/html", []byte(body))
	}
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		if status < 400 || status > 599 || strings.ContainsFunc(contentType, unicode.IsControl) {
			t.Skip("no error, or no header")
		}
		e := answered(t, reply(status, contentType, string(body)))
		text := e.Error()
		assert.True(t, utf8.ValidString(text))
		assert.Equal(t, -1, strings.IndexFunc(text, unicode.IsControl), "%q", text)
		assert.Less(t, len(text), 600)
		assert.Equal(t, string(body[:min(len(body), 64<<10)]), string(e.Body))
		assert.Equal(t, text, fmt.Sprintf("%+v", e))
		for field, messages := range e.Fields {
			assert.NotEmpty(t, messages, field)
		}
	})
}

func FuzzVersion(f *testing.F) {
	for _, seed := range []string{"2.3", "2.3.1", "2.73.1", "2.3.dev20220915165419", "2.3a1", "", "2.", "-1.2", "٢.3", "1.2.3.4"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, version string) {
		about, err := json.Marshal(models.About{Version: version})
		require.NoError(t, err)
		server := servePipe(t, replyJSON(200, string(about)))
		client := server.client(t)
		_, _, err = client.Server.About(t.Context())
		require.NoError(t, err)
		_, errFirst := client.Do(t.Context(), cvat.Operation{ID: "x", Method: http.MethodGet, Path: "/x", Since: "0.0.0"}, cvat.Args{}, nil, nil)
		require.NoError(t, errFirst, "every server has what was always there")
		_, errOld := client.Do(t.Context(), cvat.Operation{ID: "x", Method: http.MethodGet, Path: "/x", Until: "2.3"}, cvat.Args{}, nil, nil)
		_, errNew := client.Do(t.Context(), cvat.Operation{ID: "x", Method: http.MethodGet, Path: "/x", Since: "2.4.0"}, cvat.Args{}, nil, nil)
		assert.False(t, errOld != nil && errNew != nil, "%q is either old or new", version)
		if errOld == nil && errNew == nil {
			assert.NotRegexp(t, `^\d{1,9}\.\d{1,9}(\.|$)`, version, "a version that can be read tells")
		}
	})
}
