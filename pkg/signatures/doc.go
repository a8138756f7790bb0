// Package signatures is the form of a signature: what one curated description of a
// known bug says, and how to recognise the bug. It knows which keys a signature may
// have and what makes one sound, how its demands compare with the facts of a crash
// and how many points each is worth, and what of it can be held against HAProxy's
// history. It knows no crash: what the facts of one are, and what a fit means for a
// version, package classify says.
//
// # From YAML to the program
//
// Read reads files strictly, with a position for every complaint. Package
// signatures/bugs has the files that are part of the program, compiled to Go, so that
// nothing is parsed at start.
//
// # Signatures under test
//
// A signature is written by a person, and what it says of releases can be known
// better: Linter compares it with the index, its names with HAProxy's source (which
// somebody else reads, see Source), and unique signatures with each other.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package signatures
