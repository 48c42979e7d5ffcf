// Command drawscenes writes the pictures of the quickstart example, and what is on them, into a folder.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"github.com/go-cvat/cvat/examples/internal/scene"
)

func main() {
	folder := flag.String("out", ".", "the folder to write to")
	flag.Parse()
	if err := write(*folder); err != nil {
		fmt.Fprintln(os.Stderr, "drawscenes:", err)
		os.Exit(1)
	}
}

func write(folder string) error {
	images, scenes := scene.Street()
	for i, img := range images {
		if err := writePicture(filepath.Join(folder, scenes.Pictures[i].File), img); err != nil {
			return err
		}
	}
	data, err := json.MarshalIndent(scenes, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, scene.FileName), append(data, '\n'), 0o644)
}

func writePicture(path string, img image.Image) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	return errors.Join(encoder.Encode(file, img), file.Close())
}
