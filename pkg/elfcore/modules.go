package elfcore

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/hacrash/hacrash/pkg/elffile"
)

// vdsoPath is the Path of the vDSO's module.
const vdsoPath = "[vdso]"

// Bounds on ELF images in memory.
const (
	maxModules    = 1 << 14
	maxImageNotes = 64 << 10
	maxImagePhdrs = 256
	maxProbes     = 1 << 16 // segments looked at for an ELF header
)

// Module is an ELF image that was mapped.
type Module struct {
	// Path is as the process saw it, in its own mount namespace.
	Path string
	// Deleted: the file was replaced or removed while it was mapped, so what is
	// at Path today is likely another one.
	Deleted bool
	// Start and End are runtime addresses: of the first mapping, and behind
	// the last one or the end of its bss.
	Start, End uint64
	// Bias is runtime minus link-time address. It is a guess if Header is
	// false: for the executable whoever has the file knows better, by the
	// runtime Auxv[AtEntry] and the file's e_entry.
	Bias uint64
	// BuildID is in lower-case hex; empty if it has none or it was not dumped.
	BuildID string
	// Maps are the file's rows, by address; the vDSO has none.
	Maps []Mapping
	// Main is the executable.
	Main bool
	// VDSO is the kernel's: its image is wholly in the core.
	VDSO bool
	// Header says that the ELF header was found in the core.
	Header bool
}

// image is what the ELF header in memory tells.
type image struct {
	bias, end uint64
	buildID   string
	dynamic   uint64 // runtime address of PT_DYNAMIC; 0 if none
}

// Module finds the module that holds a runtime address; nil if none does.
func (c *Core) Module(addr uint64) *Module {
	i := sort.Search(len(c.Modules), func(i int) bool { return c.Modules[i].Start > addr }) - 1
	if i < 0 || addr >= c.Modules[i].End {
		return nil
	}
	return c.Modules[i]
}

// MainModule is the executable; nil if not known.
func (c *Core) MainModule() *Module {
	for _, m := range c.Modules {
		if m.Main {
			return m
		}
	}
	return nil
}

// findModules fills c.Modules from notes and memory.
func (c *Core) findModules() {
	if len(c.Files) > 0 {
		c.modulesOfFiles()
	} else {
		c.modulesOfHeaders()
		if m := c.executableOfAuxv(); m != nil && !slices.ContainsFunc(c.Modules, func(o *Module) bool {
			return o.Start < m.End && m.Start < o.End
		}) {
			c.Modules = append(c.Modules, m)
		}
	}
	if base := c.Auxv[AtVDSO]; base != 0 && !slices.ContainsFunc(c.Modules, func(m *Module) bool { return base >= m.Start && base < m.End }) {
		if im, ok := c.image(base); ok {
			m := &Module{Path: vdsoPath, Start: base, End: im.end, Bias: im.bias, BuildID: im.buildID, VDSO: true, Header: true}
			if s := c.Segment(base); s != nil {
				m.End = max(m.End, s.End())
			}
			c.Modules = append(c.Modules, m)
		}
	}
	slices.SortStableFunc(c.Modules, func(a, b *Module) int {
		switch {
		case a.Start < b.Start:
			return -1
		case a.Start > b.Start:
			return 1
		}
		return 0
	})
	for i, m := range c.Modules {
		// Nothing may reach into its neighbour, whatever its header says.
		if i+1 < len(c.Modules) {
			m.End = min(m.End, c.Modules[i+1].Start)
		}
		if phdr := c.Auxv[AtPhdr]; phdr >= m.Start && phdr < m.End && phdr != 0 {
			m.Main = true
		}
		if m.Path == "" {
			m.Path = c.unnamed(m)
		}
	}
}

// unnamed is what a module is called whose path nobody tells: the executable as it was
// started, others by where they lie.
func (c *Core) unnamed(m *Module) string {
	if p := c.Process; m.Main && p != nil {
		first, _, _ := strings.Cut(p.Arguments, " ")
		if name := cmp.Or(first, p.Name); name != "" {
			return name
		}
	}
	return fmt.Sprintf("[%#x]", m.Start)
}

