package cvat_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
)

func TestFilterLogic(t *testing.T) {
	t.Parallel()
	const (
		name    cvat.StringField = "name"
		owner   cvat.UserField   = "owner"
		number  cvat.IntField    = "id"
		updated cvat.TimeField   = "updated_date"
		active  cvat.BoolField   = "is_active"
	)
	noon := time.Date(2026, 11, 23, 13, 0, 0, 123456789, time.FixedZone("CET", 3600))
	evening := time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)
	for want, filter := range map[string]cvat.Filter{
		`{"==":[{"var":"name"},"a \"b\" é"]}`:                           cvat.StringField("name").Eq(`a "b" é`),
		`{"==":[{"var":"name"},""]}`:                                    name.Eq(""),
		`{"==":[{"var":"name"},"<a>&"]}`:                                name.Eq("<a>&"),
		`{"in":[{"var":"name"},["a","b"]]}`:                             name.In("a", "b"),
		`{"in":[{"var":"name"},[]]}`:                                    name.In(),
		`{"in":["a",{"var":"name"}]}`:                                   name.Contains("a"),
		`{"==":[{"var":"owner"},"me"]}`:                                 owner.Eq("me"),
		`{"in":[{"var":"owner"},["me","you"]]}`:                         owner.In("me", "you"),
		`{"in":[{"var":"owner"},[]]}`:                                   owner.In(),
		`{"in":["m",{"var":"owner"}]}`:                                  owner.Contains("m"),
		`{"var":"owner"}`:                                               owner.IsSet(),
		`{"!":{"var":"owner"}}`:                                         owner.IsUnset(),
		`{"==":[{"var":"id"},9007199254740993]}`:                        number.Eq(9007199254740993),
		`{"<":[{"var":"id"},-1]}`:                                       number.Lt(-1),
		`{"<=":[{"var":"id"},0]}`:                                       number.Le(0),
		`{">":[{"var":"id"},5]}`:                                        number.Gt(5),
		`{">=":[{"var":"id"},5]}`:                                       number.Ge(5),
		`{"in":[{"var":"id"},[1,2]]}`:                                   number.In(1, 2),
		`{"in":[{"var":"id"},[]]}`:                                      number.In(),
		`{"<=":[1,{"var":"id"},9]}`:                                     number.Between(1, 9),
		`{"<":[{"var":"updated_date"},"2026-11-23T12:00:00.123456Z"]}`:  updated.Before(noon),
		`{">":[{"var":"updated_date"},"2026-11-23T12:00:00.123456Z"]}`:  updated.After(noon),
		`{">=":[{"var":"updated_date"},"2026-11-23T20:00:00.000000Z"]}`: updated.Since(evening),
		`{"<=":["2026-11-23T12:00:00.123456Z",{"var":"updated_date"},"2026-11-23T20:00:00.000000Z"]}`: updated.Between(noon, evening),
		`{"==":[{"var":"is_active"},true]}`:                            active.Is(true),
		`{"==":[{"var":"is_active"},false]}`:                           active.Is(false),
		`{"!":{"==":[{"var":"id"},1]}}`:                                cvat.Not(number.Eq(1)),
		`{"!":{"!":{"var":"owner"}}}`:                                  cvat.Not(owner.IsUnset()),
		`{"and":[{"==":[{"var":"id"},1]},{"var":"owner"}]}`:            cvat.And(number.Eq(1), owner.IsSet()),
		`{"or":[{"==":[{"var":"id"},1]},{"var":"owner"}]}`:             cvat.Or(number.Eq(1), owner.IsSet()),
		`{"==":[{"var":"id"},1]}`:                                      cvat.And(cvat.Filter{}, number.Eq(1), cvat.Filter{}),
		`{"==":[{"var":"id"},2]}`:                                      cvat.Or(number.Eq(2)),
		`{"==":[{"var":"id"},3]}`:                                      cvat.And(number.Eq(3)),
		`{"or":[{"and":[{"var":"a"},{"var":"b"}]},{"!":{"var":"c"}}]}`: cvat.Or(cvat.And(cvat.UserField("a").IsSet(), cvat.UserField("b").IsSet()), cvat.UserField("c").IsUnset()),
		`{"and":[{">":[{"var":"x"},"<"]},{"var":"owner"}]}`:            cvat.And(cvat.RawFilter(`{">":[{"var":"x"},"<"]}`), owner.IsSet()),
		`{"!":{"some":[]}}`:                                            cvat.Not(cvat.RawFilter(`{"some":[]}`)),
		"":                                                             {},
	} {
		assert.Equal(t, want, filter.String())
		assert.Equal(t, want == "", filter.IsZero())
		assert.Equal(t, want, sentFilter(t, filter), "as it travels")
		if want != "" {
			encoded, err := json.Marshal(filter)
			require.NoError(t, err)
			assert.JSONEq(t, want, string(encoded))
		}
	}
}

