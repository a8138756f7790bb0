package unwind

import "github.com/hacrash/hacrash/pkg/dwarf"

// pointerBase is what encoded pointers are relative to, link-time addresses: of
// the bytes that are read (offset 0 of the cursor), and of .eh_frame_hdr.
type pointerBase struct{ section, data uint64 }

// read reads an encoded pointer (DW_EH_PE_, LSB core generic, 10.5.1). Pointers
// to pointers are not followed: nothing that we need is one.
func (b pointerBase) read(c *dwarf.Cursor, encoding uint8) uint64 {
	const omit = 0xff
	if encoding == omit {
		return 0
	}
	at := b.section + c.Offset()
	var v uint64
	switch encoding & 0x0f {
	case 0x0, 0x4, 0xc: // absptr, udata8, sdata8
		v = c.U64()
	case 0x1: // uleb128
		v = c.ULEB()
	case 0x2: // udata2
		v = uint64(c.U16())
	case 0x3: // udata4
		v = uint64(c.U32())
	case 0x9: // sleb128
		v = uint64(c.SLEB())
	case 0xa: // sdata2
		v = uint64(int64(int16(c.U16())))
	case 0xb: // sdata4
		v = uint64(int64(int32(c.U32())))
	default:
		c.Skip(^uint64(0)) // not an encoding: nothing after it can be read
		return 0
	}
	switch encoding & 0x70 {
	case 0x10: // pcrel
		v += at
	case 0x30: // datarel
		v += b.data
	}
	return v
}
