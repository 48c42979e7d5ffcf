package cvat

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Sentinels to test an error against with [errors.Is]. None of them is ever returned as it is: the error that matches
// carries the details.
var (
	// ErrInvalid matches a 400: the server refused the arguments; see [Error].Fields.
	ErrInvalid = errors.New("cvat: invalid request")
	// ErrUnauthorized matches a 401, and the 400 by which CVAT answers a wrong password.
	ErrUnauthorized = errors.New("cvat: unauthorized")
	// ErrForbidden matches a 403. Newer servers answer it, instead of 404, for objects the user may not see.
	ErrForbidden = errors.New("cvat: forbidden")
	// ErrNotFound matches a 404, and a search by name that found nothing.
	ErrNotFound = errors.New("cvat: not found")
	// ErrConflict matches a 409, and an import that another one is in the way of.
	ErrConflict = errors.New("cvat: conflict")
	// ErrTooLarge matches a 413.
	ErrTooLarge = errors.New("cvat: too large")
	// ErrRateLimited matches a 429 that outlasted the retries; see [Error].RetryAfter.
	ErrRateLimited = errors.New("cvat: rate limited")
	// ErrServer matches every 5xx.
	ErrServer = errors.New("cvat: server error")
	// ErrUnsupported matches a call that this server's version lacks, or has lost. It matches [errors.ErrUnsupported]
	// too.
	ErrUnsupported = fmt.Errorf("cvat: %w by this server", errors.ErrUnsupported)
	// ErrOutcomeUnknown matches a call or a workflow that the server may or may not have carried out, because the
	// answer was lost. Look at the server before repeating it.
	ErrOutcomeUnknown = errors.New("cvat: the server may or may not have carried it out")
	// ErrPageLoop matches a walk through a list in which the server sent the same page again.
	ErrPageLoop = errors.New("cvat: the list repeats a page")
	// ErrNotUnique matches a search by name that found several objects.
	ErrNotUnique = errors.New("cvat: not unique")
)

// Bounds of what an error keeps of an answer, and of what it shows.
const (
	maxErrorBody   = 64 << 10
	maxErrorDetail = 300
)

// Error is an answer of the server that the call cannot use: every status outside what the call expects (4xx and 5xx,
// but also a 202 or an HTML page where data was due) and answers that cannot be read. Its text shows the operation,
// the status, the beginning of the detail and the request id, and never a credential, a query string, a header or a
// whole body; %+v and slog show no more.
type Error struct {
	// Operation is what was called.
	Operation Operation
	// StatusCode is the HTTP status.
	StatusCode int
	// Detail is the server's own message, in one piece, whatever shape it came in.
	Detail string
	// Fields holds the messages by field of the request when the server gave them so. Nested fields are joined as in
	// "labels[0].name"; "non_field_errors" holds what concerns the whole.
	Fields map[string][]string
	// Hint is this library's advice, where it has one.
	Hint string
	// RequestID is the server's X-Request-Id (since 2.4), for its administrator.
	RequestID string
	// RetryAfter is how long the server asks to wait; 0 if it does not say.
	RetryAfter time.Duration
	// Attempts is how many times the call was sent.
	Attempts int
	// Body is the beginning of the answer's body, at most 64 KiB.
	Body []byte

	cause error // what made the answer unreadable
	match error // a sentinel that the status alone does not tell
}

// Error describes the answer in one line that is safe to log.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cvat: %s (%s): %d", e.Operation.ID, e.Operation, e.StatusCode)
	if text := http.StatusText(e.StatusCode); text != "" {
		b.WriteString(" " + text)
	}
	if e.Detail != "" {
		b.WriteString(": " + excerpt(e.Detail))
	}
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	if e.RequestID != "" {
		b.WriteString(" [request " + e.RequestID + "]")
	}
	return b.String()
}

// Format prints the same text for every verb, so that no verb shows the body.
func (e *Error) Format(f fmt.State, verb rune) {
	if verb == 'q' {
		_, _ = fmt.Fprintf(f, "%q", e.Error())
		return
	}
	_, _ = io.WriteString(f, e.Error())
}

