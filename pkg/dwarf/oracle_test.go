package dwarf

import (
	std "debug/dwarf"
	"debug/elf"
	"io"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/elffile"
)

// oracle is a file as we and as the standard library read it.
type oracle struct {
	path string
	*Data
	std *std.Data
}

// refresh lets a test read more of a file than a report ever would.
func (o *oracle) refresh() { *o.budget = budget{} }

// oracles are files with debug data: programs in each layout that the standard
// library reads, and what libc6-dbg has, where it is installed.
func oracles(t *testing.T) []*oracle {
	t.Helper()
	var out []*oracle
	for _, v := range append(coretest.Variants(), coretest.ARM64Variants()...) {
		switch v.Name {
		case "plain", "O0", "dwarf4", "dwarf4-O0", "zlib", "zstd", "dwz", "dwz-dwarf4", "static", "arm64":
		default:
			continue
		}
		for _, source := range []string{"inlines", "tailcalls", "threads"} {
			c := coretest.Build(t, coretest.Program{Source: source, Variant: v})
			out = append(out, openOracle(t, c.Exe))
		}
	}
	return append(out, debugFiles(t)...)
}

// debugFiles are those of packages that are installed.
func debugFiles(t testing.TB) []*oracle {
	t.Helper()
	var out []*oracle
	files, _ := filepath.Glob("/usr/lib/debug/.build-id/*/*.debug")
	for _, path := range files {
		if o := openOracle(t, path); o != nil {
			out = append(out, o)
		}
	}
	return out
}

// openOracle is nil if the standard library does not read the file.
func openOracle(t testing.TB, path string) *oracle {
	t.Helper()
	file, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	theirs, err := file.DWARF()
	if err != nil {
		return nil
	}
	ours, err := elffile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.Close() })
	d := New(ours, nil)
	if d == nil {
		t.Fatalf("%s: no debug data", path)
	}
	return &oracle{path: path, Data: d, std: theirs}
}

// TestEntriesAgreeWithStandard walks all trees of all files.
func TestEntriesAgreeWithStandard(t *testing.T) {
	units, entries, attrs := 0, 0, 0
	for _, o := range oracles(t) {
		r := o.std.Reader()
		for i := range o.units {
			o.refresh()
			u := &o.units[i]
			root := u.tree(u.first)
			if u.Root() == nil || root == nil {
				t.Fatalf("%s: unit at %#x has no root", o.path, u.offset)
			}
			units++
			o.compareTree(t, r, root, &entries, &attrs)
			if t.Failed() {
				t.FailNow()
			}
		}
		if e, err := r.Next(); e != nil || err != nil {
			t.Errorf("%s: the standard library has more units: %v %v", o.path, e, err)
		}
	}
	t.Logf("%d units, %d entries, %d attributes", units, entries, attrs)
	if entries < 10000 {
		t.Errorf("only %d entries were compared", entries)
	}
}

// compareTree compares a tree with what r reads next.
func (o *oracle) compareTree(t *testing.T, r *std.Reader, e *Entry, entries, attrs *int) {
	want, err := r.Next()
	if err != nil || want == nil {
		t.Fatalf("%s: %#x: the standard library: %v %v", o.path, e.Offset, want, err)
	}
	*entries++
	if uint64(want.Offset) != e.Offset || want.Tag != e.Tag || want.Children != e.parental || len(want.Field) != len(e.attrs) {
		t.Fatalf("%s: %#x %v (children %v, %d attributes); want %#x %v (%v, %d)", o.path,
			e.Offset, e.Tag, e.parental, len(e.attrs), want.Offset, want.Tag, want.Children, len(want.Field))
	}
	for i := range want.Field {
		*attrs++
		if !sameAttr(e, &e.attrs[i], &want.Field[i]) {
			t.Errorf("%s: %#x: %+v; want %+v", o.path, e.Offset, e.attrs[i], want.Field[i])
		}
	}
	o.compareRanges(t, e, want)
	if !e.parental {
		return
	}
	for _, c := range e.Children {
		o.compareTree(t, r, c, entries, attrs)
	}
	if end, err := r.Next(); err != nil || end == nil || end.Tag != 0 {
		t.Fatalf("%s: %#x: %d children; the standard library goes on with %v %v", o.path, e.Offset, len(e.Children), end, err)
	}
}

func sameAttr(e *Entry, a *Attr, want *std.Field) bool {
	if a.Name != want.Attr {
		return false
	}
	switch v := want.Val.(type) {
	case nil:
		return true
	case string:
		if want.Class == std.ClassStringAlt {
			return true
		}
		return e.Unit.text(a) == v
	case []byte:
		return string(a.Block) == string(v)
	case bool:
		return a.Value != 0 == v
	case uint64: // addresses, and others that need bases
		if want.Class == std.ClassAddress {
			got, ok := e.Unit.address(a)
			return ok && got == v
		}
		return a.Value == v
	case int64:
		return int64(a.Value) == v
	case std.Offset:
		if a.Form == formRefAddr || a.Form == formGNURefAlt {
			return a.Value == uint64(v)
		}
		// Without following it: to do so for each attribute takes minutes.
		return e.Unit.offset+a.Value == uint64(v)
	}
	return false
}

