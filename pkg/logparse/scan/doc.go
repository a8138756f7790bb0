// Package scan finds, in logs of gigabytes, the few lines that hold one of a
// fixed set of literals, and knows nothing else of them.
//
// What this package knows that no other does: how to not look at most of the
// bytes. A crash report is some lines in a file of millions, so the time of a
// whole run is the time it takes to find nothing.
//
// # The idea
//
// Every literal is at least 8 bytes long, so an 8-byte piece of it, its gate,
// can be chosen; the one made of the rarest text. A gate holds five 4-byte
// grams at consecutive offsets. Whoever looks at one gram every 5 bytes of the
// log therefore meets each gate exactly once, wherever it stands. A look is a
// load, a multiply, a shift, and one byte of a 16 KiB table that stays in the
// first-level cache; eight looks are ORed together and cost one branch. Only
// when that branch is taken is anything compared. This is plain Go, without
// assembly, unsafe or build tags, and one core searches at a speed near to that
// at which it can copy a file out of the page cache.
//
// Lines are numbered by counting newlines in each block while it is in the
// cache. That costs some 6 % of a scan that finds nothing; to count only when there
// is a hit would cost nothing then, but a second pass over the file otherwise.
//
// # Files
//
// Several workers read blocks with ReadAt and search them. Never mmap: a file
// that logrotate truncates under a mapping kills the process with SIGBUS, and
// the gain is a tenth. A worker gives out only offsets; the goroutine of the
// caller takes the blocks in order and reads the lines again, which is cheap
// because hits are rare. A literal over a block edge belongs to the block in
// which it starts: each block is read with the first bytes of the next one.
//
// # Streams
//
// On a pipe the pipe is the limit (two copies and a wake-up for each piece), so
// one goroutine searches; a pipe that holds more (F_SETPIPE_SZ) is worth more than
// anything that could be done about the search.
//
// # Windows
//
// A hit is handed to the caller as a [Window]: the line, and the way to the
// lines after it and to the bytes before it. What the caller takes by
// [Window.Next] is not searched again, so a crash message of hundred lines, ten
// of which hold literals, is one window.
//
// # Bounds
//
// Memory does not depend on the input: a line longer than [Options.MaxLine] comes in
// pieces, workers run ahead by a fixed number of blocks, and a block with very
// many hits is not listed but only marked, and searched again by the caller's
// goroutine when its turn comes.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package scan
