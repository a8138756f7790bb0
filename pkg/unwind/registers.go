package unwind

import (
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/machine"
)

// Registers are the general registers of a frame, by DWARF number, as far as
// they are known. The value type is copied from frame to frame.
type Registers struct {
	values [machine.MaxRegisters]uint64
	known  uint64 // bit n: register n
	doubt  uint64 // bit n: good enough to try to unwind with, no value to show
}

// Get gives a register; false if it is not known in this frame.
func (r *Registers) Get(n uint64) (uint64, bool) {
	if n < machine.MaxRegisters && r.known&(1<<n) != 0 {
		return r.values[n], true
	}
	return 0, false
}

// Sure gives a register whose value may be shown: not one that a library that is
// not at hand may have changed.
func (r *Registers) Sure(n uint64) (uint64, bool) {
	if n < machine.MaxRegisters && r.doubt&(1<<n) != 0 {
		return 0, false
	}
	return r.Get(n)
}

func (r *Registers) set(n, v uint64) {
	r.values[n] = v
	r.known |= 1 << n
	r.doubt &^= 1 << n
}

// inherit takes register n as it is in another frame.
func (r *Registers) inherit(n uint64, from *Registers) {
	if v, ok := from.Get(n); ok {
		r.set(n, v)
		r.doubt |= from.doubt & (1 << n)
	}
}

func (r *Registers) forget(n uint64) { r.known &^= 1 << n }

// take reads words into the registers of which they are.
func (r *Registers) take(b []byte, numbers []int) {
	for i, n := range numbers {
		if n != machine.None {
			r.set(uint64(n), le.Uint64(b[8*i:]))
		}
	}
}

// ofThread takes the registers that the core has of a thread.
func ofThread(t *elfcore.Thread) Registers {
	var r Registers
	for _, n := range t.Registers.Machine.Manual {
		if v, ok := t.Registers.Get(n); ok {
			r.set(uint64(n), v)
		}
	}
	return r
}
