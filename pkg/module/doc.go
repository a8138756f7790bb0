// Package module finds the files that the mappings of a core were made of, and
// the debug files that belong to them.
//
// What this package knows that no other does: where a file with a given
// build-id may be found on this machine, in the core itself or on a server, and
// how to be sure that it is the very one.
//
// # The idea
//
// A core holds data, but no code: unwinding needs the executable and the
// libraries, names and lines need their debug files. A wrong file is worse than
// none, for it gives a stack that looks right. So a file counts only if its
// build-id is that of the ELF header in the core; what was looked for and not
// found, or found and not the one, is remembered with its reason, and told.
//
// Nothing is searched before it is asked for: a process has dozens of modules,
// its stacks touch three of them.
package module
