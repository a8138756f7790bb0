package matched

import (
	"cmp"
	"slices"
)

// relocationTypes are the ones that put addresses into words (psABI of x86-64, 4.4; of AArch64, 5.7).
type relocationTypes struct{ relative, word, entry, stub uint32 }

const relocationSize = 24

// readRelocations finds the words that hold addresses, and what the stubs call.
func (p *Program) readRelocations() {
	p.got, p.stubs = map[uint64]int32{}, map[uint64]int32{}
	types, left := p.decode.relocations(), maxRelocations
	for _, name := range [...]string{".rela.dyn", ".rela.plt"} {
		b := p.file.Section(name)
		for ; len(b) >= relocationSize && left > 0; b, left = b[relocationSize:], left-1 {
			at, info, add := le.Uint64(b), le.Uint64(b[8:]), le.Uint64(b[16:])
			typ, index := uint32(info), info>>32
			if typ == types.relative {
				p.pointers = append(p.pointers, pointer{at, add})
				continue
			}
			if index >= uint64(p.symbols.Len()) || typ != types.word && typ != types.entry && typ != types.stub {
				continue
			}
			s := p.symbols.At(int(index))
			if typ != types.word {
				p.got[at], add = int32(index), 0
			}
			if s.Defined {
				p.pointers = append(p.pointers, pointer{at, s.Address + add})
			}
		}
	}
	p.readPacked(left)
	slices.SortFunc(p.pointers, func(a, b pointer) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.to, b.to)) })
	constructors := sectionOf(p.file, ".init_array")
	for i, q := range p.pointers {
		// The order of constructors is the compiler's own.
		if _, is := p.got[q.at]; is || constructors.holds(q.at) {
			continue
		}
		if k := p.entry(q.to); k >= 0 {
			p.slots = append(p.slots, slot{k, int32(i)})
		}
	}
	slices.SortFunc(p.slots, func(a, b slot) int {
		return cmp.Or(cmp.Compare(a.function, b.function), cmp.Compare(a.pointer, b.pointer))
	})
	for _, name := range [...]string{".plt", ".plt.sec", ".plt.got"} {
		s := sectionOf(p.file, name)
		s.data = s.data[:min(len(s.data), 1<<20)]
		p.decode.stubs(s, func(stub, word uint64) {
			if symbol, is := p.got[word]; is {
				p.stubs[stub] = symbol
			}
		})
	}
}

// readPacked reads .relr.dyn: an address, then words of bits for those that follow it (ELF gABI,
// "Relative relocation table").
func (p *Program) readPacked(left int) {
	var at uint64
	add := func() {
		if b := p.file.At(at); len(b) >= 8 && left > 0 {
			p.pointers = append(p.pointers, pointer{at, le.Uint64(b)})
		}
		at += 8
		left--
	}
	for b := p.file.Section(".relr.dyn"); len(b) >= 8 && left > 0; b = b[8:] {
		word := le.Uint64(b)
		if word&1 == 0 {
			at = word
			add()
			continue
		}
		from := at
		for bits := word >> 1; bits != 0; bits >>= 1 {
			if bits&1 != 0 {
				add()
			} else {
				at += 8
			}
		}
		at = from + 63*8
	}
}

// pointerAt gives the place in pointers of the first one at an address or behind it.
func (p *Program) pointerAt(addr uint64) int {
	i, _ := slices.BinarySearchFunc(p.pointers, addr, func(q pointer, addr uint64) int { return cmp.Compare(q.at, addr) })
	return i
}

// slotsOf are the pointers to a function.
func (p *Program) slotsOf(k int32) []slot {
	i, _ := slices.BinarySearchFunc(p.slots, k, func(s slot, k int32) int { return cmp.Compare(s.function, k) })
	j := i
	for j < len(p.slots) && p.slots[j].function == k {
		j++
	}
	return p.slots[i:j]
}
