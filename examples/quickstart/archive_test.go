package main

import (
	"archive/zip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-cvat/cvat/models"
)

// pack writes a zip of files with that content, names and contents by turns.
func pack(t *testing.T, files ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dataset.zip")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	writer := zip.NewWriter(file)
	for i := 0; i < len(files); i += 2 {
		entry, err := writer.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(entry, files[i+1])
	}
	for _, closer := range []interface{ Close() error }{writer, file} {
		if err := closer.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

const annotationsXML = `<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version>
<meta><task><name>a</name><labels>
<label><name>car</name></label><label><name>person</name></label><label><name>head</name><parent>person</parent></label>
</labels></task></meta>
<image id="0" name="a.png" width="10" height="10">
<box label="car" occluded="0" source="manual" xtl="1.00" ytl="2.00" xbr="3.50" ybr="4.00" z_order="2"><attribute name="color">red</attribute></box>
<skeleton label="person" points="" z_order="0"><points label="head" outside="0" points="5.00,6.00"></points></skeleton>
<tag label="day" source="manual"></tag>
</image>
</annotations>`

func written() []object {
	return []object{
		{Kind: kindTag, Label: "day", Attributes: map[string]string{}},
		{Kind: "skeleton", Label: "person", Joints: []string{"head"}, Points: []float64{5, 6}, Attributes: map[string]string{}},
		{
			Kind: "rectangle", Label: "car", Points: []float64{1, 2, 3.5, 4}, Attributes: map[string]string{"color": "red"}, Layer: 2,
			Tracked: true,
		},
	}
}

func TestArchiveIsCompared(t *testing.T) {
	t.Parallel()
	frames, labels := []models.FrameMeta{{Name: "a.png"}}, []models.Label{{Name: "car"}, {Name: "person"}}
	same := func(text string) string { return text }
	replacing := func(old, replacement string) func(string) string {
		return func(text string) string { return strings.Replace(text, old, replacement, 1) }
	}
	for want, change := range map[string]func(string) string{
		"":                           same,
		"the points [1 2 3 4]":       replacing(`xbr="3.50"`, `xbr="3.00"`),
		"color:blue":                 replacing("red", "blue"),
		"the layer 1 instead of 2":   replacing(`z_order="2"`, `z_order="1"`),
		`joints ["tail"]`:            replacing(`points label="head"`, `points label="tail"`),
		`the tag "day" on`:           replacing(`<tag label="day" source="manual"></tag>`, ""),
		`"night" on frame 0 was not`: replacing("<tag ", `<tag label="night"/><tag `),
		`"b.png" instead of "a.png"`: replacing("a.png", "b.png"),
		"describes 2 images":         replacing("</image>", `</image><image id="1" name="b.png"/>`),
		"has 1 labels":               replacing("<label><name>person</name></label>", ""),
		"invalid syntax":             replacing("5.00,6.00", "5.00,six"),
	} {
		a, err := readArchive(pack(t, "annotations.xml", change(annotationsXML), "images/a.png", "picture"))
		if err != nil {
			t.Fatal(err)
		}
		err = a.check(written(), frames, labels)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, not one with %q", err, want)
		}
	}
}

func TestArchiveThatIsNone(t *testing.T) {
	t.Parallel()
	for want, path := range map[string]string{
		"annotations.xml: file does not exist": pack(t, "images/a.png", "picture"),
		"EOF":                                  pack(t, "annotations.xml", "<annotations>"),
		"not a valid zip":                      "archive_test.go",
	} {
		if _, err := readArchive(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, not one with %q", err, want)
		}
	}
	a, err := readArchive(pack(t, "annotations.xml", annotationsXML))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.check(written(), []models.FrameMeta{{Name: "a.png"}}, nil); err == nil || !strings.Contains(err.Error(), "has 0, instead of 1") {
		t.Errorf("missing pictures are not noticed: %v", err)
	}
}
