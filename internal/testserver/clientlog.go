package testserver

import (
	"net/http"
	"regexp"
	"slices"
)

// timeField is a field that wants a moment.
func timeField(name string) field {
	return field{
		name: name, required: true,
		pattern:  regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$`),
		mismatch: "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].",
	}
}

// urlField is a field that wants a URL: the domain of its host has two letters or more.
func urlField(name string) field {
	return field{
		name: name, required: true,
		pattern:  regexp.MustCompile(`^(https?|ftps?)://(localhost|[0-9.]+|([\w-]+\.)+[A-Za-z]{2,})(:\d+)?([/?#]\S*)?$`),
		mismatch: "Enter a valid URL.",
	}
}

func logEventFields() []field {
	return []field{
		{name: "job_id", kind: integer},
		{name: "task_id", kind: integer},
		{name: "proj_id", kind: integer},
		{name: "client_id", kind: integer, required: true},
		{name: "name", required: true, max: 64},
		timeField("time"),
		{name: "message", max: 4096},
		{name: "payload", kind: dict},
		{name: "is_active", kind: boolean, required: true},
	}
}

func exceptionFields() []field {
	return []field{
		{name: "system", required: true, max: 255},
		{name: "client", required: true, max: 255},
		timeField("time"),
		{name: "job_id", kind: integer},
		{name: "task_id", kind: integer},
		{name: "proj_id", kind: integer},
		{name: "client_id", kind: integer, required: true},
		{name: "message", required: true, max: 4096},
		urlField("filename"),
		{name: "line", kind: integer, required: true},
		{name: "column", kind: integer, required: true},
		{name: "stack", required: true, blank: true, max: 8192},
	}
}

func createLogs(c *call) *answer {
	raw, refusal := c.parse()
	if refusal != nil {
		return refusal
	}
	fields := logEventFields()
	items, isList := raw.([]any)
	if !isList {
		return invalidField("non_field_errors", "Expected a list of items but got type \""+pythonType(raw)+"\".")
	}
	echo := make([]object, len(items))
	faults := make([]object, len(items))
	for i, item := range items {
		o, isObject := item.(map[string]any)
		if !isObject {
			faults[i] = object{{"non_field_errors", []string{"Invalid data. Expected a dictionary, but got " + pythonType(item) + "."}}}
			continue
		}
		c.reportUnknown(o, fields, "[].")
		var v values
		v, faults[i] = validate(o, fields, false)
		echo[i] = v.inOrder(fields)
	}
	if slices.ContainsFunc(faults, func(o object) bool { return len(o) > 0 }) {
		return reply(http.StatusBadRequest, faults)
	}
	c.s.state.logged += len(items)
	return reply(http.StatusCreated, echo)
}

func createException(c *call) *answer {
	fields := exceptionFields()
	v, refusal := c.take(fields, false)
	if refusal != nil {
		return refusal
	}
	c.s.state.logged++
	return reply(http.StatusCreated, v.inOrder(fields))
}

// inOrder returns the values that were given as an object with the order of the fields.
func (v values) inOrder(fields []field) object {
	var o object
	for _, f := range fields {
		if v.has(f.name) {
			o = append(o, member{f.name, v[f.name]})
		}
	}
	return o
}

// Logged returns how many events and exceptions clients have reported.
func (s *Server) Logged() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.logged
}
