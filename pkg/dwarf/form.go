package dwarf

import "bytes"

// Forms (DWARF 5, table 7.6; the GNU ones in include/dwarf2.def of gcc).
const (
	formAddr          = 0x01
	formBlock2        = 0x03
	formBlock4        = 0x04
	formData2         = 0x05
	formData4         = 0x06
	formData8         = 0x07
	formString        = 0x08
	formBlock         = 0x09
	formBlock1        = 0x0a
	formData1         = 0x0b
	formFlag          = 0x0c
	formSdata         = 0x0d
	formStrp          = 0x0e
	formUdata         = 0x0f
	formRefAddr       = 0x10
	formRef1          = 0x11
	formRef2          = 0x12
	formRef4          = 0x13
	formRef8          = 0x14
	formRefUdata      = 0x15
	formIndirect      = 0x16
	formSecOffset     = 0x17
	formExprloc       = 0x18
	formFlagPresent   = 0x19
	formStrx          = 0x1a
	formAddrx         = 0x1b
	formRefSup4       = 0x1c
	formStrpSup       = 0x1d
	formData16        = 0x1e
	formLineStrp      = 0x1f
	formRefSig8       = 0x20
	formImplicitConst = 0x21
	formLoclistx      = 0x22
	formRnglistx      = 0x23
	formRefSup8       = 0x24
	formStrx1         = 0x25
	formStrx2         = 0x26
	formStrx3         = 0x27
	formStrx4         = 0x28
	formAddrx1        = 0x29
	formAddrx2        = 0x2a
	formAddrx3        = 0x2b
	formAddrx4        = 0x2c
	formGNUAddrIndex  = 0x1f01
	formGNUStrIndex   = 0x1f02
	formGNURefAlt     = 0x1f20
	formGNUStrpAlt    = 0x1f21
)

// formSize is how many bytes a form takes; -1 if that stands in the data, or
// the form is not known.
func (u *Unit) formSize(form uint32) int {
	switch form {
	case formAddr:
		return int(u.addressSize)
	case formData1, formFlag, formRef1, formStrx1, formAddrx1:
		return 1
	case formData2, formRef2, formStrx2, formAddrx2:
		return 2
	case formStrx3, formAddrx3:
		return 3
	case formData4, formRef4, formStrx4, formAddrx4, formRefSup4:
		return 4
	case formData8, formRef8, formRefSig8, formRefSup8:
		return 8
	case formData16:
		return 16
	case formRefAddr:
		if u.version < 3 { // DWARF 2 has addresses there
			return int(u.addressSize)
		}
		return u.offsetSize()
	case formStrp, formSecOffset, formLineStrp, formStrpSup, formGNURefAlt, formGNUStrpAlt:
		return u.offsetSize()
	case formFlagPresent, formImplicitConst:
		return 0
	}
	return -1
}

// readForm reads an attribute's value into a.
func (u *Unit) readForm(c *Cursor, form uint32, implicit int64, a *Attr) {
	a.Form = form
	if n := u.formSize(form); n > 0 && n <= 8 {
		a.Value = c.Uint(n)
		return
	}
	switch form {
	case formFlagPresent:
		a.Value = 1
	case formImplicitConst:
		a.Value = uint64(implicit)
	case formString:
		a.Block = c.CString()
		u.data.spend(len(a.Block) / 64)
	case formBlock1:
		a.Block = c.Bytes(uint64(c.U8()))
	case formBlock2:
		a.Block = c.Bytes(uint64(c.U16()))
	case formBlock4:
		a.Block = c.Bytes(uint64(c.U32()))
	case formBlock, formExprloc:
		a.Block = c.Bytes(c.ULEB())
	case formData16:
		a.Block = c.Bytes(16)
	case formSdata:
		a.Value = uint64(c.SLEB())
	case formUdata, formRefUdata, formStrx, formAddrx, formLoclistx, formRnglistx, formGNUAddrIndex, formGNUStrIndex:
		a.Value = c.ULEB()
	case formIndirect:
		// One level: an indirect that names itself would never end.
		real := uint32(c.ULEB())
		if real == formIndirect || real == formImplicitConst {
			c.fail()
			return
		}
		u.readForm(c, real, 0, a)
	default:
		c.fail()
	}
}

// skipForm passes over a value.
func (u *Unit) skipForm(c *Cursor, form uint32) {
	if n := u.formSize(form); n >= 0 {
		c.Skip(uint64(n))
		return
	}
	var a Attr
	u.readForm(c, form, 0, &a)
}

// address resolves an attribute of class address.
func (u *Unit) address(a *Attr) (uint64, bool) {
	switch a.Form {
	case formAddr:
		return a.Value, true
	case formAddrx, formAddrx1, formAddrx2, formAddrx3, formAddrx4, formGNUAddrIndex:
		return u.addressAt(a.Value)
	}
	return 0, false
}

// addressAt reads row i of the unit's part of .debug_addr.
func (u *Unit) addressAt(i uint64) (uint64, bool) {
	if i > 1<<32 {
		return 0, false
	}
	c := NewCursor(u.data.section(".debug_addr"), u.addrBase)
	c.Skip(i * uint64(u.addressSize))
	v := c.Uint(int(u.addressSize))
	return v, !c.Bad()
}

// maxText is how long a name or a path may be; what is longer is cut. Names of
// C++ templates have some thousand bytes.
const maxText = 8 << 10

// text resolves an attribute of class string; empty if it leads nowhere.
func (u *Unit) text(a *Attr) string {
	b := u.textBytes(a)
	if len(b) > maxText {
		b = b[:maxText]
	}
	if !u.data.keep(len(b)) {
		return ""
	}
	return string(b)
}

// textBytes resolves an attribute of class string. What follows the text may be
// part of the bytes where it is too long; they are not copied.
func (u *Unit) textBytes(a *Attr) []byte {
	at := func(b []byte, off uint64) []byte {
		if off > uint64(len(b)) {
			return nil
		}
		// All names may lie in one string that does not end.
		b = b[off:][:min(uint64(len(b))-off, maxText+1)]
		if i := bytes.IndexByte(b, 0); i >= 0 {
			b = b[:i]
		}
		u.data.spend(1 + len(b)/64)
		return b
	}
	switch a.Form {
	case formString:
		return a.Block
	case formStrp:
		return at(u.data.section(".debug_str"), a.Value)
	case formLineStrp:
		return at(u.data.section(".debug_line_str"), a.Value)
	case formStrpSup, formGNUStrpAlt:
		if u.data.alt == nil {
			return nil
		}
		return at(u.data.alt.section(".debug_str"), a.Value)
	case formStrx, formStrx1, formStrx2, formStrx3, formStrx4, formGNUStrIndex:
		if a.Value > 1<<32 {
			return nil
		}
		c := NewCursor(u.data.section(".debug_str_offsets"), u.strOffsets)
		c.Skip(a.Value * uint64(u.offsetSize()))
		off := c.Uint(u.offsetSize())
		if c.Bad() {
			return nil
		}
		return at(u.data.section(".debug_str"), off)
	}
	return nil
}