// modulesOfFiles groups the rows of NT_FILE into modules.
//
// Folklore: the same path may be mapped twice (a library that was upgraded, or
// opened again by dlmopen), and a file smaller than a page is mapped from
// offset 0 several times as one module. So a module starts at a row of offset 0
// with an ELF header, and takes the rows of its path as far as its own program
// headers reach.
//
// Folklore: the table holds data as well: "/dev/zero (deleted)" is HAProxy's
// shared memory, locale archives and databases have no ELF header and no
// executable row.
func (c *Core) modulesOfFiles() {
	last := map[string]*Module{}
	code := map[string]bool{}
	for i := range c.Files {
		f := &c.Files[i]
		if s := c.Segment(f.Start); s != nil && s.Flags&Executable != 0 {
			code[f.Path] = true
		}
	}
	for _, f := range c.Files {
		if m := last[f.Path]; m != nil && (f.Offset != 0 || f.Start < m.End) && f.Start >= m.Start && c.belongs(m, f) {
			m.Maps = append(m.Maps, f)
			m.End = max(m.End, f.End)
			continue
		}
		if f.Offset != 0 || len(c.Modules) == maxModules || c.dataOf(last[f.Path], f) {
			continue
		}
		m := &Module{Start: f.Start, End: f.End, Bias: guessBias(f.Start), Maps: []Mapping{f}}
		m.Path, m.Deleted = stripDeleted(f.Path)
		if im, ok := c.image(f.Start); ok {
			m.Header, m.Bias, m.BuildID = true, im.bias, im.buildID
			m.End = max(m.End, im.end)
		} else if !code[f.Path] || strings.HasPrefix(f.Path, "/dev/") || c.dumped(f.Start) {
			continue
		}
		c.Modules = append(c.Modules, m)
		last[f.Path] = m
	}
}

// dataOf adds a row of offset 0 to m if it is the data of m, whose header was not dumped.
//
// Folklore: data of a file that ends within its first page are mapped from offset 0 too.
// That page was written to, so it is in the core, with the ELF header at its start (a
// test core of drgn).
func (c *Core) dataOf(m *Module, f Mapping) bool {
	if m == nil || m.Header || f.Start < m.End {
		return false
	}
	im, ok := c.image(f.Start)
	moved := f.Start - m.Start
	if !ok || im.end-moved <= f.Start {
		return false
	}
	m.Header, m.Bias, m.BuildID = true, im.bias-moved, im.buildID
	m.Maps = append(m.Maps, f)
	m.End = max(im.end-moved, f.End)
	return true
}

// dumped says whether the first bytes at addr are in the core: then the absence
// of an ELF header there is a fact.
func (c *Core) dumped(addr uint64) bool {
	s := c.Segment(addr)
	return s != nil && addr-s.Address < s.Held()
}

// belongs says whether a row is a part of m rather than of the same file,
// mapped again.
func (c *Core) belongs(m *Module, f Mapping) bool {
	if m.Header {
		return f.Start < m.End
	}
	// Without a header: rows in a row, at growing offsets.
	prev := m.Maps[len(m.Maps)-1]
	return f.Offset > prev.Offset && f.Start-prev.End < 1<<30
}

// modulesOfHeaders looks at the start of every segment. Kernels before 3.7 and
// qemu write no table of files.
func (c *Core) modulesOfHeaders() {
	var end uint64
	for i := range c.Segments {
		s := &c.Segments[i]
		if i == maxProbes || len(c.Modules) == maxModules {
			c.problem("too many segments to look for modules in all of them")
			return
		}
		if s.Address < end || s.Held() < ehdrSize || s.Address == c.Auxv[AtVDSO] {
			continue
		}
		im, ok := c.image(s.Address)
		if !ok {
			continue
		}
		m := &Module{Start: s.Address, End: max(im.end, s.End()), Bias: im.bias, BuildID: im.buildID, Header: true}
		if phdr := c.Auxv[AtPhdr]; phdr >= m.Start && phdr < m.End {
			m.Path = c.execName()
		} else {
			m.Path = c.soname(im)
		}
		c.Modules = append(c.Modules, m)
		end = m.End
	}
}

// guessBias assumes that a file is linked at 0, unless it lies where only
// executables that cannot be moved do: below 4 GiB.
func guessBias(start uint64) uint64 {
	if start < 1<<32 {
		return 0
	}
	return start
}

// executableOfAuxv makes a module of the segments around AT_PHDR.
//
// Folklore: qemu's user emulation dumps no executable mapping, and an
// executable linked without -z separate-code has its header in one.
func (c *Core) executableOfAuxv() *Module {
	phdr := c.Auxv[AtPhdr]
	s := c.Segment(phdr)
	if phdr == 0 || s == nil {
		return nil
	}
	m := &Module{Path: c.execName(), Start: s.Address, End: s.End(), Bias: guessBias(s.Address)}
	for i := range c.Segments {
		if n := &c.Segments[i]; n.Address == m.End && n.End()-m.Start < 1<<32 {
			m.End = n.End()
		}
	}
	return m
}

