package cvat

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/go-cvat/cvat/models"
)

// patches writes the edits as servers want them. All of them want the color of a label that is changed, or they choose
// another, and those before 2.4 its name. A name that the edits set free is not free for them: servers disagree.
func (e LabelEdits) patches(labels []models.Label) ([]models.LabelPatch, error) {
	index := map[string]models.Label{}
	for _, label := range labels {
		index[label.Name] = label
	}
	if err := e.checkNames(index); err != nil {
		return nil, err
	}
	var patches []models.LabelPatch
	for _, name := range e.Delete {
		patches = append(patches, models.LabelPatch{ID: new(index[name].ID), Name: new(name), Deleted: new(true)})
	}
	for _, label := range labels {
		change, named := e.Change[label.Name]
		if !named {
			continue
		}
		attributes, err := change.attributes(changeOf(label.Name), label.Attributes)
		if err != nil {
			return nil, err
		}
		patches = append(patches, models.LabelPatch{
			ID: new(label.ID), Name: new(cmp.Or(change.Name, label.Name)), Color: new(cmp.Or(change.Color, label.Color)), Attributes: attributes,
		})
	}
	for _, label := range e.Add {
		patches = append(patches, added(label))
	}
	return patches, nil
}

// checkNames refuses labels that are not there, and new names that are taken.
func (e LabelEdits) checkNames(index map[string]models.Label) error {
	known := func(field, name string) error {
		if _, ok := index[name]; ok {
			return nil
		}
		there := slices.Sorted(maps.Keys(index))
		return &ArgumentError{Field: field, Reason: fmt.Sprintf("is no label: there are %q", there)}
	}
	free := func(field, name string) error {
		if _, taken := index[name]; !taken {
			index[name] = models.Label{}
			return nil
		}
		return &ArgumentError{Field: field, Reason: "is " + strconv.Quote(name) + ", which a label is called already: set the name free by a call before"}
	}
	for i, name := range e.Delete {
		if err := known(item("LabelEdits.Delete", i), name); err != nil {
			return err
		}
	}
	changed := slices.Sorted(maps.Keys(e.Change))
	for _, name := range changed {
		if err := known(changeOf(name), name); err != nil {
			return err
		}
	}
	for _, name := range changed {
		if to := e.Change[name].Name; to != "" && to != name {
			if err := free(changeOf(name)+".Name", to); err != nil {
				return err
			}
		}
	}
	for i, label := range e.Add {
		if err := free(item("LabelEdits.Add", i)+".Name", label.Name); err != nil {
			return err
		}
	}
	return nil
}

// attributes writes the changes of attributes. Servers know them by name, and since 2.12 by id too.
func (c LabelChange) attributes(field string, stored []models.Attribute) ([]models.AttributeWrite, error) {
	index := map[string]models.AttributeWrite{}
	for _, attribute := range stored {
		index[attribute.Name] = rewritten(attribute)
	}
	if err := c.checkNames(field, index); err != nil {
		return nil, err
	}
	var out []models.AttributeWrite
	for _, name := range c.DeleteAttributes {
		attribute := index[name]
		attribute.Deleted = true
		out = append(out, attribute)
	}
	for _, name := range slices.Sorted(maps.Keys(c.RenameAttributes)) {
		attribute := index[name]
		attribute.Name = c.RenameAttributes[name]
		out = append(out, attribute)
	}
	return append(out, c.Attributes...), nil
}

// checkNames refuses attributes that are not there, and new names that are taken.
func (c LabelChange) checkNames(field string, index map[string]models.AttributeWrite) error {
	taken := map[string]bool{}
	for name := range index {
		taken[name] = true
	}
	for _, attribute := range c.Attributes {
		taken[attribute.Name] = true
	}
	unknown := func(list, name string) error {
		return &ArgumentError{Field: field + list, Reason: "names the attribute " + strconv.Quote(name) + ", which the label does not have"}
	}
	for _, name := range c.DeleteAttributes {
		if _, known := index[name]; !known {
			return unknown(".DeleteAttributes", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.RenameAttributes)) {
		if _, known := index[name]; !known {
			return unknown(".RenameAttributes", name)
		}
		to := c.RenameAttributes[name]
		if taken[to] {
			return &ArgumentError{Field: field + ".RenameAttributes", Reason: "gives the name " + strconv.Quote(to) + ", which is taken"}
		}
		taken[to] = true
	}
	return nil
}

// rewritten writes an attribute as it is stored.
func rewritten(a models.Attribute) models.AttributeWrite {
	w := models.AttributeWrite{ID: a.ID, Name: a.Name, Mutable: a.Mutable, InputType: a.InputType, DefaultValue: a.DefaultValue, Values: a.Values}
	if len(w.Values) == 1 && w.Values[0] == "" {
		w.Values = nil // how servers write none
	}
	return w
}

// added writes a new label. Servers of 2.3 store no type unless it is given.
func added(label models.LabelCreate) models.LabelPatch {
	patch := models.LabelPatch{
		Name: new(label.Name), Attributes: label.Attributes, Type: new(cmp.Or(label.Type, models.LabelTypeAny)),
		Sublabels: slices.Clone(label.Sublabels),
	}
	if label.Color != "" {
		patch.Color = new(label.Color)
	}
	if label.SVG != "" {
		patch.SVG = new(label.SVG)
	}
	for i := range patch.Sublabels {
		patch.Sublabels[i].Type = cmp.Or(patch.Sublabels[i].Type, models.LabelTypeAny)
	}
	return patch
}
