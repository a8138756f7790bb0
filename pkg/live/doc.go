// Package live reads a process that is alive, and stops it for no longer than it takes to
// copy what moves.
//
// What this package knows that no other does: how the threads of another process are
// stopped and let go (ptrace of Linux), and how its state looks as a core.
//
// # The idea
//
// All that reads cores can read a process too, if it looks like one. [Open] stops the
// threads, copies their registers and the memory that a stack is made of, and lets them go;
// unwinding, names and objects come afterwards, from the copy. The copy is an ELF core that
// nobody writes down: [Process] is an io.ReaderAt with its bytes. Memory that was not
// copied, such as a large heap, is read from the process when it is asked for, and has then
// gone on: the objects in it may not fit together.
//
// # What it costs the process
//
// PTRACE_SEIZE stops nothing. PTRACE_INTERRUPT stops a thread within microseconds, and a
// system call that it interrupts is taken up again by the kernel, but for a few that return
// early, epoll_wait among them; HAProxy is made for that. Buffers are made, and their
// pages touched, before. The heap is copied last, and as much of it as a
// quarter of the time allows.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package live
