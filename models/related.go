package models

import (
	"bytes"
	"encoding/json"
)

// Related is what belongs to an object: the labels, jobs or issues of a task, the tasks of a project. Servers until 2.3 embed
// the items, servers since 2.4 say how many there are and where to list them. What a server says of neither is left zero.
type Related[T any] struct {
	// Items are the items themselves; nil unless the server embedded them.
	Items []T
	// Count is how many items there are. Nil when not told, as for labels since 2.8.
	Count *int
	// Completed is, for the jobs of a task, how many are completed.
	Completed *int
	// Validation is, for the jobs of a task, how many are in validation. Since 2.5.
	Validation *int
	// URL is where the items are listed, as the server believes itself to be reached.
	URL string
}

// relatedSummary is the form of servers since 2.4.
type relatedSummary struct {
	Count      *int   `json:"count,omitempty"`
	Completed  *int   `json:"completed,omitempty"`
	Validation *int   `json:"validation,omitempty"`
	URL        string `json:"url,omitempty"`
}

// Embedded reports whether the server sent the items themselves. No items is an answer, too: it counts as embedded.
func (r Related[T]) Embedded() bool { return r.Items != nil }

// MarshalJSON implements [json.Marshaler]: embedded items become an array, a summary an object, nothing null.
func (r Related[T]) MarshalJSON() ([]byte, error) {
	if r.Embedded() {
		return json.Marshal(r.Items)
	}
	summary := relatedSummary{Count: r.Count, Completed: r.Completed, Validation: r.Validation, URL: r.URL}
	if summary == (relatedSummary{}) {
		return []byte("null"), nil
	}
	return json.Marshal(summary)
}

// UnmarshalJSON implements [json.Unmarshaler] for an array of items, a summary object and null.
func (r *Related[T]) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte("[")) {
		var items []T
		if err := json.Unmarshal(data, &items); err != nil {
			return err
		}
		*r = Related[T]{Items: items}
		return nil
	}
	var summary relatedSummary
	if err := json.Unmarshal(data, &summary); err != nil {
		return err
	}
	*r = Related[T]{Count: summary.Count, Completed: summary.Completed, Validation: summary.Validation, URL: summary.URL}
	return nil
}
