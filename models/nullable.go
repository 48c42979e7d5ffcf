package models

import (
	"encoding/json"
	"fmt"
	"net/url"
)

// Nullable is a field of a request that may be absent, null or a value. Its zero value is absent.
// A struct field of this type is tagged `json:",omitzero"`: only so does absent stay off the wire.
type Nullable[T any] struct {
	value T
	state nullableState
}

type nullableState uint8

const (
	nullableAbsent nullableState = iota
	nullableNull
	nullableValue
)

// Value makes a field that sends v.
func Value[T any](v T) Nullable[T] {
	return Nullable[T]{value: v, state: nullableValue}
}

// Null makes a field that sends null, which clears what the server holds.
func Null[T any]() Nullable[T] {
	return Nullable[T]{state: nullableNull}
}

// IsZero reports whether the field is absent.
func (n Nullable[T]) IsZero() bool { return n.state == nullableAbsent }

// IsNull reports whether the field is null. An absent field is not null.
func (n Nullable[T]) IsNull() bool { return n.state == nullableNull }

// Get returns the value and whether there is one.
func (n Nullable[T]) Get() (T, bool) { return n.value, n.state == nullableValue }

// MarshalJSON implements [json.Marshaler].
func (n Nullable[T]) MarshalJSON() ([]byte, error) {
	if n.state != nullableValue {
		return []byte("null"), nil
	}
	return json.Marshal(n.value)
}

// UnmarshalJSON implements [json.Unmarshaler]. A null becomes [Null], anything else must be a T.
func (n *Nullable[T]) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*n = Null[T]()
		return nil
	}
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*n = Value(v)
	return nil
}

// EncodeValues writes the value under key as a query parameter: strings bare, everything else as in JSON.
// A query cannot say null, so absent and null both add nothing.
func (n Nullable[T]) EncodeValues(key string, query *url.Values) error {
	if n.state != nullableValue {
		return nil
	}
	data, err := json.Marshal(n.value)
	if err != nil {
		return fmt.Errorf("query parameter %s: %w", key, err)
	}
	text := string(data)
	if data[0] == '"' {
		if err := json.Unmarshal(data, &text); err != nil {
			return fmt.Errorf("query parameter %s: %w", key, err)
		}
	}
	query.Set(key, text)
	return nil
}
