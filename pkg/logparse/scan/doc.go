// Package scan finds, in logs of gigabytes, the few lines that hold one of a fixed set of
// literals. What it knows that no other package does is how to not look at most of the bytes:
// the time of a run is the time it takes to find nothing.
//
// # The idea
//
// Of every literal, which has at least 8 bytes, the 8 that are rarest in ordinary text are
// its gate. A gate holds five 4-byte grams, so whoever looks at one gram every 5 bytes meets
// each gate exactly once. A look is a load, a multiply, a shift, and one byte of a 64 KiB
// table in the nearest caches; eight looks are ORed together and cost one branch. Only
// when it is taken is anything compared. This is plain Go, and near to the speed at which one
// core copies a file out of the page cache.
//
// Lines are numbered by counting newlines in each block while it is in the cache, some 6 % of
// a scan that finds nothing.
//
// # Files and streams
//
// Workers read blocks with ReadAt, each with the first bytes of the next block, and give out
// offsets; the caller's goroutine takes the blocks in order and reads the lines again, which
// is cheap because hits are rare. Never mmap: a file that logrotate truncates under a mapping
// kills the process with SIGBUS, and the gain is a tenth. On a pipe the pipe is the limit, so
// one goroutine searches, and the pipe is made larger (F_SETPIPE_SZ).
//
// A hit is handed out as a [Window]: the line, and the way to those around it. What the
// caller takes by [Window.Next] is not searched again, so a crash message of hundred lines
// is one window.
//
// # Bounds
//
// Memory does not depend on the input: a line longer than [Options.MaxLine] comes in pieces,
// workers run ahead by a fixed number of blocks, and a block with very many hits is only
// marked, and searched again by the caller when its turn comes.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package scan
