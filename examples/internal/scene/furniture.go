package scene

import "github.com/go-cvat/cvat/examples/internal/canvas"

// furniture is what stands about in a street. Nobody labels it.
func (p *painter) furniture(picture int) {
	p.tree(188, 240, 1)
	p.tree(468, 240, 0.9)
	p.lamp(312)
	p.lamp(612)
	p.trafficLight(592, picture)
}

func (p *painter) tree(x, foot, size float64) {
	p.Stroke(p.light.shade(0x6b4a2f), 5*size, canvas.Point{X: x, Y: foot}, canvas.Point{X: x, Y: foot - 30*size})
	for _, leaf := range []struct {
		dx, dy, r float64
		hex       uint32
	}{{0, -44, 17, 0x4c8a45}, {-12, -37, 12, 0x458040}, {12, -38, 12, 0x458040}, {-4, -49, 9, 0x64a457}, {7, -44, 6, 0x64a457}} {
		p.Fill(p.light.shade(leaf.hex), canvas.Circle(canvas.Point{X: x + leaf.dx*size, Y: foot + leaf.dy*size}, leaf.r*size))
	}
}

func (p *painter) lamp(x float64) {
	pole := p.light.shade(0x4a4f55)
	p.Stroke(pole, 3, canvas.Point{X: x, Y: 244}, canvas.Point{X: x, Y: 162}, canvas.Point{X: x - 16, Y: 158})
	p.Fill(pole, canvas.Rectangle(x-24, 155, x-10, 159))
	bulb := canvas.Point{X: x - 17, Y: 161}
	if p.light.lamps {
		p.Fill(faint(rgb(0xffe9a8), 36), canvas.Circle(bulb, 30))
		p.Fill(faint(rgb(0xffe9a8), 60), canvas.Circle(bulb, 16))
	}
	p.Fill(p.light.pick(0xf4f1e4, 0xfff2c4), canvas.Circle(bulb, 4))
}

// trafficLight changes from picture to picture.
func (p *painter) trafficLight(x float64, picture int) {
	p.Stroke(p.light.shade(0x3d4248), 4, canvas.Point{X: x, Y: 380}, canvas.Point{X: x, Y: 250})
	p.Fill(p.light.shade(0x2b2e33), canvas.Rounded(canvas.Rectangle(x-10, 196, x+10, 252)...))
	on := [...]int{0, 1, 2, 2, 2}[picture]
	for i, lens := range []struct{ off, on uint32 }{{0x5a2a2a, 0xff4136}, {0x5a4d22, 0xffc21a}, {0x204a30, 0x2ecc58}} {
		at := canvas.Point{X: x, Y: 207 + 17*float64(i)}
		if i != on {
			p.Fill(p.light.shade(lens.off), canvas.Circle(at, 6))
			continue
		}
		p.Fill(faint(rgb(lens.on), 80), canvas.Circle(at, 10))
		p.Fill(rgb(lens.on), canvas.Circle(at, 6))
	}
}
