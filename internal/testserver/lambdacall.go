package testserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// functionBody is what a call of a function says. A real server checks next to nothing of it.
type functionBody struct {
	Task        *int64                     `json:"task"`
	Job         *int64                     `json:"job"`
	Frame       *int64                     `json:"frame"`
	Frame0      *int64                     `json:"frame0"`
	Frame1      *int64                     `json:"frame1"`
	Threshold   float64                    `json:"threshold"`
	Quality     string                     `json:"quality"`
	Mapping     map[string]functionMapping `json:"mapping"`
	MaskToPoly  bool                       `json:"conv_mask_to_poly"`
	ROI         []int64                    `json:"roi"`
	PosPoints   [][]float64                `json:"pos_points"`
	NegPoints   [][]float64                `json:"neg_points"`
	Box         [][]float64                `json:"obj_bbox"`
	TextPrompts []string                   `json:"text_prompts"`
	Shapes      []json.RawMessage          `json:"shapes"`
	States      []any                      `json:"states"`
	Boxes0      []figure                   `json:"boxes0"`
	Boxes1      []figure                   `json:"boxes1"`
	MaxDistance float64                    `json:"max_distance"`
}

// functionMapping is what a label of a function becomes.
type functionMapping struct {
	Name       string                     `json:"name"`
	Attributes map[string]string          `json:"attributes"`
	Sublabels  map[string]functionMapping `json:"sublabels"`
}

// takeFunctionBody reads the body of a call, and reports what the dialect does not know of it.
func (c *call) takeFunctionBody() (*functionBody, *answer) {
	raw, refusal := c.parse()
	if refusal != nil {
		return nil, refusal
	}
	given, isObject := raw.(map[string]any)
	b, isBody := decodeFunctionBody(raw)
	if !isObject || !isBody {
		return nil, c.s.cfg.dialect.crash()
	}
	known := []string{
		"task", "frame", "frame0", "frame1", "threshold", "mapping", "pos_points", "neg_points", "shapes", "states", "boxes0",
		"boxes1", "max_distance",
	}
	if c.s.cfg.dialect == V2_3 {
		known = append(known, "quality")
	} else {
		known = append(known, "job", "conv_mask_to_poly", "roi", "obj_bbox", "text_prompts")
	}
	for name := range given {
		if !slices.Contains(known, name) {
			c.s.report(c, UnknownField, name)
		}
	}
	return b, nil
}

func decodeFunctionBody(raw any) (b *functionBody, ok bool) {
	b = &functionBody{}
	text, err := json.Marshal(raw)
	return b, err == nil && json.Unmarshal(text, b) == nil
}

// callFunction lets a function work on single frames.
func callFunction(c *call) *answer {
	b, refusal := c.takeFunctionBody()
	if refusal != nil {
		return refusal
	}
	v, refusal := c.functionTarget(b, view)
	if refusal != nil {
		return refusal
	}
	if v == nil {
		return bare(http.StatusBadRequest,
			fmt.Sprintf("`%s` lambda function was run with wrong arguments ('task')", c.vars["func_id"]))
	}
	f, refusal := c.s.function(c.vars["func_id"])
	if refusal != nil {
		return refusal
	}
	in := FunctionInput{
		Threshold: b.Threshold, MaxDistance: b.MaxDistance, PosPoints: b.PosPoints, NegPoints: b.NegPoints, Box: b.Box,
		TextPrompts: b.TextPrompts, Boxes0: mapped(b.Boxes0, pointsOf), Boxes1: mapped(b.Boxes1, pointsOf),
	}
	if refusal := c.seeFrames(f, b, v, &in); refusal != nil {
		return refusal
	}
	out, err := c.outcome(f, b, v, in)
	if failed, isFailure := errors.AsType[*functionError](err); isFailure {
		return bare(failed.status, failed.text)
	}
	return ok(out)
}

func pointsOf(f figure) []float64 { return f.Points }

// functionTarget finds the task or job that a body names, nil if it names none, and checks the right to act on it.
func (c *call) functionTarget(b *functionBody, act action) (*canvas, *answer) {
	if b.Job != nil && c.s.cfg.dialect == V2_73 {
		j := c.s.state.jobs.rows[*b.Job]
		switch {
		case j == nil:
			return nil, invalid("Job matching query does not exist.")
		case !c.roleIn(j.holding()).may(act):
			return nil, forbidden()
		case b.Task != nil && *b.Task != j.task.id:
			return nil, bare(http.StatusBadRequest, "Job task ID does not match task ID")
		}
		return j.canvas(), nil
	}
	if b.Task == nil {
		return nil, nil
	}
	t := c.s.state.tasks.rows[*b.Task]
	switch {
	case t == nil:
		return nil, invalid("Task matching query does not exist.")
	case !c.roleIn(t.holding()).may(act):
		return nil, forbidden()
	}
	return t.canvas(), nil
}

// argument is something that a call must say.
type argument struct {
	name  string
	given bool
}

// missing returns the first argument that a function of a kind cannot do without and that is not there.
func (b *functionBody) missing(kind string) string {
	needs := []argument{{"frame", b.Frame != nil}}
	switch kind {
	case interactor:
		needs = append(needs, argument{"pos_points", b.PosPoints != nil}, argument{"neg_points", b.NegPoints != nil})
	case tracker:
		needs = append(needs, argument{"shapes", b.Shapes != nil || b.States != nil})
	case reid:
		needs = []argument{
			{"frame0", b.Frame0 != nil}, {"frame1", b.Frame1 != nil}, {"boxes0", b.Boxes0 != nil}, {"boxes1", b.Boxes1 != nil},
		}
	}
	for _, a := range needs {
		if !a.given {
			return a.name
		}
	}
	return ""
}

