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
// commands that were typed on the CLI ([Findings.Provoked]), what was said
// while starting.
//
// With the executable at hand, stripped or not, there is more ([ReadProgram]): the
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
// The memory of a process that crashed is hostile: it holds what clients sent.
// A text that a client sent in a header looks like one that HAProxy wrote, so a
// kind that is drawn from a text needs a signal that agrees ([Findings.Crash]).
package postmortem
