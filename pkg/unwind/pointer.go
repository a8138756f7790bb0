package unwind

import "github.com/hacrash/hacrash/pkg/dwarf"

// pointerBase is what encoded pointers are relative to, link-time addresses: of
// the bytes that are read (offset 0 of the cursor), and of .eh_frame_hdr.
type pointerBase struct{ section, data uint64 }

// Encodings of a pointer, DW_EH_PE_… (Linux Standard Base, Core, 10.5.1,
// https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/dwarfext.html):
// a form in the low half, what it is relative to in the high one.
const (
	peAbsPtr  = 0x00
	peULEB128 = 0x01
	peUData2  = 0x02
	peUData4  = 0x03
	peUData8  = 0x04
	peSLEB128 = 0x09
	peSData2  = 0x0a
	peSData4  = 0x0b
	peSData8  = 0x0c
	peForm    = 0x0f

	pePCRel    = 0x10
	peDataRel  = 0x30
	peRelative = 0x70

	peOmit = 0xff
)

// read reads an encoded pointer. Pointers to pointers are not followed: nothing that we
// need is one.
func (b pointerBase) read(c *dwarf.Cursor, encoding uint8) uint64 {
	if encoding == peOmit {
		return 0
	}
	at := b.section + c.Offset()
	var v uint64
	switch encoding & peForm {
	case peAbsPtr, peUData8, peSData8:
		v = c.U64()
	case peULEB128:
		v = c.ULEB()
	case peUData2:
		v = uint64(c.U16())
	case peUData4:
		v = uint64(c.U32())
	case peSLEB128:
		v = uint64(c.SLEB())
	case peSData2:
		v = uint64(int64(int16(c.U16())))
	case peSData4:
		v = uint64(int64(int32(c.U32())))
	default:
		c.Skip(^uint64(0)) // not an encoding: nothing after it can be read
		return 0
	}
	switch encoding & peRelative {
	case pePCRel:
		v += at
	case peDataRel:
		v += b.data
	}
	return v
}
