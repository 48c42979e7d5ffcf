package cvat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"math"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// The functions that tests deploy.
const (
	testDetector   = "test-detector"
	testInteractor = "test-interactor"
	testTracker    = "test-tracker"
	testReid       = "test-reid"
)

// deployFunctions gives a fake server a function of each kind.
func deployFunctions(srv *testserver.Server) {
	cars := []testserver.FunctionLabel{
		{Name: "car", Attributes: []testserver.FunctionAttribute{{Name: "colour", InputType: "select", Values: []string{"red", "blue"}}}},
		{Name: "tree"},
	}
	srv.AddFunction(testserver.Function{ID: testDetector, Description: "finds a car that fills the frame", Labels: cars, Detect: detectCar})
	srv.AddFunction(testserver.Function{ID: testInteractor, MinPosPoints: 1, Interact: outline})
	srv.AddFunction(testserver.Function{ID: testTracker, Track: shift})
	srv.AddFunction(testserver.Function{ID: testReid, Match: nearest})
}

func detectCar(in testserver.FunctionInput) ([]testserver.FunctionObject, error) {
	if in.Threshold > 0.9 {
		return nil, nil
	}
	picture, _, err := image.DecodeConfig(bytes.NewReader(in.Image))
	if err != nil {
		return nil, err
	}
	return []testserver.FunctionObject{
		{
			Label: "car", Type: "rectangle", Points: []float64{0, 0, float64(picture.Width), float64(picture.Height)}, Confidence: "0.9",
			Attributes: []testserver.FunctionValue{{Name: "colour", Value: "blue"}},
		},
		{Label: "tree", Type: "rectangle", Points: []float64{1, 1, 2, 2}, Confidence: "0.5"},
	}, nil
}

func outline(in testserver.FunctionInput) (any, error) {
	x, y := in.PosPoints[0][0], in.PosPoints[0][1]
	return [][]float64{{x - 1, y}, {x + 1, y}, {x, y + 1}}, nil
}

// shift finds each object a pixel further to the right in each frame, and loses it after the second call.
func shift(in testserver.FunctionInput) (testserver.FunctionTracking, error) {
	var out testserver.FunctionTracking
	for _, points := range in.Shapes {
		out.Shapes = append(out.Shapes, points)
		out.States = append(out.States, map[string]any{"at": points})
	}
	if in.States == nil {
		return out, nil
	}
	out = testserver.FunctionTracking{}
	for _, state := range in.States {
		at, _ := state.(map[string]any)["at"].([]any)
		left, _ := at[0].(float64)
		out.Shapes = append(out.Shapes, []float64{left + 1, 2, 30, 40})
		out.States = append(out.States, nil)
	}
	return out, nil
}

// nearest matches boxes by their left sides.
func nearest(in testserver.FunctionInput) ([]int, error) {
	matches := make([]int, len(in.Boxes0))
	for i, box := range in.Boxes0 {
		matches[i] = -1
		for k, other := range in.Boxes1 {
			if math.Abs(box[0]-other[0]) <= max(in.MaxDistance, 1) {
				matches[i] = k
			}
		}
	}
	return matches, nil
}

// eachDialectWithFunctions gives each test a task of three frames that has annotations.
func eachDialectWithFunctions(t *testing.T, run func(t *testing.T, srv *testserver.Server, client *cvat.Client, task int64)) {
	t.Helper()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		deployFunctions(srv)
		run(t, srv, client, newAnnotatedTask(t, client))
	})
}

