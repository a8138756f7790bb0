package symbols

import (
	"fmt"

	"github.com/hacrash/hacrash/pkg/dwarf"
	"github.com/hacrash/hacrash/pkg/module"
)

// frameContext is a physical frame in which expressions are evaluated.
type frameContext struct {
	w     *walk
	i     int
	entry func(dwarf.Given) (uint64, error)
	base  bool // the frame base is being evaluated
}

// context gives the context of frame i. entry answers for entry values; nil is
// the usual way, through the frame's caller.
func (w *walk) context(i int, entry func(dwarf.Given) (uint64, error)) frameContext {
	if entry == nil {
		entry = func(g dwarf.Given) (uint64, error) { return w.entryValue(i, g, 0) }
	}
	return frameContext{w: w, i: i, entry: entry}
}

func (c frameContext) frame() *physical { return &c.w.frames[c.i] }

func (c frameContext) Register(n uint64) (uint64, error) {
	if v, ok := c.frame().Registers.Sure(n); ok && n < c.w.s.core.Machine.General {
		if used := c.w.s.o.Used; used != nil {
			used(v)
		}
		return v, nil
	}
	return 0, fmt.Errorf("register %d was not saved: %w", n, dwarf.ErrUnavailable)
}

func (c frameContext) Memory(b []byte, addr uint64) error {
	_, err := c.w.s.core.ReadMemory(b, addr)
	return err
}

func (c frameContext) CFA() (uint64, error) {
	if v := c.frame().CFA; v != 0 {
		return v, nil
	}
	return 0, fmt.Errorf("frame address not known: %w", dwarf.ErrUnavailable)
}

func (c frameContext) FrameBase() (uint64, error) {
	f := c.frame().function()
	if f == nil || c.base {
		return 0, dwarf.ErrUnavailable
	}
	x, err := f.FrameBase(c.frame().addr)
	if err != nil {
		return 0, err
	}
	c.base = true
	return value(x, c, f.Unit)
}

func (c frameContext) EntryValue(g dwarf.Given) (uint64, error) { return c.entry(g) }

func (c frameContext) Runtime(addr uint64) uint64 { return c.frame().Module.Runtime(addr) }

// gone is a function that has left the stack: nothing is known of it but what
// it was entered with.
type gone struct {
	module *module.Module
	entry  func(dwarf.Given) (uint64, error)
}

func (gone) Register(uint64) (uint64, error)            { return 0, dwarf.ErrUnavailable }
func (gone) Memory([]byte, uint64) error                { return dwarf.ErrUnavailable }
func (gone) CFA() (uint64, error)                       { return 0, dwarf.ErrUnavailable }
func (gone) FrameBase() (uint64, error)                 { return 0, dwarf.ErrUnavailable }
func (g gone) EntryValue(v dwarf.Given) (uint64, error) { return g.entry(v) }
func (g gone) Runtime(addr uint64) uint64               { return g.module.Runtime(addr) }
