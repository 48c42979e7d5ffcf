package testserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// kind is the type of a field of a request.
type kind int

const (
	text kind = iota
	integer
	number
	boolean
	email
	choice
	dict
	list
	anything
)

// field describes one member of a request body, as a serializer of the real server does.
type field struct {
	name     string
	kind     kind
	required bool
	null     bool
	blank    bool
	least    int      // characters of a text
	max      int      // characters of a text; 0 is no limit
	min, top *float64 // bounds of a number
	choices  []string
	items    *field  // what a list holds
	fields   []field // what a dict holds
	pattern  *regexp.Regexp
	mismatch string // the refusal of what does not match the pattern
}

// values is a validated body: strings, int64, float64, bool, nil, values and []any.
type values map[string]any

func (v values) has(name string) bool { _, given := v[name]; return given }

func (v values) text(name string) string { s, _ := v[name].(string); return s }

func (v values) int(name string) int64 { n, _ := v[name].(int64); return n }

func (v values) bool(name string) bool { b, _ := v[name].(bool); return b }

// list returns the objects of a list.
func (v values) list(name string) []values {
	items, _ := v[name].([]any)
	out := make([]values, 0, len(items))
	for _, item := range items {
		o, _ := item.(values)
		out = append(out, o)
	}
	return out
}

// texts returns the strings of a list.
func (v values) texts(name string) []string {
	items, _ := v[name].([]any)
	out := make([]string, 0, len(items))
	for _, item := range items {
		s, _ := item.(string)
		out = append(out, s)
	}
	return out
}

// take validates the body against the fields. In a partial update nothing is required.
func (c *call) take(fields []field, partial bool) (values, *answer) {
	v, errs, refusal := c.check(fields, partial)
	if refusal == nil && len(errs) > 0 {
		refusal = reply(http.StatusBadRequest, errs)
	}
	return v, refusal
}

// check is take for callers who have more to find fault with: it returns the errors by field.
func (c *call) check(fields []field, partial bool) (values, object, *answer) {
	raw, refusal := c.parse()
	if refusal != nil {
		return nil, nil, refusal
	}
	o, isObject := raw.(map[string]any)
	if !isObject {
		return nil, nil, c.s.cfg.dialect.crash()
	}
	c.reportUnknown(o, fields, "")
	v, errs := validate(o, fields, partial)
	return v, errs, nil
}

// takeKnown validates the body of a change. The newer server refuses members that it does not know.
func (c *call) takeKnown(fields []field) (values, *answer) {
	raw, refusal := c.parse()
	if refusal != nil {
		return nil, refusal
	}
	if o, isObject := raw.(map[string]any); isObject && c.s.cfg.dialect == V2_73 && unknownMembers(o, fields) {
		c.reportUnknown(o, fields, "")
		return nil, detail(http.StatusForbidden, "Attempted to update an unknown field")
	}
	return c.take(fields, true)
}

// reportUnknown reports members of a JSON body that the operation does not know.
func (c *call) reportUnknown(o map[string]any, fields []field, path string) {
	for name, value := range o {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
		if i < 0 {
			c.s.report(c, UnknownField, path+name)
			continue
		}
		f := fields[i]
		if items, isList := value.([]any); isList && f.items != nil && f.items.kind == dict && f.items.fields != nil {
			for _, item := range items {
				if inner, isObject := item.(map[string]any); isObject {
					c.reportUnknown(inner, f.items.fields, path+name+"[].")
				}
			}
		}
		if inner, isObject := value.(map[string]any); isObject && f.kind == dict && f.fields != nil {
			c.reportUnknown(inner, f.fields, path+name+".")
		}
	}
}

// unknownMembers says whether a body has members beside the fields.
func unknownMembers(o map[string]any, fields []field) bool {
	for name := range o {
		if !slices.ContainsFunc(fields, func(f field) bool { return f.name == name }) {
			return true
		}
	}
	return false
}

// validate returns the cleaned values, or what is wrong by field.
func validate(o map[string]any, fields []field, partial bool) (values, object) {
	out := values{}
	var errs object
	for _, f := range fields {
		raw, given := o[f.name]
		if !given {
			if f.required && !partial {
				errs = append(errs, member{f.name, []string{"This field is required."}})
			}
			continue
		}
		v, err := f.clean(raw)
		if err != nil {
			errs = append(errs, member{f.name, err})
			continue
		}
		out[f.name] = v
	}
	return out, errs
}

