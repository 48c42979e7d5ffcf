package testserver

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

func schemaRoutes() []route {
	return []route{{
		op: "schema_retrieve", method: http.MethodGet, path: "schema", slash: withSlash, open: true, handle: readSchema,
		renderers: []renderer{
			{"application/vnd.oai.openapi", "yaml"},
			{"application/yaml", "yaml"},
			{"application/vnd.oai.openapi+json", "json"},
			{"application/json", "json"},
		},
	}}
}

// schemaVersion is what the schema calls the release. The older server has always said the same.
func (d Dialect) schemaVersion() string {
	if d == V2_3 {
		return "2.1.0 (2.0)"
	}
	return d.String() + " (2.0)"
}

// readSchema describes the routes in short. The language of the texts is that of the server, whatever is asked for.
func readSchema(c *call) *answer {
	operations := map[string][]string{}
	for _, r := range c.s.routes {
		path := "/api/" + r.path
		operations[path] = append(operations[path], strings.ToLower(r.method))
	}
	var paths object
	for _, path := range slices.Sorted(maps.Keys(operations)) {
		var methods object
		for _, method := range slices.Sorted(slices.Values(operations[path])) {
			methods = append(methods, member{method, object{{"responses", object{}}}})
		}
		paths = append(paths, member{path, methods})
	}
	document := object{
		{"openapi", "3.0.3"},
		{"info", object{{"title", "CVAT REST API"}, {"version", c.s.cfg.dialect.schemaVersion()}}},
		{"paths", paths},
	}
	a := ok(document)
	a.contentType = c.renderer.mediaType
	if c.renderer.format == "yaml" {
		a.body = []byte(yaml(document, ""))
		a.contentType += "; charset=utf-8"
	}
	return a.with("Content-Disposition", fmt.Sprintf(`inline; filename="CVAT REST API (2.0).%s"`, c.renderer.format))
}

// yaml writes objects of objects and texts.
func yaml(o object, indent string) string {
	var b strings.Builder
	for _, m := range o {
		inner, nested := m.value.(object)
		switch {
		case !nested:
			fmt.Fprintf(&b, "%s%s: %v\n", indent, m.name, m.value)
		case len(inner) == 0:
			fmt.Fprintf(&b, "%s%s: {}\n", indent, m.name)
		default:
			fmt.Fprintf(&b, "%s%s:\n%s", indent, m.name, yaml(inner, indent+"  "))
		}
	}
	return b.String()
}
