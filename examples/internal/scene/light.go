package scene

import (
	"fmt"
	"image/color"
	"math"
)

// light is the time of day.
type light struct {
	tag          string
	zenith, haze color.NRGBA // of the sky
	ground       [3]float64  // what is left of the colours of the street
	paint        float64     // what is left of the colours of cars and people
	lamps        bool
	stars        uint8 // how bright they are
}

// lights are the times of the day, one for each picture.
func lights() []light {
	return []light{
		{tag: "day", zenith: rgb(0x6fb3e8), haze: rgb(0xdcf0fb), ground: [3]float64{1, 1, 1}, paint: 1},
		{tag: "day", zenith: rgb(0x5aa7e6), haze: rgb(0xcfe9fa), ground: [3]float64{1, 1, 1}, paint: 1},
		{tag: "day", zenith: rgb(0x6c8fd0), haze: rgb(0xfbd9a8), ground: [3]float64{1, 0.93, 0.82}, paint: 1},
		{tag: "night", zenith: rgb(0x2c3470), haze: rgb(0xe08a6a), ground: [3]float64{0.6, 0.52, 0.62}, paint: 0.85, lamps: true, stars: 100},
		{tag: "night", zenith: rgb(0x0b1030), haze: rgb(0x2a3566), ground: [3]float64{0.34, 0.38, 0.55}, paint: 0.72, lamps: true, stars: 190},
	}
}

// shade is a colour of the street in this light.
func (l light) shade(hex uint32) color.NRGBA {
	c := rgb(hex)
	return color.NRGBA{scaled(c.R, l.ground[0]), scaled(c.G, l.ground[1]), scaled(c.B, l.ground[2]), 255}
}

// coat is the colour of a car or of a person in this light.
func (l light) coat(hex uint32) color.NRGBA {
	c := rgb(hex)
	return color.NRGBA{scaled(c.R, l.paint), scaled(c.G, l.paint), scaled(c.B, l.paint), 255}
}

// pick returns one of two colours that do not depend on the light.
func (l light) pick(day, night uint32) color.NRGBA {
	if l.lamps {
		return rgb(night)
	}
	return rgb(day)
}

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{uint8(hex >> 16 & 0xff), uint8(hex >> 8 & 0xff), uint8(hex & 0xff), 255}
}

func scaled(channel uint8, factor float64) uint8 {
	return uint8(math.Round(float64(channel) * factor))
}

func faint(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}

func mixed(a, b color.NRGBA, share float64) color.NRGBA {
	channel := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-share) + float64(b)*share)) }
	return color.NRGBA{channel(a.R, b.R), channel(a.G, b.G), channel(a.B, b.B), 255}
}

func hexOf(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
