package cvat

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Filter is a condition on the items of a list, written as CVAT's JSON logic. Build it from the fields of the
// resource, such as [TaskFieldName] or [JobFieldState], and combine conditions with [And], [Or] and [Not]. The zero
// value matches everything.
type Filter struct {
	rule any
	err  string // what is wrong with it, told when a list is called
}

// IsZero reports whether the filter matches everything.
func (f Filter) IsZero() bool { return f.rule == nil && f.err == "" }

// MarshalJSON returns the JSON logic, null for the zero value.
func (f Filter) MarshalJSON() ([]byte, error) { return json.Marshal(f.rule) }

// String returns the JSON logic, "" for the zero value.
func (f Filter) String() string {
	if f.rule == nil {
		return ""
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // operators such as "<" stay readable
	if err := encoder.Encode(f.rule); err != nil {
		return "" // strings, numbers and what RawFilter has checked: it cannot fail
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// RawFilter takes JSON logic as it is. Text that is no JSON object with one operator fails when the list is called.
func RawFilter(jsonLogic string) Filter {
	var operators map[string]json.RawMessage
	if json.Unmarshal([]byte(jsonLogic), &operators) != nil || len(operators) != 1 {
		return Filter{err: "is no JSON object with one operator"}
	}
	return Filter{rule: json.RawMessage(jsonLogic)}
}

// And matches what all filters match.
func And(filters ...Filter) Filter { return combine("and", filters) }

// Or matches what any of the filters matches; a zero filter among them matches everything. Or of no filters would match
// nothing, which servers cannot say: it fails when the list is called.
func Or(filters ...Filter) Filter {
	if len(filters) == 0 {
		return Filter{err: "is Or of no filters"}
	}
	combined := combine("or", filters)
	if combined.err == "" && slices.ContainsFunc(filters, Filter.IsZero) {
		return Filter{}
	}
	return combined
}

// Not matches what f does not match, items whose field is empty included. Not of the zero filter would match nothing,
// which servers cannot say: it fails when the list is called.
func Not(f Filter) Filter {
	switch {
	case f.IsZero():
		return Filter{err: "is Not of a filter that matches everything"}
	case f.err != "":
		return f
	}
	return Filter{rule: rule{"!": f.rule}}
}

func combine(operator string, filters []Filter) Filter {
	var rules []any
	for _, f := range filters {
		if f.err != "" {
			return f
		}
		if !f.IsZero() {
			rules = append(rules, f.rule)
		}
	}
	switch len(rules) {
	case 0:
		return Filter{}
	case 1:
		return Filter{rule: rules[0]}
	}
	return Filter{rule: rule{operator: rules}}
}

type rule map[string]any

func variable[F ~string](field F) rule { return rule{"var": string(field)} }

func compare[F ~string](operator string, field F, value any) Filter {
	return Filter{rule: rule{operator: []any{variable(field), value}}}
}

func oneOf[F ~string, V any](field F, values []V) Filter {
	values = append([]V{}, values...) // no values match nothing; null would be an error
	return Filter{rule: rule{"in": []any{variable(field), values}}}
}

// StringField is a field of text that a list can be filtered by. Comparison is exact, upper and lower case included.
type StringField string

// Eq matches items whose field is value.
func (f StringField) Eq(value string) Filter { return compare("==", f, value) }

// In matches items whose field is one of values.
func (f StringField) In(values ...string) Filter { return oneOf(f, values) }

// Contains matches items whose field contains part.
func (f StringField) Contains(part string) Filter {
	return Filter{rule: rule{"in": []any{part, variable(f)}}}
}

// eqUnlessZero is the condition of a typed field of an options struct.
func (f StringField) eqUnlessZero(value string) Filter {
	if value == "" {
		return Filter{}
	}
	return f.Eq(value)
}

// UserField is a reference to a user, by user name, that a list can be filtered by.
type UserField string

// Eq matches items whose user has that user name.
func (f UserField) Eq(username string) Filter { return compare("==", f, username) }

// In matches items whose user has one of the user names.
func (f UserField) In(usernames ...string) Filter { return oneOf(f, usernames) }

// Contains matches items whose user's name contains part.
func (f UserField) Contains(part string) Filter {
	return Filter{rule: rule{"in": []any{part, variable(f)}}}
}

// IsSet matches items that have a user.
func (f UserField) IsSet() Filter { return Filter{rule: variable(f)} }

// IsUnset matches items that have none.
func (f UserField) IsUnset() Filter { return Not(f.IsSet()) }

func (f UserField) eqUnlessZero(username string) Filter {
	if username == "" {
		return Filter{}
	}
	return f.Eq(username)
}

// IntField is a number that a list can be filtered by.
type IntField string

// Eq matches items whose field is n.
func (f IntField) Eq(n int64) Filter { return compare("==", f, n) }

// Lt matches items whose field is less than n.
func (f IntField) Lt(n int64) Filter { return compare("<", f, n) }

// Le matches items whose field is n or less.
func (f IntField) Le(n int64) Filter { return compare("<=", f, n) }

// Gt matches items whose field is greater than n.
func (f IntField) Gt(n int64) Filter { return compare(">", f, n) }

// Ge matches items whose field is n or greater.
func (f IntField) Ge(n int64) Filter { return compare(">=", f, n) }

// In matches items whose field is one of values.
func (f IntField) In(values ...int64) Filter { return oneOf(f, values) }

// Between matches items whose field is lo, hi or between them.
func (f IntField) Between(lo, hi int64) Filter {
	return Filter{rule: rule{"<=": []any{lo, variable(f), hi}}}
}

func (f IntField) eqUnlessZero(n int64) Filter {
	if n == 0 {
		return Filter{}
	}
	return f.Eq(n)
}

// TimeField is a point in time that a list can be filtered by.
type TimeField string

// Before matches items whose field is before t.
func (f TimeField) Before(t time.Time) Filter { return compare("<", f, timestamp(t)) }

// After matches items whose field is after t.
func (f TimeField) After(t time.Time) Filter { return compare(">", f, timestamp(t)) }

// Since matches items whose field is t or later.
func (f TimeField) Since(t time.Time) Filter { return compare(">=", f, timestamp(t)) }

// Between matches items whose field is from, to or between them.
func (f TimeField) Between(from, to time.Time) Filter {
	return Filter{rule: rule{"<=": []any{timestamp(from), variable(f), timestamp(to)}}}
}

// timestamp writes a time as CVAT does, with all the microseconds it keeps.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// BoolField is a yes or no that a list can be filtered by.
type BoolField string

// Is matches items whose field is value.
func (f BoolField) Is(value bool) Filter { return compare("==", f, value) }

func (f BoolField) isUnlessNil(value *bool) Filter {
	if value == nil {
		return Filter{}
	}
	return f.Is(*value)
}
