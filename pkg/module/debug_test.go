package module

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/debuginfod"
	"github.com/hacrash/hacrash/pkg/elffile"
)

func has(t elffile.SymbolTable, name string) bool {
	for i := range t.Len() {
		if t.Is(t.At(i), name) {
			return true
		}
	}
	return false
}

// Debug data are found however they are laid out.
func TestLayouts(t *testing.T) {
	for _, v := range coretest.Variants() {
		c := coretest.Crash(t, coretest.Program{Source: "deep", Way: "recursion", Variant: v})
		o := Options{}
		if c.DebugDir != "" {
			o.DebugDirs = []string{c.DebugDir}
		}
		s := set(t, c.Core, o)
		m := s.mainModule(t)
		d, alt, mini := m.Debug(), m.alternate(), m.Mini()
		want := v.Debug != coretest.Stripped && v.Debug != coretest.Mini
		if (d != nil) != want || want && !d.Has(".debug_info") {
			t.Errorf("%s: debug data %v", v.Name, d)
		}
		if (alt != nil) != (v.Debug == coretest.DwzAlt) || alt != nil && !alt.Has(".debug_info") {
			t.Errorf("%s: alternate file %v", v.Name, alt)
		}
		if (mini != nil) != (v.Debug == coretest.Mini) || mini != nil && mini.Symbols().Len() == 0 {
			t.Errorf("%s: symbols of .gnu_debugdata %v", v.Name, mini)
		}
		if missing := s.Missing(); (len(missing) == 0) != want || !want && (missing[0].What != DebugKind || !strings.Contains(missing[0].Do, "--debug-dir")) {
			t.Errorf("%s: %+v", v.Name, missing)
		}
	}
}

// split makes a program with its debug data in p.debug and a link to it.
func split(t *testing.T, flags ...string) (exe, debug string) {
	t.Helper()
	exe = compile(t, crasher, flags...)
	dir := filepath.Dir(exe)
	command(t, dir, "objcopy", "--only-keep-debug", "p", "p.debug")
	command(t, dir, "strip", "p")
	command(t, dir, "objcopy", "--add-gnu-debuglink=p.debug", "p")
	return exe, filepath.Join(dir, "p.debug")
}

// debugOf gives the path of the debug file that is found; empty if none is.
func debugOf(s *Set, t *testing.T) string {
	if d := s.mainModule(t).Debug(); d != nil {
		return d.Path
	}
	return ""
}

// Where neither has a build-id the CRC decides.
func TestDebugLinkCRC(t *testing.T) {
	exe, debug := split(t, "-Wl,--build-id=none")
	core := crash(t, exe)
	right, err := os.ReadFile(debug)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(debug); err != nil {
		t.Fatal(err)
	}
	o := Options{Executable: exe, DebugDirs: []string{t.TempDir()}, Sysroot: t.TempDir()}
	for _, place := range []string{
		debug,
		filepath.Join(filepath.Dir(exe), ".debug", "p.debug"),
		filepath.Join(o.DebugDirs[0], filepath.Dir(exe), "p.debug"),
		filepath.Join(o.Sysroot, debugDir, filepath.Dir(exe), "p.debug"),
	} {
		if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(place, right, 0o644); err != nil {
			t.Fatal(err)
		}
		if got := debugOf(set(t, core, o), t); got != place {
			t.Errorf("found %q, not %s", got, place)
		}
		if err := os.Remove(place); err != nil { // never written in place: it is mapped
			t.Fatal(err)
		}
		if err := os.WriteFile(place, append(right, 0), 0o644); err != nil {
			t.Fatal(err)
		}
		s := set(t, core, o)
		if got := debugOf(s, t); got != "" {
			t.Errorf("with a wrong CRC: %s", got)
		}
		if missing := s.Missing(); len(missing) != 1 || missing[0].Status != Mismatch || !strings.Contains(missing[0].Reason, "its CRC is") {
			t.Errorf("%+v", missing)
		}
		if err := os.Remove(place); err != nil {
			t.Fatal(err)
		}
	}
}

// Where both have one the build-id decides, and the CRC is not even read: a
// debug file that was compressed later is the same still.
func TestDebugLinkBuildID(t *testing.T) {
	exe, debug := split(t)
	core := crash(t, exe)
	command(t, filepath.Dir(exe), "objcopy", "--compress-debug-sections=zlib", "p.debug")
	if got := debugOf(set(t, core, Options{}), t); got != debug {
		t.Errorf("found %q", got)
	}
	_, other := split(t, "-O0")
	put(t, other, debug)
	s := set(t, core, Options{})
	if got := debugOf(s, t); got != "" {
		t.Errorf("found %q", got)
	}
	if missing := s.Missing(); len(missing) != 1 || !strings.Contains(missing[0].Reason, debug+": it is of another build") {
		t.Errorf("%+v", missing)
	}
}

