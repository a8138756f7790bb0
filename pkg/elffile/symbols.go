package elffile

import "bytes"

// Symbol types and bindings (st_info, System V gABI chapter 4).
const (
	SymNoType = 0
	SymObject = 1
	SymFunc   = 2
	SymIFunc  = 10

	BindLocal  = 0
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
	b := t.rows[i*symSize : (i+1)*symSize]
	shndx := le.Uint16(b[6:])
	return Symbol{
		Address: le.Uint64(b[8:]), Size: le.Uint64(b[16:]),
		Type: b[4] & 0xf, Bind: b[4] >> 4,
		Defined: shndx != 0, Absolute: shndx == 0xfff1,
		name: le.Uint32(b),
	}
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
