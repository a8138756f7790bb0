package unwind

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/go-delve/delve/pkg/dwarf/frame"

	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/machine"
)

// Where delve's rows are not what the standard says, each with its reason. A
// difference that is none of these is a bug of ours.
//
// Folklore: all seen with delve 1.27.
const (
	// DW_CFA_restore brings back the rule of the CIE. delve never fills the map in
	// which it looks that up, so that every restored register is undefined.
	delveRestores = "DW_CFA_restore yields undefined"
	// DW_CFA_def_cfa_register ends the reign of an expression; the offset is the
	// one that held before it (libgcrypt's assembly; gdb and libgcc agree).
	delveRegister = "DW_CFA_def_cfa_register leaves an expression in force"
	// A CIE may begin with DW_CFA_def_cfa_register: the offset is 0 (gcc for riscv64).
	delveBare = "DW_CFA_def_cfa_register alone defines no CFA"
	// DW_CFA_val_offset is factored by the data alignment, as DW_CFA_offset is.
	delveValOffset = "DW_CFA_val_offset is not scaled"
	// DW_CFA_AARCH64_negate_ra_state and DW_CFA_GNU_negative_offset_extended.
	delveOpcodes = "instructions 0x2c, 0x2d and 0x2f are not known"
	// One CIE with an augmentation B or G fails the whole section.
	delveAugmentation = "augmentations B and G are not known"
)

// delveDiff is what came of the comparison of some files.
type delveDiff struct {
	files, fdes, rows, lookups int
	known                      map[string]int // rows, and for augmentations files
	wrong                      []string
}

func (d *delveDiff) complain(format string, args ...any) {
	d.wrong = append(d.wrong, fmt.Sprintf(format, args...))
}

// TestRowsAgreeWithDelve compares rows of the call frame information of the ELF files of
// this machine, of a sample that takes seconds. All of them, 17 million rows of 2,178
// files, agreed when the sample was made.
func TestRowsAgreeWithDelve(t *testing.T) {
	if testing.Short() {
		t.Skip("some seconds")
	}
	const most = 250
	paths := sample(elfFiles(t), most)
	work := make(chan string)
	var group sync.WaitGroup
	var mu sync.Mutex
	all := delveDiff{known: map[string]int{}}
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for path := range work {
				d := compareFile(path)
				mu.Lock()
				all.files += d.files
				all.fdes += d.fdes
				all.rows += d.rows
				all.lookups += d.lookups
				for why, n := range d.known {
					all.known[why] += n
				}
				all.wrong = append(all.wrong, d.wrong...)
				mu.Unlock()
			}
		})
	}
	for _, p := range paths {
		work <- p
	}
	close(work)
	group.Wait()
	t.Logf("%d files, %d FDEs, %d rows, %d lookups; %d differences", all.files, all.fdes, all.rows, all.lookups, len(all.wrong))
	for _, why := range slices.Sorted(maps.Keys(all.known)) {
		t.Logf("delve is wrong in %d: %s", all.known[why], why)
	}
	for _, w := range all.wrong[:min(len(all.wrong), 20)] {
		t.Error(w)
	}
	// A machine that can compile this has libc, ld.so and gcc at least.
	if all.files < 20 || all.rows < 10000 {
		t.Errorf("only %d rows of %d files were compared", all.rows, all.files)
	}
}

// sample takes at most n of a list, evenly.
func sample[T any](all []T, n int) []T {
	step := (len(all) + n - 1) / n
	var out []T
	for i := 0; i < len(all); i += step {
		out = append(out, all[i])
	}
	return out
}

// elfFiles lists the programs and libraries of this machine, each content once.
func elfFiles(t *testing.T) []string {
	t.Helper()
	var out []string
	seen := map[[32]byte]bool{}
	for _, dir := range []string{"/usr/lib", "/usr/bin", "/usr/sbin", "/usr/libexec", "/usr/aarch64-linux-gnu/lib", "/usr/riscv64-linux-gnu/lib"} {
		_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return nil
			}
			f, err := os.Open(path)
			if err != nil {
				return nil
			}
			defer f.Close()
			// The build-id is near the start: files that begin alike and are of
			// one size are the same.
			var head [4096]byte
			n, _ := f.Read(head[:])
			st, err := f.Stat()
			if err != nil || !bytes.HasPrefix(head[:n], []byte("\x7fELF")) {
				return nil
			}
			sum := sha256.Sum256(binary.LittleEndian.AppendUint64(head[:n], uint64(st.Size())))
			if !seen[sum] {
				seen[sum] = true
				out = append(out, path)
			}
			return nil
		})
	}
	return out
}

