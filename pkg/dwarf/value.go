package dwarf

import (
	"fmt"
)

// maxValue is how many bytes of one value are read.
const maxValue = 1 << 16

// Read gives the bytes of a value of a given size, in bytes, at its location.
// The error wraps ErrOptimizedOut if a part of it has no place, ErrUnavailable
// or one of the context's if it cannot be read.
func (l Location) Read(size uint64, ctx Context) ([]byte, error) {
	if size > maxValue {
		return nil, fmt.Errorf("value of %d bytes: %w", size, ErrUnavailable)
	}
	out := make([]byte, size)
	switch l.Kind {
	case InMemory:
		return out, ctx.Memory(out, l.Address)
	case InRegister:
		if size > 8 {
			return nil, fmt.Errorf("value of %d bytes in one register: %w", size, ErrUnavailable)
		}
		v, err := ctx.Register(l.Register)
		if err != nil {
			return nil, err
		}
		putLittle(out, v)
	case IsValue:
		putLittle(out, l.Value)
	case IsBytes:
		if uint64(len(l.Bytes)) < size {
			return nil, fmt.Errorf("value of %d bytes given with %d: %w", size, len(l.Bytes), errDamaged)
		}
		copy(out, l.Bytes)
	case InPieces:
		return out, l.readPieces(out, ctx)
	default:
		return nil, ErrOptimizedOut
	}
	return out, nil
}

// readPieces puts a value together, bit by bit where pieces are not whole bytes.
func (l Location) readPieces(out []byte, ctx Context) error {
	at := uint64(0)
	want := uint64(len(out)) * 8
	for _, p := range l.Pieces {
		if at >= want {
			return nil
		}
		bits := min(p.Bits, want-at)
		if p.Missing || p.Kind == InPieces {
			return ErrOptimizedOut
		}
		b, err := p.Location.Read((p.Skip+bits+7)/8, ctx)
		if err != nil {
			return err
		}
		for i := range bits {
			from := p.Skip + i
			if b[from/8]>>(from%8)&1 != 0 {
				out[(at+i)/8] |= 1 << ((at + i) % 8)
			}
		}
		at += bits
	}
	if at < want {
		return ErrOptimizedOut
	}
	return nil
}

func putLittle(b []byte, v uint64) { copy(b, le.AppendUint64(nil, v)) }
