package analyze

import (
	"debug/elf"
	"path/filepath"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// The kernel's line of a fault names the mapping that the instruction lies in, and newer
// kernels the place in the file as well. The headers of the executable tell which segment
// that is, and so the link-time address:
//
//	haproxy[55b0c0d00000+1dd000]         start of the mapping and its size
//	haproxy[5f0f0,55b0c0d00000+1dd000]   the place of the instruction in the file, since 6.11

// page is the size of one, as linkers of all machines lay out segments for at least.
const page = 4096

// nameMapped names the frame that the kernel printed; it gives why not.
func (p *program) nameMapped(c *crash.Crash) (why string) {
	for i := range c.Threads {
		frames := c.Threads[i].Frames
		if len(frames) == 0 || !mapped(&frames[0]) {
			continue
		}
		f := frames[0]
		link, ok := p.linkOfMapped(&f)
		if same, printed := p.sameBytes(&f, link); !ok || printed && !same {
			return anotherBuild("its code does not lie as in the kernel's line")
		}
		p.load()
		code := p.image.Code(link)
		if code.Name == "" {
			continue
		}
		f.Symbol = "" // the mapping
		c.Threads[i].Frames = append(p.named(f, code, link), frames[1:]...)
	}
	return ""
}

// mapped says that a frame is of a kernel's line that names HAProxy's mapping.
func mapped(f *crash.Frame) bool {
	return f.Trust == crash.TrustContext && f.Function == "" && f.Address != 0 && strings.HasSuffix(f.Symbol, "]") &&
		strings.HasPrefix(f.Symbol, f.Module+"[") && haproxy.IsProgram(filepath.Base(f.Module))
}

// linkOfMapped gives the link-time address of such a frame.
func (p *program) linkOfMapped(f *crash.Frame) (uint64, bool) {
	first, rest, ok := lex.Hex(f.Symbol[len(f.Module)+1:])
	start, inFile := uint64(first), uint64(0)
	if after, has := strings.CutPrefix(rest, ","); has {
		inFile = start
		if first, rest, ok = lex.Hex(after); ok {
			start = uint64(first)
		}
	}
	size, _, sized := lex.Hex(strings.TrimPrefix(rest, "+"))
	if !ok || !sized {
		return 0, false
	}
	for i := range p.module.File().Segments {
		s := &p.module.File().Segments[i]
		if elf.ProgType(s.Type) != elf.PT_LOAD || elf.ProgFlag(s.Flags)&elf.PF_X == 0 {
			continue
		}
		if link := at(s, uint64(f.Address)-start, inFile); pages(s) == uint64(size) && link-s.Address < s.FileSize {
			return link, true
		}
	}
	return 0, false
}

// pages is how much of memory a segment takes that has no more than the file.
func pages(s *elffile.Segment) uint64 {
	return (s.Address+s.FileSize+page-1)&^(page-1) - s.Address&^(page-1)
}

// at is the link-time address of what lies so far behind the start of a segment's mapping, or
// at an offset of the file.
func at(s *elffile.Segment, distance, inFile uint64) uint64 {
	if inFile != 0 {
		return inFile - s.Offset + s.Address
	}
	return s.Address&^(page-1) + distance
}
