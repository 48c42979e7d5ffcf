package cvat

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/go-cvat/cvat/models"
)

// OpLabelsList is the list that holds the labels of tasks, projects and jobs from 2.4 on.
var OpLabelsList = Operation{ID: "labels_list", Method: http.MethodGet, Path: "/api/labels", Since: "2.4.0", Replay: Repeatable}

// labelsOf returns the labels of an object: those that the server embeds in it, or else those of the list of labels.
func labelsOf(ctx context.Context, c *Client, parameter string, id int64, embedded func() (models.Related[models.Label], error)) ([]models.Label, error) {
	if id <= 0 {
		return nil, badID(id)
	}
	listed, err := c.has(ctx, topLevelLists)
	if err != nil {
		return nil, err
	}
	if !listed {
		labels, err := embedded()
		// Sublabels stand beside their skeletons too.
		return slices.DeleteFunc(labels.Items, func(l models.Label) bool { return l.HasParent }), err
	}
	all, err := Collect(list[models.Label]{
		client: c, op: OpLabelsList, query: url.Values{parameter: {strconv.FormatInt(id, 10)}},
		sort: "id", id: func(l *models.Label) any { return l.ID },
	}.all(ctx))
	if err != nil && !errors.Is(err, ErrServer) {
		return nil, err
	}
	if len(all) == 0 {
		// The list has nothing, or a 500, for an object that does not exist.
		if _, missing := embedded(); missing != nil {
			return nil, missing
		}
		return nil, err
	}
	labels := make([]models.Label, len(all))
	for i, label := range all {
		labels[i] = *label
	}
	return labels, err
}

// checkNamed refuses, before anything is sent, what every server refuses: an object without a name, a label without
// one, two labels of one name.
func checkNamed(body, name string, labels []models.LabelCreate) error {
	if name == "" {
		return &ArgumentError{Field: body + ".Name", Reason: "is empty"}
	}
	return checkLabels(body+".Labels", labels)
}

func checkLabels(field string, labels []models.LabelCreate) error {
	first := map[string]int{}
	for i, label := range labels {
		at := field + "[" + strconv.Itoa(i) + "]"
		if label.Name == "" {
			return &ArgumentError{Field: at + ".Name", Reason: "is empty"}
		}
		if earlier, used := first[label.Name]; used {
			return &ArgumentError{
				Field:  at + ".Name",
				Reason: "is " + strconv.Quote(label.Name) + ", the name of label " + strconv.Itoa(earlier) + " already: label names must be unique",
			}
		}
		first[label.Name] = i
	}
	return nil
}
