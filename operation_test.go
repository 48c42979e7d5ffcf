package cvat_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
)

func TestOperationPaths(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusOK, `{}`))
	client := server.client(t)
	for _, test := range []struct {
		path string
		args []any
		want string
	}{
		{"/api/tasks", nil, "/base/api/tasks"},
		{"/api/tasks/", nil, "/base/api/tasks/"},
		{"/api/tasks/{id}", []any{7}, "/base/api/tasks/7"},
		{"/api/tasks/{id}/data/", []any{int64(9223372036854775807)}, "/base/api/tasks/9223372036854775807/data/"},
		{"/api/tasks/{id}/data/{file_id}", []any{7, "a-b_c.d~e"}, "/base/api/tasks/7/data/a-b_c.d~e"},
		{"/api/requests/{id}", []any{"action=export&target=task&user id=1"}, "/base/api/requests/action=export&target=task&user%20id=1"},
		{"/api/x/{key}", []any{"a/b?c#d%e"}, "/base/api/x/a%2Fb%3Fc%23d%25e"},
		{"/api/x/{key}", []any{"../../admin"}, "/base/api/x/..%2F..%2Fadmin"},
		{"/api/x/{key}", []any{"..."}, "/base/api/x/..."},
		{"/api/x/{key}", []any{"{id}"}, "/base/api/x/%7Bid%7D"},
		{"/api/x/{key}", []any{"é \n"}, "/base/api/x/%C3%A9%20%0A"},
	} {
		op := cvat.Operation{ID: "x", Method: http.MethodGet, Path: test.path}
		_, err := client.Do(t.Context(), op, cvat.Args{Path: test.args}, nil, nil)
		require.NoError(t, err)
		requests := server.arrived()
		assert.Equal(t, test.want, requests[len(requests)-1].RequestURI)
	}
}

func TestOperationArguments(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusOK, `{}`))
	client := server.client(t)
	for _, test := range []struct {
		args   []any
		field  string
		reason string
	}{
		{nil, "id", "is missing: GET /api/x/{id}/y/{key} needs it"},
		{[]any{7}, "key", "is missing"},
		{[]any{7, "a", "b"}, "Args.Path", "has 1 values more than GET /api/x/{id}/y/{key} has placeholders"},
		{[]any{0, "a"}, "id", "is 0: ids start at 1"},
		{[]any{-5, "a"}, "id", "is -5"},
		{[]any{int64(0), "a"}, "id", "is 0"},
		{[]any{7, ""}, "key", `is "": it cannot stand in a path`},
		{[]any{7, "."}, "key", `is "."`},
		{[]any{7, ".."}, "key", `is ".."`},
		{[]any{7, 1.5}, "key", "is a float64: a path takes integers and strings"},
		{[]any{7, nil}, "key", "is a <nil>"},
	} {
		op := cvat.Operation{ID: "x", Method: http.MethodGet, Path: "/api/x/{id}/y/{key}", Replay: cvat.Repeatable}
		resp, err := client.Do(t.Context(), op, cvat.Args{Path: test.args}, nil, nil)
		refused := new(cvat.ArgumentError)
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, test.field, refused.Field)
		assert.Contains(t, refused.Reason, test.reason)
		assert.Zero(t, resp.Attempts)
	}
	assert.Empty(t, server.dials())
}

func TestOperationsThatHTTPCannotCarry(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusOK, `{}`))
	for _, op := range []cvat.Operation{{ID: "x", Method: "GE T", Path: "/api"}, {ID: "x", Method: http.MethodGet, Path: "/api\x00?secret"}} {
		resp, err := server.client(t).Do(t.Context(), op, cvat.Args{}, nil, nil)
		require.Error(t, err)
		require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown)
		assert.Zero(t, resp.Attempts)
	}
	assert.Empty(t, server.dials())
}

func TestReplayString(t *testing.T) {
	t.Parallel()
	for class, want := range map[cvat.Replay]string{
		cvat.Repeatable: "repeatable", cvat.Refusable: "refusable", cvat.NeverRepeated: "never repeated", 9: "Replay(9)",
	} {
		assert.Equal(t, want, class.String())
	}
	assert.Equal(t, cvat.Refusable, cvat.Operation{}.Replay, "who says nothing is careful")
	assert.Equal(t, "GET /api/things/{id}", opRead.String())
}

