package testserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/internal/testserver"
)

// finder is a detector that finds the same in every frame.
func finder(found ...testserver.FunctionObject) testserver.Function {
	return testserver.Function{
		ID: "finder", Labels: []testserver.FunctionLabel{
			{Name: "car", Attributes: []testserver.FunctionAttribute{{Name: "doors"}, {Name: "old"}, {Name: "hue"}, {Name: "plate"}}},
		},
		Detect: func(testserver.FunctionInput) ([]testserver.FunctionObject, error) { return found, nil },
	}
}

func boxOf(label string, values ...testserver.FunctionValue) testserver.FunctionObject {
	return testserver.FunctionObject{
		Label: label, Type: "rectangle", Points: []float64{1, 2, 30, 40}, Confidence: "0.9", Attributes: values,
	}
}

func (c *client) errorText(r *reply) string {
	c.t.Helper()
	var text string
	require.NoError(c.t, json.Unmarshal(r.body, &text), "%s", r.body)
	return text
}

func TestFunctionCallsThatSayTooLittle(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c, _ := street(t, t, d)
		c.srv.AddFunction(finder())
		quoted := map[testserver.Dialect]string{testserver.V2_3: "'frame'", testserver.V2_73: "frame"}[d]
		for body, want := range map[string]string{
			`{}`:         "`finder` lambda function was run with wrong arguments ('task')",
			`{"task":1}`: "`finder` lambda function was called without mandatory argument: " + quoted,
		} {
			r := c.do(http.MethodPost, "/api/lambda/functions/finder", body)
			assert.Equal(t, 400, r.status)
			assert.Equal(t, want, c.errorText(r))
		}
		assert.Equal(t, 400, c.do(http.MethodPost, "/api/lambda/functions/finder", `{"task":1,"frame":99}`).status)
		r := c.do(http.MethodPost, "/api/lambda/requests", `{"function":"finder"}`)
		assert.Equal(t, 400, r.status)
		if d == testserver.V2_73 {
			assert.Contains(t, r.json(t), "task")
		} else {
			assert.Equal(t, "`finder` lambda function was run with wrong arguments ('task')", c.errorText(r))
		}
	})
}

func TestFunctionCallsOfAnotherDialectAreReported(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		heard := &complaints{}
		c, _ := street(t, heard, d)
		c.srv.AddFunction(finder())
		body := map[testserver.Dialect]string{
			testserver.V2_3:  `{"task":1,"frame":0,"conv_mask_to_poly":true}`,
			testserver.V2_73: `{"task":1,"frame":0,"quality":"original"}`,
		}[d]
		assert.Equal(t, 200, c.do(http.MethodPost, "/api/lambda/functions/finder", body).status)
		assert.Len(t, heard.all(), 1)
	})
}

// The older server forgets its filter when nothing passes it.
func TestNothingIsMapped(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c, _ := street(t, t, d)
		c.srv.AddFunction(finder(boxOf("ship")))
		r := c.do(http.MethodPost, "/api/lambda/functions/finder", `{"task":1,"frame":0}`)
		require.Equal(t, 200, r.status, "%s", r.body)
		if d == testserver.V2_3 {
			assert.Contains(t, string(r.body), "ship")
		} else {
			assert.Empty(t, r.json(t)["shapes"])
		}
	})
}

func TestValuesThatAttributesTake(t *testing.T) {
	t.Parallel()
	c, _ := street(t, t, testserver.V2_73)
	require.Equal(t, 200, c.do(http.MethodPatch, "/api/tasks/1", `{"labels":[{"name":"lorry","attributes":[
		{"name":"doors","mutable":false,"input_type":"number","default_value":"2","values":["2","6","2"]},
		{"name":"old","mutable":false,"input_type":"checkbox","default_value":"false","values":["false"]},
		{"name":"hue","mutable":false,"input_type":"select","default_value":"red","values":["red","blue"]},
		{"name":"plate","mutable":false,"input_type":"text","default_value":"","values":[]}]}]}`).status)
	const mapping = `{"car":{"name":"lorry","attributes":{"doors":"doors","old":"old","hue":"hue","plate":"plate"}}}`
	for value, taken := range map[testserver.FunctionValue]bool{
		{Name: "doors", Value: "4"}:    true,
		{Name: "doors", Value: "5"}:    false,
		{Name: "doors", Value: "8"}:    false,
		{Name: "doors", Value: "many"}: false,
		{Name: "old", Value: "true"}:   true,
		{Name: "old", Value: "very"}:   false,
		{Name: "hue", Value: "blue"}:   true,
		{Name: "hue", Value: "green"}:  false,
		{Name: "plate", Value: "X 1"}:  true,
		{Name: "age", Value: "1"}:      false,
	} {
		c.srv.AddFunction(finder(boxOf("car", value)))
		r := c.do(http.MethodPost, "/api/lambda/functions/finder", fmt.Sprintf(`{"task":1,"frame":0,"mapping":%s}`, mapping))
		require.Equal(t, 200, r.status, "%s", r.body)
		shapes, _ := r.json(t)["shapes"].([]any)
		require.Len(t, shapes, 1)
		shape, _ := shapes[0].(map[string]any)
		assert.Equal(t, taken, len(shape["attributes"].([]any)) == 1, "%v", value)
	}
}

