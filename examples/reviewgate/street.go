package main

import (
	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/models"
)

// addStreet makes a task of two jobs: one is fine, and in the other there are four things wrong.
func addStreet(server *cvattest.Server) *cvattest.SeededTask {
	return server.AddTask(cvattest.Task{
		Name: "street", Frames: 6, JobSize: 3, Stage: models.JobStageValidation,
		Labels: []models.LabelCreate{{Name: "car"}},
		Annotations: func(labels map[string]models.Label) models.LabeledData {
			car := labels["car"].ID
			box := func(frame int, points ...float64) models.LabeledShape {
				return models.LabeledShape{Type: models.ShapeTypeRectangle, Frame: frame, LabelID: car, Points: points}
			}
			key := func(frame int, outside bool, points ...float64) models.TrackedShape {
				return models.TrackedShape{Type: models.ShapeTypeRectangle, Frame: frame, Outside: outside, Points: points}
			}
			return models.LabeledData{
				Shapes: []models.LabeledShape{
					box(0, 10, 10, 60, 40), box(1, 12, 10, 62, 40), // 160 by 120 pixels is the frame
					box(3, 20, 20, 70, 50), box(3, 20, 20, 70, 50), // twice
					box(4, 80, 60, 82, 90), box(4, 150, 100, 162, 101), // small; small, and out of the frame
				},
				Tracks: []models.LabeledTrack{{
					LabelID: car, Frame: 1,
					Shapes: []models.TrackedShape{key(1, false, 90, 30, 120, 60), key(5, true, 95, 30, 125, 60)},
				}},
			}
		},
	})
}