func TestDetect(t *testing.T) {
	t.Parallel()
	eachDialectWithFunctions(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, task int64) {
		t.Helper()
		labels, err := client.Tasks.Labels(t.Context(), task)
		require.NoError(t, err)
		car := labelNamed(t, labels, "car")
		before, _, err := client.Tasks.GetAnnotations(t.Context(), task)
		require.NoError(t, err)

		mapping := map[string]models.LabelMapping{"car": {Name: "car", Attributes: map[string]string{"colour": "colour"}}}
		found, _, err := client.Lambda.Detect(t.Context(), testDetector, models.DetectRequest{Task: task, Frame: 1, Threshold: 0.5, Mapping: mapping})
		require.NoError(t, err)
		data := found.Annotations(1, labels)
		require.Len(t, data.Shapes, 1, "there is no tree in the mapping")
		shape := data.Shapes[0]
		assert.Equal(t, car.ID, shape.LabelID)
		assert.Equal(t, 1, shape.Frame)
		assert.Equal(t, models.SourceAuto, shape.Source)
		assert.InDeltaSlice(t, []float64{0, 0, 65, 48}, shape.Points, 0)
		require.Len(t, shape.Attributes, 1)
		assert.Equal(t, "blue", shape.Attributes[0].Value)

		after, _, err := client.Tasks.GetAnnotations(t.Context(), task)
		require.NoError(t, err)
		assert.Equal(t, before, after, "nothing is stored")
		_, _, err = client.Tasks.CreateAnnotations(t.Context(), task, data)
		require.NoError(t, err, "what was found can be stored")

		found, _, err = client.Lambda.Detect(t.Context(), testDetector, models.DetectRequest{Task: task, Threshold: 0.95})
		require.NoError(t, err)
		assert.Empty(t, found.Annotations(0, labels).Shapes)

		_, _, err = client.Lambda.Detect(t.Context(), testDetector, models.DetectRequest{Task: task, Frame: 99})
		require.ErrorIs(t, err, cvat.ErrInvalid)
		_, _, err = client.Lambda.Detect(t.Context(), "no-such", models.DetectRequest{Task: task})
		require.ErrorIs(t, err, cvat.ErrNotFound)
		_, _, err = client.Lambda.Detect(t.Context(), testDetector, models.DetectRequest{Task: 99999})
		require.ErrorIs(t, err, cvat.ErrInvalid)

		srv.AddFunction(testserver.Function{ID: "broken", Detect: func(testserver.FunctionInput) ([]testserver.FunctionObject, error) {
			return nil, errors.New("out of memory")
		}})
		_, _, err = client.Lambda.Detect(t.Context(), "broken", models.DetectRequest{Task: task})
		require.ErrorIs(t, err, cvat.ErrServer)
	})
}

// Newer servers take a job, and look closely at the mapping.
func TestDetectOnNewerServers(t *testing.T) {
	t.Parallel()
	srv := testserver.Start(t)
	t.Cleanup(srv.Close)
	deployFunctions(srv)
	client := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
	task := newAnnotatedTask(t, client)
	jobs, err := client.Tasks.Jobs(t.Context(), task)
	require.NoError(t, err)
	found, _, err := client.Lambda.Detect(t.Context(), testDetector, models.DetectRequest{Job: jobs[0].ID, Frame: 2})
	require.NoError(t, err)
	assert.Len(t, found.Data.Shapes, 1)
	for want, mapping := range map[string]models.LabelMapping{
		`Unknown db label "lorry"`:      {Name: "lorry"},
		"are not compatible":            {Name: "person"},
		`Unknown model attribute "age"`: {Name: "car", Attributes: map[string]string{"age": "colour"}},
		`Unknown db attribute "age"`:    {Name: "car", Attributes: map[string]string{"colour": "age"}},
	} {
		_, _, err = client.Lambda.Detect(t.Context(), testDetector, models.DetectRequest{
			Task: task, Mapping: map[string]models.LabelMapping{"car": mapping},
		})
		require.ErrorIs(t, err, cvat.ErrInvalid)
		require.ErrorContains(t, err, want)
	}
	_, _, err = client.Lambda.Detect(t.Context(), testDetector, models.DetectRequest{Job: jobs[0].ID, Frame: 3})
	require.ErrorContains(t, err, "outside the job range")

	srv.AddFunction(testserver.Function{
		ID: "masks", Labels: []testserver.FunctionLabel{{Name: "road", Type: "mask"}},
		Detect: func(testserver.FunctionInput) ([]testserver.FunctionObject, error) {
			return []testserver.FunctionObject{{
				Label: "road", Type: "mask", Points: []float64{0, 0, 5, 0, 5, 5}, Mask: []float64{1, 0, 0, 1, 4, 4, 5, 5},
			}}, nil
		},
	})
	found, _, err = client.Lambda.Detect(t.Context(), "masks", models.DetectRequest{Task: task})
	require.NoError(t, err)
	assert.InDeltaSlice(t, []float64{0, 1, 2, 1, 4, 4, 5, 5}, found.Data.Shapes[0].Points, 0)
	found, _, err = client.Lambda.Detect(t.Context(), "masks", models.DetectRequest{Task: task, ConvMaskToPoly: true})
	require.NoError(t, err)
	assert.Equal(t, models.ShapeTypePolygon, found.Data.Shapes[0].Type)
}

