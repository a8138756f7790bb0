package postmortem

import (
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/module"
)

// UseProgram adds what the executable tells of HAProxy's memory: where its sections and
// variables lie, how its structures are laid out, and the texts that are not dumped with
// a core. Without a file, as for one that was cut, it adds nothing. It reads the
// executable, and so do the findings from then on: within [module.Module.Guard].
func (f *Findings) UseProgram(c *elfcore.Core, main *module.Module) {
	f.program = nil
	if !f.HAProxy || main == nil || main.File() == nil {
		return
	}
	p := &program{c: c, main: main, file: main.File(), r: reader{c: c}}
	f.Counters, f.Rings = p.readCounters(), p.readRings()
	f.keepStartup(c)
	f.useObject(p)
	f.program = p
}

// program is HAProxy's executable in a core.
type program struct {
	c    *elfcore.Core
	main *module.Module
	file *elffile.File
	r    reader
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

// text is what stands at a runtime address: of a constant as the file has it, for a core
// need not say which file is mapped where (those of qemu do not).
func (p *program) text(addr uint64, limit int) string {
	if b := p.constant(addr); b != nil {
		return string(printable(b[:min(len(b), limit)]))
	}
	return p.r.from(addr, limit)
}

// byteAt is a byte of memory, 0 if it cannot be had.
func (p *program) byteAt(addr uint64) byte {
	b := p.constant(addr)
	if b == nil {
		b = p.r.read(addr, 1)
	}
	if len(b) == 0 {
		return 0
	}
	return b[0]
}
