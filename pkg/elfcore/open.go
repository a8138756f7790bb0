package elfcore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/hacrash/hacrash/pkg/machine"
)

// Numbers of the ELF format (System V gABI, chapters 4 and 5; include/uapi/linux/elf.h).
const (
	ehdrSize = 64
	phdrSize = 56
	shdrSize = 64

	etCore = 4
	pnXNum = 0xffff

	ptLoad    = 1
	ptDynamic = 2
	ptNote    = 4
)

// Bounds on what a core may hold.
const (
	maxSegments = 1 << 20
	maxProblems = 64
)

// MaxThreads is how many threads of a core are kept; the others are counted. HAProxy
// has 1024 at most (MAX_THREADS times MAX_TGROUPS has been 64 to 1024), and libraries
// add a few of their own. The one that died is the first.
const MaxThreads = 2048

var le = binary.LittleEndian

// Options of Open. The zero value is good.
type Options struct {
	// CachePages is how many pages of 16 KiB are kept in memory; 0 means 256.
	CachePages int
}

// Core is an opened core. It is for one goroutine at a time; one more
// may Search.
type Core struct {
	// Machine is the one that it was taken on.
	Machine *machine.Machine
	// Size is that of the file, in bytes.
	Size int64
	// Segments are sorted by address and do not overlap.
	Segments []Segment
	// Threads has the one that died first: the kernel and gdb write it so.
	Threads []Thread
	// ThreadsOmitted are those beyond MaxThreads, which were only counted.
	ThreadsOmitted int
	// Signal is the one that ended the process; nil if the core has no siginfo.
	Signal *Signal
	// Process is nil if the core does not tell.
	Process *Process
	// Auxv is the auxiliary vector, by AT_ number.
	Auxv map[uint64]uint64
	// Files are the file mappings, by address. Offsets are in bytes.
	Files []Mapping
	// Modules are sorted by address.
	Modules []*Module
	// PageSize is that of the machine, in bytes.
	PageSize uint64
	// Report is the content of the note with the report of the original, if it is a small core.
	Report []byte
	// Reads, when not nil, is told of all memory that is read.
	Reads func(addr uint64, size int)

	r         io.ReaderAt
	cache     io.ReaderAt // r, or what is kept of it
	found     *found      // on the one pass over a stream; nil if r has it all
	problems  []string
	truncated Truncation
	notes     []noteSegment
	foreign   string // the system that wrote notes which are not read

	files  ModuleFiles
	opened map[*Module]io.ReaderAt
}

// ErrNotCore says that the input is not an ELF core at all.
var ErrNotCore = errors.New("not an ELF core file")

// Open reads headers and notes of a core of size bytes. The reader must stay
// usable as long as the Core is used.
//
// The error wraps ErrNotCore if the input is something else. A core that is cut
// or damaged behind its ELF header opens, with what can still be told; see
// Truncated and Problems.
func Open(r io.ReaderAt, size int64, o Options) (*Core, error) {
	c := newCore(r, newPageCache(r, o.CachePages), size)
	if err := c.readHeads(); err != nil {
		return nil, err
	}
	c.findModules()
	return c, nil
}

func newCore(r, cache io.ReaderAt, size int64) *Core {
	return &Core{
		Size:     size,
		Auxv:     map[uint64]uint64{},
		PageSize: 4096,
		r:        r,
		cache:    cache,
		opened:   map[*Module]io.ReaderAt{},
	}
}

// readHeads reads what says where everything else is.
func (c *Core) readHeads() error {
	h, err := readHeader(c.r, c.Size)
	if err != nil {
		return err
	}
	c.Machine = h.machine
	c.notes = c.readSegments(h)
	for _, n := range c.notes {
		c.readNotes(n)
	}
	if c.foreign != "" && len(c.Threads) == 0 {
		return errForeign(c.foreign)
	}
	c.finishNotes()
	return nil
}

// Problems are what was found wrong with the core, one line each, for people.
func (c *Core) Problems() []string { return c.problems }

func (c *Core) problem(format string, args ...any) {
	if len(c.problems) < maxProblems {
		c.problems = append(c.problems, fmt.Sprintf(format, args...))
	}
}

// header is what is needed of the ELF header.
type header struct {
	machine *machine.Machine
	phoff   uint64
	phnum   uint64
}

// readHeader checks that this is a core that we can read.
func readHeader(r io.ReaderAt, size int64) (header, error) {
	var h header
	var b [ehdrSize]byte
	if size < 20 {
		return h, fmt.Errorf("%w: only %d bytes", ErrNotCore, max(size, 0))
	}
	n, err := r.ReadAt(b[:min(size, ehdrSize)], 0)
	if n < 20 {
		return h, fmt.Errorf("cannot read the ELF header: %w", err)
	}
	if string(b[:4]) != "\x7fELF" {
		return h, ErrNotCore
	}
	if err := refuse(b[:20]); err != nil {
		return h, err
	}
	h.machine = machine.Of(le.Uint16(b[18:]))
	if n < ehdrSize {
		return h, errors.New("core is cut within its ELF header: nothing to read; copy it again")
	}
	if size := le.Uint16(b[54:]); size != phdrSize {
		return h, fmt.Errorf("core with program headers of %d bytes: damaged; copy it again", size)
	}
	h.phoff = le.Uint64(b[32:])
	h.phnum = uint64(le.Uint16(b[56:]))
	// Folklore: a process with 65535 mappings or more (Lua, many threads, many
	// certificates in their own allocations) does not fit the 16-bit count; the
	// kernel then writes PN_XNUM and the count in sh_info of the only section
	// header (fs/binfmt_elf.c fill_extnum_info).
	if h.phnum == pnXNum {
		shoff := le.Uint64(b[40:])
		var sh [shdrSize]byte
		if shoff == 0 || shoff > uint64(size) || uint64(size)-shoff < shdrSize {
			// The section header stands at the very end of a kernel core and
			// is the first thing that a cut core loses: take what is there.
			return h, nil
		}
		if _, err := r.ReadAt(sh[:], int64(shoff)); err != nil {
			return h, fmt.Errorf("cannot read the count of program headers: %w", err)
		}
		h.phnum = uint64(le.Uint32(sh[44:]))
	}
	return h, nil
}