// compareRanges compares the addresses of what has code.
func (o *oracle) compareRanges(t *testing.T, e *Entry, want *std.Entry) {
	switch e.Tag {
	case std.TagCompileUnit, std.TagSubprogram, std.TagInlinedSubroutine, std.TagLexDwarfBlock:
	default:
		return
	}
	ranges, err := o.std.Ranges(want)
	if err != nil {
		t.Errorf("%s: %#x: the standard library: %v", o.path, e.Offset, err)
		return
	}
	got := e.ranges()
	if len(got) != len(ranges) {
		t.Errorf("%s: %#x: ranges %x; want %x", o.path, e.Offset, got, ranges)
		return
	}
	for i, r := range got {
		if r.Low != ranges[i][0] || r.High != ranges[i][1] {
			t.Errorf("%s: %#x: ranges %x; want %x", o.path, e.Offset, got, ranges)
			return
		}
	}
}

// TestFunctionsAgreeWithStandard looks up the first, the last and a middle
// address of each range of each function.
func TestFunctionsAgreeWithStandard(t *testing.T) {
	functions := 0
	for _, o := range oracles(t) {
		for span, offsets := range o.functionRanges(t) {
			o.refresh()
			functions++
			for _, addr := range []uint64{span.Low, span.Low + (span.High-span.Low)/2, span.High - 1} {
				f := o.Function(addr)
				if f == nil {
					t.Errorf("%s: no function at %#x; want that of %#x", o.path, addr, offsets)
				} else if !slices.Contains(offsets, f.Entry.Offset) {
					t.Errorf("%s: %#x: function %#x; want %#x", o.path, addr, f.Entry.Offset, offsets)
				}
			}
		}
	}
	t.Logf("%d ranges of functions", functions)
	if functions < 100 {
		t.Errorf("only %d functions were looked up", functions)
	}
}

// functionRanges gives the functions of each range of code. Several are aliases.
func (o *oracle) functionRanges(t *testing.T) map[Range][]uint64 {
	t.Helper()
	out := map[Range][]uint64{}
	for r := o.std.Reader(); ; {
		e, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if e == nil {
			return out
		}
		switch e.Tag {
		case std.TagSubprogram:
			ranges, err := o.std.Ranges(e)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range ranges {
				span := Range{x[0], x[1]}
				out[span] = append(out[span], uint64(e.Offset))
			}
		case std.TagCompileUnit, std.TagNamespace:
			continue
		}
		r.SkipChildren()
	}
}

// TestLinesAgreeWithStandard looks up addresses of all sequences of all units: the
// line is that of the last row that is not above the address, and of several at
// one address that of the last which begins a statement.
func TestLinesAgreeWithStandard(t *testing.T) {
	lookups := 0
	for _, o := range oracles(t) {
		for r := o.std.Reader(); ; r.SkipChildren() {
			e, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if e == nil {
				break
			}
			if e.Tag == std.TagCompileUnit {
				lookups += o.compareLines(t, e)
			}
		}
	}
	t.Logf("%d lookups", lookups)
	if lookups < 1000 {
		t.Errorf("only %d lines were looked up", lookups)
	}
}

func (o *oracle) compareLines(t *testing.T, e *std.Entry) (lookups int) {
	lr, err := o.std.LineReader(e)
	if err != nil {
		t.Fatal(err)
	}
	if lr == nil {
		return 0
	}
	u := o.unitAt(uint64(e.Offset))
	var seq []std.LineEntry
	for {
		var row std.LineEntry
		if err := lr.Next(&row); err == io.EOF {
			return lookups
		} else if err != nil {
			t.Fatal(err)
		}
		seq = append(seq, row)
		if !row.EndSequence {
			continue
		}
		// What the linker dropped.
		if seq[0].Address != 0 {
			o.refresh()
			lookups += o.compareSequence(t, u, seq)
		}
		seq = seq[:0]
	}
}

// compareSequence looks up the address of about twenty rows, and the byte after.
func (o *oracle) compareSequence(t *testing.T, u *Unit, seq []std.LineEntry) (lookups int) {
	end := seq[len(seq)-1].Address
	for i := 0; i < len(seq)-1; i += 1 + len(seq)/20 {
		for _, addr := range []uint64{seq[i].Address, seq[i].Address + 1} {
			if addr >= end {
				continue
			}
			var want *std.LineEntry
			for k := range seq[:len(seq)-1] {
				row := &seq[k]
				if row.Address <= addr && (want == nil || row.Address != want.Address || row.IsStmt || !want.IsStmt) {
					want = row
				}
			}
			lookups++
			file, line := u.Line(addr)
			if line != want.Line || !sameFile(u, file, want.File.Name) {
				t.Errorf("%s: %#x: %s:%d; want %s:%d", o.path, addr, file, line, want.File.Name, want.Line)
			}
		}
	}
	return lookups
}

// sameFile: we leave out the directory in which the compiler was run.
func sameFile(u *Unit, got, want string) bool {
	got, want = filepath.Clean(got), filepath.Clean(want)
	dir, _ := u.Root().text(std.AttrCompDir)
	return got == want || filepath.Join(dir, got) == want
}
