// Package canvas draws smooth shapes and small text on pictures.
package canvas

import (
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"math"
	"slices"
)

// Point is a place on a canvas, in pixels from the upper left corner.
type Point struct{ X, Y float64 }

// Canvas is a picture to draw on.
type Canvas struct {
	img      *image.RGBA
	coverage []float64 // of the row that is being filled
}

// New returns a black canvas.
func New(width, height int) *Canvas {
	return over(image.Black, image.Rect(0, 0, width, height))
}

// From returns a canvas with a copy of a picture on it, on white where the picture is transparent.
func From(picture image.Image) *Canvas {
	c := over(image.White, image.Rectangle{Max: picture.Bounds().Size()})
	draw.Draw(c.img, c.img.Rect, picture, picture.Bounds().Min, draw.Over)
	return c
}

func over(background image.Image, bounds image.Rectangle) *Canvas {
	c := &Canvas{img: image.NewRGBA(bounds), coverage: make([]float64, bounds.Dx())}
	draw.Draw(c.img, bounds, background, image.Point{}, draw.Src)
	return c
}

// Image returns the picture. It changes when the canvas is drawn on.
func (c *Canvas) Image() *image.RGBA { return c.img }

// scanlines is how many lines of each row of pixels are looked at; across, coverage is exact.
const scanlines = 5

// Fill paints everything that lies inside one of the outlines, once. Edges are smooth.
func (c *Canvas) Fill(paint color.NRGBA, outlines ...[]Point) {
	edges := edgesOf(outlines)
	if len(edges) == 0 {
		return
	}
	top, bottom := math.Inf(1), math.Inf(-1)
	for _, e := range edges {
		top, bottom = min(top, e.from.Y), max(bottom, e.to.Y)
	}
	first := max(0, int(math.Floor(top)))
	last := min(c.img.Rect.Dy()-1, int(math.Ceil(bottom)))
	for y := first; y <= last; y++ {
		clear(c.coverage)
		for line := range scanlines {
			c.cover(edges, float64(y)+(float64(line)+0.5)/scanlines)
		}
		c.blend(y, paint)
	}
}

// edge runs downwards; winding tells whether its outline does so too.
type edge struct {
	from, to Point
	winding  int
}

// edgesOf turns all outlines the same way round, so that they add up instead of cutting holes into each other.
func edgesOf(outlines [][]Point) []edge {
	var edges []edge
	for _, outline := range outlines {
		sense := 1
		if signedArea(outline) < 0 {
			sense = -1
		}
		for i, to := range outline {
			from := outline[(i+len(outline)-1)%len(outline)]
			switch {
			case from.Y < to.Y:
				edges = append(edges, edge{from, to, sense})
			case from.Y > to.Y:
				edges = append(edges, edge{to, from, -sense})
			}
		}
	}
	return edges
}

func signedArea(outline []Point) float64 {
	area := 0.0
	for i, to := range outline {
		from := outline[(i+len(outline)-1)%len(outline)]
		area += from.X*to.Y - to.X*from.Y
	}
	return area / 2
}

// cover adds one scanline at height y to the coverage of its row.
func (c *Canvas) cover(edges []edge, y float64) {
	type crossing struct {
		x       float64
		winding int
	}
	var crossings []crossing
	for _, e := range edges {
		if e.from.Y <= y && y < e.to.Y {
			x := e.from.X + (y-e.from.Y)/(e.to.Y-e.from.Y)*(e.to.X-e.from.X)
			crossings = append(crossings, crossing{x, e.winding})
		}
	}
	slices.SortFunc(crossings, func(a, b crossing) int { return cmp.Compare(a.x, b.x) })
	winding := 0
	for i, at := range crossings {
		if winding != 0 {
			c.coverSpan(crossings[i-1].x, at.x)
		}
		winding += at.winding
	}
}

func (c *Canvas) coverSpan(from, to float64) {
	from, to = max(from, 0), min(to, float64(len(c.coverage)))
	for x := int(from); float64(x) < to; x++ {
		inside := min(to, float64(x+1)) - max(from, float64(x))
		c.coverage[x] += inside / scanlines
	}
}

// blend paints a row as far as it is covered.
func (c *Canvas) blend(y int, paint color.NRGBA) {
	row := c.img.Pix[c.img.PixOffset(0, y):]
	for x, covered := range c.coverage {
		if covered == 0 {
			continue
		}
		alpha := min(covered, 1) * float64(paint.A) / 255
		pixel := row[4*x : 4*x+3]
		for i, channel := range [3]uint8{paint.R, paint.G, paint.B} {
			pixel[i] = uint8(math.Round(float64(pixel[i])*(1-alpha) + float64(channel)*alpha))
		}
	}
}

// Stroke paints a line of that width through the points, with round ends and corners.
func (c *Canvas) Stroke(paint color.NRGBA, width float64, points ...Point) {
	var outlines [][]Point
	for i, to := range points {
		outlines = append(outlines, Circle(to, width/2))
		if i > 0 {
			outlines = append(outlines, bar(points[i-1], to, width))
		}
	}
	c.Fill(paint, outlines...)
}

// Outline is Stroke around a closed shape.
func (c *Canvas) Outline(paint color.NRGBA, width float64, outline ...Point) {
	c.Stroke(paint, width, append(slices.Clone(outline), outline[:min(1, len(outline))]...)...)
}
