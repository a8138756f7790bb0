package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// longest is how many lines a function may have.
const longest = 59

// TestFunctionsAreShort: what does not fit on a screen is read by nobody.
func TestFunctionsAreShort(t *testing.T) {
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "testdata/") {
			return err
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil || ast.IsGenerated(f) {
			return err
		}
		for _, decl := range f.Decls {
			fn, is := decl.(*ast.FuncDecl)
			if !is {
				continue
			}
			first, last := set.Position(fn.Pos()).Line, set.Position(fn.End()).Line
			if n := last - first + 1; n > longest {
				t.Errorf("%s:%d: %s has %d lines, of %d at most", name, first, fn.Name.Name, n, longest)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
