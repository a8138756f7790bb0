package unwind

// architecture is what differs between machines.
type architecture interface {
	// pc, sp and fp are DWARF register numbers.
	pc() uint64
	sp() uint64
	fp() uint64
	name(n uint64) string
	// calleeSaved tells whether a function must leave a register as it found it.
	calleeSaved(n uint64) bool
	// leafs tells that a function may run without a frame of its own.
	leafs() bool
	// left forgets what a call overwrites in the registers of a caller.
	left(r *Registers)

	// trampoline tells by its code whether f is where a signal handler returns
	// to, where call frame information does not or must not be asked.
	trampoline(u *Unwinder, f *Frame) bool
	// interrupted reads the registers that a signal pushed, at a trampoline.
	interrupted(u *Unwinder, f *Frame) (Registers, bool)
	// signalFrame reads them where a return address at slot would be the
	// trampoline's, if what lies there has the shape of a signal frame.
	signalFrame(u *Unwinder, slot uint64) (Registers, bool)

	// framePointer follows the frame pointer of f. It leaves out the stack pointer
	// where that cannot be told.
	framePointer(u *Unwinder, f *Frame) (Registers, bool)
	// returnInRegister gives the registers of the caller of a function that has not saved
	// anything yet.
	returnInRegister(f *Frame) (Registers, bool)
	// call tells what stands before a return address, and the runtime address that
	// is called, 0 if it is not in the instruction.
	call(u *Unwinder, ra uint64) (kind callKind, target uint64)
	// jumpsOut tells whether code, the bytes of a function at a runtime address,
	// leaves its module by a jump.
	jumpsOut(u *Unwinder, code []byte, addr uint64) bool
}

// callKind is the kind of call before a return address.
type callKind int

const (
	noCall     callKind = iota
	anyCall             // a call within the module, or through a register
	importCall          // a call of another module: by PLT or GOT
	unknown             // the code is not at hand
)
