package value

import (
	"encoding/binary"
	"fmt"

	"github.com/hacrash/hacrash/pkg/dwarf"
)

// Broken says where a list or tree does not hold together, which is itself what
// one looks for: somebody wrote over it, or freed what was still on it.
type Broken struct {
	// Address of the link that is wrong.
	Address uint64
	// How it is wrong, in words.
	How string
}

func (b *Broken) Error() string { return fmt.Sprintf("broken at %#x: %s", b.Address, b.How) }

// List walks a ring of links, as struct list and struct mt_list of HAProxy. Each
// element is the structure in whose member the link lies. It ends after limit
// elements, or when yield says stop; the error is that of Links, or says that the
// version has no such structure.
func (v Value) List(structure, member string, limit int, yield func(Value) bool) error {
	return v.walk(Links, structure, member, limit, yield)
}

// walk gives the structures in whose member what is met lies.
func (v Value) walk(over func(Memory, uint64, int, func(uint64) bool) error, structure, member string, limit int, yield func(Value) bool) error {
	if v.Err() != nil {
		return v.Err()
	}
	t, f, err := v.space.member(structure, member)
	if err != nil {
		return err
	}
	return over(v.space.Memory, v.addr, limit, func(at uint64) bool {
		return yield(Value{space: v.space, typ: t, addr: at - f.Offset})
	})
}

// Links walks a ring of links from its head: each points to the next one first, then
// to the one before, and the last to the head. The error is a *Broken, or says that
// the head is not in memory.
//
// Folklore: an element of an mt_list that a thread is about to change has 1 in
// place of a pointer (MT_LIST_BUSY, import/mt_list.h); a core may well catch it.
func Links(m Memory, head uint64, limit int, yield func(at uint64) bool) error {
	before := head
	at, err := Word(m, head)
	if err != nil {
		return err
	}
	for n := 0; at != head; n++ {
		switch {
		case n >= limit:
			return nil
		case at == busy:
			return &Broken{before, "a thread was about to change it"}
		case at == 0:
			return &Broken{before, "the next element is null"}
		}
		back, err := Word(m, at+8)
		if err != nil {
			return &Broken{before, fmt.Sprintf("the next element, %#x, is not in memory", at)}
		}
		if back != before {
			return &Broken{at, fmt.Sprintf("it points back to %#x, and not to %#x before it", back, before)}
		}
		if !yield(at) {
			return nil
		}
		before = at
		if at, err = Word(m, at); err != nil {
			return &Broken{before, "it is not in memory"}
		}
	}
	return nil
}

// member is the member of a structure by which it is linked to others.
func (s *Space) member(structure, member string) (*dwarf.Type, dwarf.Field, error) {
	t, ok := s.Struct(structure)
	if !ok {
		return nil, dwarf.Field{}, fmt.Errorf("struct %s: %w", structure, ErrType)
	}
	f, ok := t.Field(member)
	if !ok {
		return nil, dwarf.Field{}, fmt.Errorf("%s of struct %s: %w", member, structure, ErrNoField)
	}
	return t, f, nil
}

// busy stands in place of a pointer that a thread is about to change.
const busy = 1

// Chain walks elements of which each points to the next one, up to a null pointer.
// v is the first one.
func (v Value) Chain(member string, limit int, yield func(Value) bool) error {
	seen := map[uint64]bool{}
	for n := 0; n < limit; n++ {
		if v.Err() != nil {
			return v.Err()
		}
		if seen[v.addr] {
			return &Broken{v.addr, "the chain comes back to it"}
		}
		seen[v.addr] = true
		if !yield(v) {
			return nil
		}
		next, err := v.Field(member).Pointer()
		if err != nil {
			return err
		}
		if next == 0 {
			return nil
		}
		v = Value{space: v.space, typ: v.typ, addr: next}
	}
	return nil
}

// Word reads an address from memory.
func Word(m Memory, addr uint64) (uint64, error) {
	var b [8]byte
	if err := (&Space{Memory: m}).read(b[:], addr); err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}
