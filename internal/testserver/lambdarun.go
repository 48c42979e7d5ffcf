package testserver

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// functionRun is what a function does with a whole task or job in the background.
type functionRun struct {
	function  *Function
	body      *functionBody
	canvas    *canvas
	cleanup   bool
	threshold any // as it was given
}

func functionRunRoutes() []route {
	const one = "lambda/requests/{rq}"
	return []route{
		{op: "lambda_list_requests", method: http.MethodGet, path: "lambda/requests", handle: listRuns},
		{op: "lambda_create_requests", method: http.MethodPost, path: "lambda/requests", handle: createRun},
		{op: "lambda_retrieve_requests", method: http.MethodGet, path: one, handle: onRun(readRun)},
		{op: "lambda_delete_requests", method: http.MethodDelete, path: one, handle: onRun(deleteRun)},
	}
}

// mayRun says whether the caller may let functions run over tasks at all.
func (c *call) mayRun() bool {
	return c.s.cfg.dialect == V2_73 || c.user.superuser || slices.Contains(c.user.groups, "business")
}

// listRuns leaves out what has failed.
func listRuns(c *call) *answer {
	if !c.mayRun() {
		return forbidden()
	}
	var runs []*request
	for _, id := range sortedKeys(c.s.state.requests) {
		r := c.s.state.requests[id]
		shows := r.run != nil && !r.expired() && r.phase() != failed
		if shows && (c.s.cfg.dialect == V2_3 || c.lists(r.run.canvas.task.holding())) {
			runs = append(runs, r)
		}
	}
	return ok(mapped(runs, func(r *request) object { return r.readRun(c) }))
}

func onRun(handle func(*call, *request) *answer) handler {
	return func(c *call) *answer {
		older := c.s.cfg.dialect == V2_3
		if older && (!c.mayRun() || c.r.Method == http.MethodDelete && !c.user.superuser) {
			return forbidden()
		}
		r := c.s.state.requests[c.vars["rq"]]
		if r == nil || r.run == nil || r.expired() {
			return bare(http.StatusNotFound, c.vars["rq"]+" lambda job is not found")
		}
		mayDelete := c.user.superuser || r.owner == c.user
		if !older && (!c.roleIn(r.run.canvas.task.holding()).may(view) || c.r.Method == http.MethodDelete && !mayDelete) {
			return forbidden()
		}
		return handle(c, r)
	}
}

func readRun(c *call, r *request) *answer { return ok(r.readRun(c)) }

func deleteRun(c *call, r *request) *answer {
	c.s.stop(r.work)
	delete(c.s.state.requests, r.id)
	return empty(http.StatusNoContent)
}

func (r *request) readRun(c *call) object {
	older := c.s.cfg.dialect == V2_3
	moment := stamp
	if older { // without a time zone
		moment = func(t time.Time) string { return t.Format("2006-01-02T15:04:05.000000") }
	}
	var begun, ended, progress, trouble any
	if r.phase() != queued {
		begun = moment(r.started())
	}
	if r.settled {
		ended = moment(r.ended())
	}
	if r.failure != "" && r.settled {
		trouble = r.failure + "\n"
	}
	if n := r.progress(); n > 0 || older {
		progress = n
	}
	params := object{{"id", r.run.function.ID}, {"task", r.run.canvas.task.id}}
	if r.run.canvas.job != nil {
		params = append(params, member{"job", r.run.canvas.job.id})
	}
	return object{
		{"id", r.id},
		{"function", append(params, member{"threshold", r.run.threshold})},
		{"status", r.phase().request()},
		{"progress", progress},
		{"enqueued", moment(r.created)},
		{"started", begun},
		{"ended", ended},
		{"exc_info", trouble},
	}
}

// progress is how many frames are done, in percent.
func (r *request) progress() int {
	switch r.phase() {
	case finished:
		return 100
	case started:
		frames := len(r.run.frames())
		share := float64(now().Sub(r.started())) / float64(r.ended().Sub(r.started()))
		return 100 * int(share*float64(frames)) / max(frames, 1)
	default:
		return 0
	}
}

