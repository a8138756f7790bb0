package symbols

import (
	"strings"
	"sync"

	"github.com/hacrash/hacrash/pkg/dwarf"
	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/symbols/matched"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// Image names the link-time addresses of one module. It is for one goroutine at
// a time.
type Image struct {
	file    *elffile.File
	table   *unwind.Table
	tables  []elffile.SymbolTable // in which functions are looked up
	dwarf   *dwarf.Data           // nil if there is none, or it is not wanted
	memo    map[uint64]*Code
	full    bool                  // tables has all functions
	rows    int                   // of symbol tables that were looked at: see spend
	entries map[string]uint64     // of functions, as far as they were asked for
	namer   func() *matched.Namer // nil if names are not matched
}

// OfModule makes an Image of a module that has a file, with all debug data that can be
// found for it.
func OfModule(m *module.Module) *Image {
	im := bareImage(m)
	im.dwarf = m.DWARF()
	return im
}

// bareImage makes one that reads symbol tables only.
func bareImage(m *module.Module) *Image {
	f := m.File()
	tables, full := symbolTables(m)
	return &Image{
		file: f, table: unwind.NewTable(f, m.Debug), tables: tables, full: full,
		memo: map[uint64]*Code{}, entries: map[string]uint64{},
	}
}

// symbolTables: a full table has everything; without one there are the dynamic
// symbols and, on some distributions, a small table of the rest.
func symbolTables(m *module.Module) (tables []elffile.SymbolTable, full bool) {
	for _, file := range []*elffile.File{m.File(), m.Debug()} {
		if file == nil {
			continue
		}
		if t := file.Symbols(); t.Len() > 0 {
			return []elffile.SymbolTable{t}, true
		}
	}
	if mini := m.Mini(); mini != nil {
		tables, full = append(tables, mini.Symbols()), true
	}
	return append(tables, m.File().DynamicSymbols()), full
}

// Code is what is known of a link-time address.
type Code struct {
	// Name of the function in the machine code that holds it: empty if nothing
	// names it. Low is its link-time start.
	Name string
	Low  uint64
	// Named is false for a name that was made up from the bounds: sub_1234.
	Named bool
	// File and Line of the address itself.
	File string
	Line int
	// Matched is what it is called by its likeness, if it is not Named; Low is then that of the
	// piece of code that holds the address.
	Matched *matched.Match
	// Inlines are the calls that were inlined there, from the outermost inwards.
	Inlines []dwarf.Inline

	function *dwarf.Function
	placed   bool // File and Line were looked up
}

// Code names a link-time address. It is never nil.
func (im *Image) Code(addr uint64) *Code {
	c := im.code(addr)
	if !c.placed {
		c.placed = true
		c.File, c.Line = im.line(addr)
	}
	return c
}

// line gives the file and the line of a link-time address.
func (im *Image) line(addr uint64) (file string, line int) {
	if im.dwarf == nil {
		return "", 0
	}
	if u := im.dwarf.Unit(addr); u != nil { // of assembly: lines, no functions
		return u.Line(addr)
	}
	return "", 0
}

// code is Code but for the line.
func (im *Image) code(addr uint64) *Code {
	if c, ok := im.memo[addr]; ok {
		return c
	}
	c := im.find(addr)
	im.memo[addr] = c
	return c
}

func (im *Image) find(addr uint64) *Code {
	c := &Code{}
	if im.dwarf != nil {
		if f := im.dwarf.Function(addr); f != nil {
			c.function = f
			c.Name, c.Low, c.Named = f.Entry.Name(), f.Low, true
			c.Inlines = f.Inlines(addr)
		}
	}
	if c.Name == "" {
		c.Name, c.Low, c.Named = im.symbol(addr)
	}
	if !c.Named && c.Name != "" {
		c.Matched = im.match(addr)
	}
	if c.Name == "" { // a call that went into data
		if name, off := im.object(addr); name != "" {
			c.Name, c.Low, c.Named = name, addr-off, true
		}
	}
	return c
}

// MatchNames lets functions without a name have one by their likeness, if the program was stripped.
func (im *Image) MatchNames() {
	if im.full || im.dwarf != nil {
		return
	}
	im.namer = sync.OnceValue(func() *matched.Namer { return matched.New(im.file, im.table) })
}

// Expect says which link-time addresses will be asked for. Functions that are matched together
// help each other to their names.
func (im *Image) Expect(addrs []uint64) {
	if im.namer == nil {
		return
	}
	var nameless []uint64
	for _, a := range addrs {
		if name, _, named := im.symbol(a); name != "" && !named {
			nameless = append(nameless, a)
		}
	}
	if len(nameless) == 0 {
		return
	}
	if n := im.namer(); n != nil {
		n.Expect(nameless)
	}
}

// Nameless gives all functions of the module that have no symbol, with their names by likeness;
// nil if these are not looked for, or it is no HAProxy that is known.
func (im *Image) Nameless() []matched.Function {
	if im.namer == nil {
		return nil
	}
	if n := im.namer(); n != nil {
		return n.All()
	}
	return nil
}

// match gives the name by likeness of the function that holds a link-time address; nil if none
// passes.
func (im *Image) match(addr uint64) *matched.Match {
	if im.namer == nil {
		return nil
	}
	n := im.namer()
	if n == nil {
		return nil
	}
	if m, ok := n.Name(addr); ok {
		return &m
	}
	return nil
}

// EntryMatch is EntryName by likeness, of a function that has no name; nil if none passes.
func (im *Image) EntryMatch(addr uint64) *matched.Match {
	if c := im.code(addr); c.Low == addr {
		return c.Matched
	}
	return nil
}

// EntryName names the function that is entered at a link-time address; empty if
// none is known to be.
//
// Folklore: gcc adds suffixes to the names in the symbol table of functions that it
// made of others: .part.0, .lto_priv.0. The debug data has the name in the source.
func (im *Image) EntryName(addr uint64) string {
	if name, low, named := im.symbol(addr); named && low == addr && !strings.Contains(name, ".") {
		return name
	}
	if c := im.code(addr); c.Named && c.Low == addr {
		return c.Name
	}
	return ""
}
