package scene

import (
	"fmt"
	"image"
	"slices"

	"github.com/go-cvat/cvat/examples/internal/canvas"
)

// The size of the pictures.
const (
	width  = 640
	height = 400
)

// The street, from far to near.
const (
	groundLine  = 232 // where the houses stand
	farKerb     = 250
	parkedLine  = 269 // where the wheels of cars touch the road
	farLane     = 305
	laneMarks   = 307
	nearLane    = 352
	nearKerb    = 356
	farWalk     = 247 // where people walk
	nearWalk    = 390
	layerFar    = 1
	layerParked = 2
	layerCar    = 3
	layerNear   = 4
)

// sides of the street that leads away between the houses.
const (
	sideLeft  = 212
	sideRight = 292
)

// Street draws pictures of one street from morning to night, and says what is on each.
func Street() ([]*image.RGBA, Scenes) {
	var images []*image.RGBA
	var scenes Scenes
	for i, light := range lights() {
		p := &painter{Canvas: canvas.New(width, height), light: light, picture: Picture{File: fileOf(i), Tags: []string{light.tag}}}
		p.sky(i)
		p.houses()
		p.ground()
		p.furniture(i)
		p.traffic(i)
		images = append(images, p.Image())
		scenes.Pictures = append(scenes.Pictures, p.picture)
	}
	scenes.Tracks = []Track{redCarTrack()}
	return images, scenes
}

func fileOf(picture int) string { return fmt.Sprintf("street-%d.png", picture+1) }

// painter paints one picture and takes down what it paints.
type painter struct {
	*canvas.Canvas
	light   light
	picture Picture
}

func (p *painter) note(shape Shape) { p.picture.Shapes = append(p.picture.Shapes, shape) }

// box fills a rectangle.
func (p *painter) box(hex uint32, x0, y0, x1, y1 float64) {
	p.Fill(p.light.shade(hex), canvas.Rectangle(x0, y0, x1, y1))
}

func (p *painter) sky(picture int) {
	for y := range groundLine + 20 {
		share := float64(y) / groundLine
		p.Fill(mixed(p.light.zenith, p.light.haze, min(1, share*share)), canvas.Rectangle(0, float64(y), width, float64(y+1)))
	}
	if p.light.lamps {
		p.moon()
		return
	}
	sun := canvas.Point{X: 250 + 150*float64(picture), Y: 46 + 6*float64(picture*picture)}
	p.Fill(faint(rgb(0xfff3b0), 90), canvas.Circle(sun, 34))
	p.Fill(rgb(0xffe27a), canvas.Circle(sun, 21))
	for i, at := range []canvas.Point{{X: 70, Y: 46}, {X: 350, Y: 34}, {X: 500, Y: 60}} {
		p.cloud(at.X+float64(18*picture), at.Y, 1-0.15*float64(i))
	}
}

func (p *painter) cloud(x, y, size float64) {
	p.Fill(faint(rgb(0xffffff), 205),
		canvas.Circle(canvas.Point{X: x, Y: y}, 13*size), canvas.Circle(canvas.Point{X: x + 18*size, Y: y - 8*size}, 17*size),
		canvas.Circle(canvas.Point{X: x + 38*size, Y: y - 1*size}, 14*size), canvas.Rectangle(x, y, x+38*size, y+13*size))
}

func (p *painter) moon() {
	for i := range 40 {
		// Scattered, but the same each time.
		star := canvas.Point{X: float64(i * 7919 % width), Y: float64(i * 4973 % 120)}
		p.Fill(faint(rgb(0xffffff), p.light.stars), canvas.Circle(star, 0.7+float64(i%3)*0.3))
	}
	at := canvas.Point{X: 256, Y: 52}
	p.Fill(faint(rgb(0xf6f2d4), 45), canvas.Circle(at, 30))
	p.Fill(rgb(0xf6f2d4), canvas.Circle(at, 19))
	for _, crater := range []canvas.Point{{X: -6, Y: -4}, {X: 5, Y: 5}, {X: 7, Y: -7}} {
		p.Fill(faint(rgb(0xcfc9a4), 150), canvas.Circle(canvas.Point{X: at.X + crater.X, Y: at.Y + crater.Y}, 3.5))
	}
}

// ground paints everything between the houses and the lower edge.
func (p *painter) ground() {
	p.box(0xc4bfb4, 0, groundLine, width, farKerb)
	p.box(0xe0dcd2, 0, farKerb-2, width, farKerb)
	road := []canvas.Point{
		{X: 0, Y: farKerb},
		{X: sideLeft - 6, Y: farKerb},
		{X: 243, Y: 204},
		{X: 261, Y: 204},
		{X: sideRight + 6, Y: farKerb},
		{X: width, Y: farKerb},
		{X: width, Y: nearKerb},
		{X: 0, Y: nearKerb},
	}
	asphalt := p.light.shade(0x62666d)
	p.Fill(asphalt, road)
	p.note(Shape{Label: "road", Type: "polygon", Points: coordinates(road), Paint: hexOf(asphalt)})
	for x := 8; x < width; x += 48 {
		if x < 480 || x > 560 {
			p.box(0xe9e6d8, float64(x), laneMarks-1.5, float64(x+26), laneMarks+1.5)
		}
	}
	for y := 256; y < nearKerb-6; y += 13 {
		p.box(0xe9e6d8, 524, float64(y), 568, float64(y+7))
	}
	p.box(0xe0dcd2, 0, nearKerb, width, nearKerb+4)
	p.box(0xb9b3a6, 0, nearKerb+4, width, height)
	for x := 20; x < width+40; x += 60 {
		p.Stroke(p.light.shade(0xa49e92), 1, canvas.Point{X: float64(x), Y: nearKerb + 4}, canvas.Point{X: float64(x - 26), Y: height})
	}
}

// coordinates are x and y of all points by turns.
func coordinates(points []canvas.Point) []float64 {
	var flat []float64
	for _, point := range points {
		flat = append(flat, point.X, point.Y)
	}
	return slices.Clip(flat)
}