// sentFilter returns the filter parameter of a list with that filter, "" if there is none.
func sentFilter(t *testing.T, filter cvat.Filter) string {
	t.Helper()
	server := servePipe(t, lastPageOf(0))
	_, _, err := server.client(t).Tasks.List(t.Context(), &cvat.TaskListOptions{ListOptions: cvat.ListOptions{Filter: filter}})
	require.NoError(t, err)
	query := server.only(t).URL.Query()
	assert.Equal(t, filter.IsZero(), !query.Has("filter"))
	return query.Get("filter")
}

func TestFilterOfNothing(t *testing.T) {
	t.Parallel()
	none := cvat.Filter{}
	one := cvat.TaskFieldID.Eq(1)
	for name, filter := range map[string]cvat.Filter{
		"and": cvat.And(), "and of zero": cvat.And(none), "and of zeros": cvat.And(none, none), "or of zero": cvat.Or(none),
		"or with zero": cvat.Or(one, none), "or with zero first": cvat.Or(none, one),
	} {
		assert.True(t, filter.IsZero(), "%s matches everything", name)
		assert.Empty(t, filter.String(), name)
	}
	// What matches nothing cannot be said to a server, and must not become everything.
	for name, filter := range map[string]cvat.Filter{"not of zero": cvat.Not(none), "or": cvat.Or(), "or of an empty list": cvat.Or([]cvat.Filter{}...)} {
		assert.False(t, filter.IsZero(), name)
		assertRefused(t, filter, name)
	}
}

// assertRefused checks that a list refuses a filter, whatever it is combined with.
func assertRefused(t *testing.T, filter cvat.Filter, name string) {
	t.Helper()
	one := cvat.TaskFieldID.Eq(1)
	server := servePipe(t, lastPageOf(0))
	for _, bad := range []cvat.Filter{
		filter, cvat.And(one, filter), cvat.Or(one, filter), cvat.Not(filter), cvat.Not(cvat.And(filter, one)),
		cvat.Or(cvat.Filter{}, filter), cvat.Or(filter, cvat.Filter{}), cvat.And(cvat.Filter{}, filter),
	} {
		_, _, err := server.client(t).Tasks.List(t.Context(), &cvat.TaskListOptions{ListOptions: cvat.ListOptions{Filter: bad}, Name: "x"})
		refused := new(cvat.ArgumentError)
		require.ErrorAs(t, err, &refused, "%s: %s", name, bad)
		assert.Equal(t, "ListOptions.Filter", refused.Field)
	}
	assert.Empty(t, server.dials())
}

func TestRawFilter(t *testing.T) {
	t.Parallel()
	for _, good := range []string{`{"==":[{"var":"name"},"a"]}`, " {\n\"!\": {\"var\": \"owner\"}}\n"} {
		assert.JSONEq(t, good, sentFilter(t, cvat.RawFilter(good)))
	}
	for _, bad := range []string{"", "x", "null", "[]", `"x"`, "7", "{}", `{"a":1,"b":2}`, `{"a":1`, `{"a":1}{"b":2}`, `{a:1}`} {
		assertRefused(t, cvat.RawFilter(bad), bad)
	}
}

func TestFilterKeepsItsValues(t *testing.T) {
	t.Parallel()
	names, ids := []string{"a", "b"}, []int64{1, 2}
	filter := cvat.And(cvat.TaskFieldName.In(names...), cvat.TaskFieldOwner.In(names...), cvat.TaskFieldID.In(ids...))
	before := filter.String()
	names[0], ids[0] = "z", 99
	assert.Equal(t, before, filter.String(), "what is done to the slice afterwards is none of its business")
}

// Every typed field of every list's options has to reach the filter: servers before 2.4 ignore query parameters that
// they do not know, and a program that deletes what a list returns would delete everything.
func TestTypedFieldsBecomeFilters(t *testing.T) {
	t.Parallel()
	lists := 0
	for service := range services() {
		options, ok := listOptions(service)
		if !ok {
			continue
		}
		lists++
		t.Run(options.Name(), func(t *testing.T) {
			t.Parallel()
			var all []string
			full := reflect.New(options)
			for i := range options.NumField() {
				field := options.Field(i)
				if field.Anonymous {
					assert.Equal(t, reflect.TypeFor[cvat.ListOptions](), field.Type)
					continue
				}
				for _, sample := range samples(t, field) {
					one := reflect.New(options)
					one.Elem().Field(i).Set(sample)
					full.Elem().Field(i).Set(sample)
					rule := fmt.Sprintf(`{"==":[{"var":%q},%s]}`, snakeCase(field.Name), jsonOf(sample.Interface()))
					all = append(all, rule)
					assertFilter(t, service, one, rule)

					one.Elem().FieldByName("Filter").Set(reflect.ValueOf(cvat.RawFilter(`{"var":"own"}`)))
					assertFilter(t, service, one, `{"and":[{"var":"own"},`+rule+`]}`)
					if sample.Kind() == reflect.Pointer {
						all = all[:len(all)-1] // only the last of several samples is in full
					}
				}
				if field.Type.Kind() == reflect.Pointer {
					value := full.Elem().Field(i).Elem().Interface()
					all = append(all, fmt.Sprintf(`{"==":[{"var":%q},%s]}`, snakeCase(field.Name), jsonOf(value)))
				}
			}
			require.NotEmpty(t, all)
			whole := all[0]
			if len(all) > 1 {
				whole = `{"and":[` + strings.Join(all, ",") + `]}`
			}
			assertFilter(t, service, full, whole)
		})
	}
	assert.GreaterOrEqual(t, lists, 4)
}