// compareFile compares the rows of one file.
func compareFile(path string) (d delveDiff) {
	d.known = map[string]int{}
	f, err := elffile.Open(path)
	if err != nil {
		return d
	}
	defer f.Close()
	s := ehFrame(f)
	// Relocatable files are not linked: all their addresses are 0.
	if s == nil || s.addr == 0 {
		return d
	}
	theirs, err := frame.Parse(bytes.Clone(s.data), binary.LittleEndian, 0, 8, s.addr)
	if err != nil {
		if hasAugmentation(s, "BG") {
			d.known[delveAugmentation]++
			return d
		}
		d.complain("%s: delve: %v", path, err)
		return d
	}
	d.files++
	ours := s.all()
	if len(ours) != len(theirs) {
		d.complain("%s: %d FDEs, delve has %d", path, len(ours), len(theirs))
		return d
	}
	const most = 300
	step := 1 + len(ours)/most
	for i, mine := range ours {
		if i%step == 0 {
			s.work = 0
			d.compareFDE(path, mine, theirs[i])
		}
	}
	d.compareLookups(path, s, ours)
	return d
}

// all gives the FDEs of a section in the order of the section; nil for those
// that cannot be read.
func (s *section) all() []*FDE {
	var out []*FDE
	for off := uint64(0); ; {
		r, next, ok := s.record(off)
		if !ok {
			return out
		}
		if !r.isCIE {
			out = append(out, s.parseFDE(r))
		}
		off = next
	}
}

// hasAugmentation tells whether a CIE has one of the letters.
func hasAugmentation(s *section, letters string) bool {
	for off := uint64(0); ; {
		r, next, ok := s.record(off)
		if !ok {
			return false
		}
		if r.isCIE {
			c := r.body
			c.U8() // version
			if bytes.ContainsAny(c.CString(), letters) {
				return true
			}
		}
		off = next
	}
}

// nextRow gives the link-time address at which the row after that of addr begins;
// 0 if there is none.
func (f *FDE) nextRow(addr uint64) uint64 {
	initial, err := f.CIE.initialRow()
	if err != nil {
		return 0
	}
	x := executor{cie: f.CIE, row: *initial, initial: initial, loc: f.Low, until: addr, base: f.base}
	if x.run(f.instructions) != nil || x.loc <= addr || x.loc >= f.High {
		return 0
	}
	return x.loc
}

// compareFDE compares the rows of one FDE, the first ones and the last address.
func (d *delveDiff) compareFDE(path string, mine *FDE, theirs *frame.FrameDescriptionEntry) {
	d.fdes++
	if mine == nil || mine.Low != theirs.Begin() || mine.High != theirs.End() || !bytes.Equal(mine.instructions, theirs.Instructions) {
		d.complain("%s: FDE %+v; delve has %x to %x", path, mine, theirs.Begin(), theirs.End())
		return
	}
	// To find a row both run the FDE from its start: all rows of the largest
	// functions would take minutes.
	const most = 40
	pc := mine.Low
	for range most {
		d.compareRow(path, mine, theirs, pc)
		if pc = mine.nextRow(pc); pc == 0 {
			break
		}
	}
	if pc != 0 && mine.High > mine.Low {
		d.compareRow(path, mine, theirs, mine.High-1)
	}
}

