package trim

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
)

// Result is a small core.
type Result struct {
	Bytes []byte
	// Frames are the runtime addresses on the stacks of each module, as tables look them up.
	Frames map[*module.Module][]uint64
	// Problems are what is not as in the original, for people.
	Problems []string
}

// Program is what only somebody who knows the program can say; the zero value says nothing.
type Program struct {
	// Objects reads the program's structures as a report does, and tells of the places of the
	// numbers and pointers in them, which are kept. It may be nil.
	Objects func(number func(addr, size uint64))
	// Report is what the original tells, without secrets; nil for none.
	Report []byte
}

// Core makes a small core. Modules are those of the core, and their files.
func Core(ctx context.Context, core *elfcore.Core, modules *module.Set, program Program) (Result, error) {
	var out Result
	p := planner{program: program, kept: kept{core: core, pages: map[uint64]*page{}}, modules: modules, used: map[uint64]bool{}}
	stacks, err := p.plan(ctx)
	if err != nil {
		return out, err
	}
	out.Frames = map[*module.Module][]uint64{}
	for i := range stacks {
		for _, f := range stacks[i].Frames {
			if f.Module != nil {
				out.Frames[f.Module] = append(out.Frames[f.Module], f.Lookup)
			}
		}
	}
	if p.full {
		out.Problems = append(out.Problems, "more memory was wanted than a small core may have: some is not kept")
	}
	if cut := modules.Guard(func() { out.Bytes = p.write() }); cut != nil {
		return out, fmt.Errorf("a file of the process: %w; try again", cut)
	}
	if err := p.verify(out.Bytes); err != nil {
		return Result{}, fmt.Errorf("the small core is not as it was meant to be, and was thrown away: %w", err)
	}
	return out, p.compare(ctx, &out, stacks)
}

// write lays the small core out and fills it.
func (p *planner) write() []byte {
	segments := p.segments()
	head, size := elfcore.Head(p.core.Machine.ELF, pageSize, segments, p.notes())
	b := make([]byte, size)
	copy(b, head)
	for i := range segments {
		s := &segments[i]
		for at := uint64(0); at < s.FileSize; at += pageSize {
			copy(b[s.Offset+at:], p.filter(s.Address+at, p.pages[s.Address+at]))
		}
	}
	return b
}

// segments lists what the small core holds. Ranges that may be read from files keep their
// place, for it says how far modules reach; other ranges that are not kept are left out, for
// debuggers read zeros where a segment has no bytes.
func (p *planner) segments() (out []elfcore.Segment) {
	addrs := slices.Sorted(maps.Keys(p.pages))
	for i := range p.core.Segments {
		s := &p.core.Segments[i]
		ofFile := s.Flags&elfcore.Writable == 0 && (p.core.Mapping(s.Address) != nil || len(p.core.Files) == 0)
		next, _ := slices.BinarySearch(addrs, s.Address&^(pageSize-1))
		at := s.Address
		for ; next < len(addrs) && addrs[next] < s.End(); next++ {
			a := addrs[next]
			if a < s.Address || a%pageSize != 0 {
				continue
			}
			last := len(out) - 1
			grows := last >= 0 && out[last].Address+out[last].FileSize == a && a == at && a != s.Address
			switch {
			case grows:
				out[last].FileSize += pageSize
				out[last].MemSize += pageSize
			default:
				if ofFile {
					out = gap(out, s, at, a)
				}
				out = append(out, elfcore.Segment{Address: a, MemSize: pageSize, FileSize: pageSize, Flags: s.Flags})
			}
			at = a + pageSize
		}
		if ofFile {
			out = gap(out, s, at, s.End())
		}
	}
	return out
}

// gap adds a range that is not kept: to the kept one before it in its segment, as kernels do.
func gap(out []elfcore.Segment, s *elfcore.Segment, from, to uint64) []elfcore.Segment {
	if from >= to {
		return out
	}
	if last := len(out) - 1; last >= 0 && from > s.Address && out[last].End() == from {
		out[last].MemSize += to - from
		return out
	}
	return append(out, elfcore.Segment{Address: from, MemSize: to - from, Flags: s.Flags})
}
