// Package system knows the single lines that others than HAProxy write when a process dies:
// the kernels of Linux and of the BSDs, audit, systemd, shells, the C library, container
// engines, supervisors, collectors of cores. No other package knows what "segfault at 0 ip …
// error 4 in haproxy[400000+235000]" says.
//
// Each of them saw one thing: the kernel the address and the instruction, systemd the signal,
// a shell the exit code, the C library why it called abort(). Parse makes one Event of one
// line, with the facts that the line holds and no guess. HAProxy's own checks (BUG_ON) end in
// a write to address 1, or since 2.8 in an invalid instruction: Parse says segfault and
// illegal_instruction, and the code bytes, which may follow, tell more.
//
// Whether a line counts, its reader decides by the writer: by Event.Role, or by From where
// the role does not tell who writes such lines.
//
// "Killed" and "segfault" occur in URLs and in prose. So a shape is matched from the first
// byte of a text to its last, and the process must have HAProxy's name (haproxy.IsProgram,
// haproxy.IsService): much that surrounds HAProxy bears it in part. A line that names nobody
// (Event.Anonymous) is HAProxy's if the lines around it say so: Scene remembers the container
// that a table is of, and the command that was typed.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package system
