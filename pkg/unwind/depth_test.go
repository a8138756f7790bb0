package unwind

import (
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/machine"
)

// TestDepthIsThatOfCFI follows the stack pointer to the last call of each function of a
// program with much of the C library: call frame information tells what should come out,
// where it counts from the stack pointer.
func TestDepthIsThatOfCFI(t *testing.T) {
	c := coretest.Build(t, coretest.Program{Source: "inlines", Variant: coretest.Variant{Name: "static", Flags: []string{"-static"}}})
	f, err := elffile.Open(c.Exe)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m := machine.AMD64
	start, size, _ := f.SectionAddress(".text")
	code := f.At(start)[:size]
	inText := func(addr uint64) bool { return addr >= start && addr < start+size }
	same, all := 0, 0
	for _, fde := range NewTable(f, nil).sections[0].all() {
		if !inText(fde.Low) || !inText(fde.High-1) {
			continue
		}
		function := code[fde.Low-start : fde.High-start]
		at := len(function)
		for ; at > 0; at-- {
			if _, ok := m.Call(function[:at], fde.Low+uint64(at), inText); ok {
				break
			}
		}
		row, err := fde.Row(fde.Low + uint64(max(at, 1)-1))
		first, _ := fde.Row(fde.Low)
		if at == 0 || err != nil || row.CFAExpr != nil || row.CFARegister != m.SP || first.CFAOffset != 8 {
			continue
		}
		all++
		if d, ok := m.Depth(function, at); ok && d == row.CFAOffset {
			same++
		} else {
			t.Logf("%#x: %d, %v; want %d", fde.Low+uint64(at), d, ok, row.CFAOffset)
		}
	}
	t.Logf("%d of %d", same, all)
	if all < 500 || same < all-all/100 {
		t.Errorf("%d of %d depths are right", same, all)
	}
}
