package cvat_test

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// page is docs/python-sdk.md, with the packages that it speaks of.
type page struct {
	entries  map[string]entry // by operation or model
	proxies  map[string]entry // by name in the high-level SDK
	packages map[string]*doc.Package
}

// entry is a row: what the Python SDK calls something, its names in Go, and how they differ.
type entry struct {
	names      []string
	difference string
}

func readPage(t *testing.T) *page {
	t.Helper()
	text, err := os.ReadFile("docs/python-sdk.md")
	require.NoError(t, err)
	p := &page{
		entries:  map[string]entry{},
		proxies:  map[string]entry{},
		packages: map[string]*doc.Package{"cvat": readPackage(t, "."), "models": readPackage(t, "models")},
	}
	row := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (.*?) \\| (.*?) \\|$")
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		entries := p.entries
		if strings.Contains(m[1], ".") || strings.Contains(m[1], "(") {
			entries = p.proxies
		}
		require.NotContains(t, entries, m[1], "there twice")
		entries[m[1]] = entry{quoted(m[2]), m[3]}
	}
	return p
}

// quoted returns what stands between backticks.
func quoted(text string) []string {
	var all []string
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

func readPackage(t *testing.T, folder string) *doc.Package {
	t.Helper()
	names, err := fs.Glob(os.DirFS(folder), "*.go")
	require.NoError(t, err)
	var files []*ast.File
	set := token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, folder+"/"+name, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
	}
	p, err := doc.NewFromFiles(set, files, "github.com/go-cvat/cvat/"+folder)
	require.NoError(t, err)
	return p
}

// methodProblems says what is wrong with the entry of an operation. Each of its methods has to be there; the first has to
// say that it calls the operation.
func (p *page) methodProblems(operation string) []string {
	e, found := p.entries[operation]
	if !found || len(e.names) == 0 || e.difference == "" {
		return []string{"docs/python-sdk.md has no entry with a method and a difference"}
	}
	var problems []string
	for i, name := range e.names {
		service, method, _ := strings.Cut(name, ".")
		comment, found := p.method(service+"Service", method)
		switch {
		case !found:
			problems = append(problems, "there is no method "+name)
		case i == 0 && !regexp.MustCompile(`\b`+operation+`\b`).MatchString(comment):
			problems = append(problems, fmt.Sprintf("the comment of %s does not name the operation", name))
		}
	}
	return problems
}

// method returns the comment of a method.
func (p *page) method(typ, name string) (comment string, found bool) {
	for _, t := range p.packages["cvat"].Types {
		for _, m := range t.Methods {
			if t.Name == typ && m.Name == name {
				return m.Doc, true
			}
		}
	}
	return "", false
}

func (p *page) modelProblems(names []string) map[string][]string {
	problems := map[string][]string{}
	for _, name := range names {
		e, found := p.entries[name]
		if !found || len(e.names) == 0 || e.difference == "" {
			problems[name] = []string{"docs/python-sdk.md has no entry with a Go name and a difference"}
		}
		for _, goName := range e.names {
			if err := p.resolve(goName); err != nil {
				problems[name] = append(problems[name], err.Error())
			}
		}
	}
	return problems
}

// resolve looks up every name in a Go expression, such as models.Task, models.Related[models.Label], []string or
// models.TaskPatch.TargetStorage.
func (p *page) resolve(text string) error {
	expression, err := parser.ParseExpr(text)
	if err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	switch e := expression.(type) {
	case *ast.Ident:
		if slices.Contains([]string{"bool", "int", "int64", "string"}, e.Name) {
			return nil
		}
	case *ast.ArrayType:
		return p.resolve(text[len("[]"):])
	case *ast.IndexExpr:
		if err := p.resolve(text[e.Index.Pos()-1 : e.Index.End()-1]); err != nil {
			return err
		}
		return p.resolve(text[:e.Lbrack-1])
	case *ast.SelectorExpr:
		parts := strings.Split(text, ".")
		if len(parts) == 2 && p.packages[parts[0]] != nil && p.exported(parts[0], parts[1]) {
			return nil
		}
		if len(parts) == 3 && p.packages[parts[0]] != nil && p.member(parts[0], parts[1], parts[2]) {
			return nil
		}
	}
	return fmt.Errorf("there is no %s", text)
}

// exported says whether a package has a type or function.
func (p *page) exported(name, identifier string) bool {
	pkg := p.packages[name]
	named := func(f *doc.Func) bool { return f.Name == identifier }
	return slices.ContainsFunc(pkg.Types, func(t *doc.Type) bool { return t.Name == identifier || slices.ContainsFunc(t.Funcs, named) }) ||
		slices.ContainsFunc(pkg.Funcs, named)
}

// member says whether a type has a field or a method.
func (p *page) member(name, typ, identifier string) bool {
	for _, t := range p.packages[name].Types {
		if t.Name != typ {
			continue
		}
		if slices.ContainsFunc(t.Methods, func(f *doc.Func) bool { return f.Name == identifier }) {
			return true
		}
		found := false
		for _, spec := range t.Decl.Specs {
			ast.Inspect(spec, func(n ast.Node) bool {
				if field, is := n.(*ast.Field); is {
					found = found || slices.ContainsFunc(field.Names, func(n *ast.Ident) bool { return n.Name == identifier })
				}
				return true
			})
		}
		return found
	}
	return false
}

// looseProblems says which names in the differences, and in the entries of the high-level SDK, do not exist: Type.Member of
// package cvat, Tasks.Get for a method of a service, and what resolve knows.
func (p *page) looseProblems() []string {
	var problems []string
	look := func(what string, names []string) {
		for _, name := range names {
			typ, member, dotted := strings.Cut(name, ".")
			if !dotted || p.packages[typ] != nil {
				if dotted && p.resolve(name) != nil {
					problems = append(problems, what+": "+name)
				}
				continue
			}
			if _, found := p.method(typ+"Service", member); !found && !p.member("cvat", typ, member) {
				problems = append(problems, what+": "+name)
			}
		}
	}
	for what, e := range p.entries {
		look(what, quoted(e.difference))
	}
	for what, e := range p.proxies {
		look(what, append(quoted(e.difference), e.names...))
	}
	return problems
}

// strangers are entries that stand for nothing on the SDK's page.
func (p *page) strangers(known ...[]string) []string {
	var strangers []string
	for name := range p.entries {
		if !slices.ContainsFunc(known, func(names []string) bool { return slices.Contains(names, name) }) {
			strangers = append(strangers, name)
		}
	}
	return strangers
}

func readModelNames(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/api/models.txt")
	require.NoError(t, err)
	return strings.Fields(string(text))
}
