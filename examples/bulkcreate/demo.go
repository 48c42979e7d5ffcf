package main

import (
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/examples/internal/program"
	"github.com/go-cvat/cvat/models"
)

// startDemo starts a fake CVAT with an organization of three, and paints pictures unless the flags name some. What a fake
// server knows is gone with it, so that the state is temporary too.
func (s *settings) startDemo(stdout io.Writer) (stop func(), err error) {
	temporary, err := os.MkdirTemp("", "bulkcreate-")
	if err != nil {
		return nil, err
	}
	server := cvattest.NewServer(nil)
	stop = func() {
		server.Close()
		_ = os.RemoveAll(temporary) // a temporary folder that stays does no harm
	}
	server.AddUser(cvattest.User{Username: "ann"})
	server.AddUser(cvattest.User{Username: "bob"})
	server.AddOrganization("team", cvattest.Username, map[string]models.Role{"ann": models.RoleWorker, "bob": models.RoleWorker})
	s.URL, s.User, s.Password, s.Organization = server.URL, cvattest.Username, cvattest.Password, "team"
	s.state = filepath.Join(temporary, "state")
	if s.assignees == nil {
		s.assignees = []string{"ann", "bob"}
	}
	program.Say(stdout, "no -url: using a fake CVAT in this process")
	if s.folder != "" {
		return stop, nil
	}
	s.folder, s.jobSize = filepath.Join(temporary, "pictures"), 2
	for _, street := range []string{"high-street", "low-street", "side-street"} {
		if err := paint(filepath.Join(s.folder, street), 3); err != nil {
			stop()
			return nil, err
		}
	}
	return stop, nil
}

// paint makes a folder with pictures.
func paint(folder string, count int) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for n := range count {
		if err := paintOne(filepath.Join(folder, strconv.Itoa(n)+".png"), n); err != nil {
			return err
		}
	}
	return nil
}

func paintOne(path string, n int) error {
	picture := image.NewGray(image.Rect(0, 0, 160, 120))
	for at := range picture.Pix {
		picture.Pix[at] = uint8(at * (n + 1)) //nolint:gosec // stripes are what is wanted
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(file, picture); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}
