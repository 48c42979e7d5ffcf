package cvat_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

func faultyLambda() map[string]faulty {
	box := []models.LabeledShape{{Type: models.ShapeTypeRectangle, Points: []float64{1, 2, 3, 4}}}
	return map[string]faulty{
		"Lambda.ListFunctions": {op: cvat.OpLambdaListFunctions, prepare: onFunctions(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Lambda.ListFunctions(ctx)
			return err
		})},
		"Lambda.GetFunction": {op: cvat.OpLambdaRetrieveFunctions, prepare: onFunctions(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Lambda.GetFunction(ctx, testDetector)
			return err
		})},
		"Lambda.Detect": {op: cvat.OpLambdaCreateFunctions, prepare: onFunctions(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := c.Lambda.Detect(ctx, testDetector, models.DetectRequest{Task: f.task})
			return err
		})},
		"Lambda.Interact": {op: cvat.OpLambdaCreateFunctions, prepare: onFunctions(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := c.Lambda.Interact(ctx, testInteractor, models.InteractRequest{Task: f.task, PosPoints: [][2]float64{{1, 2}}})
			return err
		})},
		"Lambda.Track": {op: cvat.OpLambdaCreateFunctions, prepare: onFunctions(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := c.Lambda.Track(ctx, testTracker, models.TrackRequest{Task: f.task, Shapes: []models.TrackerShape{trackerShape(f.srv)}})
			return err
		})},
		"Lambda.Reidentify": {op: cvat.OpLambdaCreateFunctions, prepare: onFunctions(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := c.Lambda.Reidentify(ctx, testReid, models.ReidentifyRequest{Task: f.task, Boxes0: box, Boxes1: box})
			return err
		})},
		"Lambda.ListRequests": {op: cvat.OpLambdaListRequests, prepare: onFunctions(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			_, _, err := c.Lambda.ListRequests(ctx)
			return err
		})},
		"Lambda.GetRequest": {op: cvat.OpLambdaRetrieveRequests, prepare: onMade((*faultFixture).functionCall, func(ctx context.Context, c *cvat.Client, run *models.FunctionCall) error {
			_, _, err := c.Lambda.GetRequest(ctx, run.ID)
			return err
		})},
		// A run adds a rectangle to the only frame.
		"Lambda.CreateRequest": {op: cvat.OpLambdaCreateRequests, delta: 1, prepare: onFunctions(func(ctx context.Context, c *cvat.Client, f *faultFixture) error {
			_, _, err := c.Lambda.CreateRequest(ctx, f.annotation())
			return err
		})},
		"Lambda.DeleteRequest": {op: cvat.OpLambdaDeleteRequests, delta: -1, count: countFunctionCalls, silent: true, prepare: onMade((*faultFixture).functionCall, func(ctx context.Context, c *cvat.Client, run *models.FunctionCall) error {
			_, err := c.Lambda.DeleteRequest(ctx, run.ID)
			return err
		})},
	}
}

// onFunctions prepares a call that needs functions.
func onFunctions(run func(context.Context, *cvat.Client, *faultFixture) error) func(*testing.T, *faultFixture) func(context.Context, *cvat.Client) error {
	return func(_ *testing.T, f *faultFixture) func(context.Context, *cvat.Client) error {
		deployFunctions(f.srv)
		return func(ctx context.Context, c *cvat.Client) error { return run(ctx, c, f) }
	}
}

func (f *faultFixture) annotation() models.FunctionCallCreate {
	return models.FunctionCallCreate{Function: testDetector, Task: f.task}
}

// functionCall makes a run of a function, which has ended when the next request arrives.
func (f *faultFixture) functionCall(t *testing.T) *models.FunctionCall {
	t.Helper()
	deployFunctions(f.srv)
	run, _, err := f.calm.Lambda.CreateRequest(t.Context(), f.annotation())
	require.NoError(t, err)
	return run
}

func countFunctionCalls(t *testing.T, f *faultFixture) int {
	t.Helper()
	runs, _, err := f.calm.Lambda.ListRequests(t.Context())
	require.NoError(t, err)
	return len(runs)
}
