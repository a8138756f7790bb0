// Package oracle asks gdb and eu-stack what the stacks of a core are, and
// compares two answers. Only tests import it.
//
// What this package knows that no other does: how gdb and elfutils say what they
// found, where they are known to be wrong, and when two ways of saying it mean
// the same.
//
// # The idea
//
// What gdb prints is made for people: a frame that begins at a line has no
// address, an inlined function looks like any other, and a value at entry stands
// for one that is gone. So gdb is asked by a script of ours that runs within it,
// for each frame and each argument alone. eu-stack has no such thing; its text
// has the address of each frame, which is what it is asked for.
//
// An oracle may err. What is known of that is written where the comparison is, as
// folklore; a test that meets one more writes it down there, with the reason why
// the oracle is wrong.
package oracle
