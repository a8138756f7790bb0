package trim

import (
	"encoding/binary"
	"strings"
)

var le = binary.LittleEndian

// linkMap keeps the dynamic linker's list of modules (link.h: r_debug, link_map).
func (p *planner) linkMap() {
	const dtDebug, maxDynamic, maxLinks, maxPath = 21, 256, 4096, 4096
	const linkSize, privateSize = 40, 0x480
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
		// A name is kept if it is that of a mapped file, whatever lies there.
		at := le.Uint64(b[8:])
		if name, err := p.core.CString(at, maxPath); err == nil && p.isModule(name) {
			p.exact(at, uint64(len(name)+1))
		}
		link = le.Uint64(b[24:])
	}
}

func (p *planner) isModule(name string) bool {
	base := name[strings.LastIndexByte(name, '/')+1:]
	for _, m := range p.core.Modules {
		if m.Path == name || base != "" && strings.HasPrefix(name, "/") && strings.HasSuffix(m.Path, name) {
			return true
		}
	}
	return name == "" || strings.HasPrefix(name, "linux-vdso.so.")
}
