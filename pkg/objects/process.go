package objects

import (
	"errors"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/dwarf"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/value"
)

// ErrNoTypes says that nothing describes the structures.
var ErrNoTypes = errors.New("the executable's debug data is not at hand, so its structures are not known; give --exe or --debug-dir")

// ErrNotHAProxy says that the executable has debug data and no streams.
var ErrNotHAProxy = errors.New("the executable's debug data does not describe HAProxy's streams")

// Options of a Process.
type Options struct {
	// Wide lets lookups search all of the debug data, which takes some 15 ms once;
	// else only what the code of streams knows is found, which is enough for a
	// crash.
	Wide bool
	// Numbers is told of the places of numbers, flags and pointers that are read; it may be nil.
	Numbers func(addr, size uint64)
}

// Process is HAProxy in a core as its debug data describes it. It is for one
// goroutine at a time.
type Process struct {
	// Resolve names a runtime address of code, "" if nothing does. It may be nil.
	Resolve func(addr uint64) string

	main  *module.Module
	types *dwarf.Data
	space *value.Space
	// spaces are those of other units, by a link-time address of their code.
	spaces  map[*dwarf.Unit]*value.Space
	symbols map[string]uint64 // those that were looked up; 0 for none
	now     *int64            // clock of the process in milliseconds, when it is known
}

// Open finds the debug data. The error is ErrNoTypes, ErrNotHAProxy, or that the
// executable was cut while it was read. What the Process reads of it is to be read
// within [module.Set.Guard].
func Open(memory value.Memory, modules *module.Set, o Options) (*Process, error) {
	main := modules.Main()
	if main == nil || main.Debug() == nil {
		return nil, ErrNoTypes
	}
	var p *Process
	var err error
	if cut := modules.Guard(func() { p, err = open(memory, main, o) }); cut != nil {
		return nil, cut
	}
	return p, err
}

func open(memory value.Memory, main *module.Module, o Options) (*Process, error) {
	types := main.DWARF()
	if types == nil {
		return nil, ErrNoTypes
	}
	p := &Process{main: main, types: types, spaces: map[*dwarf.Unit]*value.Space{}, symbols: map[string]uint64{}}
	p.space = &value.Space{Memory: memory, Types: types, Wide: o.Wide, Runtime: main.Runtime, Symbol: p.symbol, Numbers: o.Numbers}
	// The code of streams knows the types of nearly all that a stream leads to, that of
	// dumps those of threads.
	//
	// Folklore: gcc describes all that is declared in a unit, clang only what it uses.
	p.space.Near = p.unitOf("process_stream", "stream_dump_and_crash", "stream_new")
	p.space.Then = p.unitOf("ha_panic")
	if _, ok := p.space.Struct("stream"); !ok {
		return nil, ErrNotHAProxy
	}
	return p, nil
}

// unitOf is the unit of the first of some functions that there is; nil if there is none.
func (p *Process) unitOf(functions ...string) *dwarf.Unit {
	for _, name := range functions {
		if addr, ok := p.symbol(name); ok {
			if u := p.types.Unit(addr); u != nil {
				return u
			}
		}
	}
	return nil
}

// symbol finds a function or variable in the symbol table: a link-time address.
func (p *Process) symbol(name string) (addr uint64, ok bool) {
	addr, known := p.symbols[name]
	if !known {
		found, _ := p.main.Symbol(name)
		addr = found.Address
		p.symbols[name] = addr
	}
	return addr, addr != 0
}

// near is the space of the unit that holds a piece of code: there the types are
// known that only one source file has.
func (p *Process) near(code uint64) *value.Space {
	u := p.types.Unit(p.main.LinkTime(code))
	if u == nil || u == p.space.Near {
		return p.space
	}
	s, ok := p.spaces[u]
	if !ok {
		c := *p.space
		c.Near = u
		s = c.Fresh()
		p.spaces[u] = s
	}
	return s
}

// resolve names a runtime address of code.
func (p *Process) resolve(addr uint64) string {
	if p.Resolve == nil || addr == 0 {
		return ""
	}
	return p.Resolve(addr)
}

// maxObjects bounds what one crash leads to.
const maxObjects = 64

// collector gathers objects, each once.
type collector struct {
	p    *Process
	seen map[uint64]bool
	all  []crash.Object
}

// visit says whether an object is to be read: it was not, and there is room.
func (c *collector) visit(v value.Value) bool {
	if !v.Exists() || c.seen[v.Address()] || len(c.all) >= maxObjects {
		return false
	}
	c.seen[v.Address()] = true
	return true
}

func (c *collector) add(r *record) { c.all = append(c.all, r.object) }
