package objects

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/value"
)

// record is an object that is being read.
type record struct {
	p      *Process
	object crash.Object
}

func (p *Process) record(role, typ string, v value.Value) *record {
	return &record{p, crash.Object{Role: role, Type: typ, Address: crash.Addr(v.Address())}}
}

// put adds a field. A member that the version does not have is no field; one that
// cannot be read says why.
func (r *record) put(name, text string, err error) {
	name = r.full(name)
	switch {
	case errors.Is(err, value.ErrNoField):
	case err != nil:
		r.object.Fields = append(r.object.Fields, crash.Field{Name: name, Unavailable: err.Error()})
	default:
		r.object.Fields = append(r.object.Fields, crash.Field{Name: name, Value: text})
	}
}

// full is what a dump calls a field of the object.
func (r *record) full(name string) string {
	switch {
	case r.object.Role != "strm":
		return r.object.Role + "." + name
	case name == "flags":
		return "stream.flags" // "strm.flags" in the form on one line, which has no strm=
	}
	return name
}

// dec adds a number, hex one as HAProxy prints flags of a width in digits.
func (r *record) dec(name string, v value.Value) {
	n, err := v.Int()
	r.put(name, strconv.FormatInt(n, 10), err)
}

// decs adds members that are called as HAProxy calls them.
func (r *record) decs(v value.Value, members ...string) {
	for _, name := range members {
		r.dec(name, v.Field(name))
	}
}

func (r *record) hex(name string, v value.Value, digits int) {
	n, err := v.Uint()
	r.put(name, fmt.Sprintf("0x%0*x", digits, n), err)
}

// flags adds a word of flags of a family that its name alone does not tell.
func (r *record) flags(name, family string, v value.Value) {
	r.hex(name, v, 0)
	r.kind(name, family)
}

// kind says of which family the field is that was added last, if it has that name.
func (r *record) kind(name, family string) {
	if n := len(r.object.Fields); n > 0 && r.object.Fields[n-1].Name == r.full(name) {
		r.object.Fields[n-1].Type = family
	}
}

// value is that of a field that was added, "" if there is none.
func (r *record) value(name string) string {
	for _, f := range r.object.Fields {
		if f.Name == r.full(name) {
			return f.Value
		}
	}
	return ""
}

// pointer adds an address, (nil) as the C library prints it.
func (r *record) pointer(name string, v value.Value) {
	n, err := v.Pointer()
	r.put(name, address(n), err)
}

func address(n uint64) string {
	if n == 0 {
		return "(nil)"
	}
	return fmt.Sprintf("%#x", n)
}

// text adds a text; that of a null pointer is missing.
func (r *record) text(name string, v value.Value, missing string) {
	s, err := v.Text()
	if errors.Is(err, value.ErrNull) {
		s, err = missing, nil
	}
	r.put(name, s, err)
}

// state adds the name of an enumeration's value as a dump has it, most without what
// all names of the enumeration begin with: SC_ST_EST is EST.
func (r *record) state(name string, v value.Value) {
	s, err := v.Enum()
	if short := shortState(s); short != "" {
		s = short
	} else if i := strings.LastIndexByte(s, '_'); i >= 0 {
		s = s[i+1:]
	}
	r.put(name, s, err)
}

// shortState is what a dump calls a state of an HTTP/2 or QUIC connection or stream; ""
// for other enumerations. (HAProxy src/mux_h2.c, include/haproxy/mux_h2-t.h and
// src/mux_quic.c; 2.0 prints the number.)
func shortState(enumerator string) string {
	mux, state, _ := strings.Cut(enumerator, "_")
	if mux != "H2" && mux != "QC" {
		return ""
	}
	switch state {
	case "CS_PREFACE":
		return "PRF"
	case "CS_SETTINGS1":
		return "STG"
	case "CS_FRAME_H", "CS_FRAME_P", "CS_FRAME_A", "CS_FRAME_E":
		return "FR" + state[len(state)-1:]
	case "CS_ERROR", "SS_ERROR":
		return "ERR"
	case "CS_ERROR2":
		return "ER2"
	case "SS_IDLE":
		return "IDL"
	case "SS_RLOC":
		return "RSL"
	case "SS_RREM":
		return "RSR"
	case "SS_OPEN":
		return "OPN"
	case "SS_HREM":
		return "HCR"
	case "SS_HLOC":
		return "HCL"
	case "SS_CLOSED", "SS_CLO":
		return "CLO"
	}
	return ""
}

// function adds what a pointer to code points to.
func (r *record) function(name string, v value.Value) {
	n, err := v.Pointer()
	text := address(n)
	if f := r.p.resolve(n); err == nil && f != "" {
		text = f
	}
	r.put(name, text, err)
}
