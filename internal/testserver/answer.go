package testserver

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

const jsonType = "application/vnd.cvat+json"

// answer is what a handler returns: a whole response, not yet on the wire.
type answer struct {
	status      int
	header      http.Header
	contentType string
	body        []byte
	file        *download // in place of body: supports Range
	viewless    bool      // made before or after the view, by Django itself
}

// download is a file that the web server, not Django, sends.
type download struct {
	content  []byte
	modified time.Time
}

func newAnswer(status int, contentType string, body []byte) *answer {
	return &answer{status: status, header: http.Header{}, contentType: contentType, body: body}
}

// reply answers with a JSON value.
func reply(status int, v any) *answer {
	b, err := encode(v)
	if err != nil {
		panic(err) // a value that cannot be written is a bug of this package
	}
	return newAnswer(status, jsonType, b)
}

func (a *answer) with(name, value string) *answer {
	a.header.Set(name, value)
	return a
}

// withFile makes the body one that the web server sends from a file.
func (a *answer) withFile(content []byte, modified time.Time) *answer {
	a.file = &download{content, modified}
	return a
}

func ok(v any) *answer { return reply(http.StatusOK, v) }

// empty answers without a body, and so without a content type.
func empty(status int) *answer { return newAnswer(status, "", nil) }

// detail refuses with the object that most refusals have.
func detail(status int, text string) *answer {
	return reply(status, object{{"detail", text}})
}

// invalid refuses with a bare list of texts.
func invalid(texts ...string) *answer { return reply(http.StatusBadRequest, texts) }

// invalidField refuses one field.
func invalidField(name string, texts ...string) *answer {
	return reply(http.StatusBadRequest, object{{name, texts}})
}

// bare answers with a JSON string.
func bare(status int, text string) *answer { return reply(status, text) }

// plain answers with text that calls itself HTML, as views below the REST framework do.
func plain(status int, text string) *answer {
	return newAnswer(status, "text/html; charset=utf-8", []byte(text))
}

func forbidden() *answer {
	return detail(http.StatusForbidden, "You do not have permission to perform this action.")
}

// page answers with a page of Django's own.
func (d Dialect) page(status int, title, text string) *answer {
	body := fmt.Sprintf("\n<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>%[1]s</title>\n</head>\n"+
		"<body>\n  <h1>%[2]s</h1><p>%[3]s</p>\n</body>\n</html>\n", title, strings.TrimSpace(title), text)
	a := newAnswer(status, d.htmlType(), []byte(body))
	a.viewless = true
	return a
}

func (d Dialect) noPage() *answer {
	return d.page(http.StatusNotFound, "Not Found", "The requested resource was not found on this server.")
}

func (d Dialect) crash() *answer {
	return d.page(http.StatusInternalServerError, "Server Error (500)", "")
}

func (d Dialect) badRequest() *answer {
	return d.page(http.StatusBadRequest, "Bad Request (400)", "")
}

// missing refuses an id that does not exist; model is Django's name of the resource.
func (d Dialect) missing(model string) *answer {
	if d == V2_3 {
		return detail(http.StatusNotFound, "Not found.")
	}
	return detail(http.StatusNotFound, "No "+model+" matches the given query.")
}
