package cvat

import (
	"context"
	"fmt"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Lambda service that call functions.
var (
	OpLambdaListFunctions     = Operation{ID: "lambda_list_functions", Method: http.MethodGet, Path: "/api/lambda/functions", Replay: Repeatable}
	OpLambdaRetrieveFunctions = Operation{ID: "lambda_retrieve_functions", Method: http.MethodGet, Path: "/api/lambda/functions/{func_id}", Replay: Repeatable}
	// OpLambdaCreateFunctions computes and stores nothing, so a call may be made twice.
	OpLambdaCreateFunctions = Operation{ID: "lambda_create_functions", Method: http.MethodPost, Path: "/api/lambda/functions/{func_id}", Replay: Repeatable}
)

// LambdaService annotates with models: serverless functions that a server runs on Nuclio. A function is called for single
// frames ([LambdaService.Detect] and others), which stores nothing, or runs over a whole task in the background
// ([LambdaService.CreateRequest]), which stores what it finds.
//
// A server that does not reach its Nuclio answers 503, which matches [ErrServer] and, as it may pass, is asked again:
// [WithoutRetry] finds out at once, and [models.Plugins] tells whether the server is meant to have functions. What Nuclio
// refuses is passed on: a function that does not exist matches [ErrNotFound].
type LambdaService service

// ListFunctions returns the functions of the server.
//
// CVAT API: GET /api/lambda/functions (lambda_list_functions)
func (s *LambdaService) ListFunctions(ctx context.Context, opts ...CallOption) ([]*models.Function, *Response, error) {
	return nested[models.Function](ctx, s.client, call{op: OpLambdaListFunctions}, opts)
}

// GetFunction returns a function.
//
// CVAT API: GET /api/lambda/functions/{func_id} (lambda_retrieve_functions)
func (s *LambdaService) GetFunction(ctx context.Context, id string, opts ...CallOption) (*models.Function, *Response, error) {
	return fetch[models.Function](ctx, s.client, call{op: OpLambdaRetrieveFunctions, args: []any{id}}, opts)
}

// Detect lets a detector find objects in a frame. Nothing is stored: see [models.Detections.Annotations].
//
// Like all calls of functions it takes as long as the model does, so that its bound is [Timeouts].Transfer, and it is
// repeated when its answer is lost or the server gave up waiting (504). A mapping that the server does not understand, and
// a frame outside of the task or job, match [ErrInvalid].
//
// CVAT API: POST /api/lambda/functions/{func_id} (lambda_create_functions)
func (s *LambdaService) Detect(ctx context.Context, function string, body models.DetectRequest, opts ...CallOption) (*models.Detections, *Response, error) {
	err := checkFunctionTarget("DetectRequest", body.Task, body.Job, body.Frame)
	if err == nil {
		err = checkROI("DetectRequest", body.ROI)
	}
	if err != nil {
		return nil, &Response{}, err
	}
	return callFunction[models.Detections](ctx, s.client, function, body, opts)
}

// Interact lets an interactor draw an object around points. Nothing is stored; see [LambdaService.Detect].
//
// CVAT API: POST /api/lambda/functions/{func_id} (lambda_create_functions)
func (s *LambdaService) Interact(ctx context.Context, function string, body models.InteractRequest, opts ...CallOption) (*models.Interaction, *Response, error) {
	err := checkFunctionTarget("InteractRequest", body.Task, body.Job, body.Frame)
	if err == nil {
		err = checkROI("InteractRequest", body.ROI)
	}
	if err != nil {
		return nil, &Response{}, err
	}
	return callFunction[models.Interaction](ctx, s.client, function, body, opts)
}

// Track lets a tracker find objects in a frame that it has seen in another one. Nothing is stored; see
// [LambdaService.Detect]. A state that is not from this function, or is too old, matches [ErrInvalid].
//
// CVAT API: POST /api/lambda/functions/{func_id} (lambda_create_functions)
func (s *LambdaService) Track(ctx context.Context, function string, body models.TrackRequest, opts ...CallOption) (*models.Tracking, *Response, error) {
	err := checkFunctionTarget("TrackRequest", body.Task, body.Job, body.Frame)
	if err == nil && len(body.Shapes) == 0 && len(body.States) == 0 {
		err = &ArgumentError{Field: "TrackRequest.Shapes", Reason: "is empty: give the objects to track, or the states of a call before"}
	}
	if err != nil {
		return nil, &Response{}, err
	}
	return callFunction[models.Tracking](ctx, s.client, function, body, opts)
}

// Reidentify lets a re-identification match the boxes of two frames. For each of body.Boxes0 it returns the index of the
// same object in body.Boxes1, or -1. Nothing is stored; see [LambdaService.Detect].
//
// CVAT API: POST /api/lambda/functions/{func_id} (lambda_create_functions)
func (s *LambdaService) Reidentify(ctx context.Context, function string, body models.ReidentifyRequest, opts ...CallOption) ([]int, *Response, error) {
	if err := checkFunctionTarget("ReidentifyRequest", body.Task, body.Job, body.Frame0, body.Frame1); err != nil {
		return nil, &Response{}, err
	}
	matches, resp, err := callFunction[[]int](ctx, s.client, function, body, opts)
	if err != nil {
		return nil, resp, err
	}
	return *matches, resp, nil
}

func callFunction[T any](ctx context.Context, c *Client, function string, body any, opts []CallOption) (*T, *Response, error) {
	return fetch[T](ctx, c, call{op: OpLambdaCreateFunctions, args: []any{function}, in: body, transfer: true}, opts)
}

// checkFunctionTarget refuses calls that say not where the frames are.
func checkFunctionTarget(body string, task, job int64, frames ...int) error {
	switch {
	case task < 0 || job < 0:
		return badID(min(task, job))
	case task == 0 && job == 0:
		return &ArgumentError{Field: body + ".Task", Reason: "is missing"}
	}
	for _, frame := range frames {
		if frame < 0 {
			return &ArgumentError{Field: body + ".Frame", Reason: fmt.Sprintf("is %d: frames are counted from 0", frame)}
		}
	}
	return nil
}

func checkROI(body string, roi []int) error {
	if len(roi) != 0 && len(roi) != 4 {
		return &ArgumentError{Field: body + ".ROI", Reason: "is not left, top, right and bottom"}
	}
	return nil
}
