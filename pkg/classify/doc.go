// Package classify says whether a crash is known. It knows what a crash.Crash tells a
// signature (its facts), compares all signatures with them, and words what comes of
// it: a verdict, the fixes that are suspected where no signature fits, and a
// fingerprint, by which crashes of one cause are counted.
//
// What a signature is, and which there are, packages signatures and signatures/bugs
// know; how a version stands to a bug is judged in package fixes.
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
// # Stability
//
// Other programs may use this package: its exported names keep their meaning for as
// long as the major version stays; new ones, and new fields, may come.
package classify
