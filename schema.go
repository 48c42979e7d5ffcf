package cvat

import (
	"context"
	"net/http"

	"github.com/google/go-querystring/query"
)

// OpSchemaRetrieve is the operation of the Schema service.
var OpSchemaRetrieve = Operation{ID: "schema_retrieve", Method: http.MethodGet, Path: "/api/schema/", Replay: Repeatable}

// SchemaService describes the API of the server.
type SchemaService service

// SchemaFormat is how a schema is written.
type SchemaFormat string

// The formats of a schema.
const (
	SchemaYAML SchemaFormat = "yaml"
	SchemaJSON SchemaFormat = "json"
)

// SchemaOptions say how a schema is wanted.
type SchemaOptions struct {
	// Format is [SchemaYAML] if empty.
	Format SchemaFormat `url:"scheme,omitempty"`
	// Language is that of the descriptions, such as "de", as far as the server has been translated; empty: the server's own.
	Language string `url:"lang,omitempty"`
}

// Get returns the OpenAPI document of the server, some hundred kilobytes that the server takes a while to make. It tells
// exactly what a server can do, and its info.version tells 2.3.0-alpha ("2.1.0") from 2.3.0. Descriptions of bodies and
// answers are often wrong. The caller closes the content.
//
// CVAT API: GET /api/schema/ (schema_retrieve)
func (s *SchemaService) Get(ctx context.Context, opts *SchemaOptions, options ...CallOption) (*Content, *Response, error) {
	values, err := query.Values(opts)
	if err != nil {
		return nil, &Response{}, &ArgumentError{Field: "SchemaOptions", Reason: "cannot be encoded", Err: err}
	}
	return s.client.open(ctx, call{op: OpSchemaRetrieve, query: values}, options)
}
