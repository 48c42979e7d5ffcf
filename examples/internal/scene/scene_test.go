package scene_test

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/go-cvat/cvat/examples/internal/scene"
)

const shipped = "../../quickstart/images"

func read(t *testing.T) *scene.Scenes {
	t.Helper()
	scenes, err := scene.Read(shipped)
	if err != nil || scenes == nil {
		t.Fatalf("%s has no scenes: %v", shipped, err)
	}
	return scenes
}

func decode(t *testing.T, file string) *image.RGBA {
	t.Helper()
	f, err := os.Open(filepath.Join(shipped, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	pixels := image.NewRGBA(img.Bounds())
	draw.Draw(pixels, pixels.Rect, img, img.Bounds().Min, draw.Src)
	return pixels
}

func TestShippedPicturesAreThoseDrawn(t *testing.T) {
	t.Parallel()
	images, drawn := scene.Street()
	if scenes := read(t); !reflect.DeepEqual(*scenes, drawn) {
		t.Errorf("%s differs from what is drawn: run drawscenes again", scene.FileName)
	}
	for i, img := range images {
		file := drawn.Pictures[i].File
		picture := decode(t, file)
		if picture.Bounds() != img.Bounds() {
			t.Fatalf("%s has bounds %v, not %v", file, picture.Bounds(), img.Bounds())
		}
		bounds := img.Bounds()
		for y := range bounds.Dy() {
			for x := range bounds.Dx() {
				// Floating point differs a little between processors.
				if !near(picture.RGBAAt(x, y), img.RGBAAt(x, y), 3) {
					t.Fatalf("%s differs from what is drawn at %d,%d: run drawscenes again", file, x, y)
				}
			}
		}
	}
}

func TestReadOfAnotherFolder(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if scenes, err := scene.Read(folder); scenes != nil || err != nil {
		t.Errorf("an empty folder has scenes %v, error %v", scenes, err)
	}
	if err := os.WriteFile(filepath.Join(folder, scene.FileName), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if scenes, err := scene.Read(folder); err == nil {
		t.Errorf("a broken file is read as %v", scenes)
	}
}

func TestObjectsAreWhereTheScenesSay(t *testing.T) {
	t.Parallel()
	scenes := read(t)
	for _, picture := range scenes.Pictures {
		img := decode(t, picture.File)
		for i, shape := range picture.Shapes {
			if err := check(img, shape, same); err != nil {
				t.Errorf("%s: shape %d, %s: %v", picture.File, i, shape.Label, err)
			}
		}
	}
	for _, track := range scenes.Tracks {
		for _, key := range track.Keys {
			shape := scene.Shape{Type: "rectangle", Points: key.Points, Paint: track.Paint}
			if err := check(decode(t, key.File), shape, darker); err != nil {
				t.Errorf("%s: track of a %s: %v", key.File, track.Label, err)
			}
		}
	}
}

// What the test above looks at would not pass in another place.
func TestObjectsAreNotElsewhere(t *testing.T) {
	t.Parallel()
	for _, picture := range read(t).Pictures {
		img := decode(t, picture.File)
		for i, shape := range picture.Shapes {
			for _, shift := range []image.Point{{45, 0}, {-45, 0}, {0, 30}, {0, -30}} {
				if check(img, moved(shape, shift), same) == nil {
					t.Errorf("%s: shape %d, %s: it could as well be at %v from there", picture.File, i, shape.Label, shift)
				}
			}
		}
	}
}

func moved(shape scene.Shape, by image.Point) scene.Shape {
	shape.Points = slices.Clone(shape.Points)
	for i := range shape.Points {
		shape.Points[i] += []float64{float64(by.X), float64(by.Y)}[i%2]
	}
	joints := map[string][2]float64{}
	for name, at := range shape.Joints {
		joints[name] = [2]float64{at[0] + float64(by.X), at[1] + float64(by.Y)}
	}
	shape.Joints = joints
	return shape
}

type match func(pixel, paint color.RGBA) bool

func same(pixel, paint color.RGBA) bool { return near(pixel, paint, 6) }

// darker also accepts the paint in less light.
func darker(pixel, paint color.RGBA) bool {
	for percent := 100; percent >= 60; percent-- {
		dim := func(channel uint8) uint8 { return uint8(int(channel) * percent / 100) }
		if same(pixel, color.RGBA{dim(paint.R), dim(paint.G), dim(paint.B), 255}) {
			return true
		}
	}
	return false
}

// check looks for the paint of a shape where the shape is, and looks that there is none around it.
func check(img *image.RGBA, shape scene.Shape, matches match) error {
	var paint color.RGBA
	if _, err := fmt.Sscanf(shape.Paint, "#%02x%02x%02x", &paint.R, &paint.G, &paint.B); err != nil {
		return fmt.Errorf("paint %q: %w", shape.Paint, err)
	}
	paint.A = 255
	if shape.Type == "skeleton" {
		return checkJoints(img, shape, paint)
	}
	outline := outlineOf(shape)
	extent := extentOf(outline)
	var in, out count
	area := extent.Inset(-12).Intersect(img.Bounds())
	for y := area.Min.Y; y < area.Max.Y; y += 2 {
		for x := area.Min.X; x < area.Max.X; x += 2 { // a sample will do
			hit := matches(img.RGBAAt(x, y), paint)
			if inside(outline, float64(x)+0.5, float64(y)+0.5) {
				in.add(hit)
			} else {
				out.add(hit)
			}
		}
	}
	if in.share() < 0.35 || out.share() > 0.05 {
		return fmt.Errorf("its colour covers %.0f%% inside and %.0f%% around", 100*in.share(), 100*out.share())
	}
	return edges(img, extent, func(pixel color.RGBA) bool { return matches(pixel, paint) }, shape)
}

// edges looks that a rectangle fits tightly: some of the object is close to each side.
func edges(img *image.RGBA, extent image.Rectangle, hit func(color.RGBA) bool, shape scene.Shape) error {
	if shape.Type != "rectangle" {
		return nil
	}
	const margin = 4
	for side, strip := range map[string]image.Rectangle{
		"left":  image.Rect(extent.Min.X, extent.Min.Y, extent.Min.X+margin, extent.Max.Y),
		"right": image.Rect(extent.Max.X-margin, extent.Min.Y, extent.Max.X, extent.Max.Y),
		"upper": image.Rect(extent.Min.X, extent.Min.Y, extent.Max.X, extent.Min.Y+margin),
	} {
		var strips count
		for y := strip.Min.Y; y < strip.Max.Y; y++ {
			for x := strip.Min.X; x < strip.Max.X; x++ {
				strips.add(hit(img.RGBAAt(x, y)))
			}
		}
		if strips.hits < 10 {
			return fmt.Errorf("none of it is at its %s side", side)
		}
	}
	return nil
}

func checkJoints(img *image.RGBA, shape scene.Shape, paint color.RGBA) error {
	if len(shape.Joints) != len(scene.Joints()) {
		return fmt.Errorf("it has %d joints, not %d", len(shape.Joints), len(scene.Joints()))
	}
	missed := 0
	for _, at := range shape.Joints {
		if !same(img.RGBAAt(int(at[0]), int(at[1])), paint) {
			missed++
		}
	}
	if missed > 0 {
		return fmt.Errorf("%d joints are not where its colour is", missed)
	}
	return nil
}

type point struct{ x, y float64 }

func outlineOf(shape scene.Shape) []point {
	p := shape.Points
	if shape.Type == "rectangle" {
		return []point{{p[0], p[1]}, {p[2], p[1]}, {p[2], p[3]}, {p[0], p[3]}}
	}
	var outline []point
	for i := 0; i < len(p); i += 2 {
		outline = append(outline, point{p[i], p[i+1]})
	}
	return outline
}

func extentOf(outline []point) image.Rectangle {
	extent := image.Rect(int(outline[0].x), int(outline[0].y), int(outline[0].x), int(outline[0].y))
	for _, p := range outline {
		extent.Min.X, extent.Min.Y = min(extent.Min.X, int(p.x)), min(extent.Min.Y, int(p.y))
		extent.Max.X, extent.Max.Y = max(extent.Max.X, int(p.x)), max(extent.Max.Y, int(p.y))
	}
	return extent
}

func inside(outline []point, x, y float64) bool {
	in := false
	for i, to := range outline {
		from := outline[(i+len(outline)-1)%len(outline)]
		if (from.y > y) != (to.y > y) && x < from.x+(y-from.y)/(to.y-from.y)*(to.x-from.x) {
			in = !in
		}
	}
	return in
}

type count struct{ hits, all int }

func (c *count) add(hit bool) {
	c.all++
	if hit {
		c.hits++
	}
}

func (c *count) share() float64 { return float64(c.hits) / float64(max(1, c.all)) }

func near(a, b color.RGBA, tolerance int) bool {
	distance := func(x, y uint8) int { return max(int(x), int(y)) - min(int(x), int(y)) }
	return distance(a.R, b.R) <= tolerance && distance(a.G, b.G) <= tolerance && distance(a.B, b.B) <= tolerance
}
