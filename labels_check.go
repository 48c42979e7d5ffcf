package cvat

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/go-cvat/cvat/models"
)

// names notices what stands twice in a list.
type names struct {
	what  string // what bears them
	first map[string]int
}

// check refuses a name that is empty, too long, or another one's of the list. Servers cut the blanks around it off.
func (n *names) check(field string, index int, name string) error {
	name = strings.TrimSpace(name)
	earlier, used := n.first[name]
	switch {
	case name == "":
		return &ArgumentError{Field: field, Reason: "is empty"}
	case used:
		return &ArgumentError{
			Field:  field,
			Reason: "is " + strconv.Quote(name) + ", the name of " + n.what + " " + strconv.Itoa(earlier) + " already: names must be unique",
		}
	}
	if n.first == nil {
		n.first = map[string]int{}
	}
	n.first[name] = index
	field, own := field[:strings.LastIndexByte(field, '.')], field[strings.LastIndexByte(field, '.')+1:]
	return checkLengths(field, maxLabelName, own, name)
}

// item names an element of a list.
func item(list string, index int) string { return list + "[" + strconv.Itoa(index) + "]" }

// checkLabels refuses labels that cannot be made.
func checkLabels(field string, labels []models.LabelCreate) error {
	seen := names{what: "label"}
	for i, label := range labels {
		at := item(field, i)
		err := cmp.Or(
			seen.check(at+".Name", i, label.Name),
			checkLengths(at, maxColor, "Color", label.Color),
			checkAttributes(at+".Attributes", label.Attributes),
			checkSublabels(at+".Sublabels", label.Sublabels))
		if err != nil {
			return err
		}
	}
	return nil
}

// checkLabelPatches refuses changes of labels that cannot be made. Whether a changed label needs its name depends on the
// server.
func checkLabelPatches(field string, patches []models.LabelPatch) error {
	added := names{what: "label"}
	for i, patch := range patches {
		at := item(field, i)
		var err error
		switch {
		case patch.ID != nil && *patch.ID <= 0:
			err = &ArgumentError{Field: at + ".ID", Reason: "is " + strconv.FormatInt(*patch.ID, 10) + ": ids start at 1; leave it out to add a label"}
		case patch.ID == nil && valueOf(patch.Deleted):
			err = &ArgumentError{Field: at + ".ID", Reason: "is missing: which label is to be deleted?"}
		case patch.ID == nil:
			err = added.check(at+".Name", i, valueOf(patch.Name))
		default:
			err = cmp.Or(checkPatched(at+".Name", patch.Name), checkLengths(at, maxLabelName, "Name", valueOf(patch.Name)))
		}
		err = cmp.Or(err,
			checkLengths(at, maxColor, "Color", valueOf(patch.Color)),
			checkAttributes(at+".Attributes", patch.Attributes),
			checkSublabels(at+".Sublabels", patch.Sublabels))
		if err != nil {
			return err
		}
	}
	return nil
}

// checkSublabels refuses points of a skeleton that cannot be made. Two of one name are refused by servers for tasks, and
// until 2.3 not for projects.
func checkSublabels(field string, sublabels []models.SublabelWrite) error {
	for i, sublabel := range sublabels {
		at := item(field, i)
		err := cmp.Or(
			checkFilled(at, "Name", sublabel.Name),
			checkLengths(at, maxLabelName, "Name", sublabel.Name),
			checkLengths(at, maxColor, "Color", sublabel.Color),
			checkAttributes(at+".Attributes", sublabel.Attributes))
		if err != nil {
			return err
		}
	}
	return nil
}

// checkTwins refuses a skeleton of a task that has two points of one name.
func checkTwins(field string, labels []models.LabelCreate) error {
	for i, label := range labels {
		seen := names{what: "sublabel"}
		for j, sublabel := range label.Sublabels {
			if err := seen.check(item(item(field, i)+".Sublabels", j)+".Name", j, sublabel.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkAttributes refuses attributes that cannot be made: servers of 2.3 do not check them, and fail.
func checkAttributes(field string, attributes []models.AttributeWrite) error {
	seen := names{what: "attribute"}
	for i, attribute := range attributes {
		at := item(field, i)
		if attribute.Deleted {
			if attribute.ID <= 0 {
				return &ArgumentError{Field: at + ".ID", Reason: "is missing: which attribute is to be deleted?"}
			}
			continue
		}
		err := cmp.Or(
			seen.check(at+".Name", i, attribute.Name),
			checkFilled(at, "InputType", string(attribute.InputType)),
			checkLengths(at, maxDefault, "DefaultValue", attribute.DefaultValue))
		if err != nil {
			return err
		}
	}
	return nil
}