// ran waits until the run that was started is over in the way that is expected, and returns it.
func (c *client) ran(started *reply, status string) map[string]any {
	c.t.Helper()
	id, _ := started.json(c.t)["id"].(string)
	var run map[string]any
	require.Eventually(c.t, func() bool {
		run = c.get("/api/lambda/requests/" + id).json(c.t)
		return run["status"] == status
	}, 5*time.Second, time.Millisecond)
	return run
}

// What a function finds is checked like what users send.
func TestRunsThatFindNoAnnotations(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d testserver.Dialect) {
		t.Helper()
		c, task := street(t, t, d)
		odd := boxOf("car")
		odd.Type = "blob"
		c.srv.AddFunction(finder(odd))
		r := c.do(http.MethodPost, "/api/lambda/requests", `{"function":"finder","task":1}`)
		require.Equal(t, 200, r.status, "%s", r.body)
		ended := c.ran(r, "failed")
		assert.Contains(t, ended["exc_info"], "ValidationError")

		tag := testserver.FunctionObject{Label: "car", Type: "tag", Confidence: "0.9"}
		c.srv.AddFunction(finder(tag))
		r = c.do(http.MethodPost, "/api/lambda/requests", `{"function":"finder","task":1,"cleanup":true}`)
		require.Equal(t, 200, r.status, "%s", r.body)
		assert.InDelta(t, 100, c.ran(r, "finished")["progress"], 0)
		assert.NotEmpty(t, c.get(task + "/annotations").json(t)["tags"])
	})
}

// Runs belong to those who started them, and need a right to the task.
func TestWhoMayDoWhatWithRuns(t *testing.T) {
	t.Parallel()
	c, _ := street(t, t, testserver.V2_73)
	c.srv.AddFunction(finder(boxOf("car")))
	c.srv.Plan(testserver.Work{Operation: "lambda_create_requests", Hang: true})
	u := c.as("user1")
	const run, start = "/api/lambda/requests/action=autoannotate&target=task&target_id=1", `{"function":"finder","task":1}`
	assert.Equal(t, 403, u.do(http.MethodPost, "/api/lambda/functions/finder", `{"task":1,"frame":0}`).status)
	assert.Equal(t, 403, u.do(http.MethodPost, "/api/lambda/requests", start).status)
	require.Equal(t, 200, c.do(http.MethodPost, "/api/lambda/requests", start).status)
	assert.Equal(t, 403, u.get(run).status)
	assert.JSONEq(t, `[]`, string(u.get("/api/lambda/requests").body))
	require.Equal(t, 200, c.do(http.MethodPatch, "/api/tasks/1", `{"assignee_id":2}`).status)
	assert.Equal(t, 200, u.get(run).status)
	assert.Equal(t, 403, u.do(http.MethodDelete, run, nil).status)

	// Background requests show it too, and cancel it.
	assert.Equal(t, "finder", c.get("/api/requests/action=autoannotate&target=task&target_id=1").json(t)["operation"].(map[string]any)["function_id"])
	require.Equal(t, 200, c.do(http.MethodPost, "/api/requests/action=autoannotate&target=task&target_id=1/cancel", nil).status)
	assert.Equal(t, 404, c.get(run).status)
	assert.Equal(t, 200, u.do(http.MethodPost, "/api/lambda/requests", start).status)
	assert.Equal(t, 204, u.do(http.MethodDelete, run, nil).status)
}
