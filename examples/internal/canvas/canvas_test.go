package canvas_test

import (
	"image"
	"image/color"
	"testing"

	"github.com/go-cvat/cvat/examples/internal/canvas"
)

// The examples, their tests too, use the standard library alone.

func TestFill(t *testing.T) {
	t.Parallel()
	white := color.NRGBA{255, 255, 255, 255}
	for name, test := range map[string]struct {
		paint    color.NRGBA
		outlines [][]canvas.Point
		at       image.Point
		want     uint8
	}{
		"inside":              {white, [][]canvas.Point{canvas.Rectangle(2, 2, 6, 6)}, image.Pt(3, 3), 255},
		"outside":             {white, [][]canvas.Point{canvas.Rectangle(2, 2, 6, 6)}, image.Pt(6, 3), 0},
		"half a pixel across": {white, [][]canvas.Point{canvas.Rectangle(2.5, 2, 6, 6)}, image.Pt(2, 3), 128},
		"part of a row":       {white, [][]canvas.Point{canvas.Rectangle(2, 2.6, 6, 6)}, image.Pt(3, 2), 102},
		"translucent":         {color.NRGBA{255, 255, 255, 51}, [][]canvas.Point{canvas.Rectangle(2, 2, 6, 6)}, image.Pt(3, 3), 51},
		"outlines overlap": {
			color.NRGBA{255, 255, 255, 51},
			[][]canvas.Point{canvas.Rectangle(0, 0, 6, 6), canvas.Rectangle(6, 2, 2, 6)}, // the second runs the other way round
			image.Pt(3, 3), 51,
		},
		"beyond the edges": {white, [][]canvas.Point{canvas.Rectangle(-50, -50, 50, 50)}, image.Pt(7, 7), 255},
		"too few points":   {white, [][]canvas.Point{{{X: 1, Y: 1}, {X: 7, Y: 7}}}, image.Pt(3, 3), 0},
		"circle":           {white, [][]canvas.Point{canvas.Circle(canvas.Point{X: 4, Y: 4}, 3)}, image.Pt(4, 4), 255},
		"beside a circle":  {white, [][]canvas.Point{canvas.Circle(canvas.Point{X: 4, Y: 4}, 3)}, image.Pt(0, 0), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := canvas.New(8, 8)
			c.Fill(test.paint, test.outlines...)
			if got := c.Image().RGBAAt(test.at.X, test.at.Y); got != (color.RGBA{test.want, test.want, test.want, 255}) {
				t.Errorf("the pixel at %v is %v, not %d", test.at, got, test.want)
			}
		})
	}
}

func TestStrokeIsUnbroken(t *testing.T) {
	t.Parallel()
	c := canvas.New(20, 20)
	c.Outline(color.NRGBA{255, 0, 0, 255}, 2, canvas.Rectangle(5, 5, 15, 15)...)
	for i := 5; i < 15; i++ {
		for _, at := range []image.Point{{i, 5}, {i, 14}, {5, i}, {14, i}} {
			if got := c.Image().RGBAAt(at.X, at.Y); got.R < 200 {
				t.Errorf("the line has a hole at %v: %v", at, got)
			}
		}
	}
	if got := c.Image().RGBAAt(10, 10); got.R != 0 {
		t.Errorf("the inside is painted: %v", got)
	}
}

func TestFromKeepsThePicture(t *testing.T) {
	t.Parallel()
	picture := image.NewNRGBA(image.Rect(3, 4, 5, 6))
	picture.SetNRGBA(4, 5, color.NRGBA{10, 20, 30, 255})
	img := canvas.From(picture).Image()
	if img.Rect != image.Rect(0, 0, 2, 2) {
		t.Errorf("bounds are %v", img.Rect)
	}
	if got := img.RGBAAt(1, 1); got != (color.RGBA{10, 20, 30, 255}) {
		t.Errorf("an opaque pixel became %v", got)
	}
	if got := img.RGBAAt(0, 0); got != (color.RGBA{255, 255, 255, 255}) {
		t.Errorf("a transparent pixel became %v", got)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	seen := map[string]rune{}
	for _, letter := range "abcdefghijklmnopqrstuvwxyz0123456789-_: é" {
		width, height := canvas.TextSize(2, string(letter))
		c := canvas.New(int(width), int(height))
		c.Text(color.NRGBA{255, 255, 255, 255}, canvas.Point{}, 2, string(letter))
		pixels := string(c.Image().Pix)
		if twin, ok := seen[pixels]; ok {
			t.Errorf("%q looks like %q", letter, twin)
		}
		seen[pixels] = letter
	}
}
