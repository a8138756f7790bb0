// Package coretest compiles the programs of testdata/src, runs each until it
// dies, and gives tests the executable and the core. Only tests import it.
//
// What this package knows that no other does: how an executable and its debug
// data can be laid out on disk (in one file, apart, by build-id, shared between
// programs, compressed, or not at all), and how to make each of them.
//
// # The idea
//
// A program, its way to die, its compiler's flags and its layout are a value of
// type Program. What comes of it depends on nothing else but the tools of this
// machine, so it is kept in the user's cache directory under the hash of all
// that, and tests of several packages share it. The directory may be removed at
// any time.
//
// Programs of other machines run in qemu-user. It writes cores of some; of others its
// debugger's stub tells what belongs in one, and Crash writes it: see emulate.
//
// Debug data that are apart or stripped were in the executable once: the file as
// it was linked stays beside, as Crashed.Linked. A debugger that is given that
// one and the same core says what should have been found.
package coretest
