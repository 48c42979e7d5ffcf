package scene

import (
	"math"
	"strconv"

	"github.com/go-cvat/cvat/examples/internal/canvas"
)

// box is where a car is.
type box struct{ left, top, right, bottom float64 }

func (b box) points() []float64 { return []float64{b.left, b.top, b.right, b.bottom} }

// carAt is the box of a car whose wheels touch the road at a line.
func carAt(left, wheels, width, height float64) box {
	return box{left, wheels - height, left + width, wheels}
}

// The red car waits by the kerb, and then drives off to the right.
func redCarAt(picture int) box {
	return carAt([...]float64{34, 34, 180, 326, 472}[picture], nearLane, 116, 43)
}

const redCarPaint = 0xd0312d

// redCarTrack leaves out the pictures that lie evenly between others.
func redCarTrack() Track {
	key := func(picture int, parked bool) Key {
		return Key{
			File: fileOf(picture), Points: redCarAt(picture).points(),
			Attributes: map[string]string{"parked": strconv.FormatBool(parked)},
		}
	}
	return Track{
		Label: "car", Attributes: map[string]string{"color": "red"}, Layer: layerCar, Paint: hexOf(rgb(redCarPaint)),
		Keys: []Key{key(0, true), key(1, false), key(4, false)},
	}
}

// traffic puts cars and people on the street, those in front last.
func (p *painter) traffic(picture int) {
	at := float64(picture)
	p.pedestrian(548-26*at, farWalk, 44, picture, -1, 0x1b9e8f, layerFar)
	if picture < 4 {
		p.parkedCar("blue", 0x2f62c4, 338)
	}
	if picture > 2 {
		p.parkedCar("green", 0x2f9254, 18)
	}
	if picture < 3 {
		p.movingCar("white", 0xf4f5f7, carAt(198-82*at, farLane, 108, 46), van())
	}
	if picture > 1 {
		p.movingCar("yellow", 0xf2b21c, carAt(512-170*(at-2), farLane, 102, 38), sedan())
	}
	p.car(sedan(), redCarAt(picture), rgb(redCarPaint), false)
	p.beam(redCarAt(picture), false)
	p.pedestrian(222+58*at, nearWalk, 74, picture, 1, 0xf26a1b, layerNear)
	if picture > 1 {
		p.pedestrian(700-74*at, nearWalk+4, 56, picture+1, -1, 0xa347c8, layerNear)
	}
}

func (p *painter) parkedCar(name string, paint uint32, left float64) {
	b := carAt(left, parkedLine, 94, 35)
	p.car(sedan(), b, rgb(paint), true)
	p.noteCar(b, name, paint, true, layerParked)
}

func (p *painter) movingCar(name string, paint uint32, b box, m model) {
	p.car(m, b, rgb(paint), true)
	p.beam(b, true)
	p.noteCar(b, name, paint, false, layerCar)
}

func (p *painter) noteCar(b box, name string, paint uint32, parked bool, layer int) {
	p.note(Shape{
		Label: "car", Type: "rectangle", Points: b.points(), Layer: layer, Paint: hexOf(p.light.coat(paint)),
		Attributes: map[string]string{"color": name, "parked": strconv.FormatBool(parked)},
	})
}

// Joints are the points of a person, from head to foot.
func Joints() []string {
	return []string{"head", "neck", "hips", "left hand", "right hand", "left knee", "right knee", "left foot", "right foot"}
}

// Bones are the lines between joints.
func Bones() [][2]string {
	return [][2]string{
		{"head", "neck"},
		{"neck", "hips"},
		{"neck", "left hand"},
		{"neck", "right hand"},
		{"hips", "left knee"},
		{"hips", "right knee"},
		{"left knee", "left foot"},
		{"right knee", "right foot"},
	}
}

// pedestrian walks; x is where the hips are, the feet touch the line foot, ahead is 1 to the right and -1 to the left.
func (p *painter) pedestrian(x, foot, tall float64, step int, ahead float64, hex uint32, layer int) {
	stride := [...]float64{1, 0.55, 0.85}[step%3]
	place := func(forward, up float64) [2]float64 {
		return [2]float64{tenths(x + ahead*forward*tall), tenths(foot - up*tall)}
	}
	joints := map[string][2]float64{
		"head": place(0.02, 0.88), "neck": place(0.01, 0.74), "hips": place(0, 0.44),
		"left hand": place(0.19*stride, 0.46), "right hand": place(-0.19*stride, 0.47),
		"left knee": place(-0.06*stride, 0.23), "right knee": place(0.13*stride, 0.24),
		"left foot": place(-0.2*stride, 0.03), "right foot": place(0.2*stride, 0.03),
	}
	paint := p.light.coat(hex)
	at := func(name string) canvas.Point { return canvas.Point{X: joints[name][0], Y: joints[name][1]} }
	for _, bone := range Bones() {
		p.Stroke(paint, tall*0.062, at(bone[0]), at(bone[1]))
	}
	p.Fill(paint, canvas.Circle(at("head"), tall*0.11))
	p.note(Shape{Label: "pedestrian", Type: "skeleton", Joints: joints, Layer: layer, Paint: hexOf(paint)})
}

func tenths(v float64) float64 { return math.Round(v*10) / 10 }
