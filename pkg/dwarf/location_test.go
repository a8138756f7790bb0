package dwarf

import (
	"bufio"
	"bytes"
	std "debug/dwarf"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
)

// listed is an entry of a location list as readelf prints it.
type listed struct {
	low, high uint64
	text      string
}

// TestLocationListsAgreeWithReadelf looks up the first and the last address of
// each entry of the lists of variables and parameters.
func TestLocationListsAgreeWithReadelf(t *testing.T) {
	coretest.Need(t, "readelf", "binutils")
	var files []*oracle
	for _, v := range coretest.Variants()[:4] { // DWARF 5 and 4
		for _, source := range []string{"inlines", "tailcalls"} {
			files = append(files, openOracle(t, coretest.Build(t, coretest.Program{Source: source, Variant: v}).Exe))
		}
	}
	// Those of libm have nearly every operation there is.
	files = append(files, debugFiles(t)...)
	entries, texts := 0, 0
	for _, o := range files {
		lists := readelfLists(t, o.path)
		for r := o.std.Reader(); len(lists) > 0; {
			e, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if e == nil {
				break
			}
			if e.Tag != std.TagVariable && e.Tag != std.TagFormalParameter || e.AttrField(std.AttrLocation) == nil {
				continue
			}
			o.refresh()
			entry := o.entryAt(uint64(e.Offset))
			a := entry.Attr(std.AttrLocation)
			if a.isBlock() {
				continue
			}
			list := lists[a.Value]
			if list == nil {
				t.Errorf("%s: %#x: readelf has no list at %#x", o.path, e.Offset, a.Value)
			}
			for i, l := range list {
				if l.low >= l.high || overlapped(list[:i], l.low) {
					continue
				}
				entries++
				for _, addr := range []uint64{l.low, l.high - 1} {
					x, err := entry.Unit.Expression(a, addr)
					if err != nil && l.text != "" && !overlapped(list[:i], addr) {
						t.Errorf("%s: %#x: at %#x: %v; want %s", o.path, e.Offset, addr, err, l.text)
						break
					}
					if got, ok := disassemble(x); ok && addr == l.low {
						texts++
						if got != l.text {
							t.Errorf("%s: %#x: at %#x: %s; want %s", o.path, e.Offset, addr, got, l.text)
						}
					}
				}
			}
		}
	}
	t.Logf("%d entries of lists, %d expressions", entries, texts)
	if texts < 100 {
		t.Errorf("only %d expressions were compared", texts)
	}
}

// overlapped: gcc has lists with entries that overlap; the first one counts.
func overlapped(before []listed, addr uint64) bool {
	for _, l := range before {
		if addr >= l.low && addr < l.high {
			return true
		}
	}
	return false
}

var registerName = regexp.MustCompile(` \([a-z][a-z0-9]*\)`)

// readelfLists reads the location lists of a file, by their offset.
func readelfLists(t *testing.T, path string) map[uint64][]listed {
	t.Helper()
	text, err := exec.Command("readelf", "-W", "--debug-dump=loc", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	lists := map[uint64][]listed{}
	var starts []uint64 // of the list that is being read, with what may stand before its first entry
	var list []listed
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		line := registerName.ReplaceAllString(lines.Text(), "")
		f := strings.Fields(line)
		if len(f) < 3 || strings.HasPrefix(f[0], "Offset") {
			continue
		}
		if strings.Contains(line, "<End of list>") {
			for _, s := range starts {
				lists[s] = list
			}
			starts, list = nil, nil
			continue
		}
		// With views an entry has two lines: its offset is on the first.
		if len(f[0]) == 8 {
			if off, err := strconv.ParseUint(f[0], 16, 64); err == nil {
				starts = append(starts, off)
			}
			f = f[1:]
		}
		if i := strings.Index(line, "(DW_OP"); i >= 0 && len(f) > 2 {
			low, err1 := strconv.ParseUint(f[0], 16, 64)
			high, err2 := strconv.ParseUint(f[1], 16, 64)
			if err1 == nil && err2 == nil {
				x, _, _ := strings.Cut(line[i:], " [without DW_AT_frame_base]")
				x, _, _ = strings.Cut(x, " (start ==")
				list = append(list, listed{low, high, x})
			}
		}
	}
	return lists
}

var plainNames = map[byte]string{
	opDeref: "deref", opDup: "dup", opDrop: "drop", opOver: "over", opSwap: "swap", opRot: "rot", opAbs: "abs",
	opAnd: "and", opDiv: "div", opMinus: "minus", opMod: "mod", opMul: "mul", opNeg: "neg", opNot: "not", opOr: "or",
	opPlus: "plus", opShl: "shl", opShr: "shr", opShra: "shra", opXor: "xor", opEq: "eq", opGe: "ge", opGt: "gt",
	opLe: "le", opLt: "lt", opNe: "ne", opCallFrameCFA: "call_frame_cfa", opStackValue: "stack_value",
	opGNUUninit: "GNU_uninit", opNop: "nop",
}

// disassemble writes an expression as readelf does; false if it has operations
// that this test does not know.
func disassemble(x []byte) (string, bool) {
	var out []string
	add := func(format string, args ...any) { out = append(out, "DW_OP_"+fmt.Sprintf(format, args...)) }
	for c := NewCursor(x, 0); c.Left() > 0; {
		op := c.U8()
		switch {
		case plainNames[op] != "":
			add("%s", plainNames[op])
		case op >= opLit0 && op <= opLit31:
			add("lit%d", op-opLit0)
		case op >= opReg0 && op <= opReg31:
			add("reg%d", op-opReg0)
		case op >= opBreg0 && op <= opBreg31:
			add("breg%d: %d", op-opBreg0, c.SLEB())
		case op == opFbreg:
			add("fbreg: %d", c.SLEB())
		case op == opConst1u:
			add("const1u: %d", c.U8())
		case op == opConst1s:
			add("const1s: %d", int8(c.U8()))
		case op == opConst2u:
			add("const2u: %d", c.U16())
		case op == opConst2s:
			add("const2s: %d", int16(c.U16()))
		case op == opConst4u:
			add("const4u: %d", c.U32())
		case op == opConstu:
			add("constu: %d", c.ULEB())
		case op == opConsts:
			add("consts: %d", c.SLEB())
		case op == opPlusUconst:
			add("plus_uconst: %d", c.ULEB())
		case op == opPiece:
			add("piece: %d", c.ULEB())
		case op == opEntryValue, op == opGNUEntryValue:
			name := "entry_value"
			if op == opGNUEntryValue {
				name = "GNU_entry_value"
			}
			inner, ok := disassemble(c.Bytes(c.ULEB()))
			if !ok {
				return "", false
			}
			add("%s: %s", name, inner)
		default:
			return "", false
		}
	}
	return "(" + strings.Join(out, "; ") + ")", len(x) > 0
}
