package machine

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

var le = binary.LittleEndian

// Machine is a kind of CPU.
type Machine struct {
	Name string // as uname -m prints it
	ELF  uint16 // e_machine (System V gABI, chapter 4)

	// DWARF numbers of the program counter, and the stack and frame pointer. The program
	// counter has one of ours where DWARF gives it none.
	PC, SP, FP uint64
	// Link is the register in which a call leaves the return address; 0 where it goes to
	// the stack.
	Link uint64
	// General is how many registers of DWARF, from 0 on, are general ones, and followed
	// from frame to frame. At most MaxRegisters.
	General uint64
	// Saved has a bit for each register that a function leaves as it found it.
	Saved uint64
	// Manual lists the registers of a thread in the order of the manual.
	Manual []int
	names  []string // by DWARF number

	Set    Set
	Record Record
	Signal Signal
	Code
	// Depth follows the stack pointer through the code of a function, from its first
	// instruction to the one at an offset: how far it is then below the CFA. Nil where nobody
	// wrote that; false where the code does not tell.
	Depth func(code []byte, at int) (int64, bool)
	// Exits lists where the code of a function jumps out of it, from its start; anywhere: it may
	// leave to what a register or a table tells. Nil where nobody wrote that.
	Exits func(code []byte) (to []int, anywhere bool)

	// AddressBits is how many bits of a code pointer are the address where the others may
	// sign it; 0 where none do.
	AddressBits int
	// ThreadID: the C libraries' pthread_t is the thread pointer itself.
	ThreadID bool
	// Longest is how many bytes an instruction may have, Step what its address is a
	// multiple of.
	Longest, Step int
	// X87: a long double is the x87's, of 80 bits; elsewhere it is an IEEE 754 binary128.
	X87 bool
}

// MaxRegisters is the most registers that a machine's threads have, the program counter
// included.
const MaxRegisters = 33

// None is a word that holds no register of ours.
const None = -1

// Set is how the general registers lie in NT_PRSTATUS.
type Set struct {
	// Registers are the DWARF numbers of the words.
	Registers []int
	// ThreadPointer is the word that is the base of thread-local storage; None if that has
	// a note of its own.
	ThreadPointer int
	// Types of the notes that hold the thread pointer and the bits that sign pointers; 0 if
	// there are none.
	ThreadPointerNote, PointerMaskNote uint32
}

// Record is what a frame pointer leads to: a pair of the caller's frame pointer and the
// return address.
type Record struct {
	// At is where the pair lies, from the frame pointer.
	At int
	// Top is where the caller's stack pointer was, from the frame pointer, if HasTop.
	Top    int
	HasTop bool
}

// Signal is what the kernel leaves on the stack for a signal handler.
type Signal struct {
	// Trampoline is the code to which the handler returns: the system call rt_sigreturn.
	Trampoline string
	// Described: call frame information of a trampoline, if there is any, is right.
	Described bool
	// At is where the registers lie, from the stack pointer at the trampoline, and
	// Registers are the DWARF numbers of their words.
	At        int
	Registers []int
	// Fits tells whether bytes at a stack pointer have the shape of such a frame; nil if
	// they have none that tells. Where it can, the trampoline's address lies below them.
	Fits func(b []byte, sp uint64) bool
	// Size is how far above the stack pointer a frame record (FP, Link) with the
	// interrupted function's values may lie, and More how much farther; 0 if there is none.
	Size, More uint64
}

// Code reads instructions. Code that is cut, or none at all, is no instruction.
type Code interface {
	// Call reads the call that ends where code does, at a runtime address. valid tells
	// which addresses can be called.
	Call(code []byte, end uint64, valid func(uint64) bool) (Call, bool)
	// Jump reads the jump that code begins with.
	Jump(code []byte, at uint64) (Jump, bool)
	// Traps tells whether code begins with what compilers make of an end on purpose: an
	// instruction that is undefined for ever, or a write to address 1.
	Traps(code []byte) bool
	// References finds the addresses that code forms, the last one first. fixed: the
	// program is linked to its place, so that plain numbers may be addresses. Not every one
	// of them is real: a target that makes sense tells.
	References(code []byte, start uint64, fixed bool) []Reference
	// Text is the instruction that code begins with, in the syntax of the GNU assembler, and
	// its length; "" if it is none.
	Text(code []byte, pc uint64, name func(uint64) (string, uint64)) (text string, size int)
}

