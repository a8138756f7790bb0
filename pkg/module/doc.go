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
// found, or found and not the one, is remembered with its reason, and told
// ([Set.Missing]).
//
// Nothing is searched before it is asked for: a process has dozens of modules,
// its stacks touch three of them.
//
// # Where a file is looked for
//
// The executable that was named, for the main module; the sysroot, or without
// one the path that the process saw; build-id directories; the archive of
// libraries within the core; servers. The first that is the one is taken.
//
// # Where its debug data are looked for
//
// In the file itself; in build-id directories; where its debug link points; in
// the archive; on servers. A file with debug data ends the search, one with only
// a symbol table is kept until a better one comes. What dwz moved elsewhere and
// the small symbol table in .gnu_debugdata are searched when they are asked for, and so
// are the .dwo and .dwp files that -gsplit-dwarf leaves: one for each unit that a stack
// leads to ([Module.DWARF]).
//
// # When the core tells no build-id
//
// Then a file at the right place is unverified, not wrong: the ELF header is
// compared if the core has it, else that it could be mapped as the core says.
// Nobody should stake much on it, so it is said.
//
// # What must not be looked at
//
// Paths in a core, and links in files, were written by somebody else: what they name is
// opened only if nothing on the way is a danger to look at ([Set.open]). What the user
// names, and what lies in directories that the user names, may lie anywhere; links that
// lead out of there may not.
//
// While a file is searched only dumped memory is read ([Set.dumped]): to read what was
// not dumped would ask for the very file that is being searched.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package module
