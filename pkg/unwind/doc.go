// Package unwind walks the stack of a thread in a core, from the innermost
// frame outwards.
//
// What this package knows that no other does: how to get from a frame's
// registers to those of its caller, and how much the result can be trusted.
//
// # CFI rows
//
// Compilers leave a table, the call frame information, that says for every
// instruction of a function how to find the caller: first the CFA, the value
// of the stack pointer before the call ("rsp+16"), then where each
// register was saved relative to it ("return address at CFA-8"). The table is
// not stored as such: each function has an FDE, a small program that prints the rows from
// top to bottom, and shares a CIE with others, whose program prints the first
// row. [Table.Find] finds the FDE of an address, in the sorted table of
// .eh_frame_hdr where there is one; [FDE.Row] runs the program up to an
// address; [Unwinder.Thread] applies the row and goes on with the caller.
//
// A return address points behind the call, which may be the start of another
// function, or of another row, when the callee never returns (abort). So rows,
// names and lines are looked up one byte before it: Frame.Lookup. Not so for the
// innermost frame and for the one that a signal interrupted: their pc is the
// very instruction.
//
// # Where there is no CFI
//
// What is done then is a guess of falling quality, and every frame says which
// ([Trust]). In their order:
//
//   - badpc: the pc is no code at all. Somebody called through a bad
//     pointer, so the return address lies where the call has just put it.
//   - scan, by code: a function that is at hand without tables (all of musl, assembly), but
//     with a symbol. What its instructions did to the stack pointer so far tells where the
//     return address lies; a call must stand before it.
//   - fp: the frame pointer's record, if the return address in it is preceded by a
//     call, of code that has likely set it.
//   - scan: the verified scan. The libraries of the machine that crashed are
//     often not at hand, while the executable is. A stack leaves the unknown
//     library through a return address that stands behind a call out of the executable; many
//     stale words on the stack look like that. So each candidate is tried: only if the stack
//     that begins there unwinds by CFI to a proper end, or very far, is it taken. A
//     signal handler's frame is found by the shape of what the kernel pushes.
//   - fp, scan: frame records alone, where neither tables nor code are at hand. See chain.go.
//
// Two things make a stale word of a scan known. The table that a call goes through is in
// memory, and says into which module it led: on the way from there some word must lead to
// that module, and no function of the executable was called by it. And behind an unknown library
// the frame pointer may be anything: a function that counts its frame from it
// is not believed, but its code is followed, from its first instruction to the call, for what
// it pushed and subtracted, so that its CFA comes from the stack pointer.
//
// A stack that ran over has more frames than anybody walks. The outermost are found from its
// other end; see overflow.go.
//
// What registers there are, where a call leaves the return address, and what a signal
// pushes is asked of the core's machine: see pkg/machine.
//
// A chain that breaks says why, in Stack.Reason. An undefined return address,
// or one of 0, is the proper end: the start of a thread or a process.
//
// # Bounds
//
// Cores and executables may be damaged or made to harm. The stack pointer must
// grow from frame to frame, or the walk ends; there is a cap on frames, on
// candidates of a scan, and on the steps of each try. All threads of a core share one
// budget of work, so that a hundred thousand of them cannot each demand the utmost.
//
// # Stability
//
// Other programs may use this package: its exported names keep their meaning for as
// long as the major version stays; new ones, and new fields, may come.
package unwind
