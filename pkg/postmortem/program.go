package postmortem

import (
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/module"
)

// ReadProgram adds what takes the executable: where its sections and variables lie,
// and the texts that are not dumped with a core. Without the executable there is
// nothing to add.
//
// It reads a mapped file, which may be cut meanwhile: see pkg/elffile.
func (f *Findings) ReadProgram(c *elfcore.Core, main *module.Module) {
	p := openProgram(c, main)
	if !f.HAProxy || p == nil {
		return
	}
	f.program = p
	f.readTypes(p)
	f.Counters = p.counters()
	f.Rings = p.rings()
}

// program is HAProxy's executable in a core.
type program struct {
	c    *elfcore.Core
	main *module.Module
	file *elffile.File
	r    reader
}

// openProgram gives nil if there is no file of the executable.
func openProgram(c *elfcore.Core, main *module.Module) *program {
	if main == nil || main.File() == nil {
		return nil
	}
	return &program{c: c, main: main, file: main.File(), r: reader{c: c}}
}

// variable gives the runtime address of a variable, and its size in bytes.
func (p *program) variable(name string) (addr, size uint64, ok bool) {
	s, ok := p.main.Symbol(name)
	return p.main.Runtime(s.Address), s.Size, ok
}

// constant gives the file's bytes at a runtime address that the process could not
// write to; nil if there are none.
func (p *program) constant(addr uint64) []byte {
	at := p.main.LinkTime(addr)
	for _, s := range p.file.Segments {
		if s.Type == elffile.Load && s.Flags&elfcore.Writable == 0 && at >= s.Address && at-s.Address < s.FileSize {
			return p.file.At(at)
		}
	}
	return nil
}
