package unwind

import (
	"errors"
	"fmt"

	"github.com/hacrash/hacrash/pkg/dwarf"
)

const (
	// maxRemembered is how deep DW_CFA_remember_state may nest. Compilers use one.
	maxRemembered = 16
	// maxInstructions is how many are run of one section, for all frames. A row
	// takes some dozen; a damaged function may have any number.
	maxInstructions = 1 << 24
	// rememberCost is what it costs to copy a row, in instructions.
	rememberCost = 16
)

// RuleKind says how a register of the caller is recovered (DWARF 5, 6.4.1).
type RuleKind uint8

// The kinds. Unspecified is what no instruction spoke of: the ABI decides.
const (
	Unspecified RuleKind = iota
	Undefined
	SameValue
	Offset        // saved at CFA+Offset
	ValOffset     // is CFA+Offset
	InRegister    // is in register Offset
	Expression    // saved at what Expr computes
	ValExpression // is what Expr computes
)

// Rule recovers one register.
type Rule struct {
	Kind   RuleKind
	Offset int64
	Expr   []byte
}

// Row is how to leave a function at one of its instructions.
type Row struct {
	// CFA is CFARegister+CFAOffset, or what CFAExpr computes if it is not nil.
	CFARegister uint64
	CFAOffset   int64
	CFAExpr     []byte
	Rules       [numRegisters]Rule
	// SignedRA: the return address carries a pointer authentication code.
	SignedRA bool
}

var (
	errCFICut       = errors.New("call frame information is cut")
	errCFIRemembers = errors.New("call frame information restores a state that it never saved")
	errCFIWork      = errors.New("call frame information takes too long to read")
)

// Row runs the instructions up to a link-time address within the FDE.
func (f *FDE) Row(addr uint64) (*Row, error) {
	initial, err := f.CIE.initialRow()
	if err != nil {
		return nil, err
	}
	x := executor{cie: f.CIE, row: *initial, initial: initial, loc: f.Low, until: addr, base: f.base}
	if err := x.run(f.instructions); err != nil {
		return nil, err
	}
	return &x.row, nil
}

// initialRow runs the CIE's own instructions, once.
func (c *CIE) initialRow() (*Row, error) {
	if c.initial == nil {
		x := executor{cie: c, until: ^uint64(0)}
		if err := x.run(c.instructions); err != nil {
			return nil, err
		}
		c.initial = &x.row
	}
	return c.initial, nil
}

// executor runs DW_CFA instructions (DWARF 5, 6.4.2 and 7.24; LSB core generic,
// 10.6; DWARF for the Arm 64-bit Architecture, 4.5).
type executor struct {
	cie        *CIE
	row        Row
	initial    *Row // nil while the CIE itself runs
	loc, until uint64
	base       pointerBase
	remembered []Row
}

// run stops at the first location that is behind until.
func (x *executor) run(instructions []byte) error {
	c := dwarf.NewCursor(instructions, 0)
	for c.Left() > 0 {
		if x.cie.section.work++; x.cie.section.work > maxInstructions {
			return errCFIWork
		}
		op := c.U8()
		var past bool
		var err error
		switch low := uint64(op & 0x3f); op & 0xc0 {
		case 0x40: // advance_loc
			past = x.advance(low)
		case 0x80: // offset
			x.set(low, Rule{Kind: Offset, Offset: int64(c.ULEB()) * x.cie.DataAlign})
		case 0xc0: // restore
			x.restore(low)
		default:
			past, err = x.extended(&c, op)
		}
		if err != nil {
			return err
		}
		if c.Bad() {
			return errCFICut
		}
		if past {
			return nil
		}
	}
	return nil
}

// advance moves the location; true if it is now behind the wanted one.
func (x *executor) advance(delta uint64) bool {
	x.loc += delta * x.cie.CodeAlign
	return x.loc > x.until
}

func (x *executor) set(n uint64, r Rule) {
	if n < numRegisters { // vector registers are not followed
		x.row.Rules[n] = r
	}
}

func (x *executor) restore(n uint64) {
	if x.initial != nil && n < numRegisters {
		x.row.Rules[n] = x.initial.Rules[n]
	}
}

