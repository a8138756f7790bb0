package matched

import "slices"

// Kinds of what a function refers to, the first byte of what is hashed.
const (
	isString = 'S'
	isImport = 'C'
	isObject = 'D'
	isTable  = 'P' // it stands in an exported variable
	inRow    = 'R' // a string stands near it in a table
)

const (
	hashBits   = 24
	hashLength = hashBits / 8
)

// hash is FNV-1a, folded to 24 bits.
func hash(kind byte, s []byte) uint32 {
	h := (uint32(2166136261) ^ uint32(kind)) * 16777619
	for _, c := range s {
		h = (h ^ uint32(c)) * 16777619
	}
	return (h ^ h>>hashBits) & (1<<hashBits - 1)
}

// hashString hashes a string of the program without line numbers.
//
// Folklore: "src/mux_h2.c:1234" is what tells h2_process from h1_process; it has another line in
// each release.
func hashString(kind byte, s []byte) uint32 {
	for i := 0; i+3 < len(s); i++ {
		if s[i] != '.' || s[i+1] != 'c' && s[i+1] != 'h' || s[i+2] != ':' || !digit(s[i+3]) {
			continue
		}
		plain := append(make([]byte, 0, len(s)), s[:i+3]...)
		for i += 3; i < len(s) && digit(s[i]); {
			i++
		}
		return hash(kind, append(append(plain, '#'), s[i:]...))
	}
	return hash(kind, s)
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// maxString is the longest string that is told from data.
const maxString = 1000

// stringAt gives the string at a link-time address; nil if there is none of at least so many bytes.
func (p *Program) stringAt(addr uint64, least int) []byte {
	if !p.rodata.holds(addr) {
		return nil
	}
	b := p.rodata.data[addr-p.rodata.addr:]
	for i, c := range b[:min(len(b), maxString)] {
		switch {
		case c == 0 && i >= least:
			return b[:i]
		case c >= 127, c < 32 && c != '\t' && c != '\n' && c != '\r' && c != 27:
			return nil
		}
	}
	return nil
}

// featuresOf gives the hashes of what a function and its pieces refer to, sorted.
func (p *Program) featuresOf(k int32) []uint32 {
	f := &p.functions[k]
	if !f.collected {
		f.collected = true
		f.features = p.collect(k)
	}
	return f.features
}

func (p *Program) collect(k int32) (out []uint32) {
	for _, part := range append([]int32{k}, p.cut[k]...) {
		f := &p.functions[part]
		if !p.spend(4 * int(f.end-f.start)) {
			break
		}
		p.decode.references(p.text.data[f.start-p.text.addr:f.end-p.text.addr], f.start, func(to uint64, how reference) {
			if h, is := p.reference(to, how); is {
				out = append(out, h)
			}
		})
	}
	for _, s := range p.slotsOf(k) {
		out = append(out, p.row(s)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

const leastString = 3

// reference hashes what code refers to.
func (p *Program) reference(to uint64, how reference) (h uint32, is bool) {
	symbol, found := p.stubs[to]
	switch {
	case p.text.holds(to):
		return 0, false
	case how == taken && p.rodata.holds(to):
		if s := p.stringAt(to, leastString); s != nil {
			return hashString(isString, s), true
		}
	case found:
		return p.hashSymbol(isImport, symbol), true
	case how == called:
		return 0, false
	}
	if symbol, is := p.got[to]; is {
		return p.hashSymbol(isImport, symbol), true
	}
	if symbol := p.objectAt(to); symbol >= 0 {
		return p.hashSymbol(isObject, symbol), true
	}
	return 0, false
}

func (p *Program) hashSymbol(kind byte, symbol int32) uint32 {
	return hash(kind, []byte(p.symbolName(symbol)))
}

// row hashes what stands around a pointer to a function: the variable that it is part of, and
// strings, by their distance: the keyword that an action is registered for.
func (p *Program) row(s slot) (out []uint32) {
	at := p.pointers[s.pointer].at
	if symbol := p.objectAt(at); symbol >= 0 {
		out = append(out, p.hashSymbol(isTable, symbol))
	}
	for i := p.pointerAt(at - maxApart); i < len(p.pointers) && p.pointers[i].at <= at+maxApart; i++ {
		q := p.pointers[i]
		if text := p.stringAt(q.to, 1); text != nil {
			distance := byte(q.at-at) / 8
			out = append(out, hashString(inRow^distance<<3, text))
		}
	}
	return out
}
