// Package elfcore reads what the kernel, gdb or an emulator left of a process:
// an ELF core, of any program, of any size, cut anywhere.
//
// What this package knows that no other does: how a core lies in its file
// (program headers, notes, segments), and therefore which byte of the dead
// process can still be had, from where, and if not, why not.
//
// # The idea
//
// A core is a sparse picture of an address space. Of 8 GiB a report touches
// some hundred pages, so nothing is ever read as a whole: [Open] reads headers
// and notes, everything else is fetched by ReadAt when asked for, through a
// small cache. Nothing is mapped, for a file that shrinks under a mapping kills
// the reader.
//
// Memory has layers. A byte is taken from the core if it was dumped, else from
// the file it was mapped from if somebody vouched for that file
// ([Core.UseModuleFiles]), else it is not there. Not there has three shapes that
// must not be mixed up, least of all with zero: the process had nothing at that
// address ([ErrNotMapped]); it had, and the core was told to leave it out
// ([ErrNotDumped]); it was written and the file ends before it ([ErrCutOff]).
//
// # What is listed
//
// [Core.Threads] with their registers, by name and by DWARF number; the first
// one is the thread that died, the rest were merely stopped. [Core.Signal],
// [Core.Process], [Core.Auxv], [Core.Files] as the notes tell.
// [Core.Modules] are the ELF images among the mappings, found by the header
// page that the kernel dumps of each, which holds the build-id.
//
// # Text in memory
//
// [Core.Search] runs over all dumped bytes once, in parallel, past the holes,
// and tells at which runtime addresses one of many literals stands.
//
// # Hostile cores
//
// Every count and offset is checked against the bytes left before anything is
// allocated. What is damaged is left out and said in [Core.Problems]; only a file
// that is no core of ours at all is an error.
package elfcore
