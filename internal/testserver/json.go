package testserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// member is a name and a value of a JSON object.
type member struct {
	name  string
	value any
}

// object is a JSON object whose members keep their order.
type object []member

// MarshalJSON lets encoding/json write objects that stand within other types.
func (o object) MarshalJSON() ([]byte, error) { return appendObject(nil, o) }

// decimal is a number that is written with a point, as Python writes its floats.
type decimal float64

// encode writes JSON as Django REST framework does: no blanks, no escapes for HTML.
func encode(v any) ([]byte, error) { return appendJSON(nil, v) }

// appendJSON knows the types that large documents are made of, and leaves the others to encoding/json.
func appendJSON(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case object:
		return appendObject(b, v)
	case []object:
		return appendList(b, v)
	case []any:
		return appendList(b, v)
	case []decimal:
		return appendList(b, v)
	case decimal:
		return v.append(b), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case *int64:
		if v != nil {
			return strconv.AppendInt(b, *v, 10), nil
		}
	case bool:
		return strconv.AppendBool(b, v), nil
	case *string:
		if v != nil {
			return appendJSON(b, *v)
		}
	case string:
		if isPlain(v) {
			return append(append(append(b, '"'), v...), '"'), nil
		}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding an answer: %w", err)
	}
	return append(b, bytes.TrimSuffix(out.Bytes(), []byte("\n"))...), nil
}

// isPlain says whether a text needs no escapes.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func appendObject(b []byte, o object) ([]byte, error) {
	var err error
	b = append(b, '{')
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendJSON(b, m.name); err != nil {
			return nil, err
		}
		if b, err = appendJSON(append(b, ':'), m.value); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func appendList[T any](b []byte, list []T) ([]byte, error) {
	var err error
	b = append(b, '[')
	for i, item := range list {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendJSON(b, item); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

// append writes 1 as 1.0.
func (d decimal) append(b []byte) []byte {
	v := float64(d)
	if v == math.Trunc(v) && math.Abs(v) < 1e16 {
		return strconv.AppendFloat(b, v, 'f', 1, 64)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}
