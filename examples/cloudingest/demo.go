package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io"
	"strings"

	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/examples/internal/program"
)

// startDemo starts a fake CVAT that reaches a bucket with pictures. Any keys open it.
func (s *settings) startDemo(stdout io.Writer) (stop func(), err error) {
	files, err := paint("pictures/high-street", "pictures/low-street", "pictures/side-street/north")
	if err != nil {
		return nil, err
	}
	server := cvattest.NewServer(nil)
	server.AddBucket("streets", files)
	s.URL, s.User, s.Password = server.URL, cvattest.Username, cvattest.Password
	s.bucket, s.provider, s.anonymous = "streets", "s3", true
	program.Say(stdout, "no -url: using a fake CVAT in this process, with a bucket of pictures")
	return server.Close, nil
}

// paint fills a bucket: three pictures in each folder, and a manifest beside the folders that lists them.
func paint(folders ...string) (map[string][]byte, error) {
	files := map[string][]byte{}
	manifest := []byte(`{"version":"1.1"}` + "\n" + `{"type":"images"}` + "\n")
	for _, folder := range folders {
		for n := range 3 {
			picture := image.NewGray(image.Rect(0, 0, 160, 120))
			for at := range picture.Pix {
				picture.Pix[at] = uint8(at * (n + 1)) //nolint:gosec // stripes are what is wanted
			}
			var content bytes.Buffer
			if err := png.Encode(&content, picture); err != nil {
				return nil, err
			}
			name := fmt.Sprintf("%s/%d", folder, n)
			files[name+".png"] = content.Bytes()
			manifest = fmt.Appendf(manifest, `{"name":%q,"extension":".png"}`+"\n", strings.TrimPrefix(name, "pictures/"))
		}
	}
	files["pictures/manifest.jsonl"] = manifest
	return files, nil
}
