package unwind

import (
	"errors"
	"fmt"

	"github.com/hacrash/hacrash/pkg/dwarf"
	"github.com/hacrash/hacrash/pkg/machine"
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
	Rules       [machine.MaxRegisters]Rule
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

// executor runs the instructions.
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
		op, operand := decodeOpcode(c.U8())
		past, err := x.step(&c, op, operand)
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
	if n < machine.MaxRegisters { // vector registers are not followed
		x.row.Rules[n] = r
	}
}

func (x *executor) restore(n uint64) {
	if x.initial != nil && n < machine.MaxRegisters {
		x.row.Rules[n] = x.initial.Rules[n]
	}
}

// step runs one instruction; past says that it led behind the wanted location.
func (x *executor) step(c *dwarf.Cursor, op opcode, operand uint64) (past bool, err error) {
	switch op {
	case cfaAdvanceLoc:
		return x.advance(operand), nil
	case cfaOffset:
		x.set(operand, Rule{Kind: Offset, Offset: int64(c.ULEB()) * x.cie.DataAlign})
	case cfaRestore:
		x.restore(operand)
	case cfaNop:
	case cfaSetLoc:
		x.loc = x.base.read(c, x.cie.pointerEncoding)
		return x.loc > x.until, nil
	case cfaAdvanceLoc1:
		return x.advance(uint64(c.U8())), nil
	case cfaAdvanceLoc2:
		return x.advance(uint64(c.U16())), nil
	case cfaAdvanceLoc4:
		return x.advance(uint64(c.U32())), nil
	case cfaRememberState:
		if len(x.remembered) == maxRemembered {
			return false, errors.New("call frame information nests too deep")
		}
		x.cie.section.work += rememberCost
		x.remembered = append(x.remembered, x.row)
	case cfaRestoreState:
		last := len(x.remembered) - 1
		if last < 0 {
			return false, errCFIRemembers
		}
		x.cie.section.work += rememberCost
		x.row, x.remembered = x.remembered[last], x.remembered[:last]
	case cfaDefCFA, cfaDefCFARegister, cfaDefCFAOffset, cfaDefCFAExpression, cfaDefCFASF, cfaDefCFAOffsetSF:
		x.defineCFA(c, op)
	case cfaAArch64NegateRAState, cfaAArch64NegateRAStateWithPC:
		x.row.SignedRA = !x.row.SignedRA
	case cfaGNUArgsSize: // of interest to landing pads only
		c.ULEB()
	default:
		return false, x.rule(c, op)
	}
	return false, nil
}

func (x *executor) defineCFA(c *dwarf.Cursor, op opcode) {
	r := &x.row
	switch op {
	case cfaDefCFA:
		r.CFARegister, r.CFAOffset, r.CFAExpr = c.ULEB(), int64(c.ULEB()), nil
	case cfaDefCFARegister:
		r.CFARegister, r.CFAExpr = c.ULEB(), nil
	case cfaDefCFAOffset:
		r.CFAOffset = int64(c.ULEB())
	case cfaDefCFAExpression:
		r.CFAExpr = c.Bytes(c.ULEB())
	case cfaDefCFASF:
		r.CFARegister, r.CFAOffset, r.CFAExpr = c.ULEB(), c.SLEB()*x.cie.DataAlign, nil
	case cfaDefCFAOffsetSF:
		r.CFAOffset = c.SLEB() * x.cie.DataAlign
	}
}

// rule runs the instructions that name a register.
func (x *executor) rule(c *dwarf.Cursor, op opcode) error {
	n := c.ULEB()
	align := x.cie.DataAlign
	switch op {
	case cfaOffsetExtended:
		x.set(n, Rule{Kind: Offset, Offset: int64(c.ULEB()) * align})
	case cfaRestoreExtended:
		x.restore(n)
	case cfaUndefined:
		x.set(n, Rule{Kind: Undefined})
	case cfaSameValue:
		x.set(n, Rule{Kind: SameValue})
	case cfaRegister:
		x.set(n, Rule{Kind: InRegister, Offset: int64(c.ULEB())})
	case cfaExpression:
		x.set(n, Rule{Kind: Expression, Expr: c.Bytes(c.ULEB())})
	case cfaOffsetExtendedSF:
		x.set(n, Rule{Kind: Offset, Offset: c.SLEB() * align})
	case cfaValOffset:
		x.set(n, Rule{Kind: ValOffset, Offset: int64(c.ULEB()) * align})
	case cfaValOffsetSF:
		x.set(n, Rule{Kind: ValOffset, Offset: c.SLEB() * align})
	case cfaValExpression:
		x.set(n, Rule{Kind: ValExpression, Expr: c.Bytes(c.ULEB())})
	case cfaGNUNegativeOffsetExtended:
		x.set(n, Rule{Kind: Offset, Offset: -int64(c.ULEB()) * align})
	default:
		return fmt.Errorf("call frame instruction %#x is not known", uint8(op))
	}
	return nil
}