// seeFrames gives a function the frames that a call names.
func (c *call) seeFrames(f *Function, b *functionBody, v *canvas, in *FunctionInput) *answer {
	if name := b.missing(f.kind()); name != "" {
		if c.s.cfg.dialect == V2_3 {
			name = "'" + name + "'"
		}
		return bare(http.StatusBadRequest,
			fmt.Sprintf("`%s` lambda function was called without mandatory argument: %s", f.ID, name))
	}
	if f.kind() != reid {
		return c.seeFrame(v, *b.Frame, &in.Frame, &in.Image)
	}
	if refusal := c.seeFrame(v, *b.Frame0, &in.Frame, &in.Image); refusal != nil {
		return refusal
	}
	return c.seeFrame(v, *b.Frame1, &in.Frame1, &in.Image1)
}

func (c *call) seeFrame(v *canvas, number int64, into *int64, image *[]byte) *answer {
	m := v.task.media
	switch {
	case m == nil || !m.ready:
		return c.s.cfg.dialect.crash()
	case v.job != nil && !slices.Contains(v.job.frames(), number):
		return bare(http.StatusBadRequest, "The frame is outside the job range")
	case number < 0 || number >= int64(len(m.frames)):
		return (&extent{media: m}).outside(c.s.cfg.dialect, number)
	}
	*into, *image = number, m.frames[number].blob.data
	return nil
}

// functionError is why a function gave no result.
type functionError struct {
	status int
	text   string
}

// Error tells it as the traceback of a worker does.
func (e *functionError) Error() string {
	if e.status == http.StatusInternalServerError {
		return "requests.exceptions.HTTPError: " + e.text
	}
	return fmt.Sprintf("django.core.exceptions.ValidationError: ['%s']", e.text)
}

func refused(format string, args ...any) error {
	return &functionError{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// broken is the failure of a function itself, as far as the real server tells.
func broken() error {
	return &functionError{
		http.StatusInternalServerError,
		"500 Server Error: Internal Server Error for url: http://host.docker.internal:8071/",
	}
}

// outcome calls a function and makes of its result what the server makes of it.
func (c *call) outcome(f *Function, b *functionBody, v *canvas, in FunctionInput) (any, error) {
	var out any
	var err error
	switch f.kind() {
	case detector:
		found, err := c.s.detect(f, b, v, in)
		switch {
		case err != nil:
			return nil, err
		case c.s.cfg.dialect == V2_3:
			return mapped(found, FunctionObject.read), nil
		}
		return v.detections(c, b, found, in.Frame), nil
	case tracker:
		return c.track(f, b, in)
	case interactor:
		out, err = f.Interact(in)
	default:
		out, err = f.Match(in)
	}
	if err != nil {
		return nil, broken()
	}
	return out, nil
}

// detections is what a detector has found in the form of annotations. They have no ids, and lack what only stored ones have.
func (v *canvas) detections(c *call, b *functionBody, found []FunctionObject, frame int64) object {
	doc := v.annotate(found, frame, b.MaskToPoly)
	doc.fill(c.s.cfg.dialect)
	r := v.reading(c, false)
	return object{
		{"version", 0},
		{"tags", mapped(doc.Tags, r.tag)},
		{"shapes", mapped(doc.Shapes, func(s *labeled) object { return r.shape(s, false) })},
		{"tracks", []any{}},
		{"intervals", []any{}},
	}
}

// track calls a tracker. Its states are signed by the newer server, and its shapes are without types at the older one.
func (c *call) track(f *Function, b *functionBody, in FunctionInput) (any, error) {
	newer := c.s.cfg.dialect == V2_73
	for _, raw := range b.Shapes {
		var shape figure
		var err error
		if newer {
			err = json.Unmarshal(raw, &shape)
		} else {
			err = json.Unmarshal(raw, &shape.Points)
		}
		switch {
		case err != nil:
			return nil, refused("a shape of another form")
		case newer && shape.Type != nil && *shape.Type != "rectangle":
			return nil, refused("This function does not support shapes of type '%s'", *shape.Type)
		}
		in.Shapes = append(in.Shapes, shape.Points)
	}
	for _, state := range b.States {
		if newer {
			var err error
			if state, err = f.unsign(state); err != nil {
				return nil, err
			}
		}
		in.States = append(in.States, state)
	}
	got, err := f.Track(in)
	if err != nil {
		return nil, broken()
	}
	if !newer {
		return object{{"shapes", got.Shapes}, {"states", got.States}}, nil
	}
	typed := func(points []float64) any {
		if points == nil {
			return nil
		}
		return object{{"type", "rectangle"}, {"points", points}}
	}
	return object{{"shapes", mapped(got.Shapes, typed)}, {"states", mapped(got.States, f.sign)}}, nil
}

// sign makes a text of a state that only this function takes.
func (f *Function) sign(state any) any {
	text, err := encode(state)
	if err != nil {
		panic(err) // a test returned what is no JSON
	}
	return string(text) + ":" + f.ID
}

func (f *Function) unsign(state any) (any, error) {
	if state == nil {
		return nil, nil
	}
	text, _ := state.(string)
	raw, signed := strings.CutSuffix(text, ":"+f.ID)
	var out any
	if !signed || json.Unmarshal([]byte(raw), &out) != nil {
		return nil, refused("Invalid or expired tracker state")
	}
	return out, nil
}
