package elfcore

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"strings"
)

// Note types of the owner CORE (include/uapi/linux/elf.h). Other owners number their own from 1.
const (
	NotePRStatus = 1
	NoteFPRegSet = 2
	NotePRPSInfo = 3
	NoteAuxv     = 6
	NoteSigInfo  = 0x53494749
	NoteFile     = 0x46494c45
)

// The notes of a small core that hacrash made.
const (
	OwnNotes     = "HACRASH"
	ManifestNote = 0x48414331 // how it was made
	ReportNote   = 0x48414332 // the crash as the original told it, as JSON
)

// Bounds on notes.
const (
	maxNotes    = 1 << 20
	maxNoteName = 64
	maxDesc     = 16 << 20 // the kernel ends a file note at 4 MiB
	maxMappings = 1 << 18
	maxAuxv     = 256
	maxPath     = 4096
)

// noteReader walks the notes of one segment without holding it in memory: a
// process of ten thousand threads has a hundred megabytes of them.
type noteReader struct {
	c        *Core
	off, end uint64
}

// note is one note; its description stands at off in the file.
type note struct {
	owner string
	typ   uint32
	off   uint64
	size  uint64
}

// next reads the head of the next note; false at the end.
func (n *noteReader) next() (note, bool) {
	var head [12 + maxNoteName]byte
	left := n.end - n.off
	if left < 12 {
		return note{}, false
	}
	got, _ := n.c.cache.ReadAt(head[:min(left, uint64(len(head)))], int64(n.off))
	if got < 12 {
		return note{}, false
	}
	nameSize, descSize := uint64(le.Uint32(head[:])), uint64(le.Uint32(head[4:]))
	body := 12 + align4(nameSize)
	if body > left || descSize > left-body {
		n.c.problem("a note at offset %d is longer than its segment: the rest of the notes is lost", n.off)
		return note{}, false
	}
	owner := ""
	if nameSize <= maxNoteName && 12+nameSize <= uint64(got) {
		owner = cstring(head[12 : 12+nameSize])
	}
	x := note{owner: owner, typ: le.Uint32(head[8:]), off: n.off + body, size: descSize}
	n.off += body + min(align4(descSize), left-body)
	return x, true
}

func align4(n uint64) uint64 { return (n + 3) &^ 3 }