// clean checks one value. The error is what the server puts under the field's name.
func (f *field) clean(raw any) (any, any) {
	if raw == nil {
		if f.null {
			return nil, nil
		}
		return nil, []string{"This field may not be null."}
	}
	switch f.kind {
	case text, email, choice:
		return f.cleanText(raw)
	case integer:
		return f.cleanInteger(raw)
	case number:
		return f.cleanNumber(raw)
	case boolean:
		return cleanBoolean(raw)
	case list:
		return f.cleanList(raw)
	case dict:
		return f.cleanDict(raw)
	case anything:
	}
	return raw, nil
}

func (f *field) cleanText(raw any) (any, any) {
	var s string
	switch v := raw.(type) {
	case string:
		s = strings.TrimSpace(v)
	case json.Number:
		s = v.String()
	default:
		return nil, []string{"Not a valid string."}
	}
	switch {
	case f.kind == choice && !slices.Contains(f.choices, s):
		return nil, []string{fmt.Sprintf("%q is not a valid choice.", s)}
	case s == "" && !f.blank:
		return nil, []string{"This field may not be blank."}
	case f.kind == email && s != "" && !strings.Contains(s, "@"):
		return nil, []string{"Enter a valid email address."}
	case len([]rune(s)) < f.least:
		return nil, []string{fmt.Sprintf("Ensure this field has at least %d characters.", f.least)}
	case f.max > 0 && len([]rune(s)) > f.max:
		return nil, []string{fmt.Sprintf("Ensure this field has no more than %d characters.", f.max)}
	case f.pattern != nil && !f.pattern.MatchString(s):
		return nil, []string{f.mismatch}
	}
	return s, nil
}

func (f *field) cleanInteger(raw any) (any, any) {
	n, err := strconv.ParseInt(fmt.Sprint(raw), 10, 64)
	if err != nil {
		return nil, []string{"A valid integer is required."}
	}
	if text := f.outOfBounds(float64(n)); text != "" {
		return nil, []string{text}
	}
	return n, nil
}

func (f *field) cleanNumber(raw any) (any, any) {
	n, err := strconv.ParseFloat(fmt.Sprint(raw), 64)
	if err != nil {
		return nil, []string{"A valid number is required."}
	}
	if text := f.outOfBounds(n); text != "" {
		return nil, []string{text}
	}
	return n, nil
}

func (f *field) outOfBounds(n float64) string {
	if f.min != nil && n < *f.min {
		return fmt.Sprintf("Ensure this value is greater than or equal to %v.", *f.min)
	}
	if f.top != nil && n > *f.top {
		return fmt.Sprintf("Ensure this value is less than or equal to %v.", *f.top)
	}
	return ""
}

func cleanBoolean(raw any) (any, any) {
	switch strings.ToLower(fmt.Sprint(raw)) {
	case "true", "1", "on", "yes":
		return true, nil
	case "false", "0", "off", "no":
		return false, nil
	}
	return nil, []string{"Must be a valid boolean."}
}

func (f *field) cleanList(raw any) (any, any) {
	items, isList := raw.([]any)
	if !isList {
		return nil, []string{fmt.Sprintf("Expected a list of items but got type %q.", pythonType(raw))}
	}
	out := make([]any, 0, len(items))
	errs := make([]any, len(items))
	failed := false
	for i, item := range items {
		v, err := f.items.clean(item)
		errs[i] = object{}
		if err != nil {
			errs[i], failed = err, true
		}
		out = append(out, v)
	}
	if failed {
		return nil, errs
	}
	return out, nil
}

func (f *field) cleanDict(raw any) (any, any) {
	o, isObject := raw.(map[string]any)
	if !isObject {
		return nil, object{{"non_field_errors", []string{
			fmt.Sprintf("Invalid data. Expected a dictionary, but got %s.", pythonType(raw)),
		}}}
	}
	if f.fields == nil {
		return values(o), nil
	}
	v, errs := validate(o, f.fields, false)
	if len(errs) > 0 {
		return nil, errs
	}
	return v, nil
}

func pythonType(v any) string {
	switch v.(type) {
	case string:
		return "str"
	case json.Number:
		return "int"
	case bool:
		return "bool"
	case []any:
		return "list"
	}
	return "dict"
}
