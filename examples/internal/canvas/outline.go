package canvas

import "math"

// Rectangle is the outline of a rectangle with two opposite corners.
func Rectangle(x0, y0, x1, y1 float64) []Point {
	return []Point{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}
}

// Circle is the outline of a circle.
func Circle(center Point, radius float64) []Point {
	corners := 8 + int(radius)
	outline := make([]Point, corners)
	for i := range outline {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(corners))
		outline[i] = Point{center.X + radius*cos, center.Y + radius*sin}
	}
	return outline
}

// Rounded cuts the corners of an outline, twice, so that they look round. The middle of each edge stays where it is.
func Rounded(outline ...Point) []Point {
	for range 2 {
		var rounder []Point
		for i, to := range outline {
			from := outline[(i+len(outline)-1)%len(outline)]
			rounder = append(rounder, between(from, to, 0.2), between(from, to, 0.8))
		}
		outline = rounder
	}
	return outline
}

func between(from, to Point, share float64) Point {
	return Point{from.X + (to.X-from.X)*share, from.Y + (to.Y-from.Y)*share}
}

// bar is the outline of a line without its ends; nothing if the line is a point.
func bar(from, to Point, width float64) []Point {
	length := math.Hypot(to.X-from.X, to.Y-from.Y)
	if length == 0 {
		return nil
	}
	dx, dy := (to.Y-from.Y)/length*width/2, (from.X-to.X)/length*width/2
	return []Point{{from.X + dx, from.Y + dy}, {to.X + dx, to.Y + dy}, {to.X - dx, to.Y - dy}, {from.X - dx, from.Y - dy}}
}
