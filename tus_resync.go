package cvat

import (
	"cmp"
	"context"
	"errors"
	"net/http"
)

// failed judges a chunk that was not taken, or of which that is not known, and gets the upload into a state to go on from.
// It returns the error if there is none.
func (u *tusFile) failed(ctx context.Context, end int64, resp *Response, cause error) error {
	if broken, ok := errors.AsType[*sourceError](cause); ok {
		return cannotRead(u.file, broken.err)
	}
	if ctx.Err() != nil {
		return cause
	}
	status := statusOf(cause)
	if resp.uncertain {
		u.unsure(end)
	}
	if status == http.StatusNotFound || status == http.StatusInternalServerError {
		u.whole = u.whole || end == u.file.size // it may have failed after it was complete
	}
	smaller, nowhere := u.chunks.failed(), false
	switch {
	case status == http.StatusConflict && resp.uncertain && end < u.file.size && len(u.elsewhere) == 1:
		u.stands(end) // an attempt before had been taken
		return nil
	case status == http.StatusConflict && len(u.elsewhere) > 0:
		u.offset, u.elsewhere = u.elsewhere[0], u.elsewhere[1:]
	case status == http.StatusConflict:
		nowhere = true
	case status == http.StatusRequestEntityTooLarge && !smaller, !u.curable(status, cause):
		return cause
	}
	if err := u.spend(ctx, cause); err != nil {
		return err
	}
	return u.resync(ctx, cause, nowhere)
}

// curable reports whether an upload can go on after a failure. A chunk that is refused for what the caller may or sends
// would be refused again.
func (u *tusFile) curable(status int, cause error) bool {
	switch status {
	case http.StatusNotFound, http.StatusInternalServerError, http.StatusRequestEntityTooLarge:
		return true
	}
	return passing(cause)
}

// spend waits before the next try, if one is left.
func (u *tusFile) spend(ctx context.Context, cause error) error {
	if u.left <= 0 {
		return cause
	}
	u.left--
	policy := u.client.config.retry
	if err := pause(ctx, backoff(policy.MinWait, policy.MaxWait, u.tries-u.left-1, nil)); err != nil {
		return errors.Join(err, cause)
	}
	return nil
}

// resync finds out where the server stands: by asking, where that is answered, or else from what failed. The cause is nil
// if another process had begun; nowhere says that the server denied to stand anywhere it can.
func (u *tusFile) resync(ctx context.Context, cause error, nowhere bool) error {
	status := statusOf(cause)
	offset, err := u.look(ctx, u.id)
	switch {
	case err == nil && offset < u.file.size:
		u.stands(offset)
		return nil
	case err == nil:
		return u.again(ctx, cause) // it is complete, or not this one
	case ctx.Err() != nil:
		return err
	}
	switch looked := statusOf(err); {
	case looked == http.StatusNotFound:
		return u.again(ctx, errors.Join(cause, err))
	case looked == http.StatusMethodNotAllowed || looked == http.StatusInternalServerError || passing(err):
	default:
		return err
	}
	// The server does not say. That it does not know the upload it says by 404 or, like 2.3, by 500.
	switch {
	case status == http.StatusNotFound, status == http.StatusInternalServerError:
		return u.again(ctx, cause)
	case u.offset == u.file.size:
		return u.again(ctx, cause)
	case nowhere:
		return cause
	}
	return nil
}

// again is for an upload that the server no longer knows: the file is complete, or starts over.
func (u *tusFile) again(ctx context.Context, cause error) error {
	if u.whole && !u.frames {
		u.stands(u.file.size) // the call that uses the file will tell
		return nil
	}
	harmless, err := u.harmless(ctx)
	switch {
	case err != nil:
		return errors.Join(err, cause)
	case !harmless && u.whole:
		return u.probe(ctx, cause)
	case !harmless:
		return &abandonedError{cause}
	}
	u.offset, u.elsewhere = 0, nil
	if err := u.announce(ctx); err != nil {
		return u.complete(err, cause)
	}
	u.moved(0)
	return nil
}

// probe announces a file again that is to be refused, since it is complete. If it is not, the server has lost an upload of
// which it may keep parts. The id is never noted: another process has to give up as well.
func (u *tusFile) probe(ctx context.Context, cause error) error {
	u.record.beginning()
	_, _, err := u.begin(ctx, u.file)
	if err == nil || errors.Is(err, ErrOutcomeUnknown) {
		return &abandonedError{cmp.Or(err, cause)}
	}
	return u.complete(err, cause)
}

// complete judges an announcement that was refused: of a file of which every byte has been sent, that it exists is good.
func (u *tusFile) complete(refusal, cause error) error {
	if !u.whole || statusOf(refusal) != http.StatusConflict {
		return errors.Join(refusal, cause)
	}
	u.stands(u.file.size)
	return nil
}

// announce begins the upload. If the answer is lost, it begins another, unless what was given up would do harm.
func (u *tusFile) announce(ctx context.Context) (err error) {
	for {
		u.record.beginning()
		u.id, u.name, err = u.begin(ctx, u.file)
		if err == nil {
			u.record.begun(u.id, u.name)
			return nil
		}
		if !errors.Is(err, ErrOutcomeUnknown) || ctx.Err() != nil || u.tries == 0 {
			return err
		}
		harmless, unknown := u.harmless(ctx)
		if unknown != nil {
			return errors.Join(err, unknown)
		}
		if !harmless {
			return &abandonedError{err}
		}
		if err := u.spend(ctx, err); err != nil {
			return err
		}
	}
}

// harmless reports whether the server leaves alone what was given up.
func (u *tusFile) harmless(ctx context.Context) (bool, error) {
	if !u.frames {
		return true, nil
	}
	return u.client.has(ctx, uploadsByName)
}

// abandonedError is an upload of which the server keeps, and would take for a picture, a part that nobody can reach any
// more.
type abandonedError struct{ err error }

func (e *abandonedError) Error() string {
	text := "cvat: the server may keep a part of the file under another name, and would take it for a picture"
	if e.err != nil {
		text += ": " + e.err.Error()
	}
	return text
}

func (e *abandonedError) Unwrap() error { return e.err }

// statusOf returns the status of the answer that an error reports; 0: none.
func statusOf(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.StatusCode
	}
	return 0
}