// LogValue implements [slog.LogValuer].
func (e *Error) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("operation", e.Operation.ID),
		slog.Int("status", e.StatusCode),
		slog.String("detail", excerpt(e.Detail)),
		slog.String("request_id", e.RequestID),
		slog.Int("attempts", e.Attempts))
}

// Unwrap returns what made the answer unreadable, if that was the problem.
func (e *Error) Unwrap() error { return e.cause }

// Is matches the sentinels of this package.
func (e *Error) Is(target error) bool {
	if e.match != nil && target == e.match {
		return true
	}
	switch target {
	case ErrInvalid:
		return e.StatusCode == http.StatusBadRequest
	case ErrUnauthorized:
		return e.StatusCode == http.StatusUnauthorized
	case ErrForbidden:
		return e.StatusCode == http.StatusForbidden
	case ErrNotFound:
		return e.StatusCode == http.StatusNotFound
	case ErrConflict:
		return e.StatusCode == http.StatusConflict
	case ErrTooLarge:
		return e.StatusCode == http.StatusRequestEntityTooLarge
	case ErrRateLimited:
		return e.StatusCode == http.StatusTooManyRequests
	case ErrServer:
		return e.StatusCode >= http.StatusInternalServerError
	}
	return false
}

// ArgumentError is a call that was refused before anything was sent.
type ArgumentError struct {
	// Field names the argument, field or file.
	Field string
	// Reason says what is wrong with it and what to do.
	Reason string
	// Err is the cause, where there is one (a file that cannot be opened).
	Err error
}

// Error implements error.
func (e *ArgumentError) Error() string {
	if e.Err != nil {
		return "cvat: " + e.Field + " " + e.Reason + ": " + e.Err.Error()
	}
	return "cvat: " + e.Field + " " + e.Reason
}

// Unwrap returns the cause.
func (e *ArgumentError) Unwrap() error { return e.Err }

// BackgroundError is background work of the server (processing of uploaded data, an export) that failed.
type BackgroundError struct {
	// Work says what failed, such as "data of task 7".
	Work string
	// RequestID is the id of the background request, where the server has them (since 2.16).
	RequestID string
	// Message is what the server says of it: often the last line of a Python traceback, sometimes all of it.
	Message string
}

// Error implements error.
func (e *BackgroundError) Error() string {
	message := e.Message
	if len(message) > maxErrorDetail {
		// A traceback says what happened in its last line.
		message = strings.TrimSpace(message)
		message = message[strings.LastIndexByte(message, '\n')+1:]
	}
	return "cvat: " + e.Work + ": the server's background work failed: " + excerpt(message)
}

// unsupported reports an operation the server's version lacks. Err is the answer that told, nil if the version did.
type unsupportedError struct {
	what   string // a part of the operation; "": all of it
	op     Operation
	server string // version, "" if not known
	err    error
}

func (e *unsupportedError) Error() string {
	var b strings.Builder
	what := e.what
	if what == "" {
		what = fmt.Sprintf("%s (%s)", e.op.ID, e.op)
	}
	b.WriteString("cvat: " + what + " is not supported by this server")
	if e.server != "" {
		b.WriteString(", version " + e.server)
	}
	switch {
	case e.op.Since != "" && e.op.Until != "":
		fmt.Fprintf(&b, ": it needs CVAT %s to %s", e.op.Since, e.op.Until)
	case e.op.Since != "":
		b.WriteString(": it needs CVAT " + e.op.Since + " or later")
	case e.op.Until != "":
		b.WriteString(": CVAT " + e.op.Until + " was the last release with it")
	}
	if e.err != nil {
		b.WriteString(": " + e.err.Error())
	}
	return b.String()
}

func (e *unsupportedError) Is(target error) bool {
	return target == ErrUnsupported || target == errors.ErrUnsupported
}

func (e *unsupportedError) Unwrap() error { return e.err }

// callError is a call that got no usable answer: what happened, and everything it matches.
type callError struct {
	text string
	errs []error
}

func (e *callError) Error() string   { return e.text }
func (e *callError) Unwrap() []error { return e.errs }

// excerpt makes one line of bounded length of what a server says.
func excerpt(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r // U+FFFD for what is no UTF-8
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= maxErrorDetail {
		return s
	}
	end := maxErrorDetail
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
