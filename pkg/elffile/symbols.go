package elffile

import (
	"bytes"
	"slices"
)

// Symbol types and bindings (st_info, System V gABI chapter 4).
const (
	SymNoType = 0
	SymObject = 1
	SymFunc   = 2
	SymIFunc  = 10

	BindGlobal = 1
	BindWeak   = 2
)

const symSize = 24

// Symbol is a row of a symbol table.
type Symbol struct {
	// Address is link-time; Size in bytes, 0 when not told (assembly).
	Address, Size uint64
	Type, Bind    uint8
	// Defined is false for what the file only refers to; Absolute for values
	// that are no addresses.
	Defined, Absolute bool
	name              uint32
}

// SymbolTable is a symbol table as it lies in the file. Rows are decoded when
// they are asked for: libc has two thousand, a report needs ten.
type SymbolTable struct {
	rows, names []byte
}

// Symbols gives .symtab, the full table that strip removes. It is empty if
// there is none.
func (f *File) Symbols() SymbolTable {
	return SymbolTable{f.Section(".symtab"), f.Section(".strtab")}
}

// DynamicSymbols gives .dynsym, which strip leaves.
func (f *File) DynamicSymbols() SymbolTable {
	return SymbolTable{f.Section(".dynsym"), f.Section(".dynstr")}
}

// Len is the count of rows.
func (t SymbolTable) Len() int { return len(t.rows) / symSize }

// At decodes row i.
func (t SymbolTable) At(i int) Symbol {
	return decodeSymbol(t.rows[i*symSize : (i+1)*symSize])
}

func decodeSymbol(b []byte) Symbol {
	shndx := le.Uint16(b[6:])
	return Symbol{
		Address: le.Uint64(b[8:]), Size: le.Uint64(b[16:]),
		Type: b[4] & 0xf, Bind: b[4] >> 4,
		Defined: shndx != 0, Absolute: shndx == 0xfff1,
		name: le.Uint32(b),
	}
}

// Below gives the symbols that hold a link-time address, and those without a size
// that begin at it or before, but not before floor, until yield says stop. yield
// may raise the floor.
//
// All rows are looked at, but only those are decoded: an index would take longer to
// make than the few look-ups of a report.
func (t SymbolTable) Below(addr uint64, floor *uint64, yield func(Symbol) bool) {
	for b := t.rows; len(b) >= symSize; b = b[symSize:] {
		value, size := le.Uint64(b[8:]), le.Uint64(b[16:])
		if value > addr || size == 0 && value < *floor || size != 0 && addr-value >= size {
			continue
		}
		if !yield(decodeSymbol(b)) {
			return
		}
	}
}

// Named gives the symbols of a name until yield says stop.
//
// Linkers let a name share the end of a longer one, so each place where the table of
// names has it, and a NUL behind it, may be meant. Those are looked for first: to
// compare numbers is cheaper than to go to the name of each row.
func (t SymbolTable) Named(name string, yield func(Symbol) bool) {
	places, all := t.places(name)
	if len(places) == 0 {
		return
	}
	for b := t.rows; len(b) >= symSize; b = b[symSize:] {
		at := le.Uint32(b)
		if _, found := slices.BinarySearch(places, at); !found && (all || at < places[len(places)-1]) {
			continue
		}
		if s := decodeSymbol(b); t.Is(s, name) && !yield(s) {
			return
		}
	}
}

// places gives the offsets of a name in the table of names, sorted; all says that
// there are no more. A file can be made so that there are millions.
func (t SymbolTable) places(name string) (places []uint32, all bool) {
	if name == "" {
		return nil, true
	}
	want := append([]byte(name), 0)
	for at := 0; len(places) < 1<<12; {
		i := bytes.Index(t.names[at:], want)
		if i < 0 {
			return places, true
		}
		places = append(places, uint32(at+i))
		at += i + 1
	}
	return places, false
}

// Name gives the name of a symbol of this table; empty if it has none.
func (t SymbolTable) Name(s Symbol) string {
	if uint64(s.name) >= uint64(len(t.names)) {
		return ""
	}
	return cString(t.names[s.name:])
}

// Is tells whether a symbol of this table has a name.
func (t SymbolTable) Is(s Symbol, name string) bool {
	at := uint64(s.name)
	if at+uint64(len(name)) >= uint64(len(t.names)) {
		return false
	}
	return t.names[at+uint64(len(name))] == 0 && bytes.HasPrefix(t.names[at:], []byte(name))
}
