// Package classify says whether a crash is known. It holds curated signatures of
// HAProxy's bugs, written in bugs/*.yaml and compiled into the program, and
// compares them with what a crash.Crash tells. It is the only package that knows
// what HAProxy's history means for a crash: which commit ends it, which facts are
// its own, and how far a label, a state or a printed condition tells one bug from
// another.
//
// # What a verdict claims
//
// Known needs an exact match: the required facts are all there, they amount to
// 60 points, the signature says that they fit this bug only, the version at hand
// is shown to lack the fix, and no other signature that this version may suffer
// from fits as well. Anything less is probable at most. A signature that fits a
// version which already has the fix is never called a match to act on: it is
// already_fixed, a new bug that looks alike or a build that was changed.
//
// # Where the version's standing comes from
//
// Builds of master are decided by its order, which package fixes knows commit by
// commit; one whose commit is not on master stands somewhere between its tag and
// the next, and what happened there too "cannot be told". Stable releases are
// decided by what the signature says of their branch, else by the tables of the
// index where the branch was searched, else by the backport clause of the fix,
// which is an estimate and says so.
//
// # Signatures under test
//
// A signature is written by a person, and what it says of releases can be known
// better: Linter compares it with the index, its names with HAProxy's source (which
// somebody else reads, see Source), and unique signatures with each other.
package classify

//go:generate go run ./internal/gen bugs compiled.go
