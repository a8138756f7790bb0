package unwind

import (
	"fmt"
	"testing"

	"github.com/hacrash/hacrash/pkg/dwarf"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/machine"
)

// TestPointers reads each encoding.
func TestPointers(t *testing.T) {
	base := pointerBase{section: 0x1000, data: 0x2000}
	for _, c := range []struct {
		encoding uint8
		bytes    string
		want     uint64
		bad      bool
	}{
		{peAbsPtr, "\x01\x02\x03\x04\x05\x06\x07\x08", 0x0807060504030201, false},
		{peUData8, "\x01\x00\x00\x00\x00\x00\x00\x00", 1, false},
		{peSData8, "\xff\xff\xff\xff\xff\xff\xff\xff", ^uint64(0), false},
		{peULEB128, "\x90\x01", 0x90, false},
		{peSLEB128, "\x7f", ^uint64(0), false},
		{peUData2, "\xff\xff", 0xffff, false},
		{peSData2, "\xff\xff", ^uint64(0), false},
		{peUData4, "\xff\xff\xff\xff", 0xffffffff, false},
		{peSData4, "\xff\xff\xff\xff", ^uint64(0), false},
		{peSData4 | pePCRel, "\x10\x00\x00\x00", 0x1010, false},
		{peSData4 | peDataRel, "\xf0\xff\xff\xff", 0x1ff0, false},
		{peOmit, "", 0, false},
		{0x07, "\x01\x02\x03\x04\x05\x06\x07\x08", 0, true},
		{peUData4, "\x01\x02", 0, true},
	} {
		cursor := dwarf.NewCursor([]byte(c.bytes), 0)
		got := base.read(&cursor, c.encoding)
		if cursor.Bad() != c.bad || !c.bad && (got != c.want || cursor.Left() != 0) {
			t.Errorf("%#x of % x is %#x, bad %v, %d left; want %#x, %v", c.encoding, c.bytes, got, cursor.Bad(), cursor.Left(), c.want, c.bad)
		}
	}
}

// TestCIEs reads what announces what follows, and what nobody can read.
func TestCIEs(t *testing.T) {
	for _, c := range []struct {
		name string
		body string // after the id
		want bool
	}{
		{"version 1", "\x01\x00\x01\x78\x10", true},
		{"version 3", "\x03\x00\x01\x78\x10", true},
		{"version 4", "\x04\x00\x08\x00\x01\x78\x10", true},
		{"version 4, addresses of four bytes", "\x04\x00\x04\x00\x01\x78\x10", false},
		{"version 5", "\x05\x00\x01\x78\x10", false},
		{"of gcc 2", "\x01eh\x00\x01\x78\x10", false},
		{"zPLRSBG", "\x01zPLRSBG\x00\x01\x78\x10\x07\x03\x00\x00\x00\x00\x1b\x1b", true},
		{"a letter that nobody knows, sized", "\x01zX\x00\x01\x78\x10\x02\x00\x00", true},
		{"a letter that nobody knows", "\x01X\x00\x01\x78\x10", false},
		{"the return address in a vector", "\x03\x00\x01\x78\x40", false},
		{"cut", "\x01zR\x00\x01\x78\x10\x01", false},
	} {
		b := record0(append([]byte{0, 0, 0, 0}, c.body...))
		if got := newSection(b, 0, false).cie(0) != nil; got != c.want {
			t.Errorf("%s: read %v, want %v", c.name, got, c.want)
		}
	}
}

// TestRecover finds a register by each rule.
func TestRecover(t *testing.T) {
	thread := &elfcore.Thread{Registers: elfcore.Registers{Machine: machine.AMD64}}
	u := &Unwinder{machine: machine.AMD64, thread: thread}
	f := &Frame{CFA: 0x7000}
	f.Registers.set(3, 33)
	f.Registers.set(10, 44)
	for _, c := range []struct {
		n    uint64
		rule Rule
		want uint64
		ok   bool
	}{
		{3, Rule{}, 33, true},                 // a function leaves it as it was
		{10, Rule{}, 0, false},                // it may use this one
		{10, Rule{Kind: SameValue}, 44, true}, // but says that it did not
		{3, Rule{Kind: Undefined}, 0, false},  //
		{3, Rule{Kind: InRegister, Offset: 10}, 44, true},
		{3, Rule{Kind: InRegister, Offset: 11}, 0, false},
		{3, Rule{Kind: ValOffset, Offset: -16}, 0x6ff0, true},
		{3, Rule{Kind: ValExpression, Expr: []byte{0x23, 8}}, 0x7008, true}, // DW_OP_plus_uconst: the CFA is on the stack
		{3, Rule{Kind: ValExpression, Expr: []byte{0x7a, 1}}, 45, true},     // DW_OP_breg10
		{3, Rule{Kind: ValExpression, Expr: []byte{0x7b, 1}}, 0, false},     // DW_OP_breg11, which is not known
		{3, Rule{Kind: ValExpression, Expr: []byte{0x50}}, 0, false},        // DW_OP_reg0 is no address
		{7, Rule{}, 0, false},
		{16, Rule{}, 0, false},
	} {
		row := &Row{}
		row.Rules[c.n] = c.rule
		if got, ok, err := u.recover(f, row, c.n); got != c.want && ok || ok != c.ok || ok && err != nil {
			t.Errorf("%d by %+v: %#x, %v, %v; want %#x, %v", c.n, c.rule, got, ok, err, c.want, c.ok)
		}
	}
	u.work = maxWork
	if _, err := u.evaluate(f, []byte{0x7a, 1}); err != errWork {
		t.Errorf("an expression beyond the budget: %v", err)
	}
}