func functionRunFields(d Dialect) []field {
	fields := []field{
		{name: "function", required: true},
		{name: "task", kind: integer, required: true},
		{name: "threshold", kind: number},
		{name: "cleanup", kind: boolean},
		{name: "mapping", kind: dict},
		{name: "max_distance", kind: integer},
	}
	if d == V2_3 {
		return append(fields, field{name: "quality"})
	}
	return append(fields,
		field{name: "job", kind: integer},
		field{name: "convMaskToPoly", kind: boolean},
		field{name: "conv_mask_to_poly", kind: boolean},
		field{name: "roi", kind: list, items: &field{kind: integer}})
}

// createRun starts a function over a task. The older server looks at nothing but whether the function and the task are
// named.
func createRun(c *call) *answer {
	v, errs, refusal := c.check(functionRunFields(c.s.cfg.dialect), false)
	switch {
	case refusal != nil:
		return refusal
	case !c.mayRun():
		return forbidden()
	}
	run, refusal := c.takeRun()
	if refusal != nil {
		return refusal
	}
	if len(errs) > 0 {
		return c.refuseRun(v, errs)
	}
	if c.s.cfg.dialect == V2_73 && (run.canvas.task.media == nil || !run.canvas.task.media.ready) {
		return invalid("This task data has not been initialized yet")
	}
	if run.function, refusal = c.s.function(v.text("function")); refusal != nil {
		return refusal
	}
	run.cleanup, run.threshold = v.bool("cleanup"), v["threshold"]
	return c.startRun(run)
}

// takeRun reads what a run has in common with a call.
func (c *call) takeRun() (*functionRun, *answer) {
	raw, refusal := c.parse()
	if refusal != nil {
		return nil, refusal
	}
	b, isBody := decodeFunctionBody(raw)
	if !isBody {
		return nil, c.s.cfg.dialect.crash()
	}
	v, refusal := c.functionTarget(b, change)
	return &functionRun{body: b, canvas: v}, refusal
}

func (c *call) refuseRun(v values, errs object) *answer {
	if c.s.cfg.dialect == V2_73 {
		return reply(http.StatusBadRequest, errs)
	}
	function, missing := "undefined", "function"
	if v.has("function") {
		function, missing = v.text("function"), "task"
	}
	return bare(http.StatusBadRequest, fmt.Sprintf("`%s` lambda function was run with wrong arguments ('%s')", function, missing))
}

// startRun starts a run, of which a task can have one at a time.
func (c *call) startRun(run *functionRun) *answer {
	id := run.canvas.task.id
	r := &request{
		id: newUUID(), kind: "autoannotate:task", target: "task", targetID: id, run: run,
		keeps: 500 * time.Second, keepsFailed: 365 * day,
	}
	if c.s.cfg.dialect == V2_73 {
		r.id = fmt.Sprintf("action=autoannotate&target=task&target_id=%d", id)
		r.keeps, r.keepsFailed = 30*time.Minute, 3*time.Hour
	}
	for _, other := range c.s.state.requests {
		if other.run != nil && other.run.canvas.task == run.canvas.task && !other.settled {
			return bare(http.StatusConflict, fmt.Sprintf("Only one running request is allowed for the same task #%d", id))
		}
	}
	r.work = c.begin(func() error { return c.s.run(run) })
	c.s.state.requests[r.id] = r
	return ok(r.readRun(c))
}

// frames are those that a run works on.
func (run *functionRun) frames() []int64 {
	var out []int64
	if run.canvas.job != nil {
		out = run.canvas.job.frames()
	} else {
		for _, j := range run.canvas.jobs {
			out = append(out, j.frames()...)
		}
		slices.Sort(out)
	}
	return slices.Compact(out)
}

// run does all the work of a run at its end. Functions of other kinds do nothing.
func (s *Server) run(run *functionRun) error {
	v := run.canvas
	if s.state.tasks.rows[v.task.id] != v.task {
		return failure("cvat.apps.engine.models.Task.DoesNotExist: Task matching query does not exist.")
	}
	if run.cleanup {
		v.clear()
	}
	defer v.touch()
	switch run.function.kind() {
	case detector:
		return s.runDetector(run)
	case reid:
		return s.runMatching(run)
	}
	return nil
}

