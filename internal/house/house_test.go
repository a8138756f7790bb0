package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const (
	root   = "../.."
	plan   = root + "/docs/decisions/0001-house.md"
	prefix = "github.com/hacrash/hacrash/"
)

// rooms gives the packages of the plan with their place in it, the highest room first. A
// line that is indented names a room within the last one that was not.
func rooms(t *testing.T) map[string]int {
	t.Helper()
	text, err := os.ReadFile(plan)
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(text), "```\n")
	list, _, _ = strings.Cut(list, "```")
	out := map[string]int{}
	for line := range strings.Lines(list) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if strings.HasPrefix(line, "internal/") || name == "" {
			continue
		}
		if strings.HasPrefix(line, " ") {
			name = "pkg/" + name
		}
		out[name] = len(out)
	}
	if len(out) < 20 {
		t.Fatalf("only %d rooms in %s", len(out), plan)
	}
	return out
}

// imports gives what each package of the tree imports of ours, tests left out.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); base == "testdata" || strings.HasPrefix(base, ".") && base != ".." {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if ours, is := strings.CutPrefix(p, prefix); is {
				out[dir] = append(out[dir], ours)
			} else if out[dir] == nil {
				out[dir] = []string{}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// inner says that a package is no room of its own: a part of one that nobody else
// sees, or a tool.
func inner(dir string) bool {
	return strings.HasPrefix(dir, "internal/") || strings.Contains(dir, "/internal/") || path.Base(dir) == "internal"
}

// TestImportsGoDown compares the tree with the plan.
func TestImportsGoDown(t *testing.T) {
	plan, tree := rooms(t), imports(t)
	for dir := range plan {
		if _, is := tree[dir]; !is {
			t.Errorf("%s is in the plan and not in the tree", dir)
		}
	}
	for dir, list := range tree {
		if inner(dir) {
			continue
		}
		at, planned := plan[dir]
		if !planned {
			t.Errorf("%s is not in the plan", dir)
			continue
		}
		for _, to := range list {
			if strings.HasPrefix(to, "internal/") {
				t.Errorf("%s imports %s, which is for tests and generators only", dir, to)
			}
			if below, is := plan[to]; is && below <= at {
				t.Errorf("%s imports %s, which stands above it in the plan", dir, to)
			}
		}
	}
}

// TestUpdateEverywhere: go test ./... -update fails in a package that does not know the
// flag, and then nothing of it is rewritten.
func TestUpdateEverywhere(t *testing.T) {
	tested, knows := map[string]bool{}, map[string]bool{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, "_test.go") || strings.Contains(name, "testdata/") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir := filepath.Dir(name)
		tested[dir] = true
		for _, spec := range f.Imports {
			if spec.Path.Value == `"`+prefix+`internal/golden"` {
				knows[dir] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir := range tested {
		if !knows[dir] {
			t.Errorf("the tests of %s do not import internal/golden, so that they know no -update", dir)
		}
	}
}
