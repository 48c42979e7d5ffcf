package main

import (
	"embed"
	"io/fs"
	"os"
)

// Drawn by ../internal/scene, whose test says so when they are out of date.
//
//go:generate go run ../internal/scene/drawscenes -out images
//go:embed images
var streetPictures embed.FS

// pictures returns the folder to upload: the user's or, if he names none, a temporary one that remove removes, with the
// pictures that come with the program.
func pictures(chosen string) (folder string, remove func(), err error) {
	if chosen != "" {
		return chosen, func() {}, nil
	}
	street, err := fs.Sub(streetPictures, "images")
	if err != nil {
		return "", nil, err
	}
	if folder, err = os.MkdirTemp("", "quickstart-"); err != nil {
		return "", nil, err
	}
	remove = func() { _ = os.RemoveAll(folder) } // a temporary folder that stays does no harm
	if err := os.CopyFS(folder, street); err != nil {
		remove()
		return "", nil, err
	}
	return folder, remove, nil
}