// services yields the names of the client's services.
func services() iter.Seq[string] {
	return func(yield func(string) bool) {
		for field := range reflect.TypeFor[cvat.Client]().Fields() {
			if field.IsExported() && !yield(field.Name) {
				return
			}
		}
	}
}

// listOptions returns the type of the options of a service's list.
func listOptions(service string) (reflect.Type, bool) {
	field, _ := reflect.TypeFor[cvat.Client]().FieldByName(service)
	all, ok := field.Type.MethodByName("All")
	if !ok {
		return nil, false
	}
	return all.Type.In(2).Elem(), true
}

// samples returns values of a typed field that are not its zero value.
func samples(t *testing.T, field reflect.StructField) []reflect.Value {
	t.Helper()
	switch {
	case field.Type.Kind() == reflect.String:
		return []reflect.Value{reflect.ValueOf(`the "` + field.Name + `"`).Convert(field.Type)}
	case field.Type.Kind() == reflect.Int64:
		return []reflect.Value{reflect.ValueOf(int64(4711))}
	case field.Type == reflect.TypeFor[*bool]():
		return []reflect.Value{reflect.ValueOf(new(true)), reflect.ValueOf(new(false))}
	}
	require.Failf(t, "new kind of field", "%s is a %s: teach this test about it", field.Name, field.Type)
	return nil
}

// assertFilter checks what List and All of a service send for options.
func assertFilter(t *testing.T, service string, options reflect.Value, want string) {
	t.Helper()
	server := servePipe(t, lastPageOf(0))
	methods := reflect.ValueOf(server.client(t)).Elem().FieldByName(service)
	arguments := []reflect.Value{reflect.ValueOf(t.Context()), options}
	methods.MethodByName("List").Call(arguments)
	all := methods.MethodByName("All").Call(arguments)[0]
	for range all.Seq2() {
		assert.Fail(t, "the list is empty")
	}
	requests := server.arrived()
	require.Len(t, requests, 2)
	for _, r := range requests {
		query := r.URL.Query()
		assert.JSONEq(t, want, query.Get("filter"))
		query.Del("filter")
		query.Del("sort")
		assert.Equal(t, "page=1&page_size=100", query.Encode(), "nothing else")
	}
}

// snakeCase turns ProjectID into project_id.
func snakeCase(name string) string {
	var b strings.Builder
	previous := 'A'
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(previous) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
		previous = r
	}
	return b.String()
}

func FuzzRawFilter(f *testing.F) {
	for _, seed := range []string{`{"==":[{"var":"name"},"a"]}`, `{}`, ``, `null`, `{"a":"<&> \xff"}`, ` {"a" : 1e400}`, `{"a":1,"a":2}`, "{\"a\":\"\u2028\"}"} {
		f.Add(seed)
	}
	one := cvat.TaskFieldID.Eq(1)
	f.Fuzz(func(t *testing.T, text string) {
		filter := cvat.RawFilter(text)
		server := servePipe(t, lastPageOf(0))
		client := server.client(t)
		_, _, err := client.Tasks.List(t.Context(), &cvat.TaskListOptions{ListOptions: cvat.ListOptions{Filter: filter}})
		if err != nil {
			refused := new(cvat.ArgumentError)
			require.ErrorAs(t, err, &refused)
			assert.Empty(t, server.dials())
			return
		}
		var given map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(text), &given))
		assert.Len(t, given, 1)
		sent := server.only(t).URL.Query().Get("filter")
		assert.Equal(t, exactJSON(t, text), exactJSON(t, sent), "nothing but the writing of it is changed")
		for _, combined := range []cvat.Filter{cvat.And(filter, one), cvat.Or(one, filter), cvat.Not(filter)} {
			assert.True(t, json.Valid([]byte(combined.String())), "%q", combined)
		}
	})
}

// exactJSON decodes a document and keeps numbers as they are written.
func exactJSON(t *testing.T, text string) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	require.NoError(t, decoder.Decode(&value))
	return value
}
