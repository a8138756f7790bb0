// Package symbols names the frames of a stack: functions, inlined calls, source
// lines and the values of arguments.
//
// What this package knows that no other does: which of several names for an
// address can be believed, and how what a function was given can be worked out
// from the call that led to it.
//
// # Names
//
// An [Image] names the addresses of one module. With DWARF data the function, what
// was inlined there and the line come from it. Without, a sized symbol that holds the
// address names the function. If no symbol does, the bounds of its call frame
// information are the function's, and the name is made up from them: sub_5e700. The
// nearest name below an address is never taken: in a stripped HAProxy half of the
// code has no symbol, and the neighbour's name sends the reader to wrong source.
//
// # From physical frames to calls
//
// unwind gives one frame for each return address on the stack. The source has more
// calls than that, and [Symbolizer.Stack] puts them back: calls that were inlined
// (their DIEs are nested, each says from which line it was called) and functions
// that left the stack by a tail call. A tail call leaves no trace in memory, but the
// call site in the caller names a function that is not the one which returns there;
// if there is one chain of tail calls from the one to the other, its links must
// have been on the way. If there are several, what they have in common is shown.
//
// # Entry values
//
// Optimised code keeps an argument only as long as it is needed; its place is then
// given as "what register rdi held on entry". The caller's call site says how it
// computed that, mostly from what it has saved itself. So the expression is
// evaluated in the caller's frame, which may ask its own caller in turn. This
// recovers, for instance, the rate in stream_dump_and_crash(obj, rate). It
// holds only if the caller surely made that very call: the target is compared by
// address, calls through pointers count only if the pointer still tells,
// and behind a scanned frame there is no caller.
//
// # What is shown
//
// Values look as in gdb, so that reports can be compared. What the compiler kept no
// place for is <optimized out>; what has a place that cannot be read is
// <unavailable>; neither is ever shown as 0. Structures are "...". Text behind
// pointers may hold secrets, and is shown only when asked for.
//
// # Stability
//
// Other programs may use this package: its exported names keep their meaning for as
// long as the major version stays; new ones, and new fields, may come.
package symbols
