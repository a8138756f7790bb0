package dwarf

import (
	std "debug/dwarf"
	"errors"
)

// Why a value cannot be told. Errors of this package wrap one of these, or say
// that the debug data is damaged.
var (
	// ErrOptimizedOut: the compiler kept no place for it here.
	ErrOptimizedOut = errors.New("optimized out")
	// ErrUnavailable: it has a place, but what is needed to read it is lost.
	ErrUnavailable = errors.New("unavailable")
)

var errDamaged = errors.New("damaged debug data")

// Expression gives the location expression of an attribute at a link-time
// address: the attribute's own bytes, or those of the entry of its list that
// covers the address.
func (u *Unit) Expression(a *Attr, addr uint64) ([]byte, error) {
	if a.isBlock() {
		if len(a.Block) == 0 {
			return nil, ErrOptimizedOut
		}
		return a.Block, nil
	}
	if u.version >= 5 {
		return u.locationList(a, addr)
	}
	if u.skeleton != nil {
		return u.splitLocations(a.Value, addr)
	}
	return u.oldLocations(a.Value, addr)
}

// locationList reads a list of .debug_loclists (DWARF 5, 2.6.2 and 7.29).
func (u *Unit) locationList(a *Attr, addr uint64) ([]byte, error) {
	b := u.data.section(".debug_loclists")
	off, ok := u.listOffset(b, a, formLoclistx, u.locBase)
	if !ok {
		return nil, errDamaged
	}
	base := u.low
	var fallback []byte
	for c := NewCursor(b, off); !c.Bad() && u.data.spend(1); {
		kind := c.U8()
		switch {
		case kind == 0:
			if fallback == nil {
				return nil, ErrOptimizedOut
			}
			return fallback, nil
		case kind == 5: // default_location
			fallback = c.Bytes(c.ULEB())
			continue
		case kind == 9: // view_pair (GNU)
			c.ULEB()
			c.ULEB()
			continue
		case kind > 5:
			kind-- // base_address, start_end, start_length as in a range list
		}
		low, high, isBase, ok := u.rangeEntry(&c, kind, base)
		if !ok {
			return nil, errDamaged
		}
		if isBase {
			base = low
			continue
		}
		x := c.Bytes(c.ULEB())
		if addr >= low && addr < high && !c.Bad() {
			return notEmpty(x)
		}
	}
	return nil, errDamaged
}

// oldLocations reads a list of .debug_loc (DWARF 4, 2.6.2).
func (u *Unit) oldLocations(off, addr uint64) ([]byte, error) {
	size := int(u.addressSize)
	base, last := u.low, ^uint64(0)>>(64-8*size)
	for c := NewCursor(u.data.section(".debug_loc"), off); !c.Bad() && u.data.spend(1); {
		low, high := c.Uint(size), c.Uint(size)
		if low == 0 && high == 0 && !c.Bad() {
			return nil, ErrOptimizedOut
		}
		if low == last {
			base = high
			continue
		}
		x := c.Bytes(uint64(c.U16()))
		if addr >= base+low && addr < base+high && !c.Bad() {
			return notEmpty(x)
		}
	}
	return nil, errDamaged
}

func notEmpty(x []byte) ([]byte, error) {
	if len(x) == 0 {
		return nil, ErrOptimizedOut
	}
	return x, nil
}

// FrameBase gives the expression of DW_AT_frame_base at a link-time address.
func (f *Function) FrameBase(addr uint64) ([]byte, error) {
	a := f.Entry.Attr(std.AttrFrameBase)
	if a == nil {
		return nil, ErrUnavailable
	}
	return f.Unit.Expression(a, addr)
}