func TestInteract(t *testing.T) {
	t.Parallel()
	eachDialectWithFunctions(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client, task int64) {
		t.Helper()
		got, _, err := client.Lambda.Interact(t.Context(), testInteractor, models.InteractRequest{Task: task, PosPoints: [][2]float64{{10, 20}}})
		require.NoError(t, err)
		assert.Equal(t, [][2]float64{{9, 20}, {11, 20}, {10, 21}}, got.Points)
		assert.JSONEq(t, `[[9,20],[11,20],[10,21]]`, string(got.Raw))
	})
}

// trackerShape is a rectangle as the server wants it.
func trackerShape(srv *testserver.Server) models.TrackerShape {
	shape := models.TrackerShape{Points: []float64{10, 2, 30, 40}}
	if srv.Dialect() == testserver.V2_73 {
		shape.Type = models.ShapeTypeRectangle
	}
	return shape
}

// Trackers of older servers know no types of shapes, and newer ones sign their states.
func TestTrack(t *testing.T) {
	t.Parallel()
	eachDialectWithFunctions(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client, task int64) {
		t.Helper()
		shape := trackerShape(srv)
		first, _, err := client.Lambda.Track(t.Context(), testTracker, models.TrackRequest{Task: task, Shapes: []models.TrackerShape{shape}})
		require.NoError(t, err)
		assert.Equal(t, []*models.TrackerShape{&shape}, first.Shapes)
		next, _, err := client.Lambda.Track(t.Context(), testTracker, models.TrackRequest{Task: task, Frame: 1, States: first.States})
		require.NoError(t, err)
		require.Len(t, next.Shapes, 1)
		assert.InDelta(t, 11, next.Shapes[0].Points[0], 0)
		if srv.Dialect() == testserver.V2_73 {
			_, _, err = client.Lambda.Track(t.Context(), testTracker, models.TrackRequest{Task: task, States: []json.RawMessage{[]byte(`"forged"`)}})
			require.ErrorIs(t, err, cvat.ErrInvalid)
			shape.Type = models.ShapeTypePolygon
			_, _, err = client.Lambda.Track(t.Context(), testTracker, models.TrackRequest{Task: task, Shapes: []models.TrackerShape{shape}})
			require.ErrorIs(t, err, cvat.ErrInvalid)
		}
	})
}

func TestReidentify(t *testing.T) {
	t.Parallel()
	eachDialectWithFunctions(t, func(t *testing.T, _ *testserver.Server, client *cvat.Client, task int64) {
		t.Helper()
		boxes := func(lefts ...float64) (out []models.LabeledShape) {
			for _, left := range lefts {
				out = append(out, models.LabeledShape{Type: models.ShapeTypeRectangle, Points: []float64{left, 0, left + 5, 5}})
			}
			return out
		}
		matches, _, err := client.Lambda.Reidentify(t.Context(), testReid, models.ReidentifyRequest{
			Task: task, Frame1: 1, Boxes0: boxes(10, 40, 80), Boxes1: boxes(45, 12), MaxDistance: 6,
		})
		require.NoError(t, err)
		assert.Equal(t, []int{1, 0, -1}, matches)
	})
}

func TestNoNuclio(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, srv *testserver.Server, client *cvat.Client) {
		t.Helper()
		_, resp, err := client.Lambda.ListFunctions(t.Context(), cvat.WithoutRetry())
		require.ErrorIs(t, err, cvat.ErrServer)
		require.ErrorContains(t, err, "Connection refused")
		assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
		_, _, err = client.Lambda.GetFunction(t.Context(), "any", cvat.WithoutRetry())
		require.ErrorIs(t, err, cvat.ErrServer)
		task := newAnnotatedTask(t, client)
		_, _, err = client.Lambda.CreateRequest(t.Context(), models.FunctionCallCreate{Function: "any", Task: task})
		require.ErrorIs(t, err, cvat.ErrServer)
		assert.Equal(t, 1, srv.Count("lambda_create_requests"))
		runs, _, err := client.Lambda.ListRequests(t.Context())
		require.NoError(t, err)
		assert.Empty(t, runs)
	})
}

