package module

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/elfcore"
)

// Everything is where the process saw it.
func TestFiles(t *testing.T) {
	for _, name := range []string{"plain", "static", "no-pie"} {
		for _, v := range coretest.Variants() {
			if v.Name != name {
				continue
			}
			c := coretest.Crash(t, coretest.Program{Source: "deep", Way: "recursion", Variant: v})
			s := set(t, c.Core, Options{})
			for _, m := range s.Modules {
				if status, why := m.Status(); status != "" || why != "" {
					t.Errorf("%s: %s %s before anybody asked", m.Path, status, why)
				}
			}
			if missing := s.Missing(); missing != nil {
				t.Errorf("lacking before anybody asked: %+v", missing)
			}
			for _, m := range s.Modules {
				expect(t, m, OK, "")
				if s.Find(m.Start) != m || m.LinkTime(m.Runtime(0x1234)) != 0x1234 {
					t.Errorf("%s is not at its own addresses", m.Path)
				}
			}
			m := s.mainModule(t)
			if m.File().Path != c.Exe || m.Runtime(m.File().Entry) != s.core.Auxv[elfcore.AtEntry] {
				t.Errorf("%s: begins at %#x, not %#x", m.File().Path, m.Runtime(m.File().Entry), s.core.Auxv[elfcore.AtEntry])
			}
			// Code is not in a core: it comes out of the file.
			code := make([]byte, 64)
			if _, err := s.core.ReadMemory(code, m.Runtime(m.File().Entry)); err != nil || !bytes.HasPrefix(m.File().At(m.File().Entry), code) {
				t.Errorf("%s: code: %v", name, err)
			}
			if s.Find(0) != nil {
				t.Error("a module at address 0")
			}
		}
	}
}

func TestNamedExecutable(t *testing.T) {
	c := coretest.Crash(t, coretest.Program{Source: "deep", Way: "recursion", Variant: coretest.Variant{Name: "debuglink", Debug: coretest.Beside}})
	twin := filepath.Join(t.TempDir(), "moved")
	put(t, c.Exe, twin)
	nothing := t.TempDir()

	m := set(t, c.Core, Options{Executable: twin, Sysroot: nothing}).mainModule(t)
	expect(t, m, OK, "")
	if m.File().Path != twin {
		t.Error(m.File().Path)
	}

	// A wrong one is never used, and it is said.
	s := set(t, c.Core, Options{Executable: "/bin/sh", Sysroot: nothing})
	expect(t, s.mainModule(t), Mismatch, "/bin/sh: it is another build: its build-id is "+buildID(t, "/bin/sh")+", that in the core is "+buildID(t, c.Exe))
	missing := s.Missing()
	if len(missing) != 1 || !strings.Contains(missing[0].Do, "--exe") || missing[0].BuildID != buildID(t, c.Exe) || !missing[0].Main || missing[0].What != FileKind || missing[0].Status != Mismatch {
		t.Errorf("%+v", missing)
	}
	// The right one is found all the same.
	s = set(t, c.Core, Options{Executable: "/bin/sh"})
	expect(t, s.mainModule(t), OK, "")
	if missing := s.Missing(); len(missing) != 1 || missing[0].Status != OK || !strings.Contains(missing[0].Reason, c.Exe+" is the one") {
		t.Errorf("%+v", missing)
	}
	// The debug file is no executable, but it is the debug file.
	debug := c.Exe + ".debug"
	s = set(t, c.Core, Options{Executable: debug, Sysroot: nothing})
	m = s.mainModule(t)
	expect(t, m, Mismatch, "it holds debug data only")
	if m.Debug() == nil || m.Debug().Path != debug {
		t.Errorf("debug data: %+v", m.Debug())
	}
	for _, path := range []string{"/nowhere/haproxy", nothing, "/dev/null"} {
		expect(t, set(t, c.Core, Options{Executable: path, Sysroot: nothing}).mainModule(t), Missing, path)
	}
}

