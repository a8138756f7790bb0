package matched

// decoder reads the code of a machine: not instruction by instruction, but every place that has
// the shape of one that refers to an address. A reference to something real tells; what only
// looks like one hits nothing.
type decoder interface {
	relocations() relocationTypes
	// stubs gives the stubs of a procedure linkage table with the word that each jumps by.
	stubs(s section, visit func(stub, word uint64))
	// edges finds the calls, jumps and taken addresses of functions in the code of function k.
	edges(p *Program, k int32, visit func(to uint64, how reference))
	// references finds the addresses of data in code that begins at an address.
	references(code []byte, at uint64, visit func(to uint64, how reference))
}

// reference is how code refers to an address.
type reference uint8

const (
	called  reference = iota
	jumped            // to it, or into it
	taken             // the address is loaded
	content           // what stands there is loaded, stored or called
)

type amd64 struct{}

func (amd64) relocations() relocationTypes {
	return relocationTypes{relative: 8, word: 1, entry: 6, stub: 7}
}

// stubs: jmp *word(%rip), in a stub of 16 bytes, or of 8 in .plt.got.
func (amd64) stubs(s section, visit func(stub, word uint64)) {
	for i := 0; i+6 <= len(s.data); i++ {
		if s.data[i] == 0xff && s.data[i+1] == 0x25 {
			word := s.addr + uint64(i+6) + uint64(int64(int32(le.Uint32(s.data[i+2:]))))
			visit(s.addr+uint64(i&^7), word)
			visit(s.addr+uint64(i&^15), word)
		}
	}
}

// Classes of bytes that may stand before a distance of 32 bits.
const (
	opNone = iota
	opCall
	opJump
	opConditional
	opAddress
)

// amd64Classes are those of all bytes.
var amd64Classes = func() (class [256]uint8) {
	class[0xe8], class[0xe9] = opCall, opJump
	for c := 0x80; c < 0x90; c++ {
		class[c] = opConditional
	}
	for c := 5; c < 64; c += 8 {
		class[c] = opAddress
	}
	return class
}()

func (amd64) edges(p *Program, k int32, visit func(to uint64, how reference)) {
	f := &p.functions[k]
	text, size := p.text.data, f.end-f.start
	begin := int(f.start - p.text.addr)
	end := int(f.end - p.text.addr)
	for i := begin; i+5 <= end; i++ {
		class := amd64Classes[text[i]]
		if class == opNone {
			continue
		}
		to := uint64(int64(i+5) + int64(int32(le.Uint32(text[i+1:]))))
		if to >= uint64(len(text)) {
			continue
		}
		switch class {
		case opCall:
			if p.begins(to) {
				visit(to+p.text.addr, called)
			}
		case opAddress:
			if i > begin && text[i-1] == 0x8d && p.begins(to) {
				visit(to+p.text.addr, taken)
			}
		case opConditional:
			if i == begin || text[i-1] != 0x0f {
				continue
			}
			fallthrough
		case opJump:
			if to-uint64(begin) >= size {
				visit(to+p.text.addr, jumped)
			}
		}
	}
}

// amd64Immediate tells whether a number may stand behind the distance of an instruction.
func amd64Immediate(op byte) bool {
	switch op {
	case 0x80, 0x81, 0x83, 0xc6, 0xc7, 0xf6, 0xf7:
		return true
	}
	return false
}

func (amd64) references(code []byte, at uint64, visit func(to uint64, how reference)) {
	for i := 1; i+5 <= len(code); i++ {
		c := code[i]
		branch := c == 0xe8 || c == 0xe9
		if c&0xc7 != 5 && !branch {
			continue
		}
		to := at + uint64(i+5) + uint64(int64(int32(le.Uint32(code[i+1:]))))
		switch op := code[i-1]; {
		case branch:
			visit(to, called)
		case op == 0x8d:
			visit(to, taken)
		default:
			visit(to, content)
			if amd64Immediate(op) {
				visit(to+1, content)
				visit(to+4, content)
			}
		}
	}
}
