package main

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/go-cvat/cvat/models"
)

func TestWithout(t *testing.T) {
	t.Parallel()
	for want, sides := range map[string][2]string{
		"[]":    {"a b", "b a"},
		"[a]":   {"a b a", "a b"}, // one of two that are alike is lost
		"[b b]": {"b a b", "a"},
	} {
		if got := fmt.Sprint(without(strings.Fields(sides[0]), strings.Fields(sides[1]))); got != want {
			t.Errorf("%q without %q is %s, not %s", sides[0], sides[1], got, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	got := excerpt("only: ", []string{"a", strings.Repeat("é", 500), "c", "d", "e"})
	want := []string{"only: a", "only: " + strings.Repeat("é", 400) + " …", "only: c", "  and 2 more"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestFactsAreTheSameOnAllServers, whose ids, orders, and ways to say nothing are not.
func TestFactsAreTheSameOnAllServers(t *testing.T) {
	t.Parallel()
	one, half := 1.0, 0.5
	label := func(first int64, kind models.LabelType, sublabels ...models.Sublabel) models.Label {
		return models.Label{
			ID: first, Name: "car", Type: kind, Sublabels: sublabels, TaskID: first,
			Attributes: []models.Attribute{{ID: first + 1, Name: "color"}, {ID: first + 2, Name: "make"}},
		}
	}
	old, young := label(1, ""), label(7, models.LabelTypeAny, []models.Sublabel{}...)
	if a, b := labelsOf([]models.Label{old}), labelsOf([]models.Label{young}); !reflect.DeepEqual(a, b) {
		t.Errorf("%q is not %q", a, b)
	}
	shape := func(label models.Label, score *float64, values ...models.AttributeVal) models.LabeledShape {
		return models.LabeledShape{ID: label.ID, LabelID: label.ID, Points: []float64{1, 2.5}, Score: score, Attributes: values}
	}
	red := func(id int64) models.AttributeVal { return models.AttributeVal{SpecID: id, Value: "red"} }
	fiat := func(id int64) models.AttributeVal { return models.AttributeVal{SpecID: id, Value: "fiat"} }
	from, to := namesOf([]models.Label{old}), namesOf([]models.Label{young})
	want := from.text(shape(old, nil, red(2), fiat(3)))
	if got := to.text(shape(young, &one, fiat(9), red(8))); got != want {
		t.Errorf("%s is not %s", got, want)
	}
	for _, other := range []models.LabeledShape{shape(young, &half, red(8), fiat(9)), shape(young, nil, red(9), fiat(8)), shape(young, nil)} {
		if got := to.text(other); got == want {
			t.Errorf("nothing tells %+v", other)
		}
	}
	bare := shape(young, nil)
	bare.Attributes, bare.Elements = []models.AttributeVal{}, []models.SubLabeledShape{}
	if a, b := from.text(shape(old, nil)), to.text(bare); a != b {
		t.Errorf("%s is not %s", a, b)
	}
}
