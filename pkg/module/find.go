package module

import (
	"path/filepath"

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
	paths := []string{filepath.Join("/", m.set.o.Sysroot, m.Path)}
	if m.Main && m.set.o.Executable != "" {
		paths = []string{m.set.o.Executable}
	}
	m.status, m.reason = Missing, "not found"
	for _, p := range paths {
		f, err := elffile.Open(p)
		if err != nil {
			continue
		}
		if m.BuildID != "" && f.BuildID() != m.BuildID {
			m.status, m.reason = Mismatch, p+" has another build-id"
			_ = f.Close()
			continue
		}
		m.file, m.status, m.reason = f, OK, ""
		if m.BuildID == "" {
			m.status = Unverified
		}
		if m.Main && !m.Header {
			if at := m.set.core.Auxv[elfcore.AtEntry]; at != 0 {
				m.bias = at - f.Entry
			}
		}
		return
	}
}

// readVDSO takes the image out of memory: the kernel dumps it whole.
func (m *Module) readVDSO() {
	b := make([]byte, min(m.End-m.Start, maxVDSO))
	n, _ := m.set.core.ReadMemory(b, m.Start)
	f, err := elffile.New(b[:n], m.Path)
	if err != nil {
		m.status, m.reason = Missing, "its image is not in the core"
		return
	}
	m.file, m.status = f, OK
}

// Debug is the file that holds DWARF data and the full symbol table of the
// module: its own or a separate one; nil if there is none.
func (m *Module) Debug() *elffile.File {
	m.debugOnce.Do(m.findDebug)
	return m.debug
}

// Alternate is the file that holds the common debug data of a program that dwz
// went over; nil if there is none.
func (m *Module) Alternate() *elffile.File {
	m.debugOnce.Do(m.findDebug)
	return m.alt
}

// Mini is the symbol table in .gnu_debugdata; nil if there is none.
func (m *Module) Mini() *elffile.File {
	m.debugOnce.Do(m.findDebug)
	return m.mini
}

func (m *Module) findDebug() {
	f := m.File()
	if f == nil {
		return
	}
	if _, _, ok := f.SectionAddress(".debug_info"); ok {
		m.debug = f
		return
	}
	if len(m.BuildID) > 2 {
		if d, err := elffile.Open("/usr/lib/debug/.build-id/" + m.BuildID[:2] + "/" + m.BuildID[2:] + ".debug"); err == nil {
			m.debug = d
		}
	}
}

func (m *Module) close() {
	for _, f := range []*elffile.File{m.file, m.debug, m.alt, m.mini} {
		if f != nil {
			_ = f.Close()
		}
	}
}
