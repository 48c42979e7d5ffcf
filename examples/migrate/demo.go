package main

import (
	"context"
	"io"

	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/examples/internal/program"
	"github.com/go-cvat/cvat/models"
)

// startDemo starts two fake CVATs, an old one with a project to copy, and a new one that is empty.
func (s *settings) startDemo(ctx context.Context, stdout io.Writer) (stop func(), err error) {
	source := cvattest.NewServer(nil, cvattest.WithVersion(cvattest.V23)) //nolint:contextcheck // it lives until stop
	target := cvattest.NewServer(nil)                                     //nolint:contextcheck // it lives until stop
	stop = func() {
		source.Close()
		target.Close()
	}
	if s.project, err = addStreet(ctx, source); err != nil {
		stop()
		return nil, err
	}
	s.source.URL, s.source.User, s.source.Password = source.URL, cvattest.Username, cvattest.Password
	s.target.URL, s.target.User, s.target.Password = target.URL, cvattest.Username, cvattest.Password
	program.Say(stdout, "no -url: using two fake CVATs in this process, like %s and %s", source.Version(), target.Version())
	return stop, nil
}

// addStreet makes a project of two tasks.
func addStreet(ctx context.Context, server *cvattest.Server) (id int64, err error) {
	project, _, err := server.Backstage(cvattest.Username).Projects.Create(ctx, models.ProjectCreate{Name: "street", Labels: streetLabels()})
	if err != nil {
		return 0, err
	}
	for _, name := range []string{"high street", "low street"} {
		server.AddTask(cvattest.Task{Name: name, ProjectID: project.ID, Frames: 4, JobSize: 2, Annotations: annotate}) //nolint:contextcheck // nothing of it takes time
	}
	return project.ID, nil
}

// streetLabels are labels of three kinds: with attributes, of whole frames, and of skeletons.
func streetLabels() []models.LabelCreate {
	return []models.LabelCreate{
		{Name: "car", Attributes: []models.AttributeWrite{
			{Name: "color", InputType: models.InputTypeSelect, DefaultValue: "other", Values: []string{"other", "red", "blue"}},
			{Name: "parked", Mutable: true, InputType: models.InputTypeCheckbox, DefaultValue: "false", Values: []string{"false"}},
		}},
		{Name: "night", Type: models.LabelTypeTag},
		{
			Name: "person", Type: models.LabelTypeSkeleton,
			SVG: `<line x1="50" y1="10" x2="50" y2="90" data-type="edge" data-node-from="1" data-node-to="2"></line>` +
				`<circle r="1.5" cx="50" cy="10" data-type="element node" data-element-id="1" data-node-id="1" data-label-name="head"></circle>` +
				`<circle r="1.5" cx="50" cy="90" data-type="element node" data-element-id="2" data-node-id="2" data-label-name="feet"></circle>`,
			Sublabels: []models.SublabelWrite{{Name: "head", Type: models.LabelTypePoints}, {Name: "feet", Type: models.LabelTypePoints}},
		},
	}
}

// annotate marks a tag, two boxes, a skeleton and a track, which goes on from one job into the next.
func annotate(labels map[string]models.Label) models.LabeledData {
	car, person := labels["car"], labels["person"]
	color, parked := car.Attributes[0].ID, car.Attributes[1].ID
	box := func(frame int, value string, points ...float64) models.LabeledShape {
		return models.LabeledShape{
			Type: models.ShapeTypeRectangle, Frame: frame, LabelID: car.ID, Points: points,
			Attributes: []models.AttributeVal{{SpecID: color, Value: value}, {SpecID: parked, Value: "true"}},
		}
	}
	point := func(n int, x, y float64) models.SubLabeledShape {
		return models.SubLabeledShape{Type: models.ShapeTypePoints, Frame: 3, LabelID: person.Sublabels[n].ID, Points: []float64{x, y}}
	}
	key := func(frame int, outside bool, x float64) models.TrackedShape {
		return models.TrackedShape{
			Type: models.ShapeTypeRectangle, Frame: frame, Outside: outside, Points: []float64{x, 60, x + 30, 80},
			Attributes: []models.AttributeVal{{SpecID: parked, Value: "false"}},
		}
	}
	return models.LabeledData{
		Tags: []models.LabeledImage{{Frame: 0, LabelID: labels["night"].ID}},
		Shapes: []models.LabeledShape{
			box(0, "red", 10, 10, 60, 40), box(2, "blue", 20.25, 12.5, 70, 42),
			{Type: models.ShapeTypeSkeleton, Frame: 3, LabelID: person.ID, Elements: []models.SubLabeledShape{point(0, 80, 20), point(1, 80, 70)}},
		},
		Tracks: []models.LabeledTrack{{
			LabelID: car.ID, Frame: 0, Attributes: []models.AttributeVal{{SpecID: color, Value: "other"}},
			Shapes: []models.TrackedShape{key(0, false, 90), key(2, false, 100), key(3, true, 105)},
		}},
	}
}
