package module

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
)

// The .dwo files of an executable are found where they were written, beside the executable
// when it was moved there with them, and in a .dwp file; else it is said that they are not.
func TestSplitDebugData(t *testing.T) {
	c := coretest.Crash(t, coretest.Program{Source: "deep", Way: "recursion", Variant: coretest.Variant{Debug: coretest.Dwo, Flags: []string{"-gsplit-dwarf"}}})
	dwo, err := filepath.Glob(filepath.Join(c.Dir, "*", "*.dwo"))
	if err != nil || len(dwo) != 1 {
		t.Fatalf("%s has %q, %v", c.Dir, dwo, err)
	}
	// Nothing lies in the place that the unit names, in a root that has nothing.
	elsewhere := func(with ...string) Options {
		dir := t.TempDir()
		for _, path := range append(with, c.Exe) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return Options{Executable: filepath.Join(dir, filepath.Base(c.Exe)), Sysroot: t.TempDir()}
	}
	packed := coretest.Crash(t, coretest.Program{Source: "deep", Way: "recursion", Variant: coretest.Variant{Debug: coretest.Dwp, Flags: []string{"-gsplit-dwarf", "-gdwarf-4"}}})
	for _, x := range []struct {
		name, core string
		o          Options
		found      bool
	}{
		{"where it was written", c.Core, Options{}, true},
		{"beside the executable", c.Core, elsewhere(dwo[0]), true},
		{"in a .dwp file", packed.Core, Options{}, true},
		{"nowhere", c.Core, elsewhere(), false},
		{"of another program", c.Core, elsewhere(packed.Exe + ".dwp"), false},
	} {
		s := set(t, x.core, x.o)
		m := s.mainModule(t)
		if m.DWARF() == nil {
			t.Fatalf("%s: no debug data", x.name)
		}
		main, ok := m.Symbol("main")
		if !ok {
			t.Fatalf("%s: no main", x.name)
		}
		f := m.DWARF().Function(main.Address)
		if found := f != nil && f.Entry.Name() == "main"; found != x.found {
			t.Errorf("%s: main is %+v", x.name, f)
		}
		var told []MissingFile
		for _, l := range s.Missing() {
			if l.What == SplitKind {
				told = append(told, l)
			}
		}
		if (len(told) == 0) != x.found || !x.found && (!strings.HasSuffix(told[0].Path, ".dwo") || !told[0].Main || told[0].Do == "") {
			t.Errorf("%s: missing are %+v", x.name, told)
		}
	}
}

// A library whose path is a relative one is found by its name in the sysroot, and nowhere else.
func TestRelativePath(t *testing.T) {
	c := coretest.Crash(t, coretest.Program{Source: "deep", Way: "recursion", Variant: coretest.Plain()})
	for _, path := range []string{"./" + filepath.Base(c.Exe), "[0x1000]"} {
		for _, root := range []string{filepath.Dir(c.Exe), ""} {
			s := set(t, c.Core, Options{Sysroot: root})
			m := s.mainModule(t)
			m.Path = path
			want := root != "" && path[0] == '.'
			if got := m.File() != nil; got != want {
				_, why := m.Status()
				t.Errorf("%s in %q: found is %v, %s", path, root, got, why)
			}
			if _, why := m.Status(); !want && !strings.Contains(why, "the core does not") {
				t.Errorf("%s in %q: %s", path, root, why)
			}
		}
	}
}
