package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"  // user's pictures may be of this type
	_ "image/jpeg" // so may these
	"image/png"
	"io"
	"slices"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/examples/internal/canvas"
	"github.com/go-cvat/cvat/examples/internal/scene"
	"github.com/go-cvat/cvat/models"
)

// frame downloads a frame as it was uploaded or, if Go's library does not know such pictures, as the server shows it.
func (q *quickstart) frame(ctx context.Context, number int) (image.Image, error) {
	img, err := q.frameIn(ctx, number, cvat.QualityOriginal)
	if errors.Is(err, image.ErrFormat) {
		return q.frameIn(ctx, number, cvat.QualityCompressed)
	}
	return img, err
}

func (q *quickstart) frameIn(ctx context.Context, number int, quality cvat.Quality) (image.Image, error) {
	content, _, err := q.client.Tasks.Frame(ctx, q.task.ID, number, &cvat.FrameOptions{Quality: quality})
	if err != nil {
		return nil, err
	}
	img, _, err := image.Decode(content)
	if err = errors.Join(err, content.Close()); err != nil {
		return nil, fmt.Errorf("frame %d: %w", number, err)
	}
	return img, nil
}

// drawn shows the objects of one frame over its picture.
func drawn(frame image.Image, objects []object, number int, labels []models.Label) image.Image {
	p := pen{Canvas: canvas.From(frame), paints: map[string]color.NRGBA{}}
	size := p.Image().Rect.Size()
	p.scale = max(1, float64(max(size.X, size.Y))/640)
	for _, label := range labels {
		p.paints[label.Name] = parsed(label.Color)
	}
	here := slices.DeleteFunc(slices.Clone(objects), func(o object) bool { return o.Frame != number })
	slices.SortStableFunc(here, func(a, b object) int { return cmp.Compare(a.Layer, b.Layer) })
	for _, o := range here {
		p.object(o)
	}
	for _, o := range here {
		p.caption(o) // names last, so that nothing hides them
	}
	return p.Image()
}

func encode(w io.Writer, img image.Image) error { return png.Encode(w, img) }

// pen draws objects; its scale grows with the picture, so that lines and letters can be seen.
type pen struct {
	*canvas.Canvas
	paints map[string]color.NRGBA // by label
	scale  float64
}

func (p pen) object(o object) {
	paint, corners := p.paints[o.Label], pointsOf(o)
	switch {
	case o.Kind == kindTag:
	case len(o.Joints) > 0:
		p.skeleton(paint, o.Joints, corners)
	default:
		if o.Kind == string(models.ShapeTypeRectangle) {
			corners = canvas.Rectangle(o.Points[0], o.Points[1], o.Points[2], o.Points[3])
		}
		p.Fill(faint(paint, 42), corners)
		p.Outline(paint, 1.8*p.scale, corners...)
	}
}

func (p pen) skeleton(paint color.NRGBA, joints []string, points []canvas.Point) {
	at := map[string]canvas.Point{}
	for i, name := range joints {
		at[name] = points[i]
	}
	for _, bone := range scene.Bones() {
		p.Stroke(faint(paint, 220), 1.6*p.scale, at[bone[0]], at[bone[1]])
	}
	for _, point := range points {
		p.Fill(color.NRGBA{255, 255, 255, 255}, canvas.Circle(point, 3.2*p.scale))
		p.Fill(paint, canvas.Circle(point, 2.2*p.scale))
	}
}

// caption writes the label's name on a sign: over the topmost point of a shape, and for a tag in the picture's corner.
func (p pen) caption(o object) {
	width, height := canvas.TextSize(p.scale, o.Label)
	margin := 2 * p.scale
	at := canvas.Point{X: margin, Y: margin}
	if corners := pointsOf(o); len(corners) > 0 {
		at = slices.MinFunc(corners, func(a, b canvas.Point) int { return cmp.Or(cmp.Compare(a.Y, b.Y), cmp.Compare(a.X, b.X)) })
		at.Y -= height + margin
	}
	if len(o.Joints) > 0 {
		at.X -= width / 2
		at.Y -= 9 * p.scale // so that the head can be seen
	}
	bounds := p.Image().Rect
	at.X = max(0, min(at.X, float64(bounds.Dx())-width-2*margin))
	at.Y = max(0, min(at.Y, float64(bounds.Dy())-height-margin))
	paint := p.paints[o.Label]
	p.Fill(faint(paint, 225), canvas.Rectangle(at.X, at.Y, at.X+width+2*margin, at.Y+height+margin))
	p.Text(legibleOn(paint), canvas.Point{X: at.X + margin, Y: at.Y + margin}, p.scale, o.Label)
}

func pointsOf(o object) []canvas.Point {
	var points []canvas.Point
	for pair := range slices.Chunk(o.Points, 2) {
		if len(pair) == 2 {
			points = append(points, canvas.Point{X: pair[0], Y: pair[1]})
		}
	}
	return points
}

func faint(paint color.NRGBA, alpha uint8) color.NRGBA {
	paint.A = alpha
	return paint
}

// legibleOn is black on light colours and white on dark ones.
func legibleOn(paint color.NRGBA) color.NRGBA {
	if color.GrayModel.Convert(paint).(color.Gray).Y > 140 {
		return color.NRGBA{A: 255}
	}
	return color.NRGBA{255, 255, 255, 255}
}

// parsed reads "#rrggbb"; servers do not check colours, so what is none becomes grey.
func parsed(text string) color.NRGBA {
	c := color.NRGBA{A: 255}
	if _, err := fmt.Sscanf(text, "#%02x%02x%02x", &c.R, &c.G, &c.B); err != nil {
		return color.NRGBA{128, 128, 128, 255}
	}
	return c
}
