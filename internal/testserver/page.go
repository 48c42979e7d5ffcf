package testserver

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const defaultPageSize = 10

// listing is a list of objects that a call may search, filter, sort and page through.
type listing[T any] struct {
	rows   []*T
	fields map[string]func(*T) any // what filter and sort know
	search []string                // the fields that search looks into
	simple []string                // the fields that are query parameters of their own, at 2.73 only
	order  string                  // the sort when none is given; "-id" if empty
	sees   func(*T) bool
	read   func(*T) any
}

// selected returns the rows that the caller may see and asked for, sorted.
func (l *listing[T]) selected(c *call) ([]*T, *answer) {
	rows := slices.DeleteFunc(slices.Clone(l.rows), func(row *T) bool { return l.sees != nil && !l.sees(row) })
	keep, refusal := l.filters(c)
	if refusal != nil {
		return nil, refusal
	}
	rows = slices.DeleteFunc(rows, func(row *T) bool {
		return slices.ContainsFunc(keep, func(k func(*T) bool) bool { return !k(row) })
	})
	l.sort(rows, c.query.Get("sort"))
	return rows, nil
}

// filters makes the conditions of search, filter and, at 2.73, of single fields.
func (l *listing[T]) filters(c *call) ([]func(*T) bool, *answer) {
	var keep []func(*T) bool
	if term := strings.ToLower(c.query.Get("search")); term != "" {
		keep = append(keep, func(row *T) bool {
			return slices.ContainsFunc(l.search, func(name string) bool {
				return strings.Contains(strings.ToLower(fmt.Sprint(l.fields[name](row))), term)
			})
		})
	}
	if raw := c.query.Get("filter"); raw != "" {
		logic, refusal := parseLogic(raw, c.s.cfg.dialect, func(name string) bool { return l.fields[name] != nil })
		if refusal != nil {
			return nil, refusal
		}
		keep = append(keep, func(row *T) bool {
			return logic(func(name string) any { return l.fields[name](row) })
		})
	}
	if c.s.cfg.dialect == V2_3 {
		return keep, nil
	}
	for _, name := range l.simple {
		want := c.query.Get(name)
		if want == "" {
			continue
		}
		if _, err := strconv.Atoi(want); err != nil && strings.HasSuffix(name, "_id") {
			return nil, invalidField(name, "Enter a number.")
		}
		keep = append(keep, func(row *T) bool { return same(l.fields[name](row), want) })
	}
	return keep, nil
}

// sort orders rows by the terms that are known, and by the default order if there is none. What ties stays as it is.
func (l *listing[T]) sort(rows []*T, terms string) {
	by := l.orders(terms)
	if len(by) == 0 {
		by = l.orders(cmp.Or(l.order, "-id"))
	}
	slices.SortStableFunc(rows, func(a, b *T) int {
		for _, order := range by {
			if n := order(a, b); n != 0 {
				return n
			}
		}
		return 0
	})
}

// orders reads the terms of a sort.
func (l *listing[T]) orders(terms string) []func(a, b *T) int {
	var by []func(a, b *T) int
	for term := range strings.SplitSeq(terms, ",") {
		name, descending := strings.CutPrefix(strings.TrimSpace(term), "-")
		value := l.fields[name]
		if value == nil {
			continue
		}
		by = append(by, func(a, b *T) int {
			if descending {
				a, b = b, a
			}
			return compare(value(a), value(b))
		})
	}
	return by
}

// array answers with the whole list, as some lists do.
func (l *listing[T]) array(c *call) *answer {
	rows, refusal := l.selected(c)
	if refusal != nil {
		return refusal
	}
	return ok(l.readAll(rows))
}

func (l *listing[T]) readAll(rows []*T) []any {
	out := make([]any, 0, len(rows))
	for _, row := range rows {
		out = append(out, l.read(row))
	}
	return out
}

// page answers with one page of the list.
func (l *listing[T]) page(c *call) *answer {
	rows, refusal := l.selected(c)
	if refusal != nil {
		return refusal
	}
	size := pageSize(c.query.Get("page_size"), len(rows))
	last := max(1, (len(rows)+size-1)/size)
	number, err := strconv.Atoi(cmp.Or(c.query.Get("page"), "1"))
	if c.query.Get("page") == "last" {
		number, err = last, nil
	}
	if err != nil || number < 1 || number > last {
		return detail(http.StatusNotFound, "Invalid page.")
	}
	from := (number - 1) * size
	return ok(object{
		{"count", len(rows)},
		{"next", c.pageURL(number+1, number < last)},
		{"previous", c.pageURL(number-1, number > 1)},
		{"results", l.readAll(rows[from:min(from+size, len(rows))])},
	})
}

// pageSize reads page_size: "all" is everything, and what is no positive number is the default.
func pageSize(raw string, count int) int {
	if raw == "all" {
		return max(1, count)
	}
	if n, err := strconv.Atoi(raw); err == nil && n > 0 {
		return n
	}
	return defaultPageSize
}

// pageURL is the URL of another page of the same list, null if there is none. The first page needs no number.
func (c *call) pageURL(number int, exists bool) any {
	if !exists {
		return nil
	}
	query := maps.Clone(c.query)
	query.Set("page", strconv.Itoa(number))
	if number == 1 {
		query.Del("page")
	}
	u := c.url("%s", c.path)
	if encoded := query.Encode(); encoded != "" {
		u += "?" + encoded
	}
	return u
}

// same compares a field with a value from JSON or from a query, as the database would: text and numbers mix.
func same(field, value any) bool {
	if field == nil || value == nil {
		return field == value
	}
	return fmt.Sprint(field) == fmt.Sprint(value)
}

// compare orders two values of a field; null comes last, as in PostgreSQL.
func compare(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	x, isNumber := toNumber(a)
	y, bothNumbers := toNumber(b)
	if isNumber && bothNumbers {
		return cmp.Compare(x, y)
	}
	return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

func toNumber(v any) (float64, bool) {
	switch n := v.(type) {
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	case float64:
		return n, true
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	}
	return 0, false
}
