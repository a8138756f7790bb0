// Package value reads C values out of the memory of a process, by the types that
// its debug data describes.
//
// What this package knows that no other does: how the pointers, structures, lists and
// trees of a C program are followed in memory that may be cut, overwritten or
// hostile.
//
// # The idea
//
// A Value is a type and an address, and nothing is read until somebody asks for a
// number. So stream.Field("sess").Deref().Field("fe") costs two reads of memory,
// and works on every version of a program in which the members have these names,
// wherever they lie. What went wrong on the way stays in the value: a chain of
// fields is asked once, at its end, and the error says which step failed and at
// which address.
//
// # What can go wrong is a result
//
// A crash leaves pointers that lead nowhere, lists that never end and trees cut in
// half, and these are what one looks for in a core. A member that the version
// does not have, memory that was not dumped, a pointer of NULL and a
// pointer into nowhere are different errors (ErrNoField, ErrUnavailable,
// ErrNull): none is ever shown as 0. Lists and trees are walked with bounds and
// checked as they are; where one is broken the walk ends with a Broken that says
// where and how.
//
// # Addresses
//
// All addresses are runtime addresses. A Space knows how far its module was moved.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package value
