// Package postmortem finds HAProxy inside a core from memory alone: without
// symbols, without debug data, without the executable.
//
// What this package knows that no other does: what HAProxy leaves lying in its
// memory when it dies, where (heap, dead stack, .data, shared rings), in which
// form, and which of it may be believed.
//
// # The idea
//
// A crash message is written with write(2) and gone, but it was put together in
// memory first, and those buffers are in the core: the spin message up to four
// times, the panic dump, one buffer a thread since 3.1, the call trace in the dead part of the
// crashing thread's stack. So one pass over all dumped memory looks for a few
// literals that HAProxy prints; what stands around each is cut out and
// handed on as [Text], with its address. This package does not parse those texts
// (whoever reads logs can), it only decides which are worth parsing: the format
// string is not a message, and a message half overwritten ends where the
// garbage begins.
//
// Beside texts there are facts that only a core tells: the version between its
// markers in .data, the operating system in the post_mortem object, the
// command that was typed on the CLI to end the process ([Findings.Command]), what was said
// while starting.
//
// With the executable at hand, stripped or not, there is more ([Findings.UseProgram]): the
// counters of HAProxy's own checks, the rings of messages, and which check ended the
// process. Layouts come from debug data where there are any, and else are known ones
// that must make sense: pointers that lead where they should, texts that are texts.
//
//	system.go, object.go    the post_mortem object; layout.go its known layouts, types.go
//	                        those of the debug data
//	counters.go             what counted something in the section dbg_cnt
//	rings.go, messages.go   startup log, sinks, and what is in them
//	condition.go            the BUG_ON before the crash, by the code that tells of it
//
// # Whose core
//
// A core of another program is no error: [Findings.HAProxy] is false, and its
// name, signal and threads are still told.
//
// # Trust
//
// The memory of a process that crashed is hostile: it holds what clients sent, and that may
// look like anything HAProxy writes. So the state decides what died, of what, and who asked
// for it ([Findings.Crash]), and a text only adds detail:
//
//	kind.go     the kind: signal and siginfo, the instruction that raised it, the named
//	            stack (pkg/ending), the C library's last words (abort.go), a fault at the
//	            end of a stack. No signal that ends a process: a snapshot
//	typed.go    who asked for it: the function of the command on the stack, or pointers on
//	            the stack to the command's words, which a client cannot put there; and the
//	            counter of such commands, debug_commands_issued
//	agree.go    which texts are HAProxy's: those that name what no client can know, the
//	            thread pointers of this core, the object or the item that the thread that
//	            died had in hand, the return addresses of its stack. What the stack shows
//	            vouches for no text: a client may have sent one of the same sort
//
// Constants of the executable and contents of files are not searched at all: they hold all
// messages that there are. A text that nothing bears out is mentioned as somebody's words,
// and is not parsed.
//
// A signal that another process sent has its kind from the signal, as a log of the same
// death has; that it came from outside is a fact of its own, and no bug is looked for.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package postmortem
