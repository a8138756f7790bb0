package unwind

import (
	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/module"
)

// depth finds the CFA of f by what the code of its function, at link-time addresses, did to the
// stack pointer so far.
func (u *Unwinder) depth(f *Frame, low, high uint64) (cfa uint64, ok bool) {
	sp, ok := f.Registers.Get(u.machine.SP)
	if !ok || u.machine.Depth == nil {
		return 0, false
	}
	d, ok := u.depths[f.PC]
	if !ok {
		d = -1
		code := u.function(f.Module, low, high, decodeCost)
		if at := f.PC - f.Module.Runtime(low); at <= uint64(len(code)) {
			if n, ok := u.machine.Depth(code, int(at)); ok {
				d = n
			}
		}
		u.depths[f.PC] = d
	}
	return sp + uint64(d), d >= 0
}

// depthOf does so for a function that has call frame information, unless that is of a part of
// it: gcc's .cold.
func (u *Unwinder) depthOf(f *Frame, fde *FDE) (cfa uint64, ok bool) {
	if initial, err := fde.Row(fde.Low); err != nil || initial.CFARegister != u.machine.SP {
		return 0, false
	}
	return u.depth(f, fde.Low, fde.High)
}

// counted leaves a function of which only its code and its bounds are known, as those of musl.
// Where it has set the frame pointer, that does.
func (u *Unwinder) counted(f *Frame, _ bool) (step, bool) {
	if !f.atHand() || u.lookUp(f).fde != nil {
		return step{}, false
	}
	low, high := functionAt(f.Module, f.Module.LinkTime(f.Lookup))
	cfa, ok := u.depth(f, low, high)
	if fp, known := f.Registers.Get(u.machine.FP); !ok || known && fp+uint64(u.machine.Record.Top) == cfa {
		return step{}, false
	}
	ra, err := u.core.Uint64(cfa - 8)
	if _, is, _ := u.call(ra); err != nil || !is || !u.executable(ra) {
		return step{}, false
	}
	return step{u.behind(f, ra, cfa), Scan, false}, true
}

// functionAt finds the bounds of the function at a link-time address by symbols; 0, 0 if none
// tells.
func functionAt(m *module.Module, addr uint64) (low, high uint64) {
	const function = 2 // STT_FUNC
	floor := addr
	for _, t := range []elffile.SymbolTable{m.File().Symbols(), m.File().DynamicSymbols()} {
		for s := range func(yield func(elffile.Symbol) bool) { t.Below(addr, &floor, yield) } {
			if s.Type == function && s.Defined && s.Size > 0 {
				return s.Address, s.Address + s.Size
			}
		}
	}
	return 0, 0
}
