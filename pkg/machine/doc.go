// Package machine is what is to be known of a CPU to read a core that was taken on it.
//
// What this package knows that no other does: which registers a CPU has and what DWARF
// calls them, where the kernel puts them in a core and on the stack of a signal handler,
// what a call leaves behind, and how calls, jumps and traps look in memory. Everything
// else asks the [Machine] of the core and has no branches for one CPU or another.
//
// # One file a machine
//
// A machine is a value: rows of numbers, and a [Code] that reads its instructions. To add
// one, write a file that defines it, add it to the list of all, and give the tests of
// this package its rows. That is all: readers, unwinder and symbols follow the rows.
//
// Machines are 64 bits wide and little-endian. Register sets are words, stacks grow
// downwards.
//
// # Where instructions are read by hand
//
// Text for people comes from golang.org/x/arch. To find calls and jumps in bytes that may
// not even be code, a few masks do: every word of a stack may have to be looked at, and
// the decoders take a microsecond each. The manuals are named where the masks stand.
//
// Delve's tables of registers are the oracle of the tests. They are not linked: their
// maps take a tenth of a millisecond at each start of the program.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package machine
