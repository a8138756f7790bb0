package value

import (
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

// List walks a ring of links, as struct list and struct mt_list of HAProxy (an
// element points to the next one first, then to the one before, and the last to the
// head). Each element is the structure in whose member the link lies. It ends after
// limit elements, or when yield says stop; the error is a *Broken, or says that the
// head cannot be had.
//
// Folklore: an element of an mt_list that a thread is about to change has 1 in
// place of a pointer (MT_LIST_BUSY, import/mt_list.h); a core may well catch it.
func (v Value) List(structure, member string, limit int, yield func(Value) bool) error {
	if v.Err() != nil {
		return v.Err()
	}
	t, f, err := v.space.member(structure, member)
	if err != nil {
		return err
	}
	head := v.addr
	before := head
	at, err := v.space.word(head)
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
		back, err := v.space.word(at + 8)
		if err != nil {
			return &Broken{before, fmt.Sprintf("the next element, %#x, is not in memory", at)}
		}
		if back != before {
			return &Broken{at, fmt.Sprintf("it points back to %#x, and not to %#x before it", back, before)}
		}
		if !yield(Value{space: v.space, typ: t, addr: at - f.Offset}) {
			return nil
		}
		before = at
		if at, err = v.space.word(at); err != nil {
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

// word reads eight bytes.
func (s *Space) word(addr uint64) (uint64, error) {
	return Value{space: s, addr: addr}.number(8)
}
