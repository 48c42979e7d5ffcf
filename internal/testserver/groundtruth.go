package testserver

import (
	"fmt"
	"net/http"
	"slices"
)

// createGroundTruth makes the one kind of job that can be asked for.
func createGroundTruth(c *call) *answer {
	v, refusal := c.take([]field{
		{name: "type", kind: choice, choices: []string{"annotation", groundTruth, "consensus_replica"}, required: true},
		{name: "task_id", kind: integer, required: true},
		{
			name: "frame_selection_method", kind: choice,
			choices: []string{"random_uniform", "random_per_job", "manual"},
		},
		{name: "frame_count", kind: integer, min: new(1.0)},
		{name: "frame_share", kind: number},
		{name: "frames_per_job_count", kind: integer, min: new(1.0)},
		{name: "frames_per_job_share", kind: number},
		{name: "random_seed", kind: integer, min: new(0.0)},
		{name: "frames", kind: list, items: &field{kind: integer, min: new(0.0)}},
		{name: "assignee", kind: integer, null: true},
		{name: "stage", kind: choice, choices: []string{"annotation", "validation", "acceptance"}},
		{name: "state", kind: choice, choices: []string{"new", "in progress", "completed", "rejected"}},
	}, false)
	if refusal != nil {
		return refusal
	}
	if v.text("type") != groundTruth {
		return invalid(fmt.Sprintf("Unexpected job type '%s'", v.text("type")))
	}
	t := c.s.state.tasks.rows[v.int("task_id")]
	if t == nil {
		return c.s.cfg.dialect.missing("Task")
	}
	if refusal := c.permit(assign, t.holding(), "Task"); refusal != nil {
		return refusal
	}
	switch {
	case t.media == nil || !t.media.ready:
		return invalid("This task has no data attached yet. Please set up task data and try again")
	case t.validationMode() != nil:
		return invalid(`Task with validation mode "gt" cannot have more than 1 GT job`)
	}
	frames, refusal := chooseFrames(v, len(t.media.frames))
	if refusal != nil {
		return refusal
	}
	j := c.s.addJob(t, 0, int64(len(t.media.frames)-1), groundTruth)
	j.included = frames
	j.assignee = c.s.state.users.rows[v.int("assignee")]
	return reply(http.StatusCreated, j.read(c)).with("Location", c.url("/api/jobs/%d", j.id))
}

// chooseFrames picks the frames of a ground truth job. What is random on the real server is the first ones here.
func chooseFrames(v values, size int) ([]int64, *answer) {
	if v.text("frame_selection_method") != "manual" {
		count := v.int("frame_count")
		if count == 0 {
			count = max(1, int64(float64(size)*share(v)))
		}
		if count > int64(size) {
			return nil, invalid(fmt.Sprintf("The number of frames requested (%d) must not be greater than the number "+
				"of the task frames (%d)", count, size))
		}
		frames := make([]int64, count)
		for i := range frames {
			frames[i] = int64(i)
		}
		return frames, nil
	}
	var frames []int64
	items, _ := v["frames"].([]any)
	for _, item := range items {
		n, _ := item.(int64)
		if n >= int64(size) {
			return nil, invalid(fmt.Sprintf("Unexpected frame id(s): %d", n))
		}
		frames = append(frames, n)
	}
	slices.Sort(frames)
	return slices.Compact(frames), nil
}

func share(v values) float64 {
	f, _ := v["frame_share"].(float64)
	return f
}
