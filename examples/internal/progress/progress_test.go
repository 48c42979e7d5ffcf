package progress

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBarIsForTerminalsOnly(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	bar := New(file)
	bar.Show(1, 2)
	bar.Clear()
	if info, err := file.Stat(); err != nil || info.Size() != 0 {
		t.Errorf("a file got %d bytes (%v)", info.Size(), err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	var buffer bytes.Buffer
	bar = New(&buffer)
	bar.Show(1, 2)
	if buffer.Len() != 0 {
		t.Errorf("a buffer got %q", buffer.String())
	}
}

func TestBarOverwritesItself(t *testing.T) {
	t.Parallel()
	var terminal bytes.Buffer
	bar := &Bar{terminal: &terminal}
	bar.Show(143_000, 143_000)
	bar.Show(0, 0)
	bar.Clear()
	const full = "==============================] 100%  "
	want := "\r[" + full + "143 kB of 143 kB" + "\r[" + full + "0 B of 0 B      " + "\r" + strings.Repeat(" ", 49) + "\r"
	if got := terminal.String(); got != want {
		t.Errorf("the terminal got\n%q, not\n%q", got, want)
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	if got, want := line(500, 2000), "[=======                       ]  25%  500 B of 2.0 kB"; got != want {
		t.Errorf("got %q, not %q", got, want)
	}
}

func TestBytes(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 9_949: "9.9 kB", 9_950: "10 kB", 142_857: "143 kB", 999_499: "999 kB",
		999_500: "1.0 MB", 1 << 30: "1.1 GB", 25 << 40: "27 TB",
	} {
		if got := Bytes(n); got != want {
			t.Errorf("%d bytes are %q, not %q", n, got, want)
		}
	}
}
