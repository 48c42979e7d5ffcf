package cvat

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-cvat/cvat/models"
)

// What stands here is refused, before anything is sent, because every server refuses it: with a 400, or by failing over it
// with a 500. Where servers do not agree the server decides.

// checkFilled refuses a body that lacks a text which every server demands; blanks are none. The fields are given as names
// and values by turns.
func checkFilled(body string, fields ...string) error {
	for field := range slices.Chunk(fields, 2) {
		if strings.TrimSpace(field[1]) == "" {
			return &ArgumentError{Field: body + "." + field[0], Reason: "is empty"}
		}
	}
	return nil
}

// checkPatched is checkFilled for a change: a field that is not set stays as it is.
func checkPatched(field string, value *string) error {
	if value != nil && strings.TrimSpace(*value) == "" {
		return &ArgumentError{Field: field, Reason: "is set to nothing, which cannot be"}
	}
	return nil
}

// The most characters that servers take.
const (
	maxName        = 256 // of projects and tasks
	maxBugTracker  = 2000
	maxSubset      = 64
	maxUsername    = 150 // and the real names
	maxLabelName   = 64  // and names of attributes
	maxDefault     = 128 // of attributes
	maxColor       = 8
	maxOrgName     = 64
	maxResource    = 222
	maxDisplayName = 63
	maxKey         = 40 // of a cloud provider

	maxSessionToken = 440
)

// checkLengths refuses texts of more characters than servers take. The fields are given as names and values by turns.
func checkLengths(body string, most int, fields ...string) error {
	for field := range slices.Chunk(fields, 2) {
		if n := utf8.RuneCountInString(field[1]); n > most {
			return &ArgumentError{
				Field:  body + "." + field[0],
				Reason: "has " + strconv.Itoa(n) + " characters: servers take " + strconv.Itoa(most),
			}
		}
	}
	return nil
}

// checkRepeated refuses a password whose repetition is another.
func checkRepeated(field, password, repeated string) error {
	if password != repeated {
		return &ArgumentError{Field: field, Reason: "is not what it repeats"}
	}
	return nil
}

// checkAddress refuses what cannot be an e-mail address; none is one.
func checkAddress(field, address string) error {
	if name, host, _ := strings.Cut(address, "@"); address != "" && (name == "" || host == "") {
		return &ArgumentError{Field: field, Reason: "is no e-mail address"}
	}
	return nil
}

// checkReference refuses the id of something that cannot be, which often is an unset variable.
func checkReference(field string, id models.Nullable[int64]) error {
	if value, set := id.Get(); set && value <= 0 {
		return &ArgumentError{Field: field, Reason: "is " + strconv.FormatInt(value, 10) + ": ids start at 1, and null clears it"}
	}
	return nil
}

// checkCounts refuses numbers below zero. The fields are given as a map because all of them are alike.
func checkCounts(body string, fields map[string]int) error {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fields[name] < 0 {
			return &ArgumentError{Field: body + "." + name, Reason: "is negative"}
		}
	}
	return nil
}

// checkFrames refuses negative numbers of frames.
func checkFrames(field string, frames []int) error {
	if i := slices.IndexFunc(frames, func(n int) bool { return n < 0 }); i >= 0 {
		return &ArgumentError{Field: field + "[" + strconv.Itoa(i) + "]", Reason: "is negative: frames are counted from 0"}
	}
	return nil
}

var frameStep = regexp.MustCompile(`step\s*=\s*[1-9]`)

// checkRange refuses a choice of source frames that no server can make.
func checkRange(body string, start int, stop *int, filter string) error {
	switch {
	case start < 0:
		return &ArgumentError{Field: body + ".StartFrame", Reason: "is negative: frames are counted from 0"}
	case stop != nil && *stop < start:
		return &ArgumentError{Field: body + ".StopFrame", Reason: "is before StartFrame"}
	case filter != "" && !frameStep.MatchString(filter):
		return &ArgumentError{Field: body + ".FrameFilter", Reason: "is " + strconv.Quote(filter) + `: it reads like "step=5"`}
	}
	return nil
}

// checkQuality refuses an image quality out of bounds; 0 is none.
func checkQuality(field string, percent int) error {
	if percent < 0 || percent > 100 {
		return &ArgumentError{Field: field, Reason: "is " + strconv.Itoa(percent) + ": it goes from 1 to 100"}
	}
	return nil
}

// valueOf returns what a pointer points to, and zero for nil.
func valueOf[T any](p *T) T {
	if p == nil {
		return *new(T)
	}
	return *p
}
