package main

import (
	"fmt"
	"strings"

	"github.com/go-cvat/cvat/examples/internal/scene"
	"github.com/go-cvat/cvat/models"
)

// newLabels are what the program looks for in pictures.
func newLabels() []models.LabelCreate {
	return []models.LabelCreate{
		{
			Name: "car", Type: models.LabelTypeRectangle, Color: "#ff3355",
			Attributes: []models.AttributeWrite{
				{
					Name: "color", InputType: models.InputTypeSelect, DefaultValue: "other",
					Values: []string{"other", "red", "blue", "green", "white", "yellow"},
				},
				// In a track, a mutable attribute changes from frame to frame.
				{Name: "parked", Mutable: true, InputType: models.InputTypeCheckbox, DefaultValue: "false", Values: []string{"false"}},
			},
		},
		{Name: "building", Type: models.LabelTypePolygon, Color: "#9b59ff"},
		{Name: "road", Type: models.LabelTypePolygon, Color: "#00b8d9"},
		{Name: "day", Type: models.LabelTypeTag, Color: "#ffb020"},
		{Name: "night", Type: models.LabelTypeTag, Color: "#3f51b5"},
		{Name: "pedestrian", Type: models.LabelTypeSkeleton, Color: "#36d000", SVG: skeletonSVG(), Sublabels: joints()},
	}
}

// joints are the labels of the points of a skeleton.
func joints() []models.SublabelWrite {
	var sublabels []models.SublabelWrite
	for _, name := range scene.Joints() {
		sublabels = append(sublabels, models.SublabelWrite{Name: name, Type: models.LabelTypePoints})
	}
	return sublabels
}

// skeletonSVG is the pattern that CVAT's user interface draws new skeletons by. The server wants it with the label.
func skeletonSVG() string {
	pattern := posture()
	node := map[string]int{}
	var lines, circles strings.Builder
	for i, name := range scene.Joints() {
		node[name] = i + 1
		fmt.Fprintf(&circles, `<circle r="1.5" cx="%g" cy="%g" data-type="element node" data-element-id="%d" data-node-id="%d" data-label-name="%s"></circle>`,
			pattern[name][0], pattern[name][1], i+1, i+1, name)
	}
	for _, bone := range scene.Bones() {
		from, to := bone[0], bone[1]
		fmt.Fprintf(&lines, `<line x1="%g" y1="%g" x2="%g" y2="%g" data-type="edge" data-node-from="%d" data-node-to="%d"></line>`,
			pattern[from][0], pattern[from][1], pattern[to][0], pattern[to][1], node[from], node[to])
	}
	return lines.String() + circles.String()
}

// posture is where the joints of a standing person are, in a box of 100 by 100.
func posture() map[string][2]float64 {
	return map[string][2]float64{
		"head": {50, 10}, "neck": {50, 25}, "hips": {50, 55}, "left hand": {70, 53}, "right hand": {30, 53},
		"left knee": {58, 76}, "right knee": {42, 76}, "left foot": {60, 97}, "right foot": {40, 97},
	}
}
