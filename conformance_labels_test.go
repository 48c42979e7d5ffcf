package cvat_test

import (
	"cmp"
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// labeled is what has labels of its own: projects and tasks.
type labeled interface {
	Labels(ctx context.Context, id int64) ([]models.Label, error)
	EditLabels(ctx context.Context, id int64, edits cvat.LabelEdits) ([]models.Label, error)
}

func conformLabelEdits(t *testing.T, s *target) {
	for name, owner := range map[string]struct {
		labeled
		id int64
	}{
		"project": {s.admin.Projects, s.newProject(t).ID},
		"task":    {s.admin.Tasks, s.newTask(t).ID},
	} {
		ctx := t.Context()
		before, err := owner.Labels(ctx, owner.id)
		require.NoError(t, err, name)
		after, err := owner.EditLabels(ctx, owner.id, cvat.LabelEdits{
			Add: []models.LabelCreate{
				{Name: "bicycle", Color: "#123456"},
				{Name: "hand", Type: models.LabelTypeSkeleton, SVG: skeletonSVG, Sublabels: []models.SublabelWrite{{Name: "head", Type: models.LabelTypePoints}, {Name: "foot"}}},
			},
			Change: map[string]cvat.LabelChange{"car": {Name: "vehicle"}, "road": {Color: "#abcdef"}, "person": {Name: "human", Color: "#fedcba"}},
			Delete: []string{"night"},
		})
		require.NoError(t, err, name)
		require.Len(t, after, 5, name)
		stored, err := owner.Labels(ctx, owner.id)
		require.NoError(t, err, name)
		for _, label := range stored {
			assert.Equal(t, inOrder(label), inOrder(labelNamed(t, after, label.Name)), name)
		}

		car, vehicle := labelNamed(t, before, "car"), labelNamed(t, after, "vehicle")
		car.Name = "vehicle"
		assert.Equal(t, inOrder(car), inOrder(vehicle), "%s: id, color and attributes stay", name)
		road := labelNamed(t, before, "road")
		road.Color = "#abcdef"
		assert.Equal(t, road, labelNamed(t, after, "road"), name)
		person := labelNamed(t, before, "person")
		person.Name, person.Color = "human", "#fedcba"
		assert.Equal(t, inOrder(person), inOrder(labelNamed(t, after, "human")), "%s: the points of the skeleton stay", name)
		bicycle, hand := labelNamed(t, after, "bicycle"), labelNamed(t, after, "hand")
		assert.Equal(t, models.LabelTypeAny, bicycle.Type, name)
		assert.Equal(t, "#123456", bicycle.Color, name)
		assert.Equal(t, models.LabelTypeSkeleton, hand.Type, name)
		require.Len(t, hand.Sublabels, 2, name)
		assert.NotContains(t, hand.SVG, "data-label-name", name)
	}
}

// inOrder sorts what servers send in any order.
func inOrder(label models.Label) models.Label {
	byID := func(a, b models.Attribute) int { return cmp.Compare(a.ID, b.ID) }
	label.Attributes = slices.SortedFunc(slices.Values(label.Attributes), byID)
	label.Sublabels = slices.SortedFunc(slices.Values(label.Sublabels), func(a, b models.Sublabel) int { return cmp.Compare(a.ID, b.ID) })
	return label
}

const skeletonSVG = `<line x1="20" y1="20" x2="60" y2="60" data-type="edge" data-node-from="1" data-node-to="2"></line>` +
	`<circle r="1.5" cx="20" cy="20" data-type="element node" data-element-id="1" data-node-id="1" data-label-name="head"></circle>` +
	`<circle r="1.5" cx="60" cy="60" data-type="element node" data-element-id="2" data-node-id="2" data-label-name="foot"></circle>`

func conformAttributeEdits(t *testing.T, s *target) {
	ctx := t.Context()
	project := s.newProject(t)
	edit := func(change cvat.LabelChange) (models.Label, error) {
		labels, err := s.admin.Projects.EditLabels(ctx, project.ID, cvat.LabelEdits{Change: map[string]cvat.LabelChange{"car": change}})
		if err != nil {
			return models.Label{}, err
		}
		return labelNamed(t, labels, "car"), nil
	}
	before, err := s.admin.Projects.Labels(ctx, project.ID)
	require.NoError(t, err)
	car := labelNamed(t, before, "car")
	colour := attributeNamed(t, car, "colour")
	changed, err := edit(cvat.LabelChange{Attributes: []models.AttributeWrite{
		{Name: "colour", InputType: models.InputTypeSelect, DefaultValue: "red", Values: []string{"red", "blue", "green"}},
		{Name: "plate", InputType: models.InputTypeText},
	}})
	require.NoError(t, err)
	require.Len(t, changed.Attributes, 3)
	assert.Equal(t, car.Color, changed.Color)
	colour.Values = []string{"red", "blue", "green"}
	assert.Equal(t, colour, attributeNamed(t, changed, "colour"), "the id stays")
	assert.Equal(t, attributeNamed(t, car, "parked"), attributeNamed(t, changed, "parked"))
	assert.Equal(t, models.InputTypeText, attributeNamed(t, changed, "plate").InputType)

	renamed, err := edit(cvat.LabelChange{RenameAttributes: map[string]string{"plate": "licence"}})
	if s.old {
		require.ErrorIs(t, err, cvat.ErrUnsupported)
		_, err = edit(cvat.LabelChange{DeleteAttributes: []string{"plate"}})
		require.ErrorIs(t, err, cvat.ErrUnsupported)
		return
	}
	require.NoError(t, err)
	assert.Equal(t, attributeNamed(t, changed, "plate").ID, attributeNamed(t, renamed, "licence").ID)
	left, err := edit(cvat.LabelChange{DeleteAttributes: []string{"licence"}})
	require.NoError(t, err)
	assert.Len(t, left.Attributes, 2)
}
