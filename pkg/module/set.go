package module

import (
	"context"
	"io"
	"sync"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/elffile"
)

// Options say where to look.
type Options struct {
	// Executable is the file of the main module; empty to search it as the others.
	Executable string
	// Sysroot is put before the paths that the process saw.
	Sysroot string
	// DebugDirs hold .build-id directories; /usr/lib/debug is added.
	DebugDirs []string
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

// Set is the modules of a core.
type Set struct {
	// Modules are sorted by address.
	Modules []*Module

	ctx    context.Context
	core   *elfcore.Core
	o      Options
	byCore map[*elfcore.Module]*Module
}

// New makes the set and lets the core's memory fall back on the files that are
// found. ctx ends searches that wait for a server.
func New(ctx context.Context, core *elfcore.Core, o Options) *Set {
	s := &Set{ctx: ctx, core: core, o: o, byCore: map[*elfcore.Module]*Module{}}
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

// Find gives the module that holds a runtime address; nil if none does.
func (s *Set) Find(addr uint64) *Module { return s.byCore[s.core.Module(addr)] }

// Close ends the use of all files.
func (s *Set) Close() {
	for _, m := range s.Modules {
		m.close()
	}
}

// Module is a module of the core with the files found for it. It is safe for
// concurrent use.
type Module struct {
	*elfcore.Module
	set *Set

	fileOnce sync.Once
	file     *elffile.File
	status   Status
	reason   string
	bias     uint64

	debugOnce        sync.Once
	debug, alt, mini *elffile.File
}

// File is the verified file that was mapped; nil if there is none. That of the
// vDSO is its image in the core.
func (m *Module) File() *elffile.File {
	m.fileOnce.Do(m.findFile)
	return m.file
}

// LinkTime turns a runtime address into a link-time one.
func (m *Module) LinkTime(addr uint64) uint64 {
	m.fileOnce.Do(m.findFile)
	return addr - m.bias
}

// Runtime turns a link-time address into a runtime one.
func (m *Module) Runtime(addr uint64) uint64 {
	m.fileOnce.Do(m.findFile)
	return addr + m.bias
}