// execName is the executable's name as given to execve.
func (c *Core) execName() string {
	at := c.Auxv[AtExecFn]
	if at == 0 {
		return ""
	}
	// Folklore: a string that is not there is empty where the stack's end was cut away
	// and filled with zeros (test cores of elfutils).
	name, err := c.CString(at, maxPath)
	if err != nil || name == "" || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) {
		return ""
	}
	return filepath.Clean(name)
}

// image reads the ELF header and program headers that stand at base. They must
// be of the core itself.
func (c *Core) image(base uint64) (image, bool) {
	var h [ehdrSize]byte
	s := c.Segment(base)
	if s == nil || base-s.Address >= s.Held() {
		return image{}, false
	}
	if _, err := c.ReadMemory(h[:], base); err != nil || string(h[:4]) != "\x7fELF" || h[4] != 2 || h[5] != 1 {
		return image{}, false
	}
	if typ := le.Uint16(h[16:]); typ != 2 && typ != 3 { // ET_EXEC, ET_DYN
		return image{}, false
	}
	count, phoff := int(le.Uint16(h[56:])), le.Uint64(h[32:])
	if le.Uint16(h[54:]) != phdrSize || count == 0 || count > maxImagePhdrs || phoff > 1<<20 {
		return image{}, false
	}
	ph := make([]byte, count*phdrSize)
	if _, err := c.ReadMemory(ph, base+phoff); err != nil {
		return image{}, false
	}
	return c.decodeImage(ph, base)
}

func (c *Core) decodeImage(ph []byte, base uint64) (image, bool) {
	im := image{}
	found := false
	var high uint64
	for p := ph; len(p) >= phdrSize; p = p[phdrSize:] {
		if le.Uint32(p) != ptLoad {
			continue
		}
		off, vaddr, size := le.Uint64(p[8:]), le.Uint64(p[16:]), le.Uint64(p[40:])
		if !found {
			im.bias = base - (vaddr-off)&^(c.PageSize-1)
			found = true
		}
		if size <= math.MaxUint64-vaddr {
			high = max(high, vaddr+size)
		}
	}
	if !found {
		return im, false
	}
	im.end = (im.bias + high + c.PageSize - 1) &^ (c.PageSize - 1)
	// More than 1 TiB is no module.
	if im.end <= base || im.end-base > 1<<40 {
		im.end = base + c.PageSize
	}
	for p := ph; len(p) >= phdrSize; p = p[phdrSize:] {
		at, size := im.bias+le.Uint64(p[16:]), le.Uint64(p[40:])
		switch le.Uint32(p) {
		case ptDynamic:
			im.dynamic = at
		case ptNote:
			if im.buildID == "" && size <= maxImageNotes {
				im.buildID = c.buildID(at, size)
			}
		}
	}
	return im, true
}

// buildID reads NT_GNU_BUILD_ID among the notes at a runtime address.
func (c *Core) buildID(addr, size uint64) string {
	b := make([]byte, size)
	n, _ := c.ReadMemory(b, addr)
	return elffile.NoteBuildID(b[:n])
}

// soname reads DT_SONAME of an image, where the core holds its strings.
func (c *Core) soname(im image) string {
	const dtStrtab, dtSoname, maxDynamic = 5, 14, 256
	if im.dynamic == 0 {
		return ""
	}
	var strtab, soname uint64
	named := false
	var b [16]byte
	for i := range uint64(maxDynamic) {
		if _, err := c.ReadMemory(b[:], im.dynamic+16*i); err != nil {
			return ""
		}
		tag, value := le.Uint64(b[:]), le.Uint64(b[8:])
		if tag == 0 {
			break
		}
		switch tag {
		case dtStrtab:
			strtab = value
		case dtSoname:
			soname, named = value, true
		}
	}
	if !named || strtab == 0 {
		return ""
	}
	// The dynamic linker has relocated DT_STRTAB, except where the section is
	// read-only.
	if strtab < im.bias {
		strtab += im.bias
	}
	name, err := c.CString(strtab+soname, 256)
	if err != nil || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == '/' }) {
		return ""
	}
	return name
}
