// Package backtrace knows how debuggers and their kin print a stack: gdb, lldb,
// eu-stack, pstack, systemd-coredump, ABRT, apport, macOS's crash reports, the C library,
// the sanitizers, valgrind and profilers. No other package knows what "#3  0x… in foo (a=a@entry=1) at src/x.c:12" means.
//
// # The idea
//
// People paste backtraces: out of a terminal, a mail, an issue. The start is
// missing as often as the end, lines are wrapped, prompts stand in front of
// text, and what a maintainer typed stands between what gdb answered. So
// nothing here relies on a beginning: every line must show by itself what it
// is, and a Block only remembers what lines before it have said (which thread
// is listed, whether a frame goes on).
//
// A Block is fed by the line, out of its envelope. Start takes the line that
// opens it; Line takes the others until it refuses one, which then belongs to
// somebody else:
//
//	b := backtrace.Start(text, number)      // nil: opens nothing
//	for b != nil && next(&text, &number) {
//		if !b.Line(text, number) { break }  // offer text to the other parsers
//	}
//	r := b.Result()
//
// Lines that no debugger prints may stand in the middle of a gdb session (a remark, the echo
// of a command) as long as there are few in a row; they are handed over in Result.Foreign,
// so that the other parsers lose nothing.
//
// A parser fills one reading: the Result, the stacks, the names of the program. Its finish
// only says which thread is at fault. What frames have in common is set in one place
// (frame.go), whatever tool printed them.
//
// Terminals, pagers, mails and word processors change a session (clean.go, gdbpaste.go,
// gdbrows.go); TestPasted has the list. Where frames are missing, Thread.Broken says which, and
// nothing behind the gap is the culprit.
//
// Of variables, expressions and registers numbers and names are kept (value.go), but no
// strings: they are what a client sent as often as not. A thread that waits for a lock says
// for which, and in which function (lock.go).
//
// # Who is at fault
//
// A list of threads does not say by itself which one crashed. In the order of
// belief: gdb says so (current thread of a core, thread that received a
// signal); a thread stands in the functions by which HAProxy or the C library
// end a process; frames were printed before any list of threads; gdb numbers
// the thread that died 1, and eu-stack and systemd-coredump list it first. A
// thread that waits is never at fault by its position alone: with nothing but idle
// threads there is no culprit, and none is named.
//
// # What kind of crash
//
// Kind is what the text proves. Where it only makes one likely (a frame in
// plain code on top and no word of a signal) Plausible has it, and the caller,
// who sees the other evidence, decides.
//
// # Whose process it is
//
// Most backtraces in the world are of other programs. A Result says whose its own is
// (Owner): by the names of programs and modules that the text has, else by the names of
// the functions, of which haproxy.IsFunction knows HAProxy's. When nothing tells, the
// caller may know: whoever wrote the line, or the session that the block goes on with
// (Heads says that a block begins one).
//
// # What is no crash
//
// A debugger that was attached to a process, or a core that gcore made, shows a process
// that lived on (Live): there is no signal that ended it, and the thread of interest is
// the one that does not wait. A profile is the same with many stacks, each with how often it
// was met (Stacks). Leaks are no crash at all (Leak). What a sanitizer or
// valgrind saw is a wrong access (Memory), said in the tool's own words; the stacks of who
// freed and who allocated the block are no threads (Stacks).
//
// Everything kept has a cap (limits.go). What is over it is dropped, the innermost frames stay.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package backtrace
