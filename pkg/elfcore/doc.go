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
// ([Core.UseModuleFiles]), else it is not there. Not there has three shapes (a stream has one more) that
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
// # Streams: one pass
//
// A compressed core can only be read forward. [OpenStream] does that once and
// spools nothing: the kernel and gcore write headers and notes first, and
// these tell what a report will read of the rest.
//
//	stream.go  reads the front as if it were a file, and decides if one pass will do
//	plan.go    headers and notes -> ranges of the file that are wanted, each with a rank
//	pass.go    blocks of the stream: read, searched by several, kept in order
//	kept.go    the pages that were kept, an io.ReaderAt in place of the file
//
// Wanted are: each thread's stack from 64 KiB below its pointer (texts lie in dead
// frames) to 256 KiB above it, what lies around its thread pointer, everything
// dumped of files with code, their bss, the vDSO. The search for texts runs on
// the same pass, and what is [Around] a hit is kept as well; a hit is known one
// block late, so a block waits until the next one was searched. Pages of zeros
// are kept as a mark. Whoever reads more of memory in a report adds it to the plan
// or to Around: the tests that compare packed and raw cores notice what is
// missing.
//
// What is kept is bounded ([StreamOptions].MaxKept). When it is too much, the highest
// rank is given up first: code, then the far ends of stacks, then texts, then the
// stacks of the last threads. The thread that died, which is the first, and the
// executable stay. Reading the rest gives a fourth reason, [ErrNotKept].
//
// Where one pass will not do (notes that come late, a count of segments at the
// end, no table of files, segments that share bytes) it says so with an
// [OutOfOrderError]; then the stream must become a file.
//
// # Hostile cores
//
// Every count and offset is checked against the bytes left before anything is
// allocated. What is damaged is left out and said in [Core.Problems]; only a file
// that is no core of ours at all is an error.
//
// # Stability
//
// Other programs may use this package: its exported names keep their meaning for as
// long as the major version stays; new ones, and new fields, may come.
package elfcore
