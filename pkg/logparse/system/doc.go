// Package system knows the single lines that others than HAProxy write when a
// process dies: the kernels of Linux and of the BSDs, audit, systemd, shells, the C
// library, container engines, supervisors, collectors of cores. No other package knows what "segfault at 0 ip … error 4 in
// haproxy[400000+235000]" says.
//
// # The idea
//
// These lines are witnesses: each saw one thing, and all are needed, for
// HAProxy itself says nothing when it dies of a segmentation fault. The kernel
// knows the address and the instruction, systemd the signal, the parent's
// shell the exit code, the C library why it called abort(). Parse makes one
// Event of one line, with the facts the line holds and nothing that would have
// to be guessed; who joins the events may refine their Kind. Two such
// refinements are worth knowing here, since the lines show them:
//
//   - A write to address 1 is HAProxy's own crash of 2.0 to 2.7 (ABORT_NOW and
//     BUG_ON store a byte or an int there). Parse says segfault and keeps the
//     address in Crash.Signal.
//   - An invalid opcode is HAProxy's own crash since 2.8 on x86 (ud2). Parse
//     says illegal_instruction.
//
// # Who writes it
//
// Whoever parses decides by the writer whether a line counts. An event's Role says who
// writes such lines, or From does: the kernel of FreeBSD knows the process, as a parent
// would, and is no parent.
//
// # Strictness
//
// "Killed", "Aborted", "segfault" are words that occur in URLs, in names of
// backends and in prose. So a shape is matched from the first byte of the text
// to its last, never looked for within it, and lines about a process count
// only when its name is HAProxy's exactly (haproxy.IsProgram, haproxy.IsService): much
// that surrounds HAProxy bears its name. A line that names nobody (Event.Anonymous) is
// HAProxy's if what stands above says so: Scene remembers the container that a table is
// of, and the command that was typed.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package system
