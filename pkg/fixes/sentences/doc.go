// Package sentences says of each crash fix in HAProxy's history, in one sentence and
// hacrash's own words, what happens and to whom; what must be in use for the bug to
// strike; and what keeps it away where that is plain. It knows what no program can read from a
// commit: somebody read each of them.
//
// # How they are kept
//
// They are written in YAML, a file a year of the commits, and compiled into one file that is
// part of the program: of each fix the digits of its commit, in order, and where its sentence
// stands. It is read where it lies. Needs are words of package haconf.
//
//	go generate ./pkg/fixes/sentences
//
// # What is checked
//
// The generator checks the form, Check the rest: that each crash fix of the index has one, and
// that the needs agree with the files that the fix changes. Sentences are not copied: with a
// clone Check also compares each with the subject of its commit.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package sentences
