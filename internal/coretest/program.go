package coretest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Debug says where the debug data of an executable are.
type Debug int

const (
	InExe       Debug = iota // in the executable, as the linker left them
	Stripped                 // nowhere: no debug data and no .symtab
	Beside                   // in NAME.debug beside it, found by .gnu_debuglink
	Subdir                   // in .debug/NAME.debug, found by .gnu_debuglink
	BuildIDDir               // in DebugDir/.build-id/xx/yyyy.debug; no .gnu_debuglink
	Mini                     // .gnu_debugdata: an ELF file with symbols alone, xz-compressed, as Fedora has it
	Zlib                     // in the executable, sections compressed with zlib
	Zstd                     // in the executable, sections compressed with zstd
	Dwz                      // in the executable, made smaller by dwz: partial units
	DwzAlt                   // as BuildIDDir, parts of it in a file shared with another program (.gnu_debugaltlink)
	NoFrameInfo              // in the executable, but without .debug_frame
	Dwo                      // in .dwo files where the compiler wrote them, and skeletons in the executable
	Dwp                      // in one .dwp file beside the executable, and skeletons in it
)

// Arch is the machine a program is compiled for.
type Arch string

const (
	AMD64 Arch = ""      // the host's
	ARM64 Arch = "arm64" // run by qemu-aarch64, which writes the core
	// RISCV64 is run by qemu-riscv64, which writes none: see emulate.
	RISCV64 Arch = "riscv64"
)

// cpu is what GNU and qemu call a machine that is not the host's.
func (a Arch) cpu() string {
	if a == ARM64 {
		return "aarch64"
	}
	return string(a)
}

// sysroot is where Debian's cross compiler has its libraries.
func (a Arch) sysroot() string { return "/usr/" + a.cpu() + "-linux-gnu" }

// Variant is how a program is compiled and laid out.
type Variant struct {
	// Name is for people.
	Name string
	// Flags follow -g -O2 on the command line of the compiler.
	Flags []string
	Debug Debug
	Arch  Arch
	// CPU is what qemu plays; empty is the one with all features, which signs
	// return addresses. cortex-a72 knows of no signatures and ignores them.
	CPU string
}

// Program is a program and how it is to die.
type Program struct {
	// Source is the name of a file in testdata/src, without .c.
	Source string
	// Way is the program's first argument, which says what to do; may be empty.
	Way string
	Variant
}

func (p Program) String() string {
	parts := slices.DeleteFunc([]string{p.Source, p.Way, p.Name}, func(s string) bool { return s == "" })
	return strings.Join(parts, "/")
}

// Plain is DWARF 5 and -O2, all in the executable: what gcc does by itself.
func Plain() Variant { return Variant{Name: "plain"} }

// Variants returns each variant for the host's machine; Plain is the first.
//
// Folklore: of frame-pointer-only gdb 13 makes nonsense with -O2, for it reads the first
// instructions of a function to find its frame, and the compiler moves them. What should
// be found it says of Crashed.Linked, which has .debug_frame.
func Variants() []Variant {
	noTables := []string{"-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-fno-omit-frame-pointer"}
	return []Variant{
		Plain(),
		{Name: "O0", Flags: []string{"-O0"}},
		{Name: "dwarf4", Flags: []string{"-gdwarf-4"}},
		{Name: "dwarf4-O0", Flags: []string{"-gdwarf-4", "-O0"}},
		{Name: "zlib", Debug: Zlib},
		{Name: "zstd", Debug: Zstd},
		{Name: "stripped", Debug: Stripped},
		{Name: "debuglink", Debug: Beside},
		{Name: "debuglink-subdir", Debug: Subdir},
		{Name: "build-id-dir", Debug: BuildIDDir},
		{Name: "dwz", Debug: Dwz},
		{Name: "dwz-dwarf4", Debug: Dwz, Flags: []string{"-gdwarf-4"}},
		{Name: "dwz-alt", Debug: DwzAlt},
		{Name: "dwz-alt-dwarf4", Debug: DwzAlt, Flags: []string{"-gdwarf-4"}},
		{Name: "minidebuginfo", Debug: Mini},
		{Name: "dwo", Debug: Dwo, Flags: []string{"-gsplit-dwarf"}},
		{Name: "dwo-dwarf4", Debug: Dwo, Flags: []string{"-gsplit-dwarf", "-gdwarf-4"}},
		{Name: "dwp-dwarf4", Debug: Dwp, Flags: []string{"-gsplit-dwarf", "-gdwarf-4"}},
		{Name: "no-eh-frame-hdr", Flags: []string{"-Wl,--no-eh-frame-hdr"}},
		{Name: "debug-frame-only", Flags: noTables[:2]},
		{Name: "frame-pointer-only", Flags: noTables, Debug: NoFrameInfo},
		{Name: "static", Flags: []string{"-static"}},
		{Name: "no-pie", Flags: []string{"-no-pie", "-fno-pie"}},
	}
}

