package cvat_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
)

// recordedAnswer is an answer of a real server, from what the tests of the fake one replay.
type recordedAnswer struct {
	Seq    int  `json:"seq"`
	Setup  bool `json:"setup"`
	Answer struct {
		Status int               `json:"status"`
		Header map[string]string `json:"header"`
		Body   string            `json:"body"`
	} `json:"answer"`
}

func recordedErrors(t *testing.T, server string) map[int]recordedAnswer {
	t.Helper()
	file, err := os.Open(filepath.Join("internal", "testserver", "testdata", "recordings-"+server+".jsonl"))
	require.NoError(t, err)
	defer file.Close()
	all := map[int]recordedAnswer{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r recordedAnswer
		require.NoError(t, json.Unmarshal(lines.Bytes(), &r))
		if !r.Setup && r.Answer.Status >= http.StatusBadRequest {
			all[r.Seq] = r
		}
	}
	require.NoError(t, lines.Err())
	return all
}

// TestRecordedErrors lets a server send every error that was recorded, and looks for what the server said in the error
// that a call returns: all texts of a JSON answer, the title of a page, plain text as it is.
func TestRecordedErrors(t *testing.T) {
	t.Parallel()
	get := cvat.Operation{ID: "recorded", Method: http.MethodGet, Path: "/api/recorded/{seq}"}
	for _, server := range []string{"2.3", "2.73"} {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			recorded := recordedErrors(t, server)
			require.Greater(t, len(recorded), 100)
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				seq, err := strconv.Atoi(filepath.Base(r.URL.Path))
				assert.NoError(t, err)
				answer := recorded[seq].Answer
				for name, value := range answer.Header {
					if name != "Content-Length" { // of the whole; long bodies are kept in part
						w.Header().Set(name, value)
					}
				}
				w.WriteHeader(answer.Status)
				var body io.Writer = w
				if answer.Header["Content-Encoding"] == "gzip" { // recorded as it was before
					compressed := gzip.NewWriter(w)
					defer compressed.Close()
					body = compressed
				}
				_, _ = io.WriteString(body, answer.Body)
			}))
			t.Cleanup(srv.Close)
			client := newClient(t, srv.URL, cvat.WithToken("secret"))
			for seq, r := range recorded {
				_, err := client.Do(t.Context(), get, cvat.Args{Path: []any{seq}}, nil, nil, cvat.WithoutRetry())
				e, ok := errors.AsType[*cvat.Error](err)
				if !assert.Truef(t, ok, "#%d: %v", seq, err) {
					continue
				}
				assert.Equal(t, r.Answer.Status, e.StatusCode)
				assert.NotContainsf(t, e.Detail, "</", "#%d: markup", seq)
				assert.Equalf(t, r.Answer.Header["Retry-After"] != "", e.RetryAfter > 0, "#%d", seq)
				for _, text := range saidIn(r.Answer.Body) {
					assert.Containsf(t, e.Detail, text, "#%d", seq)
				}
				for _, field := range fieldsOf(r.Answer.Body) {
					assert.Containsf(t, e.Fields, field, "#%d", seq)
				}
			}
		})
	}
}

var pageTitle = regexp.MustCompile(`(?i)<title>\s*(.*?)\s*</title>`)

// saidIn lists the texts of an error's body.
func saidIn(body string) []string {
	var value any
	if json.Unmarshal([]byte(body), &value) == nil {
		return texts(value)
	}
	if title := pageTitle.FindStringSubmatch(body); title != nil {
		return title[1:]
	}
	return []string{strings.TrimSpace(body)}
}

func texts(value any) (all []string) {
	switch v := value.(type) {
	case string:
		return []string{strings.TrimSpace(v)}
	case []any:
		for _, item := range v {
			all = append(all, texts(item)...)
		}
	case map[string]any:
		for _, item := range v {
			all = append(all, texts(item)...)
		}
	}
	return all
}

// fieldsOf lists the fields that an error's body has messages for.
func fieldsOf(body string) (fields []string) {
	var object map[string][]string
	if json.Unmarshal([]byte(body), &object) == nil {
		for field := range object {
			fields = append(fields, field)
		}
	}
	return fields
}
