package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-cvat/cvat/models"
)

func TestTracksAreSpreadOverTheirFrames(t *testing.T) {
	t.Parallel()
	labels := storedLabels()
	car := labels[0]
	color, parked := car.Attributes[0].ID, car.Attributes[1].ID
	key := func(frame int, x float64, parkedNow string, outside bool) models.TrackedShape {
		return models.TrackedShape{
			Type: models.ShapeTypeRectangle, Frame: frame, Points: []float64{x, 0, x + 10, 10}, Outside: outside,
			Attributes: []models.AttributeVal{{SpecID: parked, Value: parkedNow}},
		}
	}
	q := &quickstart{labels: labels, frames: make([]models.FrameMeta, 9)}
	data := models.LabeledData{Tracks: []models.LabeledTrack{{
		LabelID: car.ID, Frame: 1, Attributes: []models.AttributeVal{{SpecID: color, Value: "red"}},
		Shapes: []models.TrackedShape{
			key(1, 0, "true", false), key(3, 20, "false", false), key(4, 24, "false", true), key(7, 50, "true", false),
		},
	}}}
	var got []string
	for _, o := range q.objects(data) {
		got = append(got, fmt.Sprintf("%d:%g,%s,%s", o.Frame, o.Points[0], o.Attributes["color"], o.Attributes["parked"]))
	}
	want := []string{"1:0,red,true", "2:10,red,true", "3:20,red,false", "7:50,red,true", "8:50,red,true"}
	if !slices.Equal(got, want) {
		t.Errorf("the track is at %q, not %q", got, want)
	}
}

func TestCompareNamesWhatDiffers(t *testing.T) {
	t.Parallel()
	car := func(change func(*object)) object {
		o := object{
			Frame: 2, Kind: "rectangle", Label: "car", Points: []float64{1, 2, 3, 4},
			Attributes: map[string]string{"color": "red"}, Layer: 1,
		}
		change(&o)
		return o
	}
	as := func(*object) {}
	for want, got := range map[string][]object{
		"": {car(as)},
		`the rectangle "car" on frame 2 is missing`:                    {},
		`the rectangle "car" on frame 2 was not written`:               {car(as), car(as)},
		`frame 2 has the points [1 2 3 4.02] instead of [1 2 3 4]`:     {car(func(o *object) { o.Points = []float64{1, 2, 3, 4.02} })},
		`has the points [1 2] instead of`:                              {car(func(o *object) { o.Points = []float64{1, 2} })},
		`has the attributes map[color:blue] instead of map[color:red]`: {car(func(o *object) { o.Attributes = map[string]string{"color": "blue"} })},
		`"car" on frame 2 has a track`:                                 {car(func(o *object) { o.Tracked = true })},
		`has the layer 0 instead of 1`:                                 {car(func(o *object) { o.Layer = 0 })},
		`frame 2 is missing`:                                           {car(func(o *object) { o.Frame = 3 })},
		`"car" on frame 2 is missing`:                                  {car(func(o *object) { o.Label = "bus" })},
		`car" on frame 2 is missing`:                                   {car(func(o *object) { o.Kind = "ellipse" })},
		`has the joints ["head"] instead of []`:                        {car(func(o *object) { o.Joints = []string{"head"} })},
	} {
		err := compare([]object{car(as)}, got)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, not %q", err, want)
		}
	}
	rounded := car(func(o *object) { o.Points = []float64{1.01, 1.99, 3, 4} })
	if err := compare([]object{car(as)}, []object{rounded}); err != nil {
		t.Errorf("rounded points differ: %v", err)
	}
	if err := compare(slices.Repeat([]object{car(as)}, 9), nil); err == nil || !strings.HasSuffix(err.Error(), "; and 4 more differences") {
		t.Errorf("nine differences are %v", err)
	}
}

func TestJointsAreComparedByName(t *testing.T) {
	t.Parallel()
	one := object{Joints: []string{"b", "a"}, Points: []float64{3, 4, 1, 2}}
	other := object{Joints: []string{"a", "b"}, Points: []float64{1, 2, 3, 4}}
	if err := compare([]object{one.sorted()}, []object{other.sorted()}); err != nil {
		t.Error(err)
	}
	if err := compare([]object{one.sorted()}, []object{{Joints: []string{"a", "b"}, Points: []float64{3, 4, 1, 2}}}); err == nil {
		t.Error("swapped points are not noticed")
	}
}
