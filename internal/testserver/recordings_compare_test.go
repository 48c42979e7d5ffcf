package testserver_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// difference is a way in which two answers differ: where, and how.
type difference struct{ what, text string }

// comparison collects the differences of two answers.
type comparison struct {
	kinds       bool // of JSON the members and the types count, and the values do not
	differences []difference
}

// compare says how an answer differs from the recorded one.
func compare(want *recordedAnswer, got *reply) []difference {
	c := &comparison{}
	if want.Status != got.status {
		c.add("status", "%d, recorded %d; %.300s", got.status, want.Status, got.body)
		return c.differences
	}
	c.headers(want, got)
	c.body(want, got)
	c.files(want, got)
	return c.differences
}

func (c *comparison) add(what, format string, args ...any) {
	c.differences = append(c.differences, difference{what, fmt.Sprintf(format, args...)})
}

// comparedHeaders are what clients look at. The value says whether the header's value counts, too.
func comparedHeaders() map[string]bool {
	return map[string]bool{
		"Allow": true, "Content-Disposition": true, "Content-Encoding": true, "Content-Range": true, "Content-Type": true,
		"Etag": false, "Last-Modified": false, "Location": true, "Retry-After": false, "Set-Cookie": false, "Tus-Extension": true,
		"Tus-Max-Size": true, "Tus-Resumable": true, "Tus-Version": true, "Upload-Filename": true, "Upload-Length": true,
		"Upload-Offset": true, "Www-Authenticate": true, "X-Checksum": false, "X-Updated-Date": false,
	}
}

// packed is the size from which servers of today compress for certain. From 200 on they do if it makes a body shorter.
const packed = 400

func (c *comparison) headers(want *recordedAnswer, got *reply) {
	small := min(want.Size, len(got.body)) < packed
	for name, literally := range comparedHeaders() {
		w, recorded := want.Header[name]
		g, answered := got.header[name]
		switch {
		case name == "Content-Encoding" && small, name == "Allow" && !recorded: // the front took it off
		case recorded != answered, answered && literally && mask(w) != mask(g[0]):
			c.add("header "+name, "%q, recorded %q", g, w)
		}
	}
}

func (c *comparison) body(want *recordedAnswer, got *reply) {
	switch {
	case (want.Size == 0) != (len(got.body) == 0):
		c.add("body", "%d bytes, recorded %d", len(got.body), want.Size)
	case want.Body == "": // it was left out
	case strings.HasSuffix(want.Header["Content-Type"], "json"):
		c.values("$", parse([]byte(want.Body)), parse(got.body))
	case mask(want.Body) != mask(string(got.body)):
		c.add("text", "%q, recorded %q", got.body, want.Body)
	}
}

// files compares pictures and archives.
func (c *comparison) files(want *recordedAnswer, got *reply) {
	if len(want.Files) == 0 {
		return
	}
	have := map[string]string{"": sum(got.body)}
	if _, whole := want.Files[""]; !whole {
		have = sumsIn(got.body)
	}
	for _, name := range slices.Sorted(maps.Keys(want.Files)) {
		if s, has := have[name]; !has || want.Files[name] != "" && want.Files[name] != s {
			c.add("file "+name, "missing or changed")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if _, has := want.Files[name]; !has {
			c.add("file "+name, "not recorded")
		}
	}
}

func sumsIn(archive []byte) map[string]string {
	sums := map[string]string{}
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return sums
	}
	for _, f := range z.File {
		if content, err := fs.ReadFile(z, f.Name); err == nil {
			sums[f.Name] = sum(content)
		}
	}
	return sums
}

// sum is the beginning of the SHA-256 of a file, which is enough to know it by.
func sum(content []byte) string { return fmt.Sprintf("%.8x", sha256.Sum256(content)) }

// parse reads JSON. What is none is a string.
func parse(text []byte) any {
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return string(text)
	}
	return v
}

func (c *comparison) values(path string, want, got any) {
	if kind(want) != kind(got) {
		c.add(path, "%s %.80v, recorded %s %.80v", kind(got), got, kind(want), want)
		return
	}
	switch w := want.(type) {
	case map[string]any:
		c.objects(path, w, got.(map[string]any))
	case []any:
		c.arrays(path, inOrder(path, w), inOrder(path, got.([]any)))
	case json.Number:
		c.numbers(path, w, got.(json.Number))
	default:
		if wv, gv := mask(fmt.Sprint(want)), mask(fmt.Sprint(got)); wv != gv && !c.kinds {
			c.add(path, "%.200q, recorded %.200q", gv, wv)
		}
	}
}

// numbers compares numbers. What the real server writes as a decimal must be one, or it could be read as an integer.
func (c *comparison) numbers(path string, want, got json.Number) {
	w, wantErr := want.Float64()
	g, gotErr := got.Float64()
	decimal := strings.Contains(want.String(), ".") && !strings.Contains(got.String(), ".")
	if decimal || wantErr != nil || gotErr != nil || w != g && !c.kinds {
		c.add(path, "%s, recorded %s", got, want)
	}
}

func (c *comparison) objects(path string, want, got map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if v, has := got[name]; has {
			c.values(path+"."+name, want[name], v)
		} else {
			c.add(path+"."+name, "missing, recorded %.80v", want[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, has := want[name]; !has {
			c.add(path+"."+name, "%.80v, not recorded", got[name])
		}
	}
}

// arrays compares elements one by one. Of long lists elements were left out that were made like others: there each
// element must be made like a recorded one.
func (c *comparison) arrays(path string, want, got []any) {
	shortened := path == "$.results" && len(want) > 0
	if len(want) != len(got) && !shortened && !c.kinds {
		c.add(path, "%d elements, recorded %d", len(got), len(want))
		return
	}
	for i, element := range got {
		switch {
		case len(want) == len(got):
			c.values(path+"[]", want[i], element)
		case len(want) > 0:
			c.differences = append(c.differences, closest(path+"[]", want, element)...)
		}
	}
}

// closest returns how an element is made otherwise than the recorded one that is most like it.
func closest(path string, want []any, got any) []difference {
	var least []difference
	for i, w := range want {
		c := &comparison{kinds: true}
		c.values(path, w, got)
		if i == 0 || len(c.differences) < len(least) {
			least = c.differences
		}
	}
	return least
}

var unordered = regexp.MustCompile(`\.(labels|sublabels|attributes|shapes|client_files)$`)

// inOrder sorts the lists that a database gives in any order.
func inOrder(path string, list []any) []any {
	if !unordered.MatchString(path) {
		return list
	}
	return slices.SortedFunc(slices.Values(list), func(a, b any) int { return strings.Compare(identity(a), identity(b)) })
}

func identity(v any) string {
	if o, ok := v.(map[string]any); ok {
		return fmt.Sprintf("%9v", o["id"])
	}
	return fmt.Sprint(v)
}

func kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "bool"
	case json.Number:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}

var (
	times = regexp.MustCompile(`\d{4}[-_]\d\d[-_]\d\d([T_ ]\d\d[:_]\d\d[:_]\d\d(\.\d+)?Z?)?|in \d+ seconds?`)

	// random is what a server makes up: UUIDs, keys of logins and of invitations, access tokens.
	random = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{40}\b|` +
		`\b[0-9A-Za-z]{64}\b|\b[0-9A-Za-z]{8}\.[0-9A-Za-z]{32}\b`)
)

// mask takes out of a text what is never the same.
func mask(text string) string {
	return random.ReplaceAllString(times.ReplaceAllString(text, "(time)"), "(random)")
}
