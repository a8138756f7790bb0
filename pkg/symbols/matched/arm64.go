package matched

// arm64 reads AArch64: an address is formed by adrp, which loads that of a page, and an add or a
// load with the rest.
type arm64 struct{}

func (arm64) relocations() relocationTypes {
	return relocationTypes{relative: 1027, word: 257, entry: 1025, stub: 1026}
}

func (d arm64) stubs(s section, visit func(stub, word uint64)) {
	d.pages(s.data, s.addr, func(i int, to uint64, how reference) {
		if how == content {
			stub := s.addr + uint64(i-4)
			visit(stub, to)
			visit(stub&^15, to)
		}
	})
}

// near28 and near21 are where a branch of 26 or 19 bits at an address goes.
func near28(at uint64, w uint32) uint64 { return at + uint64(int64(int32(w<<6))>>6<<2) }
func near21(at uint64, w uint32) uint64 { return at + uint64(int64(int32(w<<8))>>13<<2) }

func (d arm64) edges(p *Program, k int32, visit func(to uint64, how reference)) {
	f := &p.functions[k]
	code := p.text.data[f.start-p.text.addr : f.end-p.text.addr]
	for i := 0; i+4 <= len(code); i += 4 {
		w, at := le.Uint32(code[i:]), f.start+uint64(i)
		to, how := uint64(0), jumped
		switch {
		case w>>26 == 0x25:
			to, how = near28(at, w), called
		case w>>26 == 5:
			to = near28(at, w)
		case w>>24 == 0x54, w>>25&0x3f == 0x1a: // b.cond, cbz, cbnz
			to = near21(at, w)
		default:
			continue
		}
		if to-f.start >= f.end-f.start && p.text.holds(to) && (how == jumped || p.begins(to-p.text.addr)) {
			visit(to, how)
		}
	}
	d.pages(code, f.start, func(_ int, to uint64, how reference) {
		if how == taken && p.begins(to-p.text.addr) {
			visit(to, taken)
		}
	})
}

func (d arm64) references(code []byte, at uint64, visit func(to uint64, how reference)) {
	for i := 0; i+4 <= len(code); i += 4 {
		if w := le.Uint32(code[i:]); w>>26&0x1f == 5 {
			visit(near28(at+uint64(i), w), called)
		}
	}
	d.pages(code, at, func(_ int, to uint64, how reference) { visit(to, how) })
}

// pages follows what adrp leaves in registers through straight code. i is the offset of the
// instruction that completes an address.
func (arm64) pages(code []byte, start uint64, visit func(i int, to uint64, how reference)) {
	var page [32]uint64
	for i := 0; i+4 <= len(code); i += 4 {
		w := le.Uint32(code[i:])
		from := page[w>>5&31]
		switch {
		case w&0x9f000000 == 0x90000000: // adrp
			n := int64(int32(w<<8))>>13<<2 | int64(w>>29&3)
			page[w&31] = (start+uint64(i))&^0xfff + uint64(n<<12)
		case w>>22 == 0x91000000>>22: // add xd, xn, #imm12
			page[w&31] = 0
			if from != 0 {
				visit(i, from+uint64(w>>10&0xfff), taken)
			}
		case w&0x3b000000 == 0x39000000: // ldr, str of any size, unsigned offset
			if from != 0 {
				visit(i, from+uint64(w>>10&0xfff)<<(w>>30), content)
			}
		}
	}
}
