package module

import (
	"context"
	"io"
	"os"

	"github.com/hacrash/hacrash/pkg/debuginfod"
	"github.com/hacrash/hacrash/pkg/dwarf"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/source"
)

// Options say where to look.
type Options struct {
	// Executable is the file of the main module; empty to search it as the others.
	Executable string
	// Sysroot is put before the paths that the process saw, and before
	// /usr/lib/debug. No symbolic link leads out of it.
	Sysroot string
	// DebugDirs hold .build-id directories; /usr/lib/debug is added.
	DebugDirs []string
	// Debuginfod asks servers; nil means none. LibraryDebug lets it fetch the debug
	// data of libraries as well: some hundred megabytes for names that matter little.
	Debuginfod   *debuginfod.Client
	LibraryDebug bool
}

// Check says which of the files and directories that the options name is not there.
func (o *Options) Check() error {
	for _, name := range append([]string{o.Executable, o.Sysroot}, o.DebugDirs...) {
		if name == "" {
			continue
		}
		if _, err := os.Stat(name); err != nil {
			return source.Plain(err)
		}
	}
	return nil
}

// Status says what came of the search for a module's file.
type Status string

// The states. A module that nobody asked for has none.
const (
	OK         Status = "ok"         // found, its build-id agrees
	Missing    Status = "missing"    // not found, or not readable
	Mismatch   Status = "mismatch"   // what is there is another file
	Unverified Status = "unverified" // found, but the core has no build-id to compare
)

// Set is the modules of a core. It is for one goroutine at a time.
type Set struct {
	// Modules are sorted by address.
	Modules []*Module

	ctx    context.Context
	core   *elfcore.Core
	o      Options
	byCore map[*elfcore.Module]*Module

	// held are the files in use, whose mappings may fault, and whose they are.
	held map[*elffile.File]*Module

	mounts mounts

	archive     []archived
	archiveRead bool
	unarchived  uint64 // bytes that were taken out of it
}

// New makes the set and lets the core's memory fall back on the files that are
// found. ctx ends searches that wait for a server.
func New(ctx context.Context, core *elfcore.Core, o Options) *Set {
	s := &Set{ctx: ctx, core: core, o: o, byCore: map[*elfcore.Module]*Module{}, held: map[*elffile.File]*Module{}, mounts: mounts{file: mountInfo}}
	for _, m := range core.Modules {
		n := &Module{Module: m, set: s, bias: m.Bias}
		s.Modules = append(s.Modules, n)
		s.byCore[m] = n
	}
	core.UseModuleFiles(func(m *elfcore.Module) io.ReaderAt {
		if f := s.byCore[m].File(); f != nil && !m.VDSO {
			return f
		}
		return nil
	})
	return s
}

// Options are those that the set was made with.
func (s *Set) Options() Options { return s.o }

// Main is the executable; nil if the core does not tell which it is.
func (s *Set) Main() *Module {
	for _, m := range s.Modules {
		if m.Main {
			return m
		}
	}
	return nil
}

// Find gives the module that holds a runtime address; nil if none does.
func (s *Set) Find(addr uint64) *Module { return s.byCore[s.core.Module(addr)] }

// Guard runs read, which reads the bytes of files of the set. One that is cut
// meanwhile ends it, and gives [elffile.ErrCut]: what was being made of the file's
// bytes may be half done, and is not to be used any more (see [Module.Cut]).
func (s *Set) Guard(read func()) error {
	return elffile.Guard(func(addr uintptr) bool {
		for f, m := range s.held {
			if f.Faulted(addr) {
				m.cut = true
				return true
			}
		}
		return false
	}, read)
}

// drop closes a file that is of no use, whether it was held or not.
func (s *Set) drop(f *elffile.File) {
	delete(s.held, f)
	_ = f.Close() // it was only read
}

// Guard is that of the module's set.
func (m *Module) Guard(read func()) error { return m.set.Guard(read) }

// Cut tells that a guarded read of one of the module's files faulted.
func (m *Module) Cut() bool { return m.cut }

// Close ends the use of all files.
func (s *Set) Close() {
	for _, m := range s.Modules {
		m.Close()
	}
}

// dumped reads memory that the core itself holds at a runtime address, and
// returns how much of b that is.
func (s *Set) dumped(b []byte, addr uint64) int {
	seg := s.core.Segment(addr)
	if seg == nil || addr-seg.Address >= seg.Held() {
		return 0
	}
	n, _ := s.core.ReadMemory(b[:min(uint64(len(b)), seg.Held()-(addr-seg.Address))], addr) // n tells enough
	return n
}

// Module is a module of the core with the files found for it. Each is searched when it
// is first asked for, and the answer does not change.
type Module struct {
	*elfcore.Module
	set *Set
	cut bool

	asked  bool
	file   *elffile.File
	status Status
	misses []miss
	bias   uint64

	debugAsked  bool
	debug       *elffile.File
	debugMisses []miss

	altAsked  bool
	alt       *elffile.File
	altMisses []miss

	miniAsked bool
	mini      *elffile.File

	dwarfAsked bool
	dwarf      *dwarf.Data

	packagesAsked bool
	packages      []*elffile.File // .dwp
	split         []*elffile.File // .dwp and .dwo, in use
}

// first says whether something is asked for the first time, and notes that it was.
func first(asked *bool) bool {
	was := *asked
	*asked = true
	return !was
}

// File is the file that was mapped, verified as far as the core allows; nil if
// there is none. That of the vDSO is its image in the core.
func (m *Module) File() *elffile.File {
	if first(&m.asked) {
		m.findFile()
	}
	return m.file
}

// Status tells what came of the search for File, and why it is not [OK], in
// words. It searches nothing: a module that nobody asked for has none.
func (m *Module) Status() (status Status, reason string) {
	if !m.asked {
		return "", ""
	}
	return m.status, reasonOf(m.misses, m.status)
}

// LinkTime turns a runtime address into a link-time one.
func (m *Module) LinkTime(addr uint64) uint64 {
	m.File() // it may know the bias better
	return addr - m.bias
}

// Runtime turns a link-time address into a runtime one.
func (m *Module) Runtime(addr uint64) uint64 {
	m.File()
	return addr + m.bias
}

// Debug is the file that holds the module's DWARF data: its own or a separate
// one. A separate one that has only a full symbol table counts too. It is nil if
// there is none; File may have a symbol table still.
func (m *Module) Debug() *elffile.File {
	if first(&m.debugAsked) {
		m.findDebug()
	}
	return m.debug
}

// DWARF is the debug data of Debug; nil if there is none.
func (m *Module) DWARF() *dwarf.Data {
	if first(&m.dwarfAsked) && m.Debug() != nil {
		var alt dwarf.Sections
		if a := m.alternate(); a != nil {
			alt = a
		}
		if m.dwarf = dwarf.New(m.debug, alt); m.dwarf != nil {
			m.dwarf.FindSplit(m.offerSplit)
		}
	}
	return m.dwarf
}

// alternate is the file that holds the common debug data of a program that dwz
// went over; nil if there is none.
func (m *Module) alternate() *elffile.File {
	if first(&m.altAsked) {
		m.findAlternate()
	}
	return m.alt
}

// Mini is the small symbol table in .gnu_debugdata; nil if there is none, or if
// File or Debug have a full one.
func (m *Module) Mini() *elffile.File {
	if first(&m.miniAsked) {
		m.findMini()
	}
	return m.mini
}
