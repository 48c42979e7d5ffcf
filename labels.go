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
