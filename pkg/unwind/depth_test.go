package unwind

import (
	"debug/elf"
	"os"
	"testing"

	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/machine"
)

func TestDepth(t *testing.T) {
	for _, path := range []string{os.Getenv("DEPTH")} {
		f, err := elffile.Open(path)
		if err != nil {
			t.Skip(err)
		}
		defer f.Close()
		e, _ := elf.Open(path)
		text := e.Section(".text")
		code, _ := text.Data()
		table := NewTable(f, nil)
		same, differ, none := 0, 0, 0
		for at := 0; at < len(code)-5; at++ {
			ra := text.Addr + uint64(at)
			if _, ok := machine.AMD64.Call(code[max(0, at-8):at], ra, func(a uint64) bool {
				return a >= text.Addr && a < text.Addr+text.Size || a < text.Addr && a > text.Addr-0x4000
			}); !ok || (code[at-5] != 0xe8) {
				continue
			}
			fde := table.Find(ra - 1)
			if fde == nil {
				continue
			}
			row, err := fde.Row(ra - 1)
			if err != nil || row.CFARegister != 7 || row.CFAExpr != nil {
				continue
			}
			first, _ := fde.Row(fde.Low)
			if first.CFAOffset != 8 {
				continue
			}
			d, ok := machine.AMD64.Depth(code[fde.Low-text.Addr:], int(ra-fde.Low))
			switch {
			case !ok:
				none++
			case d == row.CFAOffset:
				same++
			default:
				differ++
				if differ < 10 {
					t.Logf("%#x in %#x: %d, CFI %d", ra, fde.Low, d, row.CFAOffset)
				}
			}
		}
		t.Logf("%s: %d same, %d differ, %d not known", path, same, differ, none)
	}
}