// An id that is no id would address the collection. Methods that take one must refuse it, whatever else they are given.
func TestBadIDsAreRefused(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusOK, `{"version":"2.73.1"}`))
	client := server.client(t)
	methods := 0
	for service := range services() {
		value := reflect.ValueOf(client).Elem().FieldByName(service)
		for i := range value.NumMethod() {
			name, method := value.Type().Method(i).Name, value.Method(i)
			if method.Type().NumIn() < 2 || method.Type().In(1).Kind() != reflect.Int64 {
				continue
			}
			methods++
			for _, id := range []int64{0, -1, -1 << 63} {
				arguments := []reflect.Value{reflect.ValueOf(t.Context()), reflect.ValueOf(id)}
				for in := 2; in < method.Type().NumIn() && (in < method.Type().NumIn()-1 || !method.Type().IsVariadic()); in++ {
					arguments = append(arguments, reflect.Zero(method.Type().In(in)))
				}
				results := method.Call(arguments)
				last := results[len(results)-1]
				if last.Type().CanSeq2() {
					for _, last = range last.Seq2() { // the error of a walk comes with its first element
						break
					}
				}
				err, ok := reflect.TypeAssert[error](last)
				require.True(t, ok, "%s.%s takes %d", service, name, id)
				refused := new(cvat.ArgumentError)
				require.ErrorAs(t, err, &refused, "%s.%s", service, name)
				for _, result := range results {
					if resp, ok := reflect.TypeAssert[*cvat.Response](result); ok {
						require.NotNil(t, resp, "%s.%s", service, name)
					}
				}
			}
		}
	}
	assert.Greater(t, methods, 40)
	assert.Empty(t, server.dials(), "nothing is sent")
}

// source is what the package's own source says.
type source struct {
	operations map[string]string // names of variables such as OpTasksList, to the id in their value
	methods    map[string]string // exported methods of services, such as TasksService.List, to their doc comments
}

func parseSource(t *testing.T) source {
	t.Helper()
	s := source{operations: map[string]string{}, methods: map[string]string{}}
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), nil, parser.ParseComments)
		require.NoError(t, err)
		for _, declaration := range file.Decls {
			switch d := declaration.(type) {
			case *ast.GenDecl:
				s.addOperations(d)
			case *ast.FuncDecl:
				s.addMethod(d)
			}
		}
	}
	require.NotEmpty(t, s.operations)
	require.NotEmpty(t, s.methods)
	return s
}

// addOperations notes the variables of a declaration whose value is an Operation.
func (s source) addOperations(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		values, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		for i, name := range values.Names {
			if i >= len(values.Values) {
				continue
			}
			literal, ok := values.Values[i].(*ast.CompositeLit)
			if !ok || fmt.Sprint(literal.Type) != "Operation" {
				continue
			}
			for _, element := range literal.Elts {
				if pair, ok := element.(*ast.KeyValueExpr); ok && fmt.Sprint(pair.Key) == "ID" {
					s.operations[name.Name], _ = strconv.Unquote(pair.Value.(*ast.BasicLit).Value)
				}
			}
		}
	}
}

func (s source) addMethod(d *ast.FuncDecl) {
	if d.Recv == nil || !d.Name.IsExported() {
		return
	}
	pointer, ok := d.Recv.List[0].Type.(*ast.StarExpr)
	if !ok {
		return
	}
	if receiver := fmt.Sprint(pointer.X); strings.HasSuffix(receiver, "Service") {
		s.methods[receiver+"."+d.Name.Name] = strings.Join(strings.Fields(d.Doc.Text()), " ")
	}
}

func TestOperationsAreComplete(t *testing.T) {
	t.Parallel()
	declared := parseSource(t).operations
	var names, ids []string
	for name, id := range declared {
		names = append(names, name)
		ids = append(ids, id)
		assert.Equal(t, "Op"+camelCase(id), name, "the variable is named after the server's id")
	}
	slices.Sort(names)
	slices.Sort(ids)
	assert.Equal(t, slices.Compact(slices.Clone(ids)), ids, "no id twice")

	var listed []string
	for _, op := range cvat.Operations() {
		listed = append(listed, op.ID)
	}
	assert.True(t, slices.IsSortedFunc(listed, func(a, b string) int { return strings.Compare(camelCase(a), camelCase(b)) }), "by name")
	slices.Sort(listed)
	assert.Equal(t, ids, listed, "the table and the variables are the same")

	first := cvat.Operations()
	first[0].ID = "changed"
	assert.NotEqual(t, "changed", cvat.Operations()[0].ID, "the table is the caller's")
}

