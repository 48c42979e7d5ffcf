package cvat

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/go-cvat/cvat/models"
)

// LabelEdits are changes to the labels of a task or a project: see [TasksService.EditLabels] and
// [ProjectsService.EditLabels]. Every label is named as it is called before the edits, and at most once. Labels that no edit
// names stay as they are.
type LabelEdits struct {
	// Add are new labels.
	Add []models.LabelCreate
	// Change says what to change of labels, by their names.
	Change map[string]LabelChange
	// Delete are the names of labels to delete. Everything that was annotated with them goes too, in all tasks of a project.
	Delete []string
}

// LabelChange changes what is set of a label. Its id, its type, the points of a skeleton and what was annotated with it stay,
// and so does every attribute that is not named.
type LabelChange struct {
	// Name is the new name.
	Name string
	// Color is the new color, "#rrggbb".
	Color string
	// Attributes are added, or take the place of the attribute of the same name, which keeps its id and its values in
	// annotations. Servers since 2.65 refuse to change Mutable and InputType and to take away choices ([ErrInvalid]).
	Attributes []models.AttributeWrite
	// RenameAttributes gives attributes new names, by their old ones. Servers before 2.12 cannot: [ErrUnsupported].
	RenameAttributes map[string]string
	// DeleteAttributes are the names of attributes to delete with their values in all annotations. Servers before 2.65 cannot:
	// [ErrUnsupported].
	DeleteAttributes []string
}

// editLabels applies edits to the labels of an object, which patch sends.
func editLabels(ctx context.Context, c *Client, edits LabelEdits, parameter string, id int64,
	embedded func() (models.Related[models.Label], error),
	patch func([]models.LabelPatch) (models.Related[models.Label], error),
) ([]models.Label, error) {
	labels, err := labelsOf(ctx, c, parameter, id, embedded)
	if err != nil {
		return nil, err
	}
	patches, err := edits.patches(labels)
	if err != nil || len(patches) == 0 {
		return labels, err
	}
	if err := edits.checkServer(ctx, c); err != nil {
		return nil, err
	}
	changed, err := patch(patches)
	if err != nil {
		return nil, err
	}
	labels, err = labelsOf(ctx, c, parameter, id, func() (models.Related[models.Label], error) { return changed, nil })
	if err != nil {
		return nil, fmt.Errorf("cvat: the labels are changed, but cannot be read: %w", err)
	}
	return labels, nil
}

// check refuses edits that are wrong whatever the labels are.
func (e LabelEdits) check() error {
	err := cmp.Or(checkLabels("LabelEdits.Add", e.Add), checkTwins("LabelEdits.Add", e.Add))
	for _, name := range slices.Sorted(maps.Keys(e.Change)) {
		err = cmp.Or(err, e.Change[name].check(changeOf(name)))
	}
	for i, name := range e.Delete {
		if _, changed := e.Change[name]; changed || slices.Contains(e.Delete[:i], name) {
			err = cmp.Or(err, error(&ArgumentError{Field: item("LabelEdits.Delete", i), Reason: "is " + strconv.Quote(name) + ", which is given twice"}))
		}
	}
	return err
}

func changeOf(name string) string { return "LabelEdits.Change[" + strconv.Quote(name) + "]" }

func (c LabelChange) check(field string) error {
	err := cmp.Or(
		checkLengths(field, maxLabelName, "Name", c.Name),
		checkLengths(field, maxColor, "Color", c.Color),
		checkAttributes(field+".Attributes", c.Attributes))
	given := map[string]bool{}
	once := func(list, name string) {
		if given[name] {
			err = cmp.Or(err, error(&ArgumentError{Field: field + list, Reason: "names the attribute " + strconv.Quote(name) + ", which is given twice"}))
		}
		given[name] = true
	}
	for i, attribute := range c.Attributes {
		if attribute.Deleted || attribute.ID != 0 {
			err = cmp.Or(err, error(&ArgumentError{
				Field: item(field+".Attributes", i), Reason: "has ID or Deleted set: here attributes go by their names; see RenameAttributes and DeleteAttributes",
			}))
		}
		once(".Attributes", attribute.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(c.RenameAttributes)) {
		to := c.RenameAttributes[name]
		err = cmp.Or(err, checkPatched(field+".RenameAttributes["+strconv.Quote(name)+"]", &to))
		once(".RenameAttributes", name)
	}
	for _, name := range c.DeleteAttributes {
		once(".DeleteAttributes", name)
	}
	return err
}

// checkServer refuses what the server's version cannot do.
func (e LabelEdits) checkServer(ctx context.Context, c *Client) error {
	for _, change := range e.Change {
		if len(change.RenameAttributes) > 0 {
			if err := c.need(ctx, attributeRenaming); err != nil {
				return err
			}
		}
		if len(change.DeleteAttributes) > 0 {
			if err := c.need(ctx, attributeDeletion); err != nil {
				return err
			}
		}
	}
	return nil
}
