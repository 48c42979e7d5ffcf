package cvat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// failure describes a call that got no whole answer: it matches the cause of a cancellation, the last answer seen, and
// ErrOutcomeUnknown where the server may have acted.
func (x *exchange) failure(ctx context.Context, err error) error {
	if refused, ok := errors.AsType[*ArgumentError](err); ok {
		if _, broken := errors.AsType[*sourceError](err); broken {
			return refused
		}
		return err
	}
	if cut, ok := errors.AsType[*cutError](err); ok && ctx.Err() == nil {
		e := &Error{
			Operation: x.op, StatusCode: cut.resp.StatusCode, Detail: cut.Error(), Attempts: x.attempts,
			RequestID: cut.resp.Header.Get("X-Request-Id"), cause: cut.err,
		}
		return x.withOutcome(e, true)
	}
	failed := &callError{}
	what := withoutURL(err)
	if ctx.Err() != nil {
		cause := context.Cause(ctx)
		failed.errs = append(failed.errs, ctx.Err(), cause)
		what = cause
	}
	failed.errs = append(failed.errs, what)
	failed.text = fmt.Sprintf("cvat: %s (%s): %v", x.op.ID, x.op, what)
	if x.attempts > 1 {
		failed.text += fmt.Sprintf(" (attempt %d)", x.attempts)
	}
	if x.last != nil {
		failed.errs = append(failed.errs, x.last)
		failed.text += "; before that: " + x.last.Error()
	}
	return x.withOutcome(failed, x.uncertain)
}

// withOutcome marks the error of a call that must not be repeated and that the server may have carried out.
func (x *exchange) withOutcome(err error, uncertain bool) error {
	if x.op.Replay == Repeatable || !uncertain {
		return err
	}
	return &callError{
		text: err.Error() + "; the server may or may not have carried it out",
		errs: []error{err, ErrOutcomeUnknown},
	}
}

// advise adds a hint to an error where the mistake is likely known.
func (c *Client) advise(e *Error, resp *http.Response) {
	switch {
	case e.StatusCode == http.StatusUnauthorized:
		e.Hint = c.config.credentials.hint()
	case e.StatusCode >= 300 && e.StatusCode < 400:
		target, err := resp.Location()
		if err != nil {
			return
		}
		e.Detail = "redirected to " + target.Scheme + "://" + target.Host + target.Path
		if sameOrigin(target, c.config.base) {
			return
		}
		e.Hint = "redirects to another origin are not followed: if that is the server, use it as base URL"
	case e.StatusCode == http.StatusNotFound && isHTML(resp.Header, e.Body):
		e.Hint = "the server knows no such path: is the base URL its root?"
	}
}