// TestDoubt: what a library may have changed serves to unwind with, and is not shown.
func TestDoubt(t *testing.T) {
	u := &Unwinder{machine: machine.ARM64}
	var f Frame
	for _, n := range []uint64{5, 19, machine.ARM64.Link} {
		f.Registers.set(n, n)
	}
	r := u.behind(&f, 0x400000, 0x7000)
	if v, ok := r.Get(19); !ok || v != 19 {
		t.Errorf("x19 is %d, %v", v, ok)
	}
	if _, ok := r.Sure(19); ok {
		t.Error("x19 is sure")
	}
	for _, n := range []uint64{5, machine.ARM64.Link, 1 << 40} {
		if _, ok := r.Get(n); ok {
			t.Errorf("register %d is known behind a call", n)
		}
	}
	var next Registers
	next.inherit(19, &r)
	if _, ok := next.Sure(19); ok {
		t.Error("the doubt is lost on the way")
	}
	if pc, ok := r.Sure(machine.ARM64.PC); !ok || pc != 0x400000 {
		t.Errorf("the pc is %#x, %v", pc, ok)
	}
}

// TestGoesOn: what ends a walk, and what is said then.
func TestGoesOn(t *testing.T) {
	at := func(pc, sp uint64) (r Registers) {
		r.set(machine.ARM64.PC, pc)
		r.set(machine.ARM64.SP, sp)
		return r
	}
	chain := func(fp uint64) (r Registers) {
		r.set(machine.ARM64.PC, 1)
		r.set(machine.ARM64.FP, fp)
		return r
	}
	for _, c := range []struct {
		name         string
		from, to     Registers
		exact        bool
		all          int
		signal, want bool
		reason       string
	}{
		{"up", at(1, 100), at(1, 200), false, 1, false, true, ""},
		{"down", at(1, 100), at(1, 90), true, 1, false, false, "after frame 7: the stack does not go on upwards: it is damaged, or loops"},
		{"down, from a handler", at(1, 100), at(1, 90), false, 1, true, true, ""},
		{"a leaf", at(1, 100), at(1, 100), true, 1, false, true, ""},
		{"level", at(1, 100), at(1, 100), false, 1, false, false, "after frame 7: the stack does not go on upwards: it is damaged, or loops"},
		{"a chain", chain(100), chain(200), false, 1, false, true, ""},
		{"the end of a chain", chain(100), chain(0), false, 1, false, true, ""},
		{"a chain back", chain(100), chain(90), false, 1, false, false, "after frame 7: the stack does not go on upwards: it is damaged, or loops"},
		{"no pc", at(1, 100), at(0, 200), false, 1, false, false, "after frame 7: end of the stack"},
		{"many in all", at(1, 100), at(1, 200), false, maxAllFrames, false, false, fmt.Sprintf("more than %d frames in all threads", maxAllFrames)},
	} {
		u := &Unwinder{machine: machine.ARM64, frames: c.all}
		err := u.goesOn(&Frame{Registers: c.from, Signal: c.signal}, &step{registers: c.to}, c.exact)
		if (err == nil) != c.want || err != nil && u.reason(err, 7) != c.reason {
			t.Errorf("%s: %v, want %q", c.name, err, c.reason)
		}
	}
	u := &Unwinder{machine: machine.AMD64, work: maxWork + 1}
	if got := u.reason(errNoFDE, 7); got != "after frame 7: the core asks for more work than stacks need" {
		t.Errorf("beyond the budget: %s", got)
	}
}