func (d *delveDiff) compareRow(path string, mine *FDE, theirs *frame.FrameDescriptionEntry, pc uint64) {
	row, err := mine.Row(pc)
	if err != nil {
		d.complain("%s: %x: %v", path, pc, err)
		return
	}
	want, err := theirs.EstablishFrame(pc)
	if err != nil {
		if bytes.ContainsAny(mine.instructions, "\x2c\x2d\x2f") {
			d.known[delveOpcodes]++
			return
		}
		d.complain("%s: %x: delve: %v", path, pc, err)
		return
	}
	d.rows++
	switch {
	case sameCFA(row, want.CFA):
	case want.CFA.Rule == frame.RuleExpression && row.CFAExpr == nil && row.CFARegister == want.CFA.Reg && row.CFAOffset == want.CFA.Offset:
		d.known[delveRegister]++
	case want.CFA.Rule == frame.RuleUndefined && row.CFAExpr == nil && row.CFARegister == want.CFA.Reg && row.CFAOffset == want.CFA.Offset:
		d.known[delveBare]++
	default:
		d.complain("%s: %x: CFA r%d%+d % x; delve has %+v", path, pc, row.CFARegister, row.CFAOffset, row.CFAExpr, want.CFA)
	}
	for n := range uint64(machine.MaxRegisters) {
		theirs, said := want.Regs[n]
		if sameRule(row.Rules[n], theirs, said) {
			continue
		}
		if why := delveIsWrong(mine, row.Rules[n], theirs, n); why != "" {
			d.known[why]++
			continue
		}
		d.complain("%s: %x: register %d: %+v; delve has %v %+v", path, pc, n, row.Rules[n], said, theirs)
	}
}

func sameCFA(row *Row, want frame.DWRule) bool {
	switch want.Rule {
	case frame.RuleCFA:
		return row.CFAExpr == nil && row.CFARegister == want.Reg && row.CFAOffset == want.Offset
	case frame.RuleExpression:
		return row.CFAExpr != nil && bytes.Equal(row.CFAExpr, want.Expression)
	}
	return false
}

func sameRule(mine Rule, theirs frame.DWRule, said bool) bool {
	if !said {
		return mine.Kind == Unspecified
	}
	switch theirs.Rule {
	case frame.RuleUndefined:
		return mine.Kind == Undefined
	case frame.RuleSameVal:
		return mine.Kind == SameValue
	case frame.RuleOffset:
		return mine.Kind == Offset && mine.Offset == theirs.Offset
	case frame.RuleValOffset:
		return mine.Kind == ValOffset && mine.Offset == theirs.Offset
	case frame.RuleRegister:
		return mine.Kind == InRegister && uint64(mine.Offset) == theirs.Reg
	case frame.RuleExpression:
		return mine.Kind == Expression && bytes.Equal(mine.Expr, theirs.Expression)
	case frame.RuleValExpression:
		return mine.Kind == ValExpression && bytes.Equal(mine.Expr, theirs.Expression)
	}
	return false
}

// delveIsWrong gives the reason for which the rules of register n differ; empty
// if it is none of the known ones.
func delveIsWrong(f *FDE, mine Rule, theirs frame.DWRule, n uint64) string {
	initial := f.CIE.initial.Rules[n]
	switch {
	case theirs.Rule == frame.RuleUndefined && mine.Kind == initial.Kind && mine.Offset == initial.Offset &&
		bytes.ContainsAny(f.instructions, string([]byte{0x06, 0xc0 | byte(n)})):
		return delveRestores
	case theirs.Rule == frame.RuleValOffset && mine.Kind == ValOffset && mine.Offset == theirs.Offset*f.CIE.DataAlign:
		return delveValOffset
	}
	return ""
}

// compareLookups finds FDEs by the search table of the linker and by an index of
// our own: it must be the same one.
func (d *delveDiff) compareLookups(path string, s *section, all []*FDE) {
	if s.table == nil {
		return
	}
	// Some hundred of each file are enough: linkers sort all or nothing.
	const most = 400
	own := newSection(s.data, s.addr, false)
	for i := 0; i < len(all); i += 1 + len(all)/most {
		f := all[i]
		if f.High == f.Low {
			continue
		}
		for _, addr := range []uint64{f.Low, f.Low + (f.High-f.Low)/2, f.High - 1, f.High} {
			d.lookups++
			a, b := s.find(addr), own.find(addr)
			switch {
			case (a == nil) != (b == nil):
				d.complain("%s: %x: found by the table %v, by the index %v", path, addr, a != nil, b != nil)
			case a != nil && (a.Low != b.Low || a.High != b.High || !bytes.Equal(a.instructions, b.instructions)):
				d.complain("%s: %x: the table finds %x to %x, the index %x to %x", path, addr, a.Low, a.High, b.Low, b.High)
			}
		}
		if got := s.find(f.Low); got == nil || got.Low != f.Low {
			d.complain("%s: %x: not found at its start", path, f.Low)
		}
	}
}
