package value

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/hacrash/hacrash/pkg/dwarf"
)

// Memory is that of the process: b is filled from a runtime address; fewer bytes come
// with an error.
type Memory interface {
	ReadMemory(b []byte, addr uint64) (int, error)
}

// Space is a process as the debug data of its executable describes it. It is for one
// goroutine at a time, as dwarf.Data is.
type Space struct {
	Memory Memory
	Types  *dwarf.Data
	// Near is the unit in which types and variables are looked up first; the whole
	// program is searched only if Wide is set, which takes some milliseconds once.
	// Then is looked up in before that; it may be nil.
	Near, Then *dwarf.Unit
	Wide       bool
	// Runtime turns a link-time address of the executable into a runtime one.
	Runtime func(addr uint64) uint64
	// Symbol finds a variable in the symbol table, for variables that the unit at
	// hand only declares: a link-time address. It may be nil.
	Symbol func(name string) (addr uint64, ok bool)
	// Numbers is told of the places of numbers and pointers that are read, and of nothing
	// else that is; it may be nil.
	Numbers func(addr, size uint64)

	structs map[string]*dwarf.Type
}

// Fresh is a copy that has looked up nothing yet, for a change of Near.
func (s *Space) Fresh() *Space {
	c := *s
	c.structs = nil
	return &c
}

// Struct finds a structure or union by its tag.
func (s *Space) Struct(tag string) (*dwarf.Type, bool) {
	if t, ok := s.structs[tag]; ok {
		return t, t != nil
	}
	if s.structs == nil {
		s.structs = map[string]*dwarf.Type{}
	}
	s.structs[tag] = nil
	e := s.named(dwarf.TagName, tag)
	if e == nil {
		return nil, false
	}
	t := e.TypeOf()
	if t.Kind != dwarf.StructType && t.Kind != dwarf.UnionType {
		return nil, false
	}
	s.structs[tag] = t
	return t, true
}

// EnumNames are the names of an enumeration by its tag; nil when it is not known.
func (s *Space) EnumNames(tag string) []dwarf.Enumerator {
	e := s.named(dwarf.TagName, tag)
	if e == nil {
		return nil
	}
	return e.TypeOf().Enumerators
}

func (s *Space) named(kind dwarf.NameKind, name string) *dwarf.Entry {
	for _, u := range [...]*dwarf.Unit{s.Near, s.Then} {
		if u == nil {
			continue
		}
		if e := u.Near(kind, name); e != nil {
			return e
		}
	}
	if !s.Wide {
		return nil
	}
	return s.Types.Named(kind, name, nil)
}

// complete is the definition of a structure that is only declared where it is used.
func (s *Space) complete(t *dwarf.Type) *dwarf.Type {
	if !t.Incomplete || t.Tag == "" {
		return t
	}
	if whole, ok := s.Struct(t.Tag); ok {
		return whole
	}
	return t
}

// At takes what is at an address for a structure.
func (s *Space) At(tag string, addr uint64) Value {
	if addr == 0 {
		return failed("struct %s: %w", tag, ErrNull)
	}
	t, ok := s.Struct(tag)
	if !ok {
		return failed("struct %s: the debug data does not describe it: %w", tag, ErrType)
	}
	return Value{space: s, typ: t, addr: addr}
}

// Of takes what is at an address for a value of a type.
func (s *Space) Of(t *dwarf.Type, addr uint64) Value {
	if t == nil {
		return failed("value at %#x: %w", addr, ErrType)
	}
	return Value{space: s, typ: s.complete(t), addr: addr}
}

// Global is a variable of the executable.
func (s *Space) Global(name string) Value {
	e := s.named(dwarf.VariableName, name)
	if e == nil {
		return failed("variable %s: %w", name, ErrNoField)
	}
	addr, ok := e.Variable()
	if !ok && s.Symbol != nil {
		addr, ok = s.Symbol(name)
	}
	if !ok && s.Wide {
		if e := s.Types.Named(dwarf.VariableName, name, nil); e != nil {
			addr, ok = e.Variable()
		}
	}
	if !ok {
		return failed("variable %s: it has no fixed address: %w", name, ErrUnavailable)
	}
	return Value{space: s, typ: s.complete(e.Type()), addr: s.Runtime(addr)}
}

// text is the text at an address, up to its NUL; of one of more than 4 kB the
// beginning.
func (s *Space) text(addr uint64) (string, error) {
	var out []byte
	for len(out) < maxText {
		// Up to the next page: the one behind it may not be there.
		b := make([]byte, min(256-addr%256, uint64(maxText-len(out))))
		n, err := s.Memory.ReadMemory(b, addr)
		if len(out) == 0 && redacted(b[:min(4, n)]) {
			return "", fmt.Errorf("text: %w", ErrRedacted)
		}
		if i := bytes.IndexByte(b[:n], 0); i >= 0 {
			return string(append(out, b[:i]...)), nil
		}
		if err != nil || n < len(b) {
			return "", unavailable(addr+uint64(n), err)
		}
		out = append(out, b...)
		addr += uint64(n)
	}
	return string(out), nil
}

// read fills b.
func (s *Space) read(b []byte, addr uint64) error {
	if s == nil || s.Memory == nil {
		return ErrUnavailable
	}
	if n, err := s.Memory.ReadMemory(b, addr); err != nil || n < len(b) {
		return unavailable(addr, err)
	}
	return nil
}

func unavailable(addr uint64, err error) error {
	if err == nil || errors.Is(err, ErrUnavailable) {
		return fmt.Errorf("at %#x: %w", addr, ErrUnavailable)
	}
	return fmt.Errorf("at %#x: %w: %w", addr, ErrUnavailable, err)
}
