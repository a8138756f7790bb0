// Package ending reads from the stack of the thread that died how its process ended.
//
// What this package knows that no other does: which functions end a process, HAProxy's
// own and the C library's, and what it means when one of them stands on a stack: that
// HAProxy found an object spinning, a check failed, a thread was stuck, the heap was
// damaged, or that somebody asked for it on the CLI.
//
// # The idea
//
// A stack is state: nobody who sends requests can put a function there. So what it shows
// is worth more than any text, and a core, a debugger's text and a trace that HAProxy
// printed are read by the same rules. The innermost frames of most stacks only lead to
// the end ([leads]): raise, abort, the handler of the watchdog. Behind them stands the
// function that is to be looked at; it may have no name, and is not passed over for
// that.
//
// Names are compared in their plain form, without what C libraries and compilers add.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package ending
