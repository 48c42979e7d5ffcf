package canvas

import (
	"image/color"
	"strings"
)

// Text paints text with its upper left corner at a point, scale pixels to a dot. Letters are small ones; what the
// alphabet lacks becomes a box.
func (c *Canvas) Text(paint color.NRGBA, at Point, scale float64, text string) {
	var dots [][]Point
	for i, letter := range []rune(strings.ToLower(text)) {
		left := at.X + float64(i*letterPitch)*scale
		for row, line := range dotsOf(letter) {
			for column, dot := range line {
				if dot == '#' {
					x, y := left+float64(column)*scale, at.Y+float64(row)*scale
					dots = append(dots, Rectangle(x, y, x+scale, y+scale))
				}
			}
		}
	}
	c.Fill(paint, dots...)
}

// TextSize returns how much room text takes.
func TextSize(scale float64, text string) (width, height float64) {
	return float64(len([]rune(text))*letterPitch-1) * scale, letterHeight * scale
}

const (
	letterPitch  = 6
	letterHeight = 8
)

// alphabet shows each letter under its name. Every letter has 5 by 8 dots.
const alphabet = `
a     b     c     d     e     f     g     h     i     j     k     l     m
..... #.... ..... ....# ..... ..##. ..... #.... ..#.. ...#. #.... .##.. .....
..... #.... ..... ....# ..... .#... ..... #.... ..... ..... #.... ..#.. .....
.###. ####. .###. .#### .###. ####. .#### ####. .##.. ..##. #..#. ..#.. ##.#.
....# #...# #.... #...# #...# .#... #...# #...# ..#.. ...#. #.#.. ..#.. #.#.#
.#### #...# #.... #...# ##### .#... #...# #...# ..#.. ...#. ##... ..#.. #.#.#
#...# #...# #.... #...# #.... .#... .#### #...# ..#.. ...#. #.#.. ..#.. #.#.#
.#### ####. .###. .#### .###. .#... ....# #...# .###. #..#. #..#. ..##. #...#
..... ..... ..... ..... ..... ..... .###. ..... ..... .##.. ..... ..... .....
n     o     p     q     r     s     t     u     v     w     x     y     z
..... ..... ..... ..... ..... ..... .#... ..... ..... ..... ..... ..... .....
..... ..... ..... ..... ..... ..... .#... ..... ..... ..... ..... ..... .....
####. .###. ####. .#### #.##. .#### ####. #...# #...# #...# #...# #...# #####
#...# #...# #...# #...# ##... #.... .#... #...# #...# #.#.# .#.#. #...# ...#.
#...# #...# #...# #...# #.... .###. .#... #...# #...# #.#.# ..#.. #...# ..#..
#...# #...# ####. .#### #.... ....# .#..# #...# .#.#. #.#.# .#.#. .#### .#...
#...# .###. #.... ....# #.... ####. ..##. .#### ..#.. .#.#. #...# ....# #####
..... ..... #.... ....# ..... ..... ..... ..... ..... ..... ..... .###. .....
0     1     2     3     4     5     6     7     8     9     -     _     :
.###. ..#.. .###. ##### ...#. ##### ..##. ##### .###. .###. ..... ..... .....
#...# .##.. #...# ...#. ..##. #.... .#... ....# #...# #...# ..... ..... .....
#..## ..#.. ....# ..#.. .#.#. ####. #.... ...#. #...# #...# ..... ..... ..#..
#.#.# ..#.. ..##. ...#. #..#. ....# ####. ..#.. .###. .#### ####. ..... .....
##..# ..#.. .#... ....# ##### ....# #...# ..#.. #...# ....# ..... ..... .....
#...# ..#.. #.... #...# ...#. #...# #...# ..#.. #...# ...#. ..... ..... ..#..
.###. .###. ##### .###. ...#. .###. .###. ..#.. .###. .##.. ..... ##### .....
..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... .....
`

// dotsOf returns the rows of a letter.
func dotsOf(letter rune) []string {
	if letter == ' ' {
		return nil
	}
	lines := strings.Split(strings.TrimSpace(alphabet), "\n")
	for block := 0; block < len(lines); block += 1 + letterHeight {
		if column := strings.IndexRune(lines[block], letter); column >= 0 {
			return columns(lines[block+1:block+1+letterHeight], column)
		}
	}
	return []string{".....", "#####", "#...#", "#...#", "#...#", "#...#", "#####"}
}

func columns(lines []string, column int) []string {
	rows := make([]string, len(lines))
	for i, line := range lines {
		rows[i] = line[column : column+letterPitch-1]
	}
	return rows
}
