package cvat

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Lambda service that run functions over tasks.
var (
	OpLambdaListRequests     = Operation{ID: "lambda_list_requests", Method: http.MethodGet, Path: "/api/lambda/requests", Replay: Repeatable}
	OpLambdaCreateRequests   = Operation{ID: "lambda_create_requests", Method: http.MethodPost, Path: "/api/lambda/requests"}
	OpLambdaRetrieveRequests = Operation{ID: "lambda_retrieve_requests", Method: http.MethodGet, Path: "/api/lambda/requests/{id}", Replay: Repeatable}
	OpLambdaDeleteRequests   = Operation{ID: "lambda_delete_requests", Method: http.MethodDelete, Path: "/api/lambda/requests/{id}", Replay: Repeatable}
)

// ListRequests returns the runs of functions over tasks that wait, go on, or have ended a short while ago. Those that failed
// are not in the list. At 2.3 it takes a user of the group business, and the list is of all users.
//
// CVAT API: GET /api/lambda/requests (lambda_list_requests)
func (s *LambdaService) ListRequests(ctx context.Context, opts ...CallOption) ([]*models.FunctionCall, *Response, error) {
	return nested[models.FunctionCall](ctx, s.client, call{op: OpLambdaListRequests}, opts)
}

// GetRequest returns a run of a function. One that the server has forgotten, which it does some time after the end, matches
// [ErrNotFound].
//
// CVAT API: GET /api/lambda/requests/{id} (lambda_retrieve_requests)
func (s *LambdaService) GetRequest(ctx context.Context, id string, opts ...CallOption) (*models.FunctionCall, *Response, error) {
	return fetch[models.FunctionCall](ctx, s.client, call{op: OpLambdaRetrieveRequests, args: []any{id}}, opts)
}

// CreateRequest starts a run of a detector over a task: what it finds is added to the annotations. A re-identification makes
// tracks of rectangles. [LambdaService.WaitForRequest] waits for the end. A run that fails, or is deleted, leaves what it
// has done until then: it cleans up first, and stores every hundred frames.
//
// A task has one run at a time: another one matches [ErrConflict]. At 2.3 it takes a user of the group business, and anybody
// else matches [ErrForbidden]. A lost answer leaves open whether there is a run ([ErrOutcomeUnknown]), which
// [LambdaService.ListRequests] tells.
//
// CVAT API: POST /api/lambda/requests (lambda_create_requests)
func (s *LambdaService) CreateRequest(ctx context.Context, body models.FunctionCallCreate, opts ...CallOption) (*models.FunctionCall, *Response, error) {
	err := checkFilled("FunctionCallCreate", "Function", body.Function)
	if err == nil && body.Task <= 0 {
		err = &ArgumentError{Field: "FunctionCallCreate.Task", Reason: "is missing: a run over a job needs it, too"}
	}
	if err == nil {
		err = checkROI("FunctionCallCreate", body.ROI)
	}
	if err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.FunctionCall](ctx, s.client, call{op: OpLambdaCreateRequests, in: body}, opts)
}

// DeleteRequest cancels a run of a function and forgets it. What it has stored stays. At 2.3 it takes an administrator, later
// the user who started the run.
//
// CVAT API: DELETE /api/lambda/requests/{id} (lambda_delete_requests)
func (s *LambdaService) DeleteRequest(ctx context.Context, id string, opts ...CallOption) (*Response, error) {
	return s.client.perform(ctx, call{op: OpLambdaDeleteRequests, args: []any{id}}, nil, opts)
}

// StartAnnotation is [LambdaService.CreateRequest] with a handle to wait by, also from another process; see [Client.Wait].
//
// CVAT API: POST /api/lambda/requests (lambda_create_requests)
func (s *LambdaService) StartAnnotation(ctx context.Context, body models.FunctionCallCreate) (*Background, error) {
	startedAt := time.Now()
	run, _, err := s.CreateRequest(ctx, body)
	if err != nil {
		return nil, err
	}
	work := annotationBy(run)
	work.StartedAt = startedAt
	return work, nil
}

// annotationBy is a run of a function as background work.
func annotationBy(run *models.FunctionCall) *Background {
	work := &Background{Kind: BackgroundAutoAnnotation, Target: targetTask, ID: run.Function.Task, RequestID: run.ID}
	if run.Function.Job != 0 {
		work.Target, work.ID = targetJob, run.Function.Job
	}
	return work
}

// WaitForRequest waits for a run of a function to end, whoever started it, and returns it. One that failed or was stopped is a
// [*BackgroundError] with the last line of the server's traceback. One that was deleted, or ended so long ago that the server
// has forgotten it, matches [ErrNotFound]. Newer servers give all runs over a task one id: if the task has a new run by then,
// that is waited for.
//
// It uses lambda_retrieve_requests.
func (s *LambdaService) WaitForRequest(ctx context.Context, id string, opts *WaitOptions) (*models.FunctionCall, error) {
	var run *models.FunctionCall
	err := poll(ctx, opts, func(ctx context.Context) (bool, error) {
		var err error
		if run, _, err = s.GetRequest(ctx, id); err != nil {
			return false, err
		}
		work := annotationBy(run).String()
		opts.report(WorkStatus{Work: work, State: functionCallState(run.Status), Progress: float64(run.Progress) / 100})
		switch run.Status {
		case models.FunctionCallFinished:
			return true, nil
		case models.FunctionCallFailed, models.FunctionCallStopped, models.FunctionCallCanceled:
			message := cmp.Or(lastLine(run.ExcInfo), string(run.Status))
			return false, &BackgroundError{Work: work, RequestID: id, Message: message}
		default:
			return false, nil
		}
	})
	if err != nil {
		return nil, err
	}
	return run, nil
}

// waitForAnnotation does not ask /api/requests: servers before 2.17 do not show such work there, and later ones otherwise.
func (c *Client) waitForAnnotation(ctx context.Context, b *Background, opts *WaitOptions) (*BackgroundResult, error) {
	if b.RequestID == "" {
		return nil, &ArgumentError{Field: "Background.RequestID", Reason: "is empty: servers know a run of a function by it"}
	}
	if _, err := c.Lambda.WaitForRequest(ctx, b.RequestID, opts); err != nil {
		return nil, err
	}
	return &BackgroundResult{ID: b.ID}, nil
}

// functionCallState translates the states of runs into those of the older task status.
func functionCallState(status models.FunctionCallStatus) models.RqState {
	switch status {
	case models.FunctionCallQueued, models.FunctionCallDeferred, models.FunctionCallScheduled:
		return models.RqStateQueued
	case models.FunctionCallStarted:
		return models.RqStateStarted
	case models.FunctionCallFinished:
		return models.RqStateFinished
	case models.FunctionCallFailed, models.FunctionCallStopped, models.FunctionCallCanceled:
		return models.RqStateFailed
	}
	return models.RqState(status)
}

// lastLine returns the line of a traceback that says what happened.
func lastLine(traceback string) string {
	traceback = strings.TrimSpace(traceback)
	return traceback[strings.LastIndexByte(traceback, '\n')+1:]
}