// Call is a call.
type Call struct {
	Target uint64 // 0 if it is not in the instruction
	Entry  uint64 // the address of the word that holds the target, as far as the instruction tells
}

// Jump is a jump.
type Jump struct {
	Target      uint64 // 0 if it is not in the instruction
	Entry       uint64 // as of a call
	Conditional bool
}

// Reference is an address that instructions form.
type Reference struct {
	Target uint64
	End    int // of the last instruction, from the start of the code
}

// all are the machines, in the order in which they are listed for people.
var all = [...]*Machine{AMD64, ARM64, RISCV64}

// Of gives the machine of an e_machine; nil if it is not one of ours.
func Of(elf uint16) *Machine {
	for _, m := range all {
		if m.ELF == elf {
			return m
		}
	}
	return nil
}

// Names lists the machines for people.
func Names() string {
	var names []string
	for _, m := range all {
		names = append(names, m.Name)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// IsTrampoline tells whether at least eight bytes, in hex as "48 c7 c0", begin the
// trampoline of any machine.
func IsTrampoline(hex string) bool {
	return len(hex) >= len("00 00 00 00 00 00 00 00") && slices.ContainsFunc(all[:], func(m *Machine) bool {
		return strings.HasPrefix(fmt.Sprintf("% x", m.Signal.Trampoline), hex)
	})
}

// IsTrap tells whether bytes, in hex as "0f 0b 66", begin with an instruction by which
// HAProxy ends the process on purpose, on any machine.
func IsTrap(code string) bool {
	return slices.ContainsFunc(all[:], func(m *Machine) bool { return m.IsTrap(code) })
}

// IsTrap tells the same of this machine.
func (m *Machine) IsTrap(code string) bool {
	b, err := hex.DecodeString(strings.ReplaceAll(code, " ", ""))
	return err == nil && m.Traps(b)
}

func (m *Machine) String() string { return m.Name }

// RegisterName gives the assembler's name of a register by its DWARF number: rip, x30.
func (m *Machine) RegisterName(n int) string {
	switch {
	case n < 0:
		return ""
	case n < len(m.names) && m.names[n] != "":
		return m.names[n]
	}
	return fmt.Sprintf("unknown%d", n)
}

// Keeps tells whether a function must leave a register as it found it.
func (m *Machine) Keeps(n uint64) bool { return m.Saved>>n&1 != 0 }

// Address takes the signature off a code pointer (Arm ARM, pointer authentication). mask
// is what the core says of the bits that hold it; where it does not (qemu), it is those
// above the bits that user addresses have.
func (m *Machine) Address(pointer, mask uint64, signed bool) uint64 {
	address := pointer & (1<<m.AddressBits - 1)
	switch {
	case m.AddressBits == 0:
		return pointer
	case mask != 0:
		return pointer &^ mask
	case signed || pointer != address:
		return address
	}
	return pointer
}

// HasCall tells whether code, which begins at an address, holds a call.
func (m *Machine) HasCall(code []byte, start uint64) bool {
	anywhere := func(uint64) bool { return true }
	for end := m.Step; end <= len(code); end += m.Step {
		if _, ok := m.Call(code[:end], start+uint64(end), anywhere); ok {
			return true
		}
	}
	return false
}

// HasTrap tells whether code holds what ends a process on purpose.
func (m *Machine) HasTrap(code []byte) bool {
	for i := 0; i < len(code); i += m.Step {
		if m.Traps(code[i:]) {
			return true
		}
	}
	return false
}

// upTo lists the numbers from one to another, both included.
func upTo(from, to int) []int {
	out := make([]int, 0, to-from+1)
	for n := from; n <= to; n++ {
		out = append(out, n)
	}
	return out
}

// bits sets the bits of some numbers.
func bits(numbers ...int) (set uint64) {
	for _, n := range numbers {
		set |= 1 << n
	}
	return set
}

// signed makes a number of the lowest bits of v, the highest of which is the sign.
func signed(v uint32, bits int) int64 { return int64(v) << (64 - bits) >> (64 - bits) }
