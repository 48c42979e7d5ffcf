package testserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// logic is a parsed filter: it judges an object by its fields.
type logic func(field func(name string) any) bool

// logicParser reads the server's subset of JSON Logic.
type logicParser struct {
	known func(name string) bool
}

// errCrash is what makes the real server fail where a filter has the wrong shape.
var errCrash = errors.New("the filter has a shape that the server does not expect")

// filterError is what the server says of a filter.
type filterError string

func (r filterError) Error() string { return string(r) }

// parseLogic reads a filter, or refuses it as the dialect does.
func parseLogic(raw string, d Dialect, known func(string) bool) (logic, *answer) {
	var rules any
	dec := json.NewDecoder(strings.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&rules); err != nil {
		if d == V2_3 {
			return nil, invalid("filter: Json syntax should be used")
		}
		return nil, invalid("filter: can't parse filter expression: " + err.Error())
	}
	if n, countable := length(rules); countable && n == 0 {
		return nil, invalid("filter shouldn't be empty")
	}
	p := logicParser{known: known}
	l, err := p.parse(rules)
	if refused, isRefusal := errors.AsType[filterError](err); isRefusal {
		return nil, invalid(string(refused))
	}
	if err != nil {
		return nil, d.crash()
	}
	return l, nil
}

func length(v any) (int, bool) {
	switch x := v.(type) {
	case map[string]any:
		return len(x), true
	case []any:
		return len(x), true
	case string:
		return len(x), true
	}
	return 0, false
}

func (p *logicParser) parse(v any) (logic, error) {
	rule, isObject := v.(map[string]any)
	if !isObject || len(rule) != 1 {
		return nil, errCrash
	}
	for op, args := range rule {
		return p.operator(op, args)
	}
	return nil, errCrash
}

func (p *logicParser) operator(op string, args any) (logic, error) {
	list, isList := args.([]any)
	switch {
	case (op == "and" || op == "or") && isList && len(list) > 0:
		return p.junction(op, list)
	case op == "!", op == "!!":
		inner, err := p.parse(args)
		if op == "!!" || err != nil {
			return inner, err
		}
		return func(f func(string) any) bool { return !inner(f) }, nil
	case op == "var":
		name, isText := args.(string)
		if !isText {
			return nil, errCrash
		}
		if !p.known(name) {
			return nil, errCrash // the name goes to the database unchecked
		}
		return func(f func(string) any) bool { return f(name) != nil }, nil
	case op == "in" && len(list) == 2:
		return p.membership(list)
	case op == "<=" && len(list) == 3:
		return p.between(list)
	case slices.Contains([]string{"==", "<", ">", "<=", ">="}, op) && len(list) == 2:
		return p.comparison(op, list)
	}
	return nil, filterError(fmt.Sprintf("filter: %s operation with %s arguments is not implemented", op, shown(args)))
}

// shown writes arguments into a refusal.
func shown(args any) string {
	b, err := encode(args)
	if err != nil {
		return fmt.Sprint(args)
	}
	return string(bytes.ReplaceAll(b, []byte(","), []byte(", ")))
}

func (p *logicParser) junction(op string, list []any) (logic, error) {
	parts := make([]logic, 0, len(list))
	for _, item := range list {
		part, err := p.parse(item)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return func(f func(string) any) bool {
		for _, part := range parts {
			if part(f) == (op == "or") {
				return op == "or"
			}
		}
		return op == "and"
	}, nil
}

// variable reads {"var": name}.
func (p *logicParser) variable(v any) (string, error) {
	o, isObject := v.(map[string]any)
	name, isText := o["var"].(string)
	switch {
	case !isObject:
		return "", errCrash
	case !isText:
		return "", filterError("filter: 'var' term is not supported")
	case !p.known(name):
		return "", filterError(fmt.Sprintf("filter: '%s' term is not supported", name))
	}
	return name, nil
}

// membership is "in": a field among values, or a text within a field.
func (p *logicParser) membership(list []any) (logic, error) {
	if _, isObject := list[0].(map[string]any); !isObject {
		name, err := p.variable(list[1])
		if err != nil {
			return nil, err
		}
		part := fmt.Sprint(list[0])
		return func(f func(string) any) bool {
			v := f(name)
			return v != nil && strings.Contains(fmt.Sprint(v), part)
		}, nil
	}
	name, err := p.variable(list[0])
	if err != nil {
		return nil, err
	}
	values, isList := list[1].([]any)
	if !isList {
		return nil, errCrash
	}
	return func(f func(string) any) bool {
		v := f(name)
		for _, value := range values {
			if v != nil && same(v, value) {
				return true
			}
		}
		return false
	}, nil
}

func (p *logicParser) between(list []any) (logic, error) {
	name, err := p.variable(list[1])
	if err != nil {
		return nil, err
	}
	return func(f func(string) any) bool {
		v := f(name)
		return v != nil && compare(list[0], v) <= 0 && compare(v, list[2]) <= 0
	}, nil
}

func (p *logicParser) comparison(op string, list []any) (logic, error) {
	name, err := p.variable(list[0])
	if err != nil {
		return nil, err
	}
	value := list[1]
	return func(f func(string) any) bool {
		v := f(name)
		if op == "==" {
			return same(v, value)
		}
		if v == nil || value == nil {
			return false
		}
		n := compare(v, value)
		switch op {
		case "<":
			return n < 0
		case "<=":
			return n <= 0
		case ">":
			return n > 0
		}
		return n >= 0
	}, nil
}
