// Package dwarf reads the debug data of ELF files: which function holds an
// address, what was inlined there, from which line it comes, and where its
// arguments are.
//
// What this package knows that no other does: the encodings of DWARF 2 to 5,
// and how to find one function in gigabytes of them without reading the rest.
//
// # The idea
//
// Debug data is a forest of entries (DIEs), one tree a compilation unit. Reading
// it all takes seconds and gigabytes; a stack needs some dozen functions. So
// there is no index of the whole. [New] lists the headers of the units. [Data.Unit]
// finds the unit of an address by .debug_aranges, or where that is absent by the
// ranges of the units' first entries. [Data.Function] passes once over the unit's top
// level, from sibling to sibling, and keeps only the addresses of subprograms; the one
// that holds the address is then read as a tree. Abbreviations are decoded as far as
// they are asked for; sections are not even inflated until something is read in them.
//
// With -gsplit-dwarf the program has only the outlines of its units; the rest of each is
// read from a file of its own, or from one that has all, when an address leads there
// ([Data.FindSplit]).
//
// # Addresses and offsets
//
// All addresses here are link-time. Offsets count from the start of their
// section.
//
// # Values
//
// An argument's place is a program for a small stack machine (DWARF 5, 2.5).
// [Evaluate] runs it against a [Context], which is a frame: its registers, its
// memory. The answer is a [Location], which may be a place in memory, a
// register, a plain value, several pieces, or the honest news that the compiler
// kept nothing ([ErrOptimizedOut]). What could not be read is an error, never a zero.
//
// Entry values: in optimised code an argument is mostly gone by the time of the
// crash, but the caller knows what it passed. DW_OP_entry_value asks for a
// register as it was on entry; the caller's call site ([CallSite]) says how it was
// computed there. pkg/symbols joins the two.
//
// # Bounds
//
// Everything read is checked against its section by one type, [Cursor]. Trees
// have a depth and a size, expressions a count of steps, references a count of
// hops; all questions to a Data together have a budget (budget.go). A Data is for
// one goroutine at a time.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package dwarf
