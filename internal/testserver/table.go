package testserver

import (
	"maps"
	"slices"
)

// table keeps the objects of one kind by the ids it gives them, from 1 on and never twice.
type table[T any] struct {
	last int64
	rows map[int64]*T
}

// add makes an object with the next id.
func (t *table[T]) add(build func(id int64) *T) *T {
	if t.rows == nil {
		t.rows = map[int64]*T{}
	}
	t.last++
	row := build(t.last)
	t.rows[t.last] = row
	return row
}

// where returns the objects that fit, in the order of their ids.
func (t *table[T]) where(fits func(*T) bool) []*T {
	var ids []int64
	for id, row := range t.rows {
		if fits(row) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	out := make([]*T, 0, len(ids))
	for _, id := range ids {
		out = append(out, t.rows[id])
	}
	return out
}

// all returns the objects in the order of their ids.
func (t *table[T]) all() []*T {
	return t.where(func(*T) bool { return true })
}

// sortedKeys lists the keys of a map in order.
func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
