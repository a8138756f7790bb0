package elfcore

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
)

// Why bytes cannot be had. Errors of ReadMemory wrap one of them.
var (
	// ErrNotMapped: the process had nothing at that address.
	ErrNotMapped = errors.New("not mapped")
	// ErrNotDumped: it was mapped, but left out of the core (coredump_filter,
	// MADV_DONTDUMP, file text), and no verified file supplies it.
	ErrNotDumped = errors.New("mapped but not dumped")
	// ErrCutOff: it was dumped, but the core ends before it.
	ErrCutOff = errors.New("beyond the end of the core")
)

// MemoryError says from which runtime address on there was nothing to read.
type MemoryError struct {
	Address uint64
	Err     error // ErrNotMapped, ErrNotDumped, ErrCutOff, ErrNotKept or an I/O error
}

func (e *MemoryError) Error() string { return fmt.Sprintf("memory at %#x: %v", e.Address, e.Err) }

// Unwrap gives the reason.
func (e *MemoryError) Unwrap() error { return e.Err }

// ModuleFiles gives the file that a module was loaded from, or nil. It vouches
// that the file is the very one, by build-id: its bytes are taken as memory.
type ModuleFiles func(*Module) io.ReaderAt

// UseModuleFiles adds the second layer of memory. f is called once for each
// module, when its bytes are first needed.
func (c *Core) UseModuleFiles(f ModuleFiles) {
	c.files = f
	clear(c.opened)
}

// ReadMemory reads bytes at a runtime address. If fewer than len(b) can be had
// it returns how many, and a *MemoryError with the address of the first one
// that is missing and why.
func (c *Core) ReadMemory(b []byte, addr uint64) (int, error) {
	if c.Reads != nil {
		c.Reads(addr, len(b))
	}
	n := 0
	for n < len(b) {
		at := addr + uint64(n)
		if at < addr {
			return n, &MemoryError{at, ErrNotMapped}
		}
		k, err := c.readPiece(b[n:], at)
		n += k
		if k == 0 {
			return n, &MemoryError{at, err}
		}
	}
	return n, nil
}

// readPiece reads from one segment or file mapping.
func (c *Core) readPiece(b []byte, addr uint64) (int, error) {
	s := c.Segment(addr)
	if s == nil {
		return c.readFile(b, addr, ErrNotMapped)
	}
	in := addr - s.Address
	switch {
	case in < s.Held():
		b = b[:min(uint64(len(b)), s.Held()-in)]
		n, err := c.cache.ReadAt(b, int64(s.Offset+in))
		if n == 0 && err == ErrNotKept && s.Flags&Executable != 0 {
			return c.readFile(b, addr, ErrNotKept) // code is what the file holds
		}
		return n, err
	case s.Flags&Writable != 0:
		// What the process may have written is not what the file holds.
		if in < s.FileSize {
			return 0, ErrCutOff
		}
		return 0, ErrNotDumped
	case in < s.FileSize:
		return c.readFile(b[:min(uint64(len(b)), s.MemSize-in)], addr, ErrCutOff)
	}
	return c.readFile(b[:min(uint64(len(b)), s.MemSize-in)], addr, ErrNotDumped)
}

// readFile reads from the file that is mapped at addr; why is the error if
// there is none.
func (c *Core) readFile(b []byte, addr uint64, why error) (int, error) {
	m := c.Mapping(addr)
	if m == nil {
		return 0, why
	}
	// A mapping that no segment lists was left out of the core by whoever
	// wrote it (gcore leaves out read-only text).
	if why == ErrNotMapped {
		why = ErrNotDumped
	}
	mod := c.Module(addr)
	if mod == nil || !slices.Contains(mod.Maps, *m) {
		return 0, why
	}
	r := c.moduleFile(mod)
	if r == nil {
		return 0, why
	}
	b = b[:min(uint64(len(b)), m.End-addr)]
	off := m.Offset + (addr - m.Start)
	if off > 1<<62 {
		return 0, why
	}
	n, err := r.ReadAt(b, int64(off))
	if n == 0 && err != nil {
		return 0, why
	}
	return n, nil
}

func (c *Core) moduleFile(m *Module) io.ReaderAt {
	if c.files == nil {
		return nil
	}
	r, ok := c.opened[m]
	if !ok {
		r = c.files(m)
		c.opened[m] = r
	}
	return r
}

// Mapping finds the file mapping that holds a runtime address; nil if none does.
func (c *Core) Mapping(addr uint64) *Mapping {
	i := sort.Search(len(c.Files), func(i int) bool { return c.Files[i].Start > addr }) - 1
	if i < 0 || addr >= c.Files[i].End {
		return nil
	}
	return &c.Files[i]
}

// Uint64 reads eight bytes, little endian, at a runtime address.
func (c *Core) Uint64(addr uint64) (uint64, error) {
	var b [8]byte
	if _, err := c.ReadMemory(b[:], addr); err != nil {
		return 0, err
	}
	return le.Uint64(b[:]), nil
}

// CString reads text up to its NUL, or limit bytes, at a runtime address. If
// memory ends before the NUL it returns what there is, and the error.
func (c *Core) CString(addr uint64, limit int) (string, error) {
	var b []byte
	var chunk [256]byte
	for len(b) < limit {
		n, err := c.ReadMemory(chunk[:min(len(chunk), limit-len(b))], addr+uint64(len(b)))
		if i := bytes.IndexByte(chunk[:n], 0); i >= 0 {
			return string(append(b, chunk[:i]...)), nil
		}
		b = append(b, chunk[:n]...)
		if err != nil {
			return string(b), err
		}
	}
	return string(b), nil
}
