package main

import (
	"image"
	"image/color"
	_ "image/png"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-cvat/cvat/examples/internal/scene"
	"github.com/go-cvat/cvat/models"
)

// storedLabels are the program's labels as a server gives them back.
func storedLabels() []models.Label {
	var labels []models.Label
	id := int64(100)
	next := func() int64 { id++; return id }
	for _, l := range newLabels() {
		label := models.Label{ID: next(), Name: l.Name, Color: l.Color, Type: l.Type}
		for _, a := range l.Attributes {
			label.Attributes = append(label.Attributes, models.Attribute{ID: next(), Name: a.Name, Mutable: a.Mutable})
		}
		for _, s := range l.Sublabels {
			label.Sublabels = append(label.Sublabels, models.Sublabel{ID: next(), Name: s.Name})
		}
		labels = append(labels, label)
	}
	return labels
}

// street is the program's state once the shipped pictures are annotated.
func street(t *testing.T) *quickstart {
	t.Helper()
	scenes, err := scene.Read("images")
	if err != nil || scenes == nil {
		t.Fatalf("no scenes: %v", err)
	}
	q := &quickstart{labels: storedLabels()}
	for _, picture := range scenes.Pictures {
		q.frames = append(q.frames, models.FrameMeta{Name: picture.File, Width: 640, Height: 400})
	}
	if q.written, err = annotations(scenes, q.labels, q.frames); err != nil {
		t.Fatal(err)
	}
	return q
}

func openPicture(t *testing.T, path string) image.Image {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	img, _, err := image.Decode(file)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return img
}

func TestAnnotationsOfTheStreet(t *testing.T) {
	t.Parallel()
	q := street(t)
	kinds := map[string]int{}
	for _, o := range q.objects(q.written) {
		kinds[o.Kind+" "+o.Label]++
	}
	for kind, least := range map[string]int{
		"rectangle car": 10, "polygon building": 25, "polygon road": 5, "skeleton pedestrian": 10, "tag day": 3, "tag night": 2,
	} {
		if kinds[kind] < least {
			t.Errorf("there are %d of %q, not at least %d", kinds[kind], kind, least)
		}
	}
	if len(q.written.Tracks) != 1 {
		t.Errorf("there are %d tracks", len(q.written.Tracks))
	}
	walker := q.objects(q.written)[slices.IndexFunc(q.objects(q.written), func(o object) bool { return o.Label == "pedestrian" })]
	if want := slices.Sorted(slices.Values(scene.Joints())); !slices.Equal(walker.Joints, want) {
		t.Errorf("the joints are %q, not %q", walker.Joints, want)
	}
}

func TestAnnotationsRefuseWhatTheTaskLacks(t *testing.T) {
	t.Parallel()
	frames := []models.FrameMeta{{Name: "a.png"}}
	picture := func(shapes ...scene.Shape) *scene.Scenes {
		return &scene.Scenes{Pictures: []scene.Picture{{File: "a.png", Shapes: shapes}}}
	}
	for want, scenes := range map[string]*scene.Scenes{
		`no frame "b.png"`:            {Pictures: []scene.Picture{{File: "b.png"}}},
		`no label "dusk"`:             {Pictures: []scene.Picture{{File: "a.png", Tags: []string{"dusk"}}}},
		`no label "cat"`:              picture(scene.Shape{Label: "cat"}),
		`lacks some of`:               picture(scene.Shape{Label: "car", Attributes: map[string]string{"wheels": "4"}}),
		`no joint "head"`:             picture(scene.Shape{Label: "pedestrian"}),
		`track of a cat: the task`:    {Tracks: []scene.Track{{Label: "cat"}}},
		`track of a car: the task ha`: {Tracks: []scene.Track{{Label: "car", Keys: []scene.Key{{File: "c.png"}}}}},
	} {
		if _, err := annotations(scenes, storedLabels(), frames); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, not one with %s", err, want)
		}
	}
}

func TestAnyScenesFitEveryPicture(t *testing.T) {
	t.Parallel()
	for _, size := range []image.Point{{640, 400}, {3, 3}, {31, 1200}} {
		q := &quickstart{labels: storedLabels()}
		for _, name := range []string{"a", "b", "c"} {
			q.frames = append(q.frames, models.FrameMeta{Name: name, Width: size.X, Height: size.Y})
		}
		data, err := annotations(anyScenes(q.frames), q.labels, q.frames)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range q.objects(data) {
			for _, p := range pointsOf(o) {
				if p.X < 0 || p.Y < 0 || p.X > float64(size.X) || p.Y > float64(size.Y) {
					t.Errorf("%v of %v: the point %v is outside", o, size, p)
				}
			}
		}
	}
}

func TestCarOfTheTrackIsWhereTheAnnotationsSay(t *testing.T) {
	t.Parallel()
	q := street(t)
	q.written.Shapes = nil
	cars := 0
	for _, o := range q.objects(q.written) {
		if o.Kind == kindTag {
			continue
		}
		cars++
		img := openPicture(t, "images/"+q.frames[o.Frame].Name)
		box := image.Rect(int(o.Points[0]), int(o.Points[1]), int(o.Points[2]), int(o.Points[3]))
		if share := redShare(img, box); share < 0.35 {
			t.Errorf("%v: only %.0f%% of it is red", o, share*100)
		}
		if share := redShare(img, box.Add(image.Pt(box.Dx(), 0))); share > 0.05 {
			t.Errorf("%v: %.0f%% beside it is red", o, share*100)
		}
	}
	if cars != len(q.frames) {
		t.Errorf("the car is on %d of %d frames", cars, len(q.frames))
	}
}

func redShare(img image.Image, area image.Rectangle) float64 {
	red := 0
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			if c.R > 120 && int(c.G)*3 < int(c.R) && int(c.B)*3 < int(c.R) {
				red++
			}
		}
	}
	return float64(red) / float64(area.Dx()*area.Dy())
}

func TestDrawnShapesCanBeSeen(t *testing.T) {
	t.Parallel()
	q := street(t)
	frame := openPicture(t, "images/"+q.frames[0].Name)
	picture := drawn(frame, q.objects(q.written), 0, q.labels)
	if picture.Bounds() != frame.Bounds() {
		t.Fatalf("the bounds are %v", picture.Bounds())
	}
	for _, o := range q.objects(q.written) {
		if o.Frame != 0 || o.Kind != string(models.ShapeTypeRectangle) {
			continue
		}
		// In the middle of the lower edge of the box is its line.
		x, y := int(o.Points[0]+o.Points[2])/2, int(o.Points[3])
		got := color.NRGBAModel.Convert(picture.At(x, y-1)).(color.NRGBA)
		if want := parsed("#ff3355"); !closeTo(got, want) {
			t.Errorf("%v has the colour %v on its edge, not %v", o, got, want)
		}
	}
	if got, want := picture.At(320, 20), frame.At(320, 20); color.NRGBAModel.Convert(got) != color.NRGBAModel.Convert(want) {
		t.Errorf("the sky changed from %v to %v", want, got)
	}
}

func closeTo(a, b color.NRGBA) bool {
	distance := func(x, y uint8) int { return max(int(x), int(y)) - min(int(x), int(y)) }
	return max(distance(a.R, b.R), distance(a.G, b.G), distance(a.B, b.B)) < 30
}
