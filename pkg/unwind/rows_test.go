package unwind

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRow runs each instruction, at the address before it takes effect and at
// that where it does.
func TestRow(t *testing.T) {
	// CFA rsp+8, return address at CFA-8, rbx undefined, as the CIE has it.
	initial := []byte{0x0c, 7, 8, 0x90, 1, 0x07, 3}
	rbp := func(r Rule) func(*Row) { return func(row *Row) { row.Rules[6] = r } }
	for _, c := range []struct {
		name         string
		instructions []byte
		change       func(*Row) // what the instructions make of the first row
	}{
		{"nothing", nil, func(*Row) {}},
		{"nop", []byte{0, 0}, func(*Row) {}},
		{"offset", []byte{0x86, 2}, rbp(Rule{Kind: Offset, Offset: -16})},
		{"offset_extended", []byte{0x05, 6, 2}, rbp(Rule{Kind: Offset, Offset: -16})},
		{"offset_extended_sf", []byte{0x11, 6, 0x7e}, rbp(Rule{Kind: Offset, Offset: 16})},
		{"GNU_negative_offset_extended", []byte{0x2f, 6, 2}, rbp(Rule{Kind: Offset, Offset: 16})},
		{"val_offset", []byte{0x14, 6, 2}, rbp(Rule{Kind: ValOffset, Offset: -16})},
		{"val_offset_sf", []byte{0x15, 6, 0x7e}, rbp(Rule{Kind: ValOffset, Offset: 16})},
		{"register", []byte{0x09, 6, 12}, rbp(Rule{Kind: InRegister, Offset: 12})},
		{"same_value", []byte{0x08, 6}, rbp(Rule{Kind: SameValue})},
		{"undefined", []byte{0x07, 6}, rbp(Rule{Kind: Undefined})},
		{"expression", []byte{0x10, 6, 2, 0x77, 8}, rbp(Rule{Kind: Expression, Expr: []byte{0x77, 8}})},
		{"val_expression", []byte{0x16, 6, 2, 0x77, 8}, rbp(Rule{Kind: ValExpression, Expr: []byte{0x77, 8}})},
		{"restore", []byte{0x83, 2, 0x86, 2, 0xc6, 0xc3}, func(*Row) {}},
		{"restore_extended", []byte{0x83, 2, 0x06, 3}, func(*Row) {}},
		{"def_cfa", []byte{0x0c, 6, 16}, func(r *Row) { r.CFARegister, r.CFAOffset = 6, 16 }},
		{"def_cfa_sf", []byte{0x12, 6, 0x7e}, func(r *Row) { r.CFARegister, r.CFAOffset = 6, 16 }},
		{"def_cfa_register", []byte{0x0d, 6}, func(r *Row) { r.CFARegister = 6 }},
		{"def_cfa_offset", []byte{0x0e, 32}, func(r *Row) { r.CFAOffset = 32 }},
		{"def_cfa_offset_sf", []byte{0x13, 0x7c}, func(r *Row) { r.CFAOffset = 32 }},
		{"def_cfa_expression", []byte{0x0f, 2, 0x77, 8}, func(r *Row) { r.CFAExpr = []byte{0x77, 8} }},
		{"register ends expression", []byte{0x0f, 2, 0x77, 8, 0x0d, 6}, func(r *Row) { r.CFARegister = 6 }},
		{"remember and restore", []byte{0x0a, 0x86, 2, 0x0c, 6, 16, 0x0b}, func(*Row) {}},
		{"GNU_args_size", []byte{0x2e, 0x90, 1}, func(*Row) {}},
		{"negate_ra_state", []byte{0x2d}, func(r *Row) { r.SignedRA = true }},
		{"negate_ra_state twice", []byte{0x2d, 0x2d}, func(*Row) {}},
		{"vector register", []byte{0x05, 64, 2}, func(*Row) {}},
	} {
		for advance, instructions := range map[string][]byte{
			"advance_loc": {0x50}, "advance_loc1": {0x02, 16}, "advance_loc2": {0x03, 16, 0}, "advance_loc4": {0x04, 16, 0, 0, 0},
			"set_loc": {0x01, 0x10, 0x10, 0, 0, 0, 0, 0, 0},
		} {
			s := newSection(nil, 0, false)
			cie := &CIE{section: s, CodeAlign: 1, DataAlign: -8, ReturnAddress: 16, instructions: initial}
			f := &FDE{CIE: cie, Low: 0x1000, High: 0x2000, instructions: slices.Concat(instructions, c.instructions)}
			want := Row{CFARegister: 7, CFAOffset: 8}
			want.Rules[16] = Rule{Kind: Offset, Offset: -8}
			want.Rules[3] = Rule{Kind: Undefined}
			if got, err := f.Row(0x100f); err != nil || !cmp.Equal(*got, want) {
				t.Errorf("%s, before %s: %v %s", c.name, advance, err, cmp.Diff(want, *got))
			}
			c.change(&want)
			if got, err := f.Row(0x1010); err != nil || !cmp.Equal(*got, want) {
				t.Errorf("%s, after %s: %v %s", c.name, advance, err, cmp.Diff(want, *got))
			}
		}
	}
}

func TestBadRows(t *testing.T) {
	for _, c := range []struct {
		name         string
		instructions []byte
		want         error
	}{
		{"cut", []byte{0x0c, 7}, errCFICut},
		{"number does not end", slices.Repeat([]byte{0x0e, 0x80, 0x80, 0x80}, 10), errCFICut},
		{"expression is cut", []byte{0x0f, 200, 1, 0x77}, errCFICut},
		{"restore_state alone", []byte{0x0b}, errCFIRemembers},
		{"endless", slices.Repeat([]byte{0x40}, maxInstructions+1), errCFIWork},
		{"unknown", []byte{0x3f}, nil},
		{"nests", slices.Repeat([]byte{0x0a}, 100), nil},
	} {
		cie := &CIE{section: newSection(nil, 0, false), CodeAlign: 1, DataAlign: -8, ReturnAddress: 16}
		f := &FDE{CIE: cie, Low: 0x1000, High: 0x2000, instructions: c.instructions}
		row, err := f.Row(0x1010)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v; want %v", c.name, row, err, c.want)
		}
	}
}

// TestFind finds functions by an index of our own, in both kinds of section.
func TestFind(t *testing.T) {
	for _, c := range []struct {
		addr, low uint64
	}{{0xfff, 0}, {0x1000, 0x1000}, {0x10ff, 0x1000}, {0x1100, 0x1100}, {0x117f, 0x1100}, {0x1180, 0}} {
		s := newSection(frames(), 0x400, false)
		if f := s.find(c.addr); f == nil != (c.low == 0) || f != nil && f.Low != c.low {
			t.Errorf("%#x: %+v; want %#x", c.addr, f, c.low)
		}
	}
	// A search table whose rows are not the truth finds nothing, or the right one.
	s := newSection(frames(), 0x400, false)
	s.table = []byte{0, 0x10, 0, 0, 0xff, 0xff, 0, 0, 0, 0x11, 0, 0, 0, 4, 0, 0}
	s.hdr = 0
	for _, addr := range []uint64{0x1000, 0x1100} {
		if f := s.find(addr); f != nil {
			t.Errorf("%#x: a table that lies finds %+v", addr, f)
		}
	}
}
