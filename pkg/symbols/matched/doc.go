// Package matched names the static functions of a stripped HAProxy by their likeness to those of
// builds with symbols.
//
// What this package knows that no other does: what every static function of HAProxy refers to and
// who refers to it, in some releases of each branch, and how much that tells.
//
// # The idea
//
// Who strips an executable takes the names of static functions away. What they do stays: the
// strings that they print, the functions of libraries that they call, the tables of keywords that
// they stand in, and the exported functions, which keep their names, that call them or are called.
// The compiler changes the code from build to build; these change little. So the table has for each
// static function the rarest of them, and [Namer] looks for the record that shares most with a
// function that has no name. What was named helps to name its neighbours, in a few rounds.
//
// # What it claims
//
// A name is a guess, with a likeness and a distance to the next guess ([Match]). Below a gate
// there is none. Only a program that says itself that it is HAProxy, of a branch that the table
// has, gets names: in the next branch many functions have new names, and then likeness misleads.
// Functions that headers define get none: they are copied to many units and all alike.
//
// # How code is read
//
// Bounds of functions are those of the call frame information. Instructions are not decoded: each
// place that has the shape of a reference is taken for one if it hits the start of a function, a
// string, a variable or a stub of the linker. What hits by chance is rare, and no two builds have it.
//
// # Cost
//
// Nothing is paid until a function without a name is asked for. Then the code is read once for who
// calls whom; features are collected of what is asked for, and of its neighbours, alone. Functions,
// symbols, relocations and work are bounded, whatever the file says.
//
// # The table
//
// Command internal/namesgen makes it from executables with symbols. docs/names.md says how, and
// how often names are right.
package matched