// ARM64Variants returns variants for arm64.
//
// Folklore, of the cores of qemu 7.2:
//   - Executables cannot be moved, for gdb finds a moved one by its program headers
//     in memory, which are left out.
//   - Nothing tells which bits of an address are a signature, so gdb 13 and eu-stack
//     0.188 fail at the first signed one: what they should say of arm64-pac is what they
//     say of arm64-pac-ignored, the same code at the same addresses.
//   - The other variants run on a cortex-a72 as well: with the state of SVE in it, a
//     signal's frame makes gdb 13 run for ever.
func ARM64Variants() []Variant {
	const old = "cortex-a72"
	flags := func(more ...string) []string { return append([]string{"-no-pie", "-fno-pie"}, more...) }
	signed := flags("-mbranch-protection=standard")
	return []Variant{
		{Name: "arm64", Arch: ARM64, Flags: flags(), CPU: old},
		{Name: "arm64-O0", Arch: ARM64, Flags: flags("-O0"), CPU: old},
		{Name: "arm64-static", Arch: ARM64, Flags: []string{"-static"}, CPU: old},
		{Name: "arm64-pac", Arch: ARM64, Flags: signed},
		{Name: "arm64-pac-ignored", Arch: ARM64, Flags: signed, CPU: old},
	}
}

// RISCV64Variants returns variants for riscv64.
func RISCV64Variants() []Variant {
	return []Variant{
		{Name: "riscv64", Arch: RISCV64},
		{Name: "riscv64-O0", Arch: RISCV64, Flags: []string{"-O0"}},
		{Name: "riscv64-static", Arch: RISCV64, Flags: []string{"-static"}},
		{Name: "riscv64-fp", Arch: RISCV64, Debug: NoFrameInfo,
			Flags: []string{"-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-fno-omit-frame-pointer"}},
	}
}

// flags returns the flags of the compiler, without those that link.
func (p Program) flags() []string {
	flags := append([]string{"-g", "-O2"}, p.Flags...)
	switch p.Source {
	case "noreturn": // what follows must follow at once
		flags = append(flags, "-falign-functions=1", "-fno-reorder-functions", "-fno-toplevel-reorder")
	case "bare":
		flags = append(flags, "-nostdlib")
	}
	return flags
}

// needsLibrary tells whether the program is linked with lib.c's library.
func (p Program) needsLibrary() bool { return p.Source == "tailcalls" }

func (p Program) static() bool { return slices.Contains(p.Flags, "-static") }

// directory is where what is made of p is kept: a name made of all that it depends on.
func (p Program) directory(t testing.TB) string {
	t.Helper()
	sources := sources(t)
	sum := sha256.New()
	for _, name := range []string{p.Source + ".c", "lib.c"} {
		text, err := os.ReadFile(filepath.Join(sources, name))
		if err != nil {
			t.Fatal(err)
		}
		sum.Write(text)
	}
	// A core is of no use without the libraries it was made with.
	for _, file := range []string{"/lib/x86_64-linux-gnu/libc.so.6", "/usr/bin/gcc", p.Arch.sysroot() + "/lib/libc.so.6"} {
		if st, err := os.Stat(file); err == nil {
			fmt.Fprintln(sum, file, st.Size(), st.ModTime())
		}
	}
	fmt.Fprintf(sum, "%s %q %q %d %q %q %d\n", sources, p.Way, p.flags(), p.Debug, p.Arch, p.CPU, recipe)
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	return filepath.Join(cache, "hacrash-tests", "programs", hex.EncodeToString(sum.Sum(nil))[:24])
}

// recipe is counted up when this package makes something else of the same Program.
const recipe = 1

// sources is testdata/src of this module.
func sources(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "testdata", "src")
		}
	}
	t.Fatal("no go.mod above the working directory")
	return ""
}