func cstring(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// readNotes reads one PT_NOTE segment.
func (c *Core) readNotes(s noteSegment) {
	size := uint64(c.Size)
	if s.off >= size || s.size > size-s.off {
		c.truncated.Headers = true
		c.problem("the core ends within its notes: threads or mappings may be missing")
		if s.off >= size {
			return
		}
		s.size = size - s.off
	}
	r := noteReader{c, s.off, s.off + s.size}
	for range maxNotes {
		n, ok := r.next()
		if !ok {
			return
		}
		switch n.owner {
		case "CORE":
			c.readCoreNote(n)
		case "LINUX":
			c.readLinuxNote(n)
		case OwnNotes:
			if n.typ == ReportNote && c.Report == nil {
				c.Report = c.desc(n, "report", 0)
			}
		default:
			c.foreign = cmp.Or(c.foreign, foreignOwner(n.owner))
		}
	}
	c.problem("more than %d notes: the rest is left out", maxNotes)
}

// Note is a note as it stands in the core.
type Note struct {
	Owner string
	Type  uint32
	// Desc is at most 16 MiB.
	Desc []byte
}

// Notes gives all notes in the order of the core; those that are damaged are left out.
func (c *Core) Notes(yield func(Note) bool) {
	for _, s := range c.notes {
		size := uint64(c.Size)
		if s.off >= size {
			continue
		}
		r := noteReader{c, s.off, s.off + min(s.size, size-s.off)}
		for range maxNotes {
			n, ok := r.next()
			if !ok {
				break
			}
			b := c.desc(n, "a", 0)
			if b != nil && !yield(Note{n.owner, n.typ, b}) {
				return
			}
		}
	}
}

// desc reads the description of a note.
func (c *Core) desc(n note, what string, least uint64) []byte {
	if n.size < least || n.size > maxDesc {
		c.problem("%s note of %d bytes: left out", what, n.size)
		return nil
	}
	b := make([]byte, n.size)
	if _, err := c.cache.ReadAt(b, int64(n.off)); err != nil {
		c.problem("%s note: cannot be read: %v", what, err)
		return nil
	}
	return b
}

// readCoreNote reads what Linux writes as System V did.
//
// Folklore: notes belong to the PRSTATUS before them. The kernel writes the
// process-wide ones (PRPSINFO, SIGINFO, AUXV, FILE) after the first PRSTATUS,
// gcore writes PRPSINFO first and a SIGINFO for every thread.
func (c *Core) readCoreNote(n note) {
	switch n.typ {
	case NotePRStatus:
		c.addThread(n)
	case NoteFPRegSet:
		if t := c.lastThread(); t != nil && n.size <= maxDesc {
			t.fpOffset, t.fpSize = n.off, n.size
		}
	case NotePRPSInfo:
		if b := c.desc(n, "PRPSINFO", 136); b != nil && c.Process == nil {
			c.Process = decodeProcess(b)
		}
	case NoteSigInfo:
		if b := c.desc(n, "SIGINFO", 32); b != nil {
			s := decodeSignal(b)
			if c.Signal == nil && len(c.Threads) <= 1 {
				c.Signal = s
			}
			if t := c.lastThread(); t != nil {
				t.Signal = s
			}
		}
	case NoteAuxv:
		if b := c.desc(n, "AUXV", 16); b != nil {
			c.readAuxv(b)
		}
	case NoteFile:
		if b := c.desc(n, "FILE", 16); b != nil {
			c.readFiles(b)
		}
	}
}

// readLinuxNote reads register sets that came later.
func (c *Core) readLinuxNote(n note) {
	t := c.lastThread()
	if t == nil || n.typ == 0 {
		return
	}
	switch n.typ {
	case c.Machine.Set.ThreadPointerNote:
		if b := c.desc(n, "thread pointer", 8); b != nil {
			t.Registers.ThreadPointer = le.Uint64(b)
		}
	case c.Machine.Set.PointerMaskNote:
		// struct user_pac_mask { __u64 data_mask; __u64 insn_mask; }
		if b := c.desc(n, "pointer mask", 16); b != nil {
			t.CodeMask = le.Uint64(b[8:])
		}
	}
}

// lastThread is the one that a note belongs to; nil if that was only counted.
func (c *Core) lastThread() *Thread {
	if len(c.Threads) == 0 || c.ThreadsOmitted > 0 {
		return nil
	}
	return &c.Threads[len(c.Threads)-1]
}

// addThread reads struct elf_prstatus (include/linux/elfcore.h): pr_cursig at
// 12, pr_pid at 32, pr_reg at 112.
func (c *Core) addThread(n note) {
	const regs = 112
	if len(c.Threads) == MaxThreads {
		c.ThreadsOmitted++
		return
	}
	b := c.desc(n, "PRSTATUS", uint64(regs+8*len(c.Machine.Set.Registers)))
	if b == nil {
		return
	}
	c.Threads = append(c.Threads, Thread{
		LWP:           int(int32(le.Uint32(b[32:]))),
		CurrentSignal: int(le.Uint16(b[12:])),
		Registers:     decodeRegisters(c.Machine, b[regs:]),
	})
}

func (c *Core) readAuxv(b []byte) {
	for ; len(b) >= 16 && len(c.Auxv) < maxAuxv; b = b[16:] {
		key := le.Uint64(b)
		if key == 0 {
			break
		}
		c.Auxv[key] = le.Uint64(b[8:])
	}
	if p := c.Auxv[AtPageSize]; p >= 4096 && p <= 1<<20 && p&(p-1) == 0 {
		c.PageSize = p
	}
}

// readFiles reads NT_FILE (fs/binfmt_elf.c fill_files_note): count, page size,
// count times start, end and offset in pages, then count names.
func (c *Core) readFiles(b []byte) {
	count, unit := le.Uint64(b), le.Uint64(b[8:])
	b = b[16:]
	if most := uint64(len(b)) / 24; count > most {
		c.problem("FILE note lists %d mappings and has place for %d: damaged", count, most)
		count = most
	}
	count = min(count, maxMappings)
	if unit == 0 || unit > 1<<20 {
		c.problem("FILE note with a page size of %d: taken as %d", unit, c.PageSize)
		unit = c.PageSize
	}
	rows, names := b[:24*count], b[24*count:]
	c.Files = slices.Grow(c.Files, int(count))
	// Rows of one file follow each other: share their name.
	path := ""
	for ; len(rows) > 0; rows = rows[24:] {
		end := bytes.IndexByte(names, 0)
		if end < 0 {
			c.problem("FILE note ends within its names: some mappings have none")
			break
		}
		if string(names[:end]) != path {
			path = string(names[:min(end, maxPath)])
		}
		names = names[end+1:]
		m := Mapping{Start: le.Uint64(rows), End: le.Uint64(rows[8:]), Path: path}
		pages := le.Uint64(rows[16:])
		if m.Start >= m.End || pages > 1<<62/unit {
			c.problem("FILE note has a mapping %#x-%#x: left out", m.Start, m.End)
			continue
		}
		m.Offset = pages * unit
		c.Files = append(c.Files, m)
	}
}

// finishNotes puts in order what several notes told.
func (c *Core) finishNotes() {
	slices.SortStableFunc(c.Files, func(a, b Mapping) int {
		switch {
		case a.Start < b.Start:
			return -1
		case a.Start > b.Start:
			return 1
		}
		return 0
	})
	if len(c.Threads) == 0 {
		c.problem("the core lists no threads")
	}
	if c.Signal == nil && len(c.Threads) > 0 {
		// Cores of kernels before 3.7, and of emulators, have no siginfo.
		if sig := c.Threads[0].CurrentSignal; sig != 0 {
			c.Signal = &Signal{Number: sig, Bare: true}
		}
	}
}

// FPRegisters reads the floating point register set of a thread as it stands
// in the core (struct user_fpregs_struct, user_fpsimd_state); nil if none.
func (c *Core) FPRegisters(t *Thread) []byte {
	if t.fpSize == 0 {
		return nil
	}
	b := make([]byte, t.fpSize)
	if _, err := io.ReadFull(io.NewSectionReader(c.cache, int64(t.fpOffset), int64(t.fpSize)), b); err != nil {
		return nil
	}
	return b
}

// stripDeleted takes " (deleted)" off a path, which the kernel appends when the
// file was replaced or removed while it was mapped.
func stripDeleted(path string) (string, bool) { return strings.CutSuffix(path, " (deleted)") }
