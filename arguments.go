package cvat

import "slices"

// checkFilled refuses, before anything is sent, a body that lacks a text which every server demands. The fields are
// given as names and values by turns.
func checkFilled(body string, fields ...string) error {
	for field := range slices.Chunk(fields, 2) {
		if field[1] == "" {
			return &ArgumentError{Field: body + "." + field[0], Reason: "is empty"}
		}
	}
	return nil
}
