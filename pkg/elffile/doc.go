// Package elffile reads ELF executables, libraries and debug files: the files
// that a process was made of, as opposed to the core it left.
//
// What this package knows that no other does: how sections, segments and
// symbols lie in an ELF file, in which ways they are packed, and how a file
// names the others that complete it (build-id, debug link, alternate file,
// embedded minidebuginfo).
//
// # The idea
//
// A report needs some pages of a file that may have a gigabyte of debug data.
// So a file is mapped, not read, and nothing is decoded until it is asked for:
// [Open] looks at the ELF header and the table of sections; [File.Section] gives
// a section's bytes as they lie in the mapping, and only if they are compressed
// inflates them, once.
//
// Mapping has a price: a file that is cut while it is mapped (copied over in
// place, rather than replaced) faults on the pages that are gone. Where this
// package reads, that becomes an error or an absence. Whoever reads the bytes
// that it gives out does so within [Guard].
//
// # Hostile files
//
// Offsets and sizes are compared with the file before anything is sliced or
// allocated. What does not fit is absent: a section that reaches beyond the end
// is no section, compressed ones that claim more than [maxInflated] together
// stay packed.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package elffile
