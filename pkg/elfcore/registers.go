package elfcore

import "github.com/hacrash/hacrash/pkg/machine"

// Registers are the general registers of a thread, by DWARF number.
type Registers struct {
	Machine *machine.Machine
	values  [machine.MaxRegisters]uint64
	// ThreadPointer is the base of thread-local storage; 0 when not known.
	ThreadPointer uint64
}

// decodeRegisters reads a register set; b holds at least the words of it.
func decodeRegisters(m *machine.Machine, b []byte) Registers {
	r := Registers{Machine: m}
	for i, n := range m.Set.Registers {
		if n != machine.None {
			r.values[n] = le.Uint64(b[8*i:])
		}
	}
	if i := m.Set.ThreadPointer; i != machine.None {
		r.ThreadPointer = le.Uint64(b[8*i:])
	}
	return r
}

// Get gives a register by its DWARF number; false if it is not one that a core
// note holds.
func (r *Registers) Get(dwarf int) (uint64, bool) {
	if uint64(dwarf) > r.Machine.PC {
		return 0, false
	}
	return r.values[dwarf], true
}

// PC is the program counter, a runtime address.
func (r *Registers) PC() uint64 { return r.values[r.Machine.PC] }

// SP is the stack pointer, a runtime address.
func (r *Registers) SP() uint64 { return r.values[r.Machine.SP] }
