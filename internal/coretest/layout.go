package coretest

import (
	"bytes"
	"debug/elf"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tool is the name of a program of binutils or gcc for c's machine.
func (c Crashed) tool(t testing.TB, name string) string {
	t.Helper()
	if c.Arch == AMD64 {
		return name
	}
	name = c.Arch.cpu() + "-linux-gnu-" + name
	Need(t, name, "gcc-"+c.Arch.cpu()+"-linux-gnu")
	return name
}

// compile makes Linked, and the library if the program wants one.
func (c Crashed) compile(t testing.TB) {
	t.Helper()
	dir, gcc := sources(t), c.tool(t, "gcc")
	flags := append(c.flags(), "-pthread", "-Wl,--build-id=sha1", "-o", c.Linked, filepath.Join(dir, c.Source+".c"))
	switch {
	case !c.needsLibrary():
	case c.static():
		flags = append(flags, filepath.Join(dir, "lib.c"))
	default:
		// Before it runs, the executable is moved to where the library is.
		library := filepath.Join(c.Dir, "lib.so")
		pic := slices.DeleteFunc(c.flags(), func(f string) bool { return strings.HasSuffix(f, "-pie") })
		command(t, c.Dir, gcc, append(pic, "-shared", "-fPIC", "-Wl,-soname,lib.so", "-o", library, filepath.Join(dir, "lib.c"))...)
		flags = append(flags, library, "-Wl,-rpath,$ORIGIN")
	}
	command(t, c.Dir, gcc, flags...)
}

// layOut makes Exe of Linked, and puts the debug data where they belong.
func (c Crashed) layOut(t testing.TB) {
	t.Helper()
	objcopy := func(args ...string) { t.Helper(); command(t, c.Dir, c.tool(t, "objcopy"), args...) }
	// split moves the debug data to a file.
	split := func(debug string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(debug), 0o755); err != nil {
			t.Fatal(err)
		}
		objcopy("--only-keep-debug", c.Linked, debug)
		objcopy("--strip-all", c.Linked, c.Exe)
	}
	switch c.Debug {
	case InExe, Dwo:
		objcopy(c.Linked, c.Exe)
	case Dwp:
		objcopy(c.Linked, c.Exe)
		c.pack(t)
	case Stripped:
		objcopy("--strip-all", c.Linked, c.Exe)
	case NoFrameInfo:
		objcopy("--remove-section=.debug_frame", c.Linked, c.Exe)
	case Zlib:
		objcopy("--compress-debug-sections=zlib", c.Linked, c.Exe)
	case Zstd:
		objcopy("--compress-debug-sections=zstd", c.Linked, c.Exe)
	case Beside, Subdir:
		debug := c.Exe + ".debug"
		if c.Debug == Subdir {
			debug = filepath.Join(c.Dir, ".debug", c.Source+".debug")
		}
		split(debug)
		objcopy("--add-gnu-debuglink="+debug, c.Exe)
	case BuildIDDir:
		split(c.buildIDFile(t, c.Linked))
	case Mini:
		c.mini(t)
	case Dwz:
		Need(t, "dwz", "dwz")
		command(t, c.Dir, "dwz", "-o", c.Exe, c.Linked)
	case DwzAlt:
		split(c.buildIDFile(t, c.Linked))
		c.share(t)
	}
}

// pack makes one .dwp file of the .dwo files.
//
// Folklore: dwp of binutils 2.40 crashes on DWARF 5.
func (c Crashed) pack(t testing.TB) {
	t.Helper()
	dwp := c.tool(t, "dwp") // of binutils
	command(t, c.Dir, dwp, "-e", c.Linked, "-o", c.Exe+".dwp")
	for _, pattern := range []string{"*.dwo", "linked/*.dwo"} {
		files, err := filepath.Glob(filepath.Join(c.Dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if err := os.Remove(f); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// buildIDFile is where the debug data of an executable belong in DebugDir.
func (c Crashed) buildIDFile(t testing.TB, exe string) string {
	t.Helper()
	id := buildID(t, exe)
	return filepath.Join(c.DebugDir, ".build-id", id[:2], id[2:]+".debug")
}

// buildID returns the build-id of an ELF file in hex digits.
func buildID(t testing.TB, file string) string {
	t.Helper()
	f, err := elf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := f.Section(".note.gnu.build-id")
	if s == nil {
		t.Fatalf("%s has no build-id", file)
	}
	note, err := s.Data()
	// Three words and the name "GNU\0" come first.
	if err != nil || len(note) <= 16 {
		t.Fatalf("%s has no build-id: %v", file, err)
	}
	return hex.EncodeToString(note[16:])
}

// share makes a second program of the same source and has dwz move what both have
// to a common file, as distributions do with the programs of a package.
func (c Crashed) share(t testing.TB) {
	t.Helper()
	Need(t, "dwz", "dwz")
	// dwz makes no file for what is too little: the other has all of it, so it is
	// the same but for its code.
	other := c
	other.Linked = filepath.Join(c.Dir, "linked", "other")
	other.Flags = append(slices.Clone(c.Flags), "-O1")
	other.compile(t)
	mine, its := c.buildIDFile(t, c.Linked), c.buildIDFile(t, other.Linked)
	if err := os.MkdirAll(filepath.Dir(its), 0o755); err != nil {
		t.Fatal(err)
	}
	command(t, c.Dir, c.tool(t, "objcopy"), "--only-keep-debug", other.Linked, its)
	common := filepath.Join(c.DebugDir, ".dwz", "common.debug")
	if err := os.MkdirAll(filepath.Dir(common), 0o755); err != nil {
		t.Fatal(err)
	}
	command(t, c.Dir, "dwz", "-r", "-m", common, mine, its)
}

// mini strips the executable, and puts the symbols of its functions that the dynamic
// ones do not tell into .gnu_debugdata (gdb's manual, "Debugging information in a
// special section").
func (c Crashed) mini(t testing.TB) {
	t.Helper()
	Need(t, "xz", "xz-utils")
	nm := func(kinds string, args ...string) []string {
		t.Helper()
		var names []string
		args = append(args, c.Linked, "--format=posix", "--defined-only")
		for line := range bytes.Lines(command(t, c.Dir, c.tool(t, "nm"), args...)) {
			name, rest, _ := strings.Cut(string(line), " ")
			if rest != "" && strings.ContainsAny(rest[:1], kinds) {
				names = append(names, name)
			}
		}
		return names
	}
	dynamic := nm("ABCDRTVWi", "-D")
	keep := slices.DeleteFunc(nm("Tt"), func(name string) bool { return slices.Contains(dynamic, name) })
	file := func(name string) string { return filepath.Join(c.Dir, "linked", name) }
	if err := os.WriteFile(file("keep"), []byte(strings.Join(keep, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	objcopy := c.tool(t, "objcopy")
	command(t, c.Dir, objcopy, "--only-keep-debug", c.Linked, file("debug"))
	command(t, c.Dir, objcopy, "-S", "--remove-section=.comment", "--keep-symbols="+file("keep"), file("debug"), file("mini"))
	command(t, c.Dir, "xz", "-f", file("mini"))
	command(t, c.Dir, objcopy, "--strip-all", "--remove-section=.comment", "--add-section=.gnu_debugdata="+file("mini.xz"), c.Linked, c.Exe)
}
