package unwind

import (
	"encoding/binary"
	"testing"

	"github.com/hacrash/hacrash/pkg/dwarf"
)

// cie and fde write records of .eh_frame. Addresses are absolute, of eight bytes.
func cie(augmentation string, instructions ...byte) []byte {
	body := append([]byte{0, 0, 0, 0, 1}, augmentation...)
	body = append(body, 0, 1, 0x78, 16) // code alignment 1, data alignment -8
	if augmentation != "" {
		body = append(body, 1, 0) // absptr
	}
	return record0(append(body, instructions...))
}

func fde(back uint32, low, size uint64, instructions ...byte) []byte {
	body := binary.LittleEndian.AppendUint32(nil, back)
	body = binary.LittleEndian.AppendUint64(body, low)
	body = binary.LittleEndian.AppendUint64(body, size)
	return record0(append(append(body, 0), instructions...))
}

func record0(body []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(body))), body...)
}

// frames is a section of a CIE and two functions.
func frames() []byte {
	b := cie("zR", 0x0c, 7, 8, 0x90, 1)
	first := uint32(len(b) + 4)
	b = append(b, fde(first, 0x1000, 0x100, 0x41, 0x0e, 16, 0x86, 2, 0x0a, 0x43, 0x0d, 6, 0x0b, 0xc6)...)
	second := uint32(len(b) + 4)
	b = append(b, fde(second, 0x1100, 0x80, 0x2e, 8, 0x0f, 2, 0x77, 8, 0x10, 3, 2, 0x77, 0, 0x2d, 0x2f, 4, 1)...)
	return append(b, 0, 0, 0, 0)
}

// use asks a section for everything at some addresses.
func (s *section) use(addrs ...uint64) {
	for _, a := range addrs {
		f := s.find(a)
		if f == nil {
			continue
		}
		if row, err := f.Row(a); err == nil && row == nil {
			panic("no row and no error")
		}
	}
}

// FuzzTable reads damaged .eh_frame and .debug_frame, with and without a damaged
// search table.
func FuzzTable(f *testing.F) {
	table := []byte{0, 0x10, 0, 0, 20, 0, 0, 0, 0, 0x11, 0, 0, 60, 0, 0, 0}
	f.Add(frames(), table, uint64(0x1005), false)
	f.Add(frames(), []byte(nil), uint64(0x1105), false)
	f.Add(frames(), []byte(nil), uint64(0x1105), true)
	f.Add(append(cie("zPLRSBG"), cie("eh")...), []byte(nil), uint64(0), false)
	f.Fuzz(func(t *testing.T, data, table []byte, addr uint64, debug bool) {
		s := newSection(data, 0x400, debug)
		if len(table) >= 8 && !debug {
			s.table = table[:len(table)/8*8]
		}
		s.use(addr, 0, 0x1000, 0x1005, 0x1100, ^uint64(0))
		own := newSection(data, 0x400, debug)
		own.build()
		for _, e := range own.index[:min(len(own.index), 16)] {
			own.use(e.low, e.high-1)
		}
	})
}

// FuzzRow runs damaged instructions of a CIE and an FDE.
func FuzzRow(f *testing.F) {
	f.Add([]byte{0x0c, 7, 8, 0x90, 1}, []byte{0x41, 0x0e, 16, 0x86, 2, 0x0a, 0x43, 0x0b, 0xc6}, uint64(0x1005))
	f.Add([]byte{0x0c, 7, 8}, []byte{0x0a, 0x0a, 0x0b, 0x0b, 0x0b}, uint64(0x1005))
	f.Add([]byte{0x01, 0, 0, 0, 0, 0, 0, 0, 0}, []byte{0x02, 4, 0x03, 4, 0, 0x04, 4, 0, 0, 0, 0x16, 3, 200, 1}, uint64(0x1fff))
	f.Fuzz(func(t *testing.T, initial, instructions []byte, addr uint64) {
		s := newSection(nil, 0, false)
		c := &CIE{section: s, CodeAlign: 1, DataAlign: -8, ReturnAddress: 16, instructions: initial}
		d := &FDE{CIE: c, Low: 0x1000, High: 0x2000, instructions: instructions}
		row, err := d.Row(addr)
		if err != nil {
			return
		}
		// Its expressions lie within the instructions.
		for _, r := range row.Rules {
			if len(r.Expr) > len(initial)+len(instructions) {
				t.Errorf("expression of %d bytes", len(r.Expr))
			}
			_, _ = dwarf.Evaluate(r.Expr, nowhere{}, nil, 0x7000)
		}
	})
}

// nowhere is a frame of which nothing is known.
type nowhere struct{}

func (nowhere) Register(n uint64) (uint64, error)      { return n, nil }
func (nowhere) Memory([]byte, uint64) error            { return dwarf.ErrUnavailable }
func (nowhere) CFA() (uint64, error)                   { return 0x7000, nil }
func (nowhere) FrameBase() (uint64, error)             { return 0, dwarf.ErrUnavailable }
func (nowhere) EntryValue(dwarf.Given) (uint64, error) { return 0, dwarf.ErrUnavailable }
func (nowhere) Runtime(addr uint64) uint64             { return addr }
