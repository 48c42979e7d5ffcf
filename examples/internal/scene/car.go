package scene

import (
	"image/color"

	"github.com/go-cvat/cvat/examples/internal/canvas"
)

// model is the look of a car that faces right, in a box of 1 by 1.
type model struct {
	body  []canvas.Point
	panes [][]canvas.Point
	wheel float64 // radius, as a share of the height
	axles [2]float64
}

func sedan() model {
	return model{
		body: []canvas.Point{
			{X: 0, Y: 0.5},
			{X: 0.06, Y: 0.42},
			{X: 0.21, Y: 0.39},
			{X: 0.35, Y: 0},
			{X: 0.66, Y: 0},
			{X: 0.8, Y: 0.4},
			{X: 0.97, Y: 0.48},
			{X: 1, Y: 0.58},
			{X: 1, Y: 0.86},
			{X: 0, Y: 0.86},
		},
		panes: [][]canvas.Point{
			{{X: 0.38, Y: 0.1}, {X: 0.49, Y: 0.1}, {X: 0.49, Y: 0.39}, {X: 0.28, Y: 0.39}},
			{{X: 0.52, Y: 0.1}, {X: 0.63, Y: 0.1}, {X: 0.73, Y: 0.39}, {X: 0.52, Y: 0.39}},
		},
		wheel: 0.21, axles: [2]float64{0.2, 0.79},
	}
}

func van() model {
	return model{
		body: []canvas.Point{
			{X: 0, Y: 0.04},
			{X: 0.04, Y: 0},
			{X: 0.72, Y: 0},
			{X: 0.86, Y: 0.4},
			{X: 0.98, Y: 0.5},
			{X: 1, Y: 0.58},
			{X: 1, Y: 0.86},
			{X: 0, Y: 0.86},
		},
		panes: [][]canvas.Point{
			{{X: 0.52, Y: 0.1}, {X: 0.69, Y: 0.1}, {X: 0.79, Y: 0.4}, {X: 0.52, Y: 0.4}},
		},
		wheel: 0.18, axles: [2]float64{0.2, 0.8},
	}
}

// car paints a car that fills its box.
func (p *painter) car(m model, b box, paint color.NRGBA, facesLeft bool) {
	at := func(x, y float64) canvas.Point {
		if facesLeft {
			x = 1 - x
		}
		return canvas.Point{X: b.left + x*(b.right-b.left), Y: b.top + y*(b.bottom-b.top)}
	}
	placed := func(points []canvas.Point) []canvas.Point {
		var moved []canvas.Point
		for _, point := range points {
			moved = append(moved, at(point.X, point.Y))
		}
		return moved
	}
	tall := b.bottom - b.top
	coat := mixed(color.NRGBA{A: 255}, paint, p.light.paint)
	p.Fill(coat, canvas.Rounded(placed(m.body)...))
	for _, pane := range m.panes {
		p.Fill(p.light.pick(0xc4e2ef, 0x46557a), placed(pane))
	}
	seam := mixed(coat, color.NRGBA{A: 255}, 0.3)
	p.Stroke(seam, 1, at(0.505, 0.42), at(0.505, 0.8))
	p.Stroke(seam, 1.4, at(0.44, 0.5), at(0.48, 0.5))
	p.Fill(rgb(0xffe9a0), canvas.Rectangle(at(0.955, 0.53).X, at(0, 0.53).Y, at(0.995, 0).X, at(0, 0.64).Y))
	p.Fill(rgb(0xff4a3d), canvas.Rectangle(at(0.005, 0.52).X, at(0, 0.52).Y, at(0.03, 0).X, at(0, 0.64).Y))
	for _, axle := range m.axles {
		hub := at(axle, 1-m.wheel)
		p.Fill(p.light.shade(0x2a2b2e), canvas.Circle(hub, m.wheel*tall))
		p.Fill(p.light.shade(0xb9bdc2), canvas.Circle(hub, m.wheel*tall*0.5))
	}
}

// beam is the light of headlamps, if they are on.
func (p *painter) beam(b box, facesLeft bool) {
	if !p.light.lamps {
		return
	}
	lamp, reach, tall := b.right, 1.6*(b.bottom-b.top), b.bottom-b.top
	if facesLeft {
		lamp, reach = b.left, -reach
	}
	for _, share := range []float64{1, 0.66, 0.33} {
		p.Fill(faint(rgb(0xfff0b8), 24), []canvas.Point{
			{X: lamp, Y: b.top + 0.55*tall},
			{X: lamp + share*reach, Y: b.top + (0.55-0.1*share)*tall},
			{X: lamp + share*reach, Y: b.top + (0.64+0.4*share)*tall},
			{X: lamp, Y: b.top + 0.64*tall},
		})
	}
}
