package symbols

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/dwarf"
)

// maxString is how much of a string is shown.
const maxString = 200

// format shows the bytes of a scalar of type t, little endian, as gdb does.
func (s *Symbolizer) format(b []byte, t *dwarf.Type) string {
	if len(b) > 8 {
		return s.long(b, t)
	}
	var word [8]byte
	copy(word[:], b)
	v := binary.LittleEndian.Uint64(word[:])
	switch t.Kind {
	case dwarf.PointerType:
		return s.pointer(v, t)
	case dwarf.EnumType:
		return enumeration(signed(v, t), t)
	case dwarf.BaseType:
		return base(v, t)
	}
	return fmt.Sprintf("%#x", v)
}

// constant shows DW_AT_const_value.
func (s *Symbolizer) constant(a *dwarf.Attr, t *dwarf.Type) string {
	if !t.Scalar() {
		return "..."
	}
	b := a.Block
	if b == nil {
		b = binary.LittleEndian.AppendUint64(nil, a.Value)
	}
	if uint64(len(b)) < t.Size {
		return unavailable
	}
	return s.format(b[:t.Size], t)
}

// signed gives an integer with the sign that its type has.
func signed(v uint64, t *dwarf.Type) int64 {
	if t.Size == 0 || t.Size >= 8 {
		return int64(v)
	}
	shift := 64 - 8*uint(t.Size)
	// Folklore: gcc calls the integer under an enumeration unsigned unless a
	// value is negative, and writes no encoding before DWARF 4.
	if t.Signed() {
		return int64(v<<shift) >> shift
	}
	return int64(v << shift >> shift)
}

func base(v uint64, t *dwarf.Type) string {
	switch t.Encoding {
	case dwarf.EncodingBoolean:
		switch v {
		case 0:
			return "false"
		case 1:
			return "true"
		}
	case dwarf.EncodingFloat:
		switch t.Size {
		case 4:
			return strconv.FormatFloat(float64(math.Float32frombits(uint32(v))), 'g', -1, 32)
		case 8:
			return strconv.FormatFloat(math.Float64frombits(v), 'g', -1, 64)
		}
		return fmt.Sprintf("%#x", v)
	case dwarf.EncodingSignedChar, dwarf.EncodingUnsignedChar:
		if t.Size == 1 {
			return fmt.Sprintf("%d %s", signed(v, t), character(byte(v)))
		}
	}
	if t.Signed() {
		return strconv.FormatInt(signed(v, t), 10)
	}
	return strconv.FormatUint(v, 10)
}

// character shows a byte as C would write it: 'a', '\n', '\001'.
func character(c byte) string {
	if i := strings.IndexByte("\a\b\t\n\v\f\r\x1b", c); i >= 0 {
		return `'\` + string("abtnvfre"[i]) + `'`
	}
	switch {
	case c == '\'' || c == '\\':
		return `'\` + string(rune(c)) + `'`
	case c >= ' ' && c < 0x7f:
		return "'" + string(rune(c)) + "'"
	}
	return fmt.Sprintf(`'\%03o'`, c)
}

// enumeration shows a value by its name, or by those of its bits if the names
// are bits.
func enumeration(v int64, t *dwarf.Type) string {
	flags := true
	for _, e := range t.Enumerators {
		if e.Value == v {
			return e.Name
		}
		flags = flags && e.Value >= 0 && bits.OnesCount64(uint64(e.Value)) <= 1
	}
	if !flags || v <= 0 {
		return strconv.FormatInt(v, 10)
	}
	var names []string
	rest := v
	for _, e := range t.Enumerators {
		if e.Value != 0 && rest&e.Value != 0 {
			names = append(names, e.Name)
			rest &^= e.Value
		}
	}
	if len(names) == 0 {
		return strconv.FormatInt(v, 10)
	}
	if rest != 0 {
		names = append(names, fmt.Sprintf("unknown: %#x", rest))
	}
	return "(" + strings.Join(names, " | ") + ")"
}

// pointer shows an address, with the function or variable that is there, and
// with the text if that is wanted.
func (s *Symbolizer) pointer(v uint64, t *dwarf.Type) string {
	out := fmt.Sprintf("%#x", v)
	to := t.Element()
	if v == 0 {
		return out
	}
	if to != nil && to.Kind == dwarf.BaseType && to.Size == 1 && s.o.Strings {
		if text, err := s.core.CString(v, maxString); err == nil || text != "" {
			return out + " " + strconv.Quote(text)
		}
	}
	m := s.modules.Find(v)
	im := s.Image(m)
	if im == nil {
		return out
	}
	addr := m.LinkTime(v)
	if to != nil && to.Kind == dwarf.FunctionType {
		if c := im.Code(addr); c.Name != "" && c.Low == addr {
			return out + " <" + c.Name + ">"
		}
		return out
	}
	if name, off := im.object(addr); name != "" {
		if off != 0 {
			return fmt.Sprintf("%s <%s+%d>", out, name, off)
		}
		return out + " <" + name + ">"
	}
	return out
}

// long shows a scalar of more than eight bytes: a long double as a number, what
// else there is in hex.
func (s *Symbolizer) long(b []byte, t *dwarf.Type) string {
	switch {
	case t.Encoding != dwarf.EncodingFloat || len(b) != 16:
		return fmt.Sprintf("0x%x", reverse(b))
	case s.core.Machine.X87:
		return strconv.FormatFloat(x87(b), 'g', -1, 64)
	}
	return strconv.FormatFloat(quad(b), 'g', -1, 64)
}

// quad reads an IEEE 754 binary128, the long double of aarch64. Digits beyond a
// float64 are lost.
func quad(b []byte) float64 {
	low, high := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	// As an x87 number: the hidden bit, and the first 63 bits of the fraction.
	var x [10]byte
	if exponent := uint16(high >> 48 & 0x7fff); exponent != 0 {
		binary.LittleEndian.PutUint64(x[:], 1<<63|high<<16>>1|low>>49)
	}
	binary.LittleEndian.PutUint16(x[8:], uint16(high>>48))
	return x87(x[:])
}

// x87 reads an 80-bit float: 64 bits of mantissa, its first bit included, 15 of
// exponent and the sign (Intel SDM volume 1, 4.2.2). Digits beyond a float64 are lost.
func x87(b []byte) float64 {
	mantissa, exponent := binary.LittleEndian.Uint64(b), int(binary.LittleEndian.Uint16(b[8:]))
	f := math.Ldexp(float64(mantissa), exponent&0x7fff-16383-63)
	switch {
	case exponent&0x7fff == 0x7fff && mantissa<<1 != 0:
		return math.NaN()
	case exponent&0x7fff == 0x7fff:
		f = math.Inf(1)
	}
	if exponent&0x8000 != 0 {
		return -f
	}
	return f
}

func reverse(b []byte) []byte {
	out := make([]byte, len(b))
	for i := range b {
		out[len(b)-1-i] = b[i]
	}
	return out
}