func (s *Server) runDetector(run *functionRun) error {
	v, all := run.canvas, &annotations{}
	for _, n := range run.frames() {
		if slices.Contains(v.task.media.deleted, n) {
			continue
		}
		in := FunctionInput{Frame: n, Image: v.task.media.frames[n].blob.data, Threshold: run.body.Threshold}
		found, err := s.detect(run.function, run.body, v, in)
		if err != nil {
			return err
		}
		doc := v.annotate(found, n, run.body.MaskToPoly)
		all.Tags, all.Shapes = append(all.Tags, doc.Tags...), append(all.Shapes, doc.Shapes...)
	}
	check := annotationCheck{dialect: s.cfg.dialect, labels: v.task.labelSet()}
	if check.structure(all) != nil {
		return failure("rest_framework.exceptions.ValidationError: the function found what is no annotation")
	}
	v.accept(s, all)
	return nil
}

// runMatching makes tracks of the rectangles that a re-identification takes for the same object.
func (s *Server) runMatching(run *functionRun) error {
	v, doc := run.canvas, &annotations{}
	boxes := map[int64][]*labeled{}
	was := v.document()
	doc.Tags, doc.Tracks = mapped(was.Tags, (*labeled).unstored), mapped(was.Tracks, (*labeled).unstored)
	for _, a := range was.Shapes {
		if *a.Type == "rectangle" {
			boxes[*a.Frame] = append(boxes[*a.Frame], a)
		} else {
			doc.Shapes = append(doc.Shapes, a.unstored())
		}
	}
	tracks, err := run.join(boxes)
	if err != nil || len(tracks) == 0 {
		return err
	}
	doc.Tracks = append(doc.Tracks, tracks...)
	v.clear()
	v.accept(s, doc)
	return nil
}

// join makes a track of each box, or adds it to the one of the box before that it matches.
func (run *functionRun) join(boxes map[int64][]*labeled) ([]*labeled, error) {
	var tracks []*labeled
	of, frames := map[*labeled]*labeled{}, run.frames()
	for i, n := range frames {
		for _, box := range boxes[n] {
			if of[box] == nil {
				of[box] = box.track()
				tracks = append(tracks, of[box])
			}
		}
		if i+1 == len(frames) || len(boxes[n]) == 0 || len(boxes[frames[i+1]]) == 0 {
			continue
		}
		matches, err := run.function.Match(run.pair(n, frames[i+1], boxes))
		if err != nil {
			return nil, broken()
		}
		for k, m := range matches {
			if m >= 0 {
				next, t := boxes[frames[i+1]][m], of[boxes[n][k]]
				of[next], t.Shapes = t, append(t.Shapes, next.keyframe())
			}
		}
	}
	for _, t := range tracks {
		if last := t.last(); *last.Frame != frames[len(frames)-1] {
			t.endAt(*last.Frame + 1)
		}
	}
	return tracks, nil
}

func (run *functionRun) pair(a, b int64, boxes map[int64][]*labeled) FunctionInput {
	points := func(box *labeled) []float64 { return box.Points }
	frames := run.canvas.task.media.frames
	return FunctionInput{
		Frame: a, Frame1: b, Image: frames[a].blob.data, Image1: frames[b].blob.data,
		Boxes0: mapped(boxes[a], points), Boxes1: mapped(boxes[b], points),
		Threshold: run.body.Threshold, MaxDistance: run.body.MaxDistance,
	}
}

// track begins a track with a box, whose attributes are lost.
func (a *labeled) track() *labeled {
	return &labeled{Frame: a.Frame, LabelID: a.LabelID, Source: new("auto"), Shapes: []*keyframe{a.keyframe()}}
}

func (a *labeled) keyframe() *keyframe { return &keyframe{Frame: a.Frame, figure: a.figure} }

// unstored returns an annotation that is to be stored anew.
func (a *labeled) unstored() *labeled {
	out := a.clone()
	out.walk(func(part *labeled) {
		part.ID = nil
		for _, k := range part.Shapes {
			k.ID = nil
		}
	})
	return out
}