// What every server refuses is not sent.
func TestFunctionCallsThatNoServerTakes(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusOK, `{}`))
	lambda := server.client(t).Lambda
	for field, run := range map[string]func(context.Context) (*cvat.Response, error){
		"DetectRequest.Task": func(ctx context.Context) (*cvat.Response, error) {
			_, resp, err := lambda.Detect(ctx, "f", models.DetectRequest{})
			return resp, err
		},
		"DetectRequest.ROI": func(ctx context.Context) (*cvat.Response, error) {
			_, resp, err := lambda.Detect(ctx, "f", models.DetectRequest{Task: 1, ROI: []int{1, 2}})
			return resp, err
		},
		"func_id": func(ctx context.Context) (*cvat.Response, error) {
			_, resp, err := lambda.Detect(ctx, "", models.DetectRequest{Task: 1})
			return resp, err
		},
		"InteractRequest.Frame": func(ctx context.Context) (*cvat.Response, error) {
			_, resp, err := lambda.Interact(ctx, "f", models.InteractRequest{Job: 1, Frame: -1})
			return resp, err
		},
		"InteractRequest.ROI": func(ctx context.Context) (*cvat.Response, error) {
			_, resp, err := lambda.Interact(ctx, "f", models.InteractRequest{Job: 1, ROI: []int{1}})
			return resp, err
		},
		"TrackRequest.Shapes": func(ctx context.Context) (*cvat.Response, error) {
			_, resp, err := lambda.Track(ctx, "f", models.TrackRequest{Task: 1})
			return resp, err
		},
		"id": func(ctx context.Context) (*cvat.Response, error) {
			_, resp, err := lambda.Track(ctx, "f", models.TrackRequest{Task: -1})
			return resp, err
		},
		"ReidentifyRequest.Frame": func(ctx context.Context) (*cvat.Response, error) {
			_, resp, err := lambda.Reidentify(ctx, "f", models.ReidentifyRequest{Task: 1, Frame1: -1})
			return resp, err
		},
		"FunctionCallCreate.Function": func(ctx context.Context) (*cvat.Response, error) {
			_, resp, err := lambda.CreateRequest(ctx, models.FunctionCallCreate{Task: 1})
			return resp, err
		},
		"FunctionCallCreate.Task": func(ctx context.Context) (*cvat.Response, error) {
			_, resp, err := lambda.CreateRequest(ctx, models.FunctionCallCreate{Function: "f", Job: 1})
			return resp, err
		},
		"FunctionCallCreate.ROI": func(ctx context.Context) (*cvat.Response, error) {
			_, resp, err := lambda.CreateRequest(ctx, models.FunctionCallCreate{Function: "f", Task: 1, ROI: []int{1}})
			return resp, err
		},
	} {
		resp, err := run(t.Context())
		refused := new(cvat.ArgumentError)
		require.ErrorAs(t, err, &refused, field)
		assert.Equal(t, field, refused.Field)
		require.NotNil(t, resp)
		assert.Zero(t, resp.Attempts)
	}
	assert.Empty(t, server.dials())
}

// The id of a request holds characters that mean something in a query, and nothing in a path.
func TestRequestIDsOfNewerServers(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusOK, `{"id":"x"}`))
	_, _, err := server.client(t).Lambda.GetRequest(t.Context(), "action=autoannotate&target=task&target_id=30")
	require.NoError(t, err)
	assert.Equal(t, "/base/api/lambda/requests/action=autoannotate&target=task&target_id=30", server.only(t).RequestURI)
}

// Calling a function changes nothing, so it may be called twice. A model takes its time, which bounds of short calls do not
// cut.
func TestFunctionCallsAreRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := servePipe(t, statuses(
			replyJSON(http.StatusGatewayTimeout, `"Read timed out."`),
			func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(time.Hour)
				replyJSON(http.StatusOK, `[1,-1]`)(w, r)
			}))
		client := server.client(t, cvat.WithTimeouts(cvat.Timeouts{Metadata: time.Minute}))
		matches, resp, err := client.Lambda.Reidentify(t.Context(), "f", models.ReidentifyRequest{Task: 1, Frame1: 1})
		require.NoError(t, err)
		assert.Equal(t, []int{1, -1}, matches)
		assert.Equal(t, 2, resp.Attempts)
	})
}

// A run that may have started is not started again.
func TestRunsAreNotRepeated(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusGatewayTimeout, `"Read timed out."`))
	_, _, err := server.client(t).Lambda.CreateRequest(t.Context(), models.FunctionCallCreate{Function: "f", Task: 1})
	require.ErrorIs(t, err, cvat.ErrOutcomeUnknown)
	server.only(t)
}
