package module

import "github.com/hacrash/hacrash/pkg/elffile"

// threadLocal is STT_TLS: the address of such a symbol is an offset in the memory
// of a thread.
const threadLocal = 6

// Symbol finds a function or variable that the module defines, in any of its symbol
// tables. Its address is a link-time one.
func (m *Module) Symbol(name string) (found elffile.Symbol, ok bool) {
	files := []*elffile.File{m.Debug(), m.File()}
	if files[0] == files[1] {
		files = files[1:]
	}
	for _, f := range files {
		if f == nil {
			continue
		}
		t := f.Symbols()
		if t.Len() == 0 { // a full table has the dynamic symbols too
			t = f.DynamicSymbols()
		}
		t.Named(name, func(s elffile.Symbol) bool {
			found, ok = s, s.Defined && s.Type != threadLocal
			return !ok
		})
		if ok {
			return found, true
		}
	}
	return elffile.Symbol{}, false
}