func TestReplacedFile(t *testing.T) {
	exe := compile(t, crasher)
	core := crash(t, exe)
	expect(t, set(t, core, Options{}).mainModule(t), OK, "")
	put(t, "/bin/true", exe)
	s := set(t, core, Options{})
	expect(t, s.mainModule(t), Mismatch, exe+": it is another build")
	if err := os.Remove(exe); err != nil {
		t.Fatal(err)
	}
	s = set(t, core, Options{})
	expect(t, s.mainModule(t), Missing, "no file "+exe)
	if missing := s.Missing(); len(missing) != 1 || strings.Contains(missing[0].Reason, "replaced or removed") || !strings.Contains(missing[0].Do, "--debuginfod") {
		t.Errorf("%+v", missing)
	}
}

// A file that was removed while it ran is looked for still: the build-id tells
// whether what is there now is the same.
func TestDeletedFile(t *testing.T) {
	exe := compile(t, crasher)
	put(t, exe, exe+".kept")
	core := crash(t, exe, "unlink")
	s := set(t, core, Options{})
	m := s.mainModule(t)
	if !m.Deleted || m.Path != exe {
		t.Fatalf("%s, deleted %v", m.Path, m.Deleted)
	}
	expect(t, m, Missing, "no file "+exe)
	if missing := s.Missing(); len(missing) != 1 || !strings.Contains(missing[0].Reason, "replaced or removed while the process ran") {
		t.Errorf("%+v", missing)
	}
	put(t, "/bin/true", exe)
	expect(t, set(t, core, Options{}).mainModule(t), Mismatch, "another build")
	put(t, exe+".kept", exe)
	expect(t, set(t, core, Options{}).mainModule(t), OK, "")
}

func TestNoBuildID(t *testing.T) {
	exe := compile(t, crasher, "-Wl,--build-id=none")
	core := crash(t, exe)
	expect(t, set(t, core, Options{}).mainModule(t), Unverified, "only the same ELF header")
	// Stripped it is the same still, for its code is.
	command(t, filepath.Dir(exe), "strip", "p")
	s := set(t, core, Options{})
	expect(t, s.mainModule(t), Unverified, "only the same ELF header")
	if missing := s.Missing(); missing != nil {
		t.Errorf("%+v", missing)
	}
	other := compile(t, crasher+"int x[100000];", "-Wl,--build-id=none")
	expect(t, set(t, core, Options{Executable: other, Sysroot: t.TempDir()}).mainModule(t), Mismatch, "its ELF header is not that in the core")
	// The core has a build-id, the file has not.
	with := compile(t, crasher)
	expect(t, set(t, crash(t, with), Options{Executable: exe, Sysroot: t.TempDir()}).mainModule(t), Mismatch, "it has no build-id")
}

// qemu leaves out the headers of modules.
func TestNoHeader(t *testing.T) {
	c := coretest.Crash(t, coretest.Program{Source: "deep", Way: "recursion", Variant: coretest.ARM64Variants()[0]})
	s := set(t, c.Core, Options{Executable: c.Exe})
	m := s.mainModule(t)
	expect(t, m, Unverified, "neither its build-id nor its ELF header")
	if m.Header || m.Runtime(m.File().Entry) != s.core.Auxv[elfcore.AtEntry] {
		t.Errorf("begins at %#x, not %#x", m.Runtime(m.File().Entry), s.core.Auxv[elfcore.AtEntry])
	}
	if d := m.Debug(); d != m.File() {
		t.Errorf("debug data: %v", d)
	}
	expect(t, set(t, c.Core, Options{Executable: "/bin/sh", Sysroot: t.TempDir()}).mainModule(t), Mismatch, "another kind of machine")
}

