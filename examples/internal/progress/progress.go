// Package progress shows how far a transfer has come.
package progress

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// Bar is a line of a terminal. Anywhere else, in a pipe or a file, it shows nothing.
type Bar struct {
	terminal io.Writer // nil if there is none
	width    int       // of what the line holds now
}

// New returns a bar that is shown if w is a terminal.
func New(w io.Writer) *Bar {
	file, ok := w.(*os.File)
	if !ok {
		return &Bar{}
	}
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return &Bar{}
	}
	return &Bar{terminal: w}
}

// Show draws the bar anew.
func (b *Bar) Show(done, total int64) { b.draw(line(done, total)) }

// Clear takes the bar away.
func (b *Bar) Clear() { b.draw("") }

// draw replaces the line, overwriting what was longer.
func (b *Bar) draw(text string) {
	if b.terminal == nil {
		return
	}
	width := len([]rune(text))
	blank := strings.Repeat(" ", max(0, b.width-width))
	end := ""
	if text == "" {
		end = "\r"
	}
	_, _ = fmt.Fprint(b.terminal, "\r"+text+blank+end) // a bar that cannot be shown is no reason to stop
	b.width = width
}

const cells = 30

func line(done, total int64) string {
	share := 1.0
	if total > 0 {
		share = min(1, float64(done)/float64(total))
	}
	full := int(share * cells)
	return fmt.Sprintf("[%s%s] %3.0f%%  %s of %s",
		strings.Repeat("=", full), strings.Repeat(" ", cells-full), share*100, Bytes(done), Bytes(total))
}

// Bytes writes a number of bytes for people to read, such as "143 kB".
func Bytes(n int64) string {
	const step = 1000
	value, unit := float64(n), "B"
	for _, larger := range []string{"kB", "MB", "GB", "TB"} {
		if value < step-0.5 {
			break
		}
		value, unit = value/step, larger
	}
	if unit == "B" || value >= 9.95 {
		return fmt.Sprintf("%.0f %s", value, unit)
	}
	return fmt.Sprintf("%.1f %s", value, unit)
}
