package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// facts are what is known of one kind of things, in words that are the same on all servers. Their order means nothing.
type facts struct {
	kind  string
	facts []string
}

// property is the kind of facts that are not counted.
const property = "property"

func projectOf(p *models.Project) []facts {
	return []facts{{property, []string{fmt.Sprintf("name %q", p.Name), fmt.Sprintf("bug tracker %q", p.BugTracker)}}}
}

func labelsOf(labels []models.Label) []facts {
	named, of := namesOf(labels), facts{kind: "label"}
	for _, label := range labels {
		label.Type = cmp.Or(label.Type, models.LabelTypeAny)
		for _, point := range label.Sublabels {
			label.SVG = strings.ReplaceAll(label.SVG, fmt.Sprintf(`data-label-id="%d"`, point.ID), fmt.Sprintf("data-label-name=%q", point.Name))
		}
		of.facts = append(of.facts, named.text(label))
	}
	return []facts{of}
}

// taskOf asks for all there is to know of a task, and leaves out what a backup does not have.
func taskOf(ctx context.Context, client *cvat.Client, task *models.Task, named names) ([]facts, error) {
	properties := facts{property, []string{
		fmt.Sprintf("name %q", task.Name), fmt.Sprintf("subset %q", task.Subset), fmt.Sprintf("bug tracker %q", task.BugTracker),
	}}
	frames, jobs := facts{kind: "frame"}, facts{kind: "job"}
	tags, shapes, tracks, intervals := facts{kind: "tag"}, facts{kind: "shape"}, facts{kind: "track"}, facts{kind: "interval"}
	if task.Size > 0 {
		for frame, err := range client.Tasks.Frames(ctx, task.ID) {
			if err != nil {
				return nil, err
			}
			frames.facts = append(frames.facts, textOf(frame))
		}
		parts, err := client.Tasks.Jobs(ctx, task.ID)
		if err != nil {
			return nil, err
		}
		for _, job := range parts {
			jobs.facts = append(jobs.facts, fmt.Sprintf("frames %d to %d, %s", job.StartFrame, job.StopFrame, cmp.Or(job.Type, models.JobTypeAnnotation)))
		}
		data, _, err := client.Tasks.GetAnnotations(ctx, task.ID)
		if err != nil {
			return nil, err
		}
		tags.facts, shapes.facts = texts(named, data.Tags), texts(named, data.Shapes)
		tracks.facts, intervals.facts = texts(named, data.Tracks), texts(named, data.Intervals)
	}
	return []facts{properties, frames, jobs, tags, shapes, tracks, intervals}, nil
}

func textOf(frame *cvat.Frame) string {
	state := ""
	if frame.Deleted {
		state = ", deleted"
	}
	return fmt.Sprintf("%d: %q, %dx%d pixels%s", frame.Number, frame.Name, frame.Width, frame.Height, state)
}

// names are those of labels and attributes, by their ids, which each server gives its own.
type names struct{ labels, attributes map[int64]string }

func namesOf(labels []models.Label) names {
	named := names{map[int64]string{}, map[int64]string{}}
	add := func(id int64, name string, attributes []models.Attribute) {
		named.labels[id] = name
		for _, attribute := range attributes {
			named.attributes[attribute.ID] = attribute.Name
		}
	}
	for _, label := range labels {
		add(label.ID, label.Name, label.Attributes)
		for _, point := range label.Sublabels {
			add(point.ID, label.Name+"/"+point.Name, point.Attributes)
		}
	}
	return named
}

func texts[T any](named names, items []T) (facts []string) {
	for _, item := range items {
		facts = append(facts, named.text(item))
	}
	return facts
}

// text is an annotation or label as JSON, with names in the place of ids.
func (n names) text(v any) string {
	var tree any
	content, err := json.Marshal(v)
	if err == nil {
		decoder := json.NewDecoder(bytes.NewReader(content))
		decoder.UseNumber() // as precise as they are
		err = decoder.Decode(&tree)
	}
	if err == nil {
		content, err = json.Marshal(n.named(tree))
	}
	if err != nil {
		panic(err) // it came as JSON
	}
	return string(content)
}

// named puts names in the place of ids, and drops what says nothing: lists without elements, the order of objects in others,
// and what only some servers send.
func (n names) named(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = n.named(v[i])
		}
		if len(v) > 0 {
			if _, objects := v[0].(map[string]any); objects {
				slices.SortFunc(v, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			}
		}
	case map[string]any:
		for key, value := range v {
			list, isList := value.([]any)
			switch {
			case slices.Contains([]string{"id", "project_id", "task_id", "parent_id", "has_parent"}, key),
				value == nil, isList && len(list) == 0, key == "score" && value == json.Number("1"):
				delete(v, key)
			case key == "label_id":
				delete(v, key)
				v["label"] = n.labels[number(value)]
			case key == "spec_id":
				delete(v, key)
				v["name"] = n.attributes[number(value)]
			default:
				v[key] = n.named(value)
			}
		}
	}
	return v
}

func number(v any) int64 {
	text, _ := v.(json.Number)
	n, _ := text.Int64() // 0, which is no id, for what is no number
	return n
}
