package trim

import (
	"encoding/binary"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/elfcore"
)

var le = binary.LittleEndian

// linkMap keeps the dynamic linker's list of modules (link.h: r_debug, link_map).
func (p *planner) linkMap() {
	const dtDebug, maxDynamic, maxLinks, maxPath = 21, 256, 4096, 4096
	const linkSize, privateSize = 40, 0x480
	if main := p.modules.Main(); p.dynamic == 0 && main != nil && main.File() != nil {
		if b, addr := main.File().Segment(2); len(b) > 0 { // PT_DYNAMIC
			p.dynamic = main.Runtime(addr)
			p.dynamicSection(p.dynamic, min(uint64(len(b)), 2*pageSize))
		}
	}
	if p.dynamic == 0 {
		return
	}
	var debug uint64
	for i := range uint64(maxDynamic) {
		tag, err := p.core.Uint64(p.dynamic + 16*i)
		if err != nil || tag == 0 {
			break
		}
		if tag == dtDebug {
			debug, _ = p.core.Uint64(p.dynamic + 16*i + 8)
		}
	}
	if debug == 0 {
		return
	}
	p.words(debug, linkSize)
	link, _ := p.core.Uint64(debug + 8)
	for range maxLinks {
		var b [linkSize]byte
		if _, err := p.core.ReadMemory(b[:], link); link == 0 || err != nil {
			return
		}
		p.words(link, linkSize+privateSize)
		// A name is kept if it is the path of a library, whatever lies there.
		at := le.Uint64(b[8:])
		if name, err := p.core.CString(at, maxPath); err == nil && p.isModule(name) {
			p.exact(at, uint64(len(name)+1))
		}
		link = le.Uint64(b[24:])
	}
}

// isModule tells whether a name can only be that of a module: its path, which may be a link.
func (p *planner) isModule(name string) bool {
	base := name[strings.LastIndexByte(name, '/')+1:]
	path := strings.HasPrefix(name, "/") && strings.Contains(base, ".so") && !strings.ContainsFunc(name, notOfPath)
	return path || name == "" || strings.HasPrefix(name, "linux-vdso.so.") ||
		slices.ContainsFunc(p.core.Modules, func(m *elfcore.Module) bool { return m.Path == name })
}

func notOfPath(r rune) bool {
	return (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z') && !strings.ContainsRune("/._+-", r)
}

// execName keeps the path of the executable where no table of files has it.
func (p *planner) execName() {
	const maxPath = 4096
	at := p.core.Auxv[elfcore.AtExecFn]
	if m := p.core.MainModule(); len(p.core.Files) == 0 && m != nil {
		if name, err := p.core.CString(at, maxPath); err == nil && filepath.Clean(name) == m.Path {
			p.exact(at, uint64(len(name)+1))
		}
	}
}
