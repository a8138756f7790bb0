package symbols

import (
	"fmt"
	"strings"

	"github.com/hacrash/hacrash/pkg/elffile"
)

// candidate is the best symbol so far for an address.
type candidate struct {
	symbol elffile.Symbol
	table  elffile.SymbolTable
	score  int
}

func (c *candidate) name() string { return cleanName(c.table.Name(c.symbol)) }

// symbol names the function at a link-time address by symbol tables and, where
// they are silent, by the bounds that call frame information gives.
//
// A sized symbol that holds the address is trusted over the FDE.
//
// Folklore: the FDE of glibc's clone3 starts in the middle of the function. And
// without a symbol table the nearest name below an address is mostly wrong: of a
// stripped HAProxy half of the code has no symbol at all, which is why its own
// traces say main+0x127b5e.
func (im *Image) symbol(addr uint64) (name string, low uint64, named bool) {
	sized, bare := im.candidates(addr)
	if sized.score > 0 {
		return sized.name(), sized.symbol.Address, true
	}
	if im.table != nil {
		if f := im.table.Find(addr); f != nil {
			if bare.score > 0 && bare.symbol.Address >= f.Low {
				return bare.name(), bare.symbol.Address, true
			}
			return fmt.Sprintf("sub_%x", f.Low), f.Low, false
		}
	}
	// Without bounds a name is only near. Hand-written entry points are small.
	const near = 4 << 10
	if bare.score > 0 && addr-bare.symbol.Address < near && bare.symbol.Type == elffile.SymFunc {
		return bare.name(), bare.symbol.Address, true
	}
	return "", 0, false
}

// candidates finds the best symbol that says it holds the address, and the best
// of those before it that do not say how long they are.
func (im *Image) candidates(addr uint64) (sized, bare candidate) {
	for _, t := range im.tables {
		if !im.spend(t) {
			break
		}
		t.Below(addr, &bare.symbol.Address, func(s elffile.Symbol) bool {
			if !s.Defined || s.Absolute || !codeSymbol(s.Type) {
				return true
			}
			c := candidate{s, t, score(s)}
			if s.Size == 0 {
				bare.consider(c)
			} else {
				sized.consider(c)
			}
			return true
		})
	}
	return sized, bare
}

// maxRows is how many rows of symbol tables are looked at for one module: those
// of HAProxy three thousand times.
const maxRows = 1 << 25

// spend tells whether there is work left for one more way through a table. A
// file can be made in which each look-up costs a second.
func (im *Image) spend(t elffile.SymbolTable) bool {
	im.rows += t.Len()
	return im.rows <= maxRows
}

func codeSymbol(typ uint8) bool {
	return typ == elffile.SymFunc || typ == elffile.SymIFunc || typ == elffile.SymNoType
}

// score: functions before labels, global before weak before local.
func score(s elffile.Symbol) int {
	n := 1
	if s.Type != elffile.SymNoType {
		n += 10
	}
	switch s.Bind {
	case elffile.BindGlobal:
		n += 2
	case elffile.BindWeak:
		n++
	}
	return n
}

// consider keeps the nearer symbol, and of several at one address the better.
//
// Folklore: aarch64 and riscv mark code and data by local symbols named $x and
// $d at every boundary; they name nothing.
func (c *candidate) consider(n candidate) {
	if c.score > 0 && (n.symbol.Address < c.symbol.Address || n.symbol.Address == c.symbol.Address && n.score <= c.score) {
		return
	}
	if name := n.table.Name(n.symbol); name == "" || name[0] == '$' {
		return
	}
	*c = n
}

// cleanName takes off the version that the static symbol table of a library has
// in its names: pthread_kill@@GLIBC_2.34.
func cleanName(s string) string {
	if i := strings.IndexByte(s, '@'); i > 0 {
		return s[:i]
	}
	return s
}

// isEntry tells whether a function of that name begins at a link-time address.
// It is asked before Entry: most calls go where they seem to, and to compare
// addresses is much cheaper than names.
func (im *Image) isEntry(addr uint64, name string) (found bool) {
	for _, t := range im.functionTables() {
		if !im.spend(t) {
			break
		}
		floor := addr
		t.Below(addr, &floor, func(s elffile.Symbol) bool {
			found = s.Address == addr && s.Defined && t.Is(s, name)
			return !found
		})
		if found {
			return true
		}
	}
	return false
}

// Entry gives the link-time address of a function by its name; 0 if the module
// does not define it, or several local ones are called so.
func (im *Image) Entry(name string) uint64 {
	if addr, ok := im.entries[name]; ok {
		return addr
	}
	if im.imports(name) {
		im.entries[name] = 0
		return 0
	}
	var addr uint64
	best, same := 0, 0
	for _, t := range im.functionTables() {
		if !im.spend(t) {
			break
		}
		t.Named(name, func(s elffile.Symbol) bool {
			if !s.Defined || s.Type != elffile.SymFunc && s.Type != elffile.SymIFunc || s.Address == addr {
				return true
			}
			switch n := score(s); {
			case n > best:
				best, same, addr = n, 1, s.Address
			case n == best:
				same++
			}
			return true
		})
	}
	if same > 1 {
		addr = 0
	}
	im.entries[name] = addr
	return addr
}

// imports tells that the module calls a function of that name in another one. It
// may still have a local one of the same name, which only its own unit calls.
func (im *Image) imports(name string) (found bool) {
	t := im.file.DynamicSymbols()
	t.Named(name, func(s elffile.Symbol) bool {
		found = !s.Defined
		return !found
	})
	return found
}

// functionTables are the tables that define functions by name. What other
// modules call is in the dynamic symbols, with its plain name.
func (im *Image) functionTables() []elffile.SymbolTable {
	return append(im.tables[:len(im.tables):len(im.tables)], im.file.DynamicSymbols())
}

// object names the variable that holds a link-time address, with the offset in
// it; empty if no sized symbol does.
func (im *Image) object(addr uint64) (name string, offset uint64) {
	for _, t := range im.tables {
		for i := range t.Len() {
			s := t.At(i)
			if s.Type == elffile.SymObject && s.Defined && addr-s.Address < s.Size {
				return cleanName(t.Name(s)), addr - s.Address
			}
		}
	}
	return "", 0
}
