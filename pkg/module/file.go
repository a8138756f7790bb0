package module

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/hacrash/hacrash/pkg/debuginfod"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/elffile"
)

const maxVDSO = 1 << 20

// findFile searches the file that was mapped.
func (m *Module) findFile() {
	if m.VDSO {
		m.readVDSO()
		return
	}
	if m.tryGiven() || m.trySystem() || m.tryBuildIDDirs() || m.tryArchive() || m.tryServers() {
		m.bias = m.findBias()
		return
	}
	m.status = statusOf(m.misses)
}

// tryGiven tries the executable that was named.
func (m *Module) tryGiven() bool {
	return m.Main && m.set.o.Executable != "" && m.try(thisVery(m.set.o.Executable), Unverified)
}

// trySystem tries the path that the process saw, in the sysroot if there is one.
//
// Folklore: whoever collects the libraries of another machine often puts them
// all into one directory. There the name alone tells little, so the build-id
// must agree.
func (m *Module) trySystem() bool {
	switch {
	case filepath.IsAbs(m.Path):
		if m.try(m.set.system(m.Path), Unverified) {
			return true
		}
	case strings.HasPrefix(m.Path, "["):
		m.misses = append(m.misses, miss{why: "the core does not name its file"})
		return false
	default: // it would be another one in every directory
		m.misses = append(m.misses, miss{m.Path, "not looked at: the core does not say in which directory it lies", false})
	}
	return m.set.o.Sysroot != "" && m.try(m.set.system("/"+filepath.Base(m.Path)), OK)
}

// tryBuildIDDirs tries DIR/.build-id/xx/yyyy, which Fedora has beside yyyy.debug.
func (m *Module) tryBuildIDDirs() bool {
	for _, p := range m.set.buildIDPlaces(m.BuildID, "") {
		if m.try(p, OK) {
			return true
		}
	}
	return false
}

func (m *Module) tryArchive() bool {
	for _, a := range m.set.archivedFor(m.Module, m.BuildID) {
		if f := a.open(m.set); f != nil && m.take(f, Unverified) {
			return true
		}
	}
	return false
}

func (m *Module) tryServers() bool {
	p, ok := m.set.fetch(m.BuildID, debuginfod.Executable, &m.misses)
	return ok && m.try(p, OK)
}

// try opens a file and takes it if it is at least as sure as it must be: OK or
// Unverified.
func (m *Module) try(p place, least Status) bool {
	f := m.set.openOr(p, &m.misses)
	return f != nil && m.take(f, least)
}

// take makes f the module's file if it is the one, or closes it.
func (m *Module) take(f *elffile.File, least Status) bool {
	status, why := m.verify(f)
	switch {
	case status == Mismatch:
		m.misses = append(m.misses, miss{f.Path, why, true})
	case status == Unverified && least == OK:
		m.misses = append(m.misses, miss{f.Path, why, false})
	default:
		m.set.held[f] = m
		m.file, m.status = f, status
		if status == Unverified {
			m.misses = append(m.misses, miss{f.Path, why, false})
		}
		return true
	}
	m.set.drop(f)
	return false
}

// verify compares a file with what the core tells of the module.
func (m *Module) verify(f *elffile.File) (status Status, why string) {
	id := f.BuildID()
	switch {
	case f.Machine != m.set.core.Machine.ELF:
		return Mismatch, "it is for another kind of machine than the core"
	case m.BuildID != "" && id == "":
		return Mismatch, "it has no build-id; that in the core is " + m.BuildID
	case m.BuildID != "" && id != m.BuildID:
		return Mismatch, fmt.Sprintf("it is another build: its build-id is %s, that in the core is %s", id, m.BuildID)
	case !f.HasCode():
		return Mismatch, "it holds debug data only, no code"
	case m.BuildID != "":
		return OK, ""
	case m.Header && !m.sameHeader(f):
		return Mismatch, "it is another build: its ELF header is not that in the core"
	case m.Header:
		return Unverified, "the core has no build-id to compare, only the same ELF header"
	case !m.fits(f):
		return Mismatch, "it is shorter than what was mapped of it"
	}
	return Unverified, "the core has neither its build-id nor its ELF header to compare"
}

// sameHeader compares the ELF header and the program headers with those in the
// core, but for the place of the section table, which strip changes.
func (m *Module) sameHeader(f *elffile.File) bool {
	const ehdrSize, phdrSize = 64, 56
	size := ehdrSize + phdrSize*len(f.Segments)
	inCore, inFile := make([]byte, size), make([]byte, size)
	n := m.set.dumped(inCore, m.Start)
	k, _ := f.ReadAt(inFile, 0) // k tells enough
	n = min(n, k)
	if n < ehdrSize {
		return false
	}
	for _, b := range [][]byte{inCore, inFile} {
		clear(b[40:48]) // e_shoff
		clear(b[60:64]) // e_shnum, e_shstrndx
	}
	return bytes.Equal(inCore[:n], inFile[:n])
}

// fits tells whether everything that was mapped begins within the file.
func (m *Module) fits(f *elffile.File) bool {
	for _, row := range m.Maps {
		if row.Offset >= uint64(f.Size()) {
			return false
		}
	}
	return true
}

// findBias tells runtime minus link-time address. Without an ELF header in the
// core it was guessed, and the file knows better: where the program begins, or
// at which address its first byte would lie.
func (m *Module) findBias() uint64 {
	if m.Header {
		return m.bias
	}
	if at := m.set.core.Auxv[elfcore.AtEntry]; m.Main && at != 0 {
		return at - m.file.Entry
	}
	load, err := m.file.LoadAddress()
	if err != nil || len(m.Maps) == 0 || m.Maps[0].Offset != 0 {
		return m.bias
	}
	return m.Start - load
}

// readVDSO takes the image out of memory: the kernel dumps it whole.
func (m *Module) readVDSO() {
	b := make([]byte, min(m.End-m.Start, maxVDSO))
	f, err := elffile.New(b[:m.set.dumped(b, m.Start)], m.Path)
	if err != nil {
		m.status, m.misses = Missing, []miss{{why: "its image is not in the core"}}
		return
	}
	m.file, m.status = f, OK
}

// miss is a file that was looked at and not taken, or not with certainty.
type miss struct {
	path, why string
	// other says that there is a file, but another one.
	other bool
}

// openOr opens the file at a place; if it cannot, nil, and why is a miss.
func (s *Set) openOr(p place, misses *[]miss) *elffile.File {
	f, err := s.open(p)
	why := ""
	switch {
	case err == nil:
		return f
	case errors.Is(err, fs.ErrNotExist):
	case errors.Is(err, fs.ErrPermission):
		why = "no permission to read it"
	default:
		var e *fs.PathError
		if errors.As(err, &e) {
			err = e.Err
		}
		why = err.Error()
	}
	*misses = append(*misses, miss{path: p.path(), why: why})
	return nil
}

func (m miss) String() string {
	switch {
	case m.why == "":
		return "no file " + m.path
	case m.path == "":
		return m.why
	}
	return m.path + ": " + m.why
}