func TestSysroot(t *testing.T) {
	c := coretest.Crash(t, coretest.Program{Source: "deep", Way: "recursion", Variant: coretest.Plain()})
	root := t.TempDir()
	s := set(t, c.Core, Options{Sysroot: root})
	for _, m := range s.Modules {
		if !m.VDSO {
			expect(t, m, Missing, "no file "+filepath.Join(root, m.Path))
		}
	}
	libc := s.library(t, "libc.so").Path
	if missing := s.Missing(); len(missing) != len(s.Modules)-1 || !strings.Contains(missing[len(missing)-1].Do, "--sysroot") {
		t.Errorf("%d of %d are lacking: %+v", len(missing), len(s.Modules), missing)
	}
	// An absolute link in a sysroot points into it.
	put(t, libc, filepath.Join(root, "real/libc"))
	if err := os.MkdirAll(filepath.Join(root, filepath.Dir(libc)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/../../real/libc", filepath.Join(root, libc)); err != nil {
		t.Fatal(err)
	}
	// All in one directory: as many send what they are asked for.
	put(t, c.Exe, filepath.Join(root, filepath.Base(c.Exe)))
	s = set(t, c.Core, Options{Sysroot: root})
	expect(t, s.library(t, "libc.so"), OK, "")
	expect(t, s.mainModule(t), OK, "")
	if p := s.library(t, "libc.so").File().Path; p != filepath.Join(root, "real/libc") {
		t.Error(p)
	}
	// Without a build-id a name is not enough.
	exe := compile(t, crasher, "-Wl,--build-id=none")
	core := crash(t, exe)
	put(t, exe, filepath.Join(root, "p"))
	expect(t, set(t, core, Options{Sysroot: root}).mainModule(t), Missing, "no file "+filepath.Join(root, exe))
}

func TestBuildIDDirectory(t *testing.T) {
	c := coretest.Crash(t, coretest.Program{Source: "deep", Way: "recursion", Variant: coretest.Plain()})
	id := buildID(t, c.Exe)
	for _, o := range []Options{
		{Sysroot: t.TempDir(), DebugDirs: []string{"/nowhere", t.TempDir()}},
		{Sysroot: t.TempDir()},
	} {
		dir := filepath.Join(o.Sysroot, debugDir)
		if o.DebugDirs != nil {
			dir = o.DebugDirs[1]
		}
		file := filepath.Join(dir, ".build-id", id[:2], id[2:])
		put(t, "/bin/true", file)
		expect(t, set(t, c.Core, o).mainModule(t), Mismatch, "another build")
		put(t, c.Exe, file)
		m := set(t, c.Core, o).mainModule(t)
		expect(t, m, OK, "")
		if m.File().Path != file {
			t.Error(m.File().Path)
		}
	}
}

func TestWithin(t *testing.T) {
	root := t.TempDir()
	for link, target := range map[string]string{
		"lib": "usr/lib", "usr/lib64": "/usr/lib", "up": "../../../../etc", "abs": "/etc/passwd",
		"loop": "loop", "ping": "/pong", "pong": "/ping", "usr/lib/deep": "../../usr/./bin/../lib", "bomb": "bomb/bomb",
	} {
		p := filepath.Join(root, link)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(root, "usr/lib"), 0o755); err != nil {
		t.Fatal(err)
	}
	for p, want := range map[string]string{
		"/lib/libc.so.6": "/usr/lib/libc.so.6", "lib64/x": "/lib64/x", "/usr/lib64/x": "/usr/lib/x",
		"/../../etc/passwd": "/etc/passwd", "/up/passwd": "/etc/passwd", "/abs": "/etc/passwd",
		"/lib/../x": "/usr/x", "/lib/deep/deep/x": "/usr/lib/x", "": "/", "//lib//x/": "/usr/lib/x",
	} {
		if got, err := (&Set{}).resolve(root, "/", p); err != nil || got != want {
			t.Errorf("%s: %s, %v, not %s", p, got, err, want)
		}
	}
	for _, p := range []string{"/loop/x", "/ping", "/bomb"} {
		if got, err := (&Set{}).resolve(root, "/", p); err == nil {
			t.Errorf("%s: %s", p, got)
		}
		if _, err := (&Set{}).open(place{root: root, start: "/", rel: p}); err == nil {
			t.Errorf("%s: opened", p)
		}
	}
}

// The cores of testdata hold the headers of executables that are not kept.
func TestMissingExecutable(t *testing.T) {
	s := set(t, kept(t, "threads"), Options{Executable: "/bin/true", Sysroot: t.TempDir()})
	expect(t, s.mainModule(t), Mismatch, "that in the core is 00112233445566778899aabbccddeeff00112233")
	s.mainModule(t).Debug()
	missing := s.Missing()
	if len(missing) != 2 || missing[1].What != DebugKind || missing[1].BuildID != missing[0].BuildID {
		t.Errorf("%+v", missing)
	}
	for _, m := range s.Modules {
		if m.VDSO {
			expect(t, m, OK, "")
		}
	}
}
