package main

import (
	"fmt"
	"math"

	"github.com/go-cvat/cvat/examples/internal/scene"
	"github.com/go-cvat/cvat/models"
)

// annotations says in the terms of a task what is on its pictures: frames by number, labels and attributes by id.
func annotations(scenes *scene.Scenes, labels []models.Label, frames []models.FrameMeta) (models.LabeledData, error) {
	a := annotator{labels: map[string]models.Label{}, frames: map[string]int{}}
	for _, label := range labels {
		a.labels[label.Name] = label
	}
	for number, frame := range frames {
		a.frames[frame.Name] = number
	}
	for _, picture := range scenes.Pictures {
		if err := a.picture(picture); err != nil {
			return a.data, fmt.Errorf("%s: %w", picture.File, err)
		}
	}
	for _, track := range scenes.Tracks {
		if err := a.track(track); err != nil {
			return a.data, fmt.Errorf("track of a %s: %w", track.Label, err)
		}
	}
	return a.data, nil
}

// annotator collects annotations.
type annotator struct {
	labels map[string]models.Label
	frames map[string]int
	data   models.LabeledData
}

func (a *annotator) picture(picture scene.Picture) error {
	frame, err := lookUp(a.frames, "frame", picture.File)
	if err != nil {
		return err
	}
	for _, name := range picture.Tags {
		label, err := lookUp(a.labels, "label", name)
		if err != nil {
			return err
		}
		a.data.Tags = append(a.data.Tags, models.LabeledImage{Frame: frame, LabelID: label.ID})
	}
	for _, shape := range picture.Shapes {
		if err := a.shape(frame, shape); err != nil {
			return err
		}
	}
	return nil
}

func (a *annotator) shape(frame int, shape scene.Shape) error {
	label, err := lookUp(a.labels, "label", shape.Label)
	if err != nil {
		return err
	}
	attributes, err := valuesOf(label, shape.Attributes)
	if err != nil {
		return err
	}
	written := models.LabeledShape{
		Type: models.ShapeType(shape.Type), Frame: frame, LabelID: label.ID, Points: shape.Points,
		Attributes: attributes, ZOrder: shape.Layer,
	}
	// A skeleton has no points itself: they are its elements, each with a sublabel.
	for _, sublabel := range label.Sublabels {
		at, err := lookUp(shape.Joints, "joint", sublabel.Name)
		if err != nil {
			return err
		}
		written.Elements = append(written.Elements, models.SubLabeledShape{
			Type: models.ShapeTypePoints, Frame: frame, LabelID: sublabel.ID, Points: at[:], ZOrder: shape.Layer,
		})
	}
	a.data.Shapes = append(a.data.Shapes, written)
	return nil
}

func (a *annotator) track(track scene.Track) error {
	label, err := lookUp(a.labels, "label", track.Label)
	if err != nil {
		return err
	}
	written := models.LabeledTrack{LabelID: label.ID}
	if written.Attributes, err = valuesOf(label, track.Attributes); err != nil {
		return err
	}
	for i, key := range track.Keys {
		frame, err := lookUp(a.frames, "frame", key.File)
		if err != nil {
			return err
		}
		if i == 0 {
			written.Frame = frame
		}
		attributes, err := valuesOf(label, key.Attributes)
		if err != nil {
			return err
		}
		written.Shapes = append(written.Shapes, models.TrackedShape{
			Type: models.ShapeTypeRectangle, Frame: frame, Points: key.Points, Attributes: attributes, ZOrder: track.Layer,
		})
	}
	a.data.Tracks = append(a.data.Tracks, written)
	return nil
}

// valuesOf gives values to attributes, in the order of the label. Those left out get the default of the label.
func valuesOf(label models.Label, values map[string]string) ([]models.AttributeVal, error) {
	var written []models.AttributeVal
	for _, attribute := range label.Attributes {
		if value, given := values[attribute.Name]; given {
			written = append(written, models.AttributeVal{SpecID: attribute.ID, Value: value})
		}
	}
	if len(written) != len(values) {
		return nil, fmt.Errorf("label %q lacks some of the attributes %v", label.Name, values)
	}
	return written, nil
}

func lookUp[T any](things map[string]T, kind, name string) (T, error) {
	thing, ok := things[name]
	if !ok {
		return thing, fmt.Errorf("the task has no %s %q", kind, name)
	}
	return thing, nil
}

// anyScenes makes up what could be on pictures that nobody has described: a road below, a car and a person on it, and a
// car that drives by.
func anyScenes(frames []models.FrameMeta) *scene.Scenes {
	scenes := &scene.Scenes{}
	drive := scene.Track{Label: "car", Attributes: map[string]string{"color": "red"}, Layer: 1}
	for i, frame := range frames {
		on := canvasOf(frame)
		scenes.Pictures = append(scenes.Pictures, scene.Picture{
			File: frame.Name,
			Tags: []string{"day"},
			Shapes: []scene.Shape{
				{Label: "road", Type: "polygon", Points: on.points(0.4, 0.6, 0.6, 0.6, 0.95, 0.97, 0.05, 0.97)},
				{
					Label: "car", Type: "rectangle", Points: on.points(0.2, 0.62, 0.42, 0.76), Layer: 1,
					Attributes: map[string]string{"color": "blue", "parked": "true"},
				},
				{Label: "pedestrian", Type: "skeleton", Joints: on.person(0.68, 0.45, 0.16, 0.4), Layer: 2},
			},
		})
		if i == 0 || i == len(frames)-1 {
			left := 0.1 + 0.5*float64(i)/float64(len(frames))
			drive.Keys = append(drive.Keys, scene.Key{
				File: frame.Name, Points: on.points(left, 0.8, left+0.25, 0.95), Attributes: map[string]string{"parked": "false"},
			})
		}
	}
	scenes.Tracks = []scene.Track{drive}
	return scenes
}

// extent is the size of a picture, in pixels.
type extent struct{ width, height float64 }

func canvasOf(frame models.FrameMeta) extent {
	return extent{float64(frame.Width), float64(frame.Height)}
}

// points are shares of the size by turns.
func (e extent) points(shares ...float64) []float64 {
	points := make([]float64, len(shares))
	for i, share := range shares {
		points[i] = math.Round(share * []float64{e.width, e.height}[i%2])
	}
	return points
}

// person stands in a box of that share of the picture.
func (e extent) person(left, top, width, height float64) map[string][2]float64 {
	joints := posture()
	for name, at := range joints {
		p := e.points(left+width*at[0]/100, top+height*at[1]/100)
		joints[name] = [2]float64{p[0], p[1]}
	}
	return joints
}