// A symbol table alone counts, but does not end the search.
func TestSymbolsOnly(t *testing.T) {
	exe, debug := split(t)
	core := crash(t, exe)
	dir := t.TempDir()
	id := buildID(t, exe)
	place := filepath.Join(dir, ".build-id", id[:2], id[2:]+".debug")
	put(t, debug, place)
	command(t, dir, "strip", "-g", place)
	o := Options{DebugDirs: []string{dir}}
	if got := debugOf(set(t, core, o), t); got != debug {
		t.Errorf("found %q, though another has debug data", got)
	}
	if err := os.Remove(debug); err != nil {
		t.Fatal(err)
	}
	s := set(t, core, o)
	d := s.mainModule(t).Debug()
	if d == nil || d.Path != place || !has(d.Symbols(), "hidden") {
		t.Errorf("found %v", d)
	}
	if missing := s.Missing(); len(missing) != 1 || !strings.Contains(missing[0].Reason, "has a symbol table, but no debug data") {
		t.Errorf("%+v", missing)
	}
}

// The alternate file is found by every way to name it, and only the right one.
func TestAlternate(t *testing.T) {
	coretest.Need(t, "dwz", "dwz")
	for _, test := range []struct{ name, link, place string }{
		{"absolute", "/lib/common", "SYSROOT/lib/common"},
		{"absolute, of the debug directory", "/usr/lib/debug/.dwz/x86_64/common", "DIR/.dwz/x86_64/common"},
		{"the same in the sysroot", "/usr/lib/debug/.dwz/x86_64/common", "SYSROOT/usr/lib/debug/.dwz/x86_64/common"},
		{"relative", "../x/common", "BESIDE/../x/common"},
		{"name in .dwz", "../../elsewhere/common", "DIR/.dwz/common"},
		{"build-id", "/lib/common", "DIR/.build-id/ID.debug"},
	} {
		exe := compile(t, crasher+"struct s { int a, b, c; struct s *d; } s; struct u { struct s s; long x[9]; } u;")
		beside := filepath.Dir(exe)
		command(t, beside, "cp", "p", "q")
		command(t, beside, "dwz", "-m", "common", "-M", test.link, "p", "q")
		core := crash(t, exe)
		common := filepath.Join(beside, "common")
		id := buildID(t, common)
		root, dir := t.TempDir(), t.TempDir()
		o := Options{Executable: exe, Sysroot: root, DebugDirs: []string{dir}}
		s := set(t, core, o)
		if alt := s.mainModule(t).alternate(); alt != nil {
			t.Errorf("%s: found %s, which is elsewhere", test.name, alt.Path)
		}
		if missing := s.Missing(); len(missing) != 1 || missing[0].What != AlternateKind || missing[0].Path != test.link || missing[0].BuildID != id {
			t.Errorf("%s: %+v", test.name, missing)
		}
		place := strings.NewReplacer("SYSROOT", root, "DIR", dir, "BESIDE", beside, "ID", id[:2]+"/"+id[2:]).Replace(test.place)
		put(t, exe, place)
		if alt := set(t, core, o).mainModule(t).alternate(); alt != nil {
			t.Errorf("%s: took a file of another build", test.name)
		}
		put(t, common, place)
		if alt := set(t, core, o).mainModule(t).alternate(); alt == nil || alt.Path != filepath.Clean(place) {
			t.Errorf("%s: found %v, not %s", test.name, alt, place)
		}
	}
}

// What is not on this machine comes from a server; what it does not have is said.
func TestServer(t *testing.T) {
	exe, debug := split(t)
	core := crash(t, exe)
	id := buildID(t, exe)
	files := map[string]string{"/buildid/" + id + "/executable": exe, "/buildid/" + id + "/debuginfo": debug}
	asked := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked[r.URL.Path]++ // by one goroutine at a time: the client asks so
		path, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		b, err := os.ReadFile(path)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(b) // the client may be gone
	}))
	defer server.Close()
	cache := t.TempDir()
	client, err := debuginfod.New(debuginfod.Options{URLs: []string{server.URL}, CacheDir: cache})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	s := set(t, core, Options{Sysroot: t.TempDir(), Debuginfod: client})
	m := s.mainModule(t)
	expect(t, m, OK, "")
	if m.File().Path != filepath.Join(cache, id, "executable") || debugOf(s, t) != filepath.Join(cache, id, "debuginfo") {
		t.Errorf("found %s and %s", m.File().Path, debugOf(s, t))
	}
	libc := s.library(t, "libc.so")
	expect(t, libc, Missing, "no debuginfod server has it")
	if asked["/buildid/"+libc.BuildID+"/executable"] != 1 || len(asked) != 3 {
		t.Errorf("asked for %v", asked)
	}
	missing := s.Missing()
	if len(missing) != 1 || strings.Contains(missing[0].Do, "--debuginfod") || missing[0].Main {
		t.Errorf("%+v", missing)
	}

	server.Close()
	if client, err = debuginfod.New(debuginfod.Options{URLs: []string{server.URL}, CacheDir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	s = set(t, core, Options{Sysroot: t.TempDir(), Debuginfod: client})
	expect(t, s.mainModule(t), Missing, fmt.Sprintf("debuginfod server %s: no answer", strings.TrimPrefix(server.URL, "http://")))
}
