package scene

import "github.com/go-cvat/cvat/examples/internal/canvas"

// house is a building with rows of windows.
type house struct {
	wall    uint32
	outline []canvas.Point
	// The windows fill this box.
	left, top, right, bottom float64
	columns, rows            int
	roof                     []canvas.Point // of another colour, above the wall
}

func houses() []house {
	return []house{
		{
			wall:    0xb5654a,
			outline: []canvas.Point{{X: 0, Y: 92}, {X: 120, Y: 92}, {X: 120, Y: groundLine}, {X: 0, Y: groundLine}},
			left:    12, top: 106, right: 110, bottom: 190, columns: 4, rows: 3,
		},
		{
			wall:    0xdcc79c,
			outline: []canvas.Point{{X: 120, Y: 134}, {X: 166, Y: 92}, {X: sideLeft, Y: 134}, {X: sideLeft, Y: groundLine}, {X: 120, Y: groundLine}},
			left:    132, top: 142, right: 202, bottom: 192, columns: 3, rows: 2,
			roof: []canvas.Point{{X: 114, Y: 139}, {X: 166, Y: 92}, {X: 218, Y: 139}},
		},
		{
			wall:    0x8ea6b8,
			outline: []canvas.Point{{X: sideRight, Y: 66}, {X: 404, Y: 66}, {X: 404, Y: groundLine}, {X: sideRight, Y: groundLine}},
			left:    302, top: 78, right: 396, bottom: 194, columns: 3, rows: 5,
		},
		{
			wall: 0xcf9160,
			outline: []canvas.Point{
				{X: 404, Y: 138},
				{X: 448, Y: 138},
				{X: 448, Y: 108},
				{X: 508, Y: 108},
				{X: 508, Y: groundLine},
				{X: 404, Y: groundLine},
			},
			left: 414, top: 148, right: 500, bottom: 192, columns: 4, rows: 2,
		},
		{
			wall:    0x9dab86,
			outline: []canvas.Point{{X: 508, Y: 84}, {X: 640, Y: 84}, {X: 640, Y: groundLine}, {X: 508, Y: groundLine}},
			left:    520, top: 98, right: 632, bottom: 192, columns: 5, rows: 3,
		},
	}
}

func (p *painter) houses() {
	p.hill()
	for i, h := range houses() {
		wall := p.light.shade(h.wall)
		p.Fill(wall, h.outline)
		if h.roof != nil {
			p.Outline(p.light.shade(0x7c4a3c), 5, h.roof[0], h.roof[1], h.roof[2], h.roof[1])
		} else {
			p.Stroke(p.light.shade(0x5d5148), 4, p.eaves(h)...)
		}
		p.windows(h, i)
		p.door(h)
		p.note(Shape{Label: "building", Type: "polygon", Points: coordinates(h.outline), Paint: hexOf(wall)})
	}
}

// eaves runs along the upper edge of a wall, a little inside.
func (p *painter) eaves(h house) []canvas.Point {
	var edge []canvas.Point
	for _, corner := range h.outline {
		if corner.Y < groundLine {
			edge = append(edge, canvas.Point{X: min(max(corner.X, 2), width-2), Y: corner.Y + 2})
		}
	}
	return edge
}

// hill closes the view down the side street.
func (p *painter) hill() {
	p.Fill(p.light.shade(0x7fa06f), canvas.Circle(canvas.Point{X: 236, Y: 250}, 66), canvas.Circle(canvas.Point{X: 290, Y: 262}, 70))
}

func (p *painter) windows(h house, seed int) {
	across, down := (h.right-h.left)/float64(h.columns), (h.bottom-h.top)/float64(h.rows)
	for row := range h.rows {
		for column := range h.columns {
			x, y := h.left+float64(column)*across, h.top+float64(row)*down
			pane := p.light.pick(0xbfdcea, 0x27304f)
			if p.light.lamps && (row*7+column*5+seed*3)%4 != 0 {
				pane = rgb(0xffd98a)
			}
			p.Fill(p.light.shade(0xf2ede2), canvas.Rectangle(x, y, x+across*0.62, y+down*0.66))
			p.Fill(pane, canvas.Rectangle(x+1.5, y+1.5, x+across*0.62-1.5, y+down*0.66-1.5))
			p.box(0xf2ede2, x+across*0.31-0.7, y, x+across*0.31+0.7, y+down*0.66)
		}
	}
}

func (p *painter) door(h house) {
	middle := (h.left + h.right) / 2
	p.box(0x4f3a2e, middle-8, groundLine-27, middle+8, groundLine)
	p.Fill(p.light.pick(0xbfdcea, 0xffd98a), canvas.Rectangle(middle-5, groundLine-24, middle+5, groundLine-14))
}