func (x *executor) extended(c *dwarf.Cursor, op uint8) (past bool, err error) {
	switch op {
	case 0x00: // nop
	case 0x01: // set_loc
		x.loc = x.base.read(c, x.cie.pointerEncoding)
		return x.loc > x.until, nil
	case 0x02: // advance_loc1
		return x.advance(uint64(c.U8())), nil
	case 0x03: // advance_loc2
		return x.advance(uint64(c.U16())), nil
	case 0x04: // advance_loc4
		return x.advance(uint64(c.U32())), nil
	case 0x0a: // remember_state
		if len(x.remembered) == maxRemembered {
			return false, errors.New("call frame information nests too deep")
		}
		x.cie.section.work += rememberCost
		x.remembered = append(x.remembered, x.row)
	case 0x0b: // restore_state
		if len(x.remembered) == 0 {
			return false, errCFIRemembers
		}
		x.cie.section.work += rememberCost
		x.row = x.remembered[len(x.remembered)-1]
		x.remembered = x.remembered[:len(x.remembered)-1]
	case 0x0c, 0x0d, 0x0e, 0x0f, 0x12, 0x13:
		x.defineCFA(c, op)
	case 0x2c, 0x2d: // AARCH64_negate_ra_state_with_pc, AARCH64_negate_ra_state
		x.row.SignedRA = !x.row.SignedRA
	case 0x2e: // GNU_args_size: of interest to landing pads only
		c.ULEB()
	default:
		return false, x.rule(c, op)
	}
	return false, nil
}

func (x *executor) defineCFA(c *dwarf.Cursor, op uint8) {
	r := &x.row
	switch op {
	case 0x0c: // def_cfa
		r.CFARegister, r.CFAOffset, r.CFAExpr = c.ULEB(), int64(c.ULEB()), nil
	case 0x0d: // def_cfa_register
		r.CFARegister, r.CFAExpr = c.ULEB(), nil
	case 0x0e: // def_cfa_offset
		r.CFAOffset = int64(c.ULEB())
	case 0x0f: // def_cfa_expression
		r.CFAExpr = c.Bytes(c.ULEB())
	case 0x12: // def_cfa_sf
		r.CFARegister, r.CFAOffset, r.CFAExpr = c.ULEB(), c.SLEB()*x.cie.DataAlign, nil
	case 0x13: // def_cfa_offset_sf
		r.CFAOffset = c.SLEB() * x.cie.DataAlign
	}
}

// rule runs the instructions that name a register.
func (x *executor) rule(c *dwarf.Cursor, op uint8) error {
	n := c.ULEB()
	align := x.cie.DataAlign
	switch op {
	case 0x05: // offset_extended
		x.set(n, Rule{Kind: Offset, Offset: int64(c.ULEB()) * align})
	case 0x06: // restore_extended
		x.restore(n)
	case 0x07: // undefined
		x.set(n, Rule{Kind: Undefined})
	case 0x08: // same_value
		x.set(n, Rule{Kind: SameValue})
	case 0x09: // register
		x.set(n, Rule{Kind: InRegister, Offset: int64(c.ULEB())})
	case 0x10: // expression
		x.set(n, Rule{Kind: Expression, Expr: c.Bytes(c.ULEB())})
	case 0x11: // offset_extended_sf
		x.set(n, Rule{Kind: Offset, Offset: c.SLEB() * align})
	case 0x14: // val_offset
		x.set(n, Rule{Kind: ValOffset, Offset: int64(c.ULEB()) * align})
	case 0x15: // val_offset_sf
		x.set(n, Rule{Kind: ValOffset, Offset: c.SLEB() * align})
	case 0x16: // val_expression
		x.set(n, Rule{Kind: ValExpression, Expr: c.Bytes(c.ULEB())})
	case 0x2f: // GNU_negative_offset_extended
		x.set(n, Rule{Kind: Offset, Offset: -int64(c.ULEB()) * align})
	default:
		return fmt.Errorf("call frame instruction %#x is not known", op)
	}
	return nil
}
