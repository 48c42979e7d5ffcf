// Package scene draws street scenes and knows where everything on them is.
package scene

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// FileName is the file, next to the pictures, that says what is on them.
const FileName = "scenes.json"

// Scenes is what is on the pictures of a folder.
type Scenes struct {
	Pictures []Picture `json:"pictures"`
	Tracks   []Track   `json:"tracks,omitzero"`
}

// Picture is what is on one picture.
type Picture struct {
	// File is the picture's name, without folder.
	File string `json:"file"`
	// Tags are labels of the whole picture.
	Tags   []string `json:"tags"`
	Shapes []Shape  `json:"shapes"`
}

// Shape is an object on one picture.
type Shape struct {
	Label string `json:"label"`
	// Type is "rectangle", "polygon" or "skeleton".
	Type string `json:"type"`
	// Points are x and y by turns, in pixels.
	Points []float64 `json:"points,omitempty"`
	// Joints are the points of a skeleton, by name.
	Joints     map[string][2]float64 `json:"joints,omitempty"`
	Attributes map[string]string     `json:"attributes,omitempty"`
	// Layer is higher for what stands in front of others.
	Layer int `json:"layer,omitzero"`
	// Paint is the colour, as "#rrggbb", that most of the object has.
	Paint string `json:"paint,omitzero"`
}

// Track is a rectangle that moves from picture to picture, evenly between its keys.
type Track struct {
	Label string `json:"label"`
	// Attributes are those that never change; the others are in the keys.
	Attributes map[string]string `json:"attributes,omitempty"`
	Keys       []Key             `json:"keys"`
	Layer      int               `json:"layer,omitzero"`
	// Paint is the colour by day; at night it is darker.
	Paint string `json:"paint,omitzero"`
}

// Key is a track on one picture.
type Key struct {
	File       string            `json:"file"`
	Points     []float64         `json:"points"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Read returns what is on the pictures of a folder, nil if the folder does not say.
func Read(folder string) (*Scenes, error) {
	path := filepath.Join(folder, FileName)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var scenes Scenes
	if err := json.Unmarshal(data, &scenes); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &scenes, nil
}