func camelCase(id string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(id, "_") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

func TestOperationsAreWellFormed(t *testing.T) {
	t.Parallel()
	placeholder := regexp.MustCompile(`\{[a-z_]+\}`)
	release := regexp.MustCompile(`^(\d+\.\d+\.\d+)?$`)
	for _, op := range cvat.Operations() {
		assert.Regexp(t, `^[a-z_]+(_v2)?$`, op.ID)
		assert.Regexp(t, `^/api/[a-z/-]+(2)?$`, placeholder.ReplaceAllString(op.Path, "x"), op.ID)
		assert.Contains(t, []string{"GET", "POST", "PUT", "PATCH", "DELETE"}, op.Method)
		assert.Regexp(t, release, op.Since, op.ID)
		assert.Regexp(t, release, op.Until, op.ID)
		if op.Method == http.MethodDelete {
			assert.Equal(t, cvat.Repeatable, op.Replay, op.ID)
		}
	}
}

var (
	documented = regexp.MustCompile(`([A-Z]+) (/api/\S+) \(([a-z_]+(?:_v2)?)\)`)
	named      = regexp.MustCompile(`\b([a-z]+_[a-z_]+)\b`)
	referred   = regexp.MustCompile(`\[([A-Z]\w*Service\.[A-Z]\w*)\]`)
)

// The comment of every method ends with the operations it uses: method, path and id, or for workflows the ids or the
// methods that use them.
func TestMethodsNameTheirOperations(t *testing.T) {
	t.Parallel()
	operations := map[string]cvat.Operation{}
	for _, op := range cvat.Operations() {
		operations[op.ID] = op
	}
	methods := parseSource(t).methods
	used := map[string]bool{}
	for method, doc := range methods {
		_, call, isCall := strings.Cut(doc, "CVAT API: ")
		_, workflow, isWorkflow := strings.Cut(doc, "It uses ")
		if !assert.True(t, isCall || isWorkflow, "%s does not say which operation it calls", method) {
			continue
		}
		found := documented.FindAllStringSubmatch(call, -1)
		if isCall {
			assert.NotEmpty(t, found, "%s: %q", method, call)
		}
		for _, match := range found {
			op, exists := operations[match[3]]
			if !assert.True(t, exists, "%s: there is no operation %s", method, match[3]) {
				continue
			}
			path, _, _ := strings.Cut(match[2], "?")
			assert.Equal(t, op.Method+" "+op.Path, match[1]+" "+path, "%s: %s", method, op.ID)
			used[op.ID] = true
		}
		if isWorkflow {
			references := 0
			for _, match := range named.FindAllStringSubmatch(workflow, -1) {
				assert.Contains(t, operations, match[1], method)
				used[match[1]] = true
				references++
			}
			for _, match := range referred.FindAllStringSubmatch(workflow, -1) {
				assert.Contains(t, methods, match[1], method)
				references++
			}
			assert.Positive(t, references, "%s: %q", method, workflow)
		}
	}
	for id := range operations {
		assert.True(t, used[id], "no comment of a method names %s", id)
	}
}

// Every exported method of a service that takes a context returns an error last, and the answer before it if it is one
// call, or it is a walk.
func TestMethodsLookAlike(t *testing.T) {
	t.Parallel()
	for service := range services() {
		field, _ := reflect.TypeFor[cvat.Client]().FieldByName(service)
		assert.Equal(t, service+"Service", field.Type.Elem().Name())
		for method := range field.Type.Methods() {
			name := service + "." + method.Name
			signature := method.Type
			assert.Equal(t, "context.Context", signature.In(1).String(), name)
			if method.Name == "All" || method.Name == "Frames" {
				assert.True(t, signature.Out(0).CanSeq2(), name)
				continue
			}
			last := signature.NumOut() - 1
			assert.Equal(t, "error", signature.Out(last).String(), name)
			if signature.IsVariadic() {
				assert.Equal(t, "[]cvat.CallOption", signature.In(signature.NumIn()-1).String(), name)
				assert.Equal(t, "*cvat.Response", signature.Out(last-1).String(), "%s is one call", name)
			} else {
				assert.LessOrEqual(t, last, 1, "%s is a workflow", name)
			}
		}
	}
}
