package cvat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// describe fills an Error's Detail and Fields from a body. CVAT answers errors in seven shapes: an object with
// "detail" (or "message"), a map from fields to messages, nested to any depth, a list, a bare JSON string, plain text
// (often labelled text/html), an HTML page, and nothing at all.
func (e *Error) describe(header http.Header, body []byte) {
	e.Body = body
	text := strings.TrimSpace(string(body))
	var value any
	switch {
	case text == "":
		return
	case json.Unmarshal(body, &value) == nil:
		e.describeJSON(value)
	case isHTML(header, body):
		e.Detail = "an HTML page"
		if title := htmlTitle(text); title != "" {
			e.Detail += " titled " + quote(title)
		}
	default:
		e.Detail = text
	}
}

func (e *Error) describeJSON(value any) {
	if object, ok := value.(map[string]any); ok && len(object) == 1 {
		for _, key := range []string{"detail", "message"} {
			if s, ok := object[key].(string); ok {
				e.Detail = s
				return
			}
		}
	}
	messages := map[string][]string{}
	collectFields(messages, "", value)
	var lines []string
	for _, field := range slices.Sorted(maps.Keys(messages)) {
		switch field {
		case "": // of no field: a list or a bare value
			lines = append(lines, messages[field]...)
		case nonFieldErrors:
			lines = append(lines, strings.Join(messages[field], " "))
		default:
			lines = append(lines, field+": "+strings.Join(messages[field], " "))
		}
	}
	e.Detail = strings.TrimSpace(strings.Join(lines, "; "))
	if delete(messages, ""); len(messages) > 0 {
		e.Fields = messages
	}
}

const nonFieldErrors = "non_field_errors"

// collectFields flattens nested maps and lists of messages into paths such as "labels[0].name".
func collectFields(into map[string][]string, path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, item := range v {
			if path != "" {
				key = path + "." + key
			}
			collectFields(into, key, item)
		}
	case []any:
		for i, item := range v {
			if nested, ok := item.(map[string]any); ok {
				collectFields(into, fmt.Sprintf("%s[%d]", path, i), nested)
				continue
			}
			collectFields(into, path, item)
		}
	case nil:
	default:
		into[path] = append(into[path], fmt.Sprint(v))
	}
}

// isHTML tells a page from plain text: CVAT labels plain text as text/html, so the label alone does not decide.
func isHTML(header http.Header, body []byte) bool {
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err == nil && media != "text/html" {
		return false
	}
	start := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 512)]))
	return bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html")) ||
		bytes.HasPrefix(start, []byte("<head")) || bytes.HasPrefix(start, []byte("<h1"))
}

var titleElement = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

func htmlTitle(page string) string {
	match := titleElement.FindStringSubmatch(page)
	if match == nil {
		return ""
	}
	return strings.Join(strings.Fields(html.UnescapeString(match[1])), " ")
}

func quote(s string) string { return `"` + s + `"` }
