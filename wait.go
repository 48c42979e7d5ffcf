package cvat

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/go-cvat/cvat/models"
)

// WaitOptions say how to wait for background work. How long is the context's business: there is no other bound.
type WaitOptions struct {
	// MaxInterval is the longest pause between two looks at the server; pauses start at a fifth of a second and grow.
	// Default 10 seconds.
	MaxInterval time.Duration
	// OnStatus, if set, is called after each look.
	OnStatus func(WorkStatus)
}

// WorkStatus is how far background work of the server has come.
type WorkStatus struct {
	// Work says what it is, such as "data of task 7".
	Work string
	// State is the state as servers like 2.3 call it; later ones say the same in lower case.
	State models.RqState
	// Message is what the server says, such as "Images are being compressed"; "" mostly.
	Message string
	// Progress is between 0 and 1, as far as the server tells.
	Progress float64
}

const (
	firstInterval      = 200 * time.Millisecond
	defaultMaxInterval = 10 * time.Second
	// maxFailedLooks is how many looks in a row may fail by the fault of the network or a proxy; each has been repeated
	// as the retry policy says.
	maxFailedLooks = 10
)

// poll looks at background work until look says that it is done or reports an error that is not passing. The first look
// comes at once.
func poll(ctx context.Context, opts *WaitOptions, look func(context.Context) (done bool, err error)) error {
	ceiling := defaultMaxInterval
	if opts != nil && opts.MaxInterval > 0 {
		ceiling = opts.MaxInterval
	}
	failed := 0
	for interval := min(firstInterval, ceiling); ; interval = min(interval*3/2, ceiling) {
		done, err := look(ctx)
		switch {
		case err == nil && done:
			return nil
		case err == nil:
			failed = 0
		case !passing(err) || failed == maxFailedLooks || ctx.Err() != nil && errors.Is(err, ctx.Err()):
			return err
		default:
			failed++
		}
		if err := pause(ctx, jitter(interval)); err != nil {
			return err
		}
	}
}

// pause waits, or reports why the context ended first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return interrupted(ctx, "stopped waiting")
	}
}

// jitter spreads waits of many clients: between a half and one and a half of d.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d) //nolint:gosec // no secret depends on it
}

// interrupted describes a context that ended, nil if it has not: the error matches both ctx.Err() and the cause.
func interrupted(ctx context.Context, what string) error {
	cause := context.Cause(ctx)
	if cause == nil {
		return nil
	}
	return &callError{text: "cvat: " + what + ": " + cause.Error(), errs: []error{ctx.Err(), cause}}
}

// passing reports whether a failed look says nothing about the work itself: no answer, or a proxy's or limiter's.
func passing(err error) bool {
	if _, failed := errors.AsType[*BackgroundError](err); failed || errors.Is(err, ErrOutcomeUnknown) {
		return false
	}
	if _, refused := errors.AsType[*ArgumentError](err); refused || errors.Is(err, ErrUnsupported) {
		return false
	}
	e, answered := errors.AsType[*Error](err)
	if !answered {
		return true
	}
	switch e.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusRequestTimeout:
		return true
	}
	return false
}

// oneAtATime returns options for looks that go on in parallel: OnStatus is called for one after the other.
func (o *WaitOptions) oneAtATime() *WaitOptions {
	if o == nil || o.OnStatus == nil {
		return o
	}
	var calls sync.Mutex
	serial := *o
	serial.OnStatus = func(status WorkStatus) {
		calls.Lock()
		defer calls.Unlock()
		o.OnStatus(status)
	}
	return &serial
}

// report tells a caller who listens.
func (o *WaitOptions) report(status WorkStatus) {
	if o != nil && o.OnStatus != nil {
		o.OnStatus(status)
	}
}

// OpRequestsRetrieve follows background work on servers from 2.16 on.
var OpRequestsRetrieve = Operation{
	ID: "requests_retrieve", Method: http.MethodGet, Path: "/api/requests/{id}", Since: "2.16.0", Replay: Repeatable,
}

// waitForRequest waits for a background request to finish.
func (c *Client) waitForRequest(ctx context.Context, b *Background, opts *WaitOptions) (*BackgroundResult, error) {
	var request *models.Request
	err := poll(ctx, opts, func(ctx context.Context) (bool, error) {
		var err error
		request, _, err = fetch[models.Request](ctx, c, call{op: OpRequestsRetrieve, args: []any{b.RequestID}}, nil)
		if err != nil {
			return false, err
		}
		opts.report(WorkStatus{Work: b.String(), State: requestState(request.Status), Message: request.Message, Progress: request.Progress})
		switch request.Status {
		case models.RequestStatusFinished:
			return true, nil
		case models.RequestStatusFailed:
			return false, &BackgroundError{Work: b.String(), RequestID: b.RequestID, Message: request.Message}
		default:
			return false, nil
		}
	})
	if err != nil {
		return nil, err
	}
	return &BackgroundResult{ID: cmp.Or(request.ResultID, b.ID), request: request}, nil
}

// requestState translates the states of background requests into those of the older task status.
func requestState(status models.RequestStatus) models.RqState {
	switch status {
	case models.RequestStatusQueued:
		return models.RqStateQueued
	case models.RequestStatusStarted:
		return models.RqStateStarted
	case models.RequestStatusFinished:
		return models.RqStateFinished
	case models.RequestStatusFailed:
		return models.RqStateFailed
	}
	return models.RqState(status)
}
