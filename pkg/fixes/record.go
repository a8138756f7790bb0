package fixes

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
	"slices"
	"sort"
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/cursor"
)

// A record has, of each fix:
//
//	 0  position
//	 4  where its lists begin in the section of lists
//	 8  mark
//	12  day
//	14  day on which the last commit came that brought or exposed the bug, or 0
//	16  kinds, a bit each, in the order of AllKinds
//	18  severity << 4 | kind of clause
//	19  remark, see below
//	20  hash
//
// and its lists: issues, CVEs, lowest branch, branches named; the commits that
// introduced and exposed the bug; the commit that is taken back, and the one whose
// branches are followed; six lists of words.
const recordSize = 40

// Remarks.
const (
	remarkRevert = 1 << iota // it takes a commit back
	remarkTwin               // another fix has the same mark
)

// severities are by their number in the data.
func severities() []string { return []string{"", "MINOR", "MEDIUM", "MAJOR", "CRITICAL"} }

// Severity of a fix, by number: the higher the worse.
const (
	SeverityNone = iota
	SeverityMinor
	SeverityMedium
	SeverityMajor
	SeverityCritical
)

// Brief is what can be had of a fix without reading its lists.
type Brief struct {
	// Position is that of Fix.
	Position int
	// Day is that of Fix.Date, Born when the last of the commits came that brought
	// or exposed the bug, 0 when not known. Days count from 2000-01-01.
	Day, Born int
	// Kinds has a bit for each of AllKinds.
	Kinds    uint16
	Severity int
	Clause   ClauseKind
	// Cited: the message names an issue.
	Cited bool
}

// Count is how many fixes there are.
func (x *Index) Count() int { return len(x.records) / recordSize }

// Brief is what the record of a fix says, by its number, which counts the fixes in
// the order of master.
func (x *Index) Brief(number int) Brief {
	r := x.record(number)
	return Brief{
		Position: int(binary.LittleEndian.Uint32(r)),
		Day:      int(binary.LittleEndian.Uint16(r[12:])),
		Born:     int(binary.LittleEndian.Uint16(r[14:])),
		Kinds:    binary.LittleEndian.Uint16(r[16:]),
		Severity: int(r[18] >> 4),
		Clause:   ClauseKind(r[18] & 15),
		Cited:    x.cites(r),
	}
}

// cites looks at the number of issues, with which the lists of a record begin.
func (x *Index) cites(record []byte) bool {
	start := int(binary.LittleEndian.Uint32(record[4:]))
	return start < len(x.lists) && x.lists[start] != 0
}

func (x *Index) record(number int) []byte {
	return x.records[number*recordSize : (number+1)*recordSize]
}

func (x *Index) remark(number int) byte { return x.record(number)[19] }

// After is the number of the first fix at a position or after it, Count when there
// is none.
func (x *Index) After(position int) int {
	return sort.Search(x.Count(), func(i int) bool { return int(binary.LittleEndian.Uint32(x.record(i))) >= position })
}

// Number reads a fix by its number. The error says that the data is damaged.
func (x *Index) Number(number int) (*Fix, error) {
	f, c, err := x.bare(number)
	if err != nil {
		return nil, err
	}
	words, err := x.words()
	if err != nil {
		return nil, err
	}
	f.readWords(c, words)
	if c.Bad {
		return nil, errDamaged
	}
	return f, nil
}

// bare reads a fix without its lists of words; the cursor stands before them.
func (x *Index) bare(number int) (*Fix, *cursor.Cursor, error) {
	r, b := x.record(number), x.Brief(number)
	start := int(binary.LittleEndian.Uint32(r[4:]))
	names := severities()
	if b.Position >= x.len() || start > len(x.lists) || b.Severity >= len(names) || b.Clause > Asked {
		return nil, nil, errDamaged
	}
	f := &Fix{
		Commit: hex.EncodeToString(r[20:]), Position: b.Position, Date: DayOf(b.Day), Severity: names[b.Severity],
		Mark: binary.LittleEndian.Uint32(r[8:]), First: x.firstTag(b.Position),
		Kinds: kindsOf(b.Kinds), Backport: Clause{Kind: b.Clause},
	}
	c := &cursor.Cursor{Data: x.lists[start:]}
	f.read(c)
	if c.Bad {
		return nil, nil, errDamaged
	}
	return f, c, nil
}

func kindsOf(mask uint16) []string {
	if mask == 0 {
		return nil
	}
	names := AllKinds()
	list := make([]string, 0, bits.OnesCount16(mask))
	for m := mask; m != 0; m &= m - 1 {
		if i := bits.TrailingZeros16(m); i < len(names) {
			list = append(list, names[i])
		}
	}
	return list
}

// read reads the lists of a fix that are no words.
func (f *Fix) read(c *cursor.Cursor) {
	if n := c.Count(1); n > 0 {
		f.Issues = make([]int, n)
		for i := range f.Issues {
			f.Issues[i] = c.Number(1 << 24)
		}
	}
	f.CVEs = strings.Fields(c.Text())
	if len(f.CVEs) == 0 {
		f.CVEs = nil
	}
	f.Backport.Floor = c.Text()
	if s := c.Text(); s != "" {
		f.Backport.Named = strings.Fields(s)
	}
	f.Introduced, f.Exposed = commits(c), commits(c)
	f.Revert, f.Backport.Same = commit(c), commit(c)
}

func (f *Fix) readWords(c *cursor.Cursor, words *[sorts]*Dictionary) {
	for _, l := range f.lists() {
		n := c.Count(1)
		if n == 0 {
			continue
		}
		list := make([]string, n)
		d := words[l.sort]
		for i := range list {
			list[i] = d.Word(c.Number(d.Len() - 1))
		}
		*l.words = list
	}
}

// Topical gives the numbers of the words of Topics and of Paths that a fix has.
func (x *Index) Topical(number int) (topics, paths []int) {
	start := int(binary.LittleEndian.Uint32(x.record(number)[4:]))
	if start > len(x.lists) {
		return nil, nil
	}
	c := cursor.Cursor{Data: x.lists[start:]}
	for range c.Count(1) {
		c.Number(1 << 24)
	}
	for range 3 {
		c.Bytes(c.Count(1))
	}
	for range 2 {
		c.Bytes(c.Count(citedSize) * citedSize)
	}
	for range 2 {
		c.Bytes(c.Number(1) * citedSize)
	}
	for _, list := range [...]*[]int{&topics, &paths} {
		for range c.Count(1) {
			*list = append(*list, c.Number(1<<24))
		}
	}
	if c.Bad {
		return nil, nil
	}
	return topics, paths
}

func commits(c *cursor.Cursor) []string {
	n := c.Count(citedSize)
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = hex.EncodeToString(c.Bytes(citedSize))
	}
	return list
}

func commit(c *cursor.Cursor) string {
	if c.Number(1) == 0 {
		return ""
	}
	return hex.EncodeToString(c.Bytes(citedSize))
}

// records writes the fixes.
func (c *Content) records(words [sorts]*collection) (records, lists []byte, err error) {
	kinds := AllKinds()
	marks := map[uint32]int{}
	for i := range c.Fixes {
		marks[c.Fixes[i].Mark]++
	}
	x := &Index{order: c.Order, byHash: byHash(c.Order)}
	for i := range c.Fixes {
		f := &c.Fixes[i]
		hash, err := hex.DecodeString(f.Commit)
		if err != nil || len(hash) != 20 {
			return nil, nil, fmt.Errorf("%q is not a full hash of a commit", f.Commit)
		}
		severity := slices.Index(severities(), f.Severity)
		if severity < 0 {
			return nil, nil, fmt.Errorf("fix %s: %q is no severity", f.Commit, f.Severity)
		}
		var mask uint16
		for _, k := range f.Kinds {
			n := slices.Index(kinds, k)
			if n < 0 {
				return nil, nil, fmt.Errorf("fix %s: %q is no kind", f.Commit, k)
			}
			mask |= 1 << n
		}
		remark := byte(0)
		if f.Revert != "" {
			remark |= remarkRevert
		}
		if marks[f.Mark] > 1 {
			remark |= remarkTwin
		}
		records = binary.LittleEndian.AppendUint32(records, uint32(f.Position))
		records = binary.LittleEndian.AppendUint32(records, uint32(len(lists)))
		records = binary.LittleEndian.AppendUint32(records, f.Mark)
		records = binary.LittleEndian.AppendUint16(records, uint16(DayNumber(f.Date)))
		records = binary.LittleEndian.AppendUint16(records, c.born(f, x))
		records = binary.LittleEndian.AppendUint16(records, mask)
		records = append(records, byte(severity)<<4|byte(f.Backport.Kind), remark)
		records = append(records, hash...)
		if lists, err = f.write(lists, words); err != nil {
			return nil, nil, err
		}
	}
	return records, lists, nil
}

// born is about the day when the last of the commits came that brought or exposed
// the bug: that of the next fix.
func (c *Content) born(f *Fix, x *Index) uint16 {
	last := -1
	for _, list := range [...][]string{f.Introduced, f.Exposed} {
		for _, commit := range list {
			if p, err := x.Order(commit); err == nil {
				last = max(last, p)
			}
		}
	}
	if last < 0 {
		return 0
	}
	i := sort.Search(len(c.Fixes), func(i int) bool { return c.Fixes[i].Position >= last })
	return uint16(DayNumber(c.Fixes[min(i, len(c.Fixes)-1)].Date))
}

// write writes the lists of a fix.
func (f *Fix) write(b []byte, words [sorts]*collection) ([]byte, error) {
	b = binary.AppendUvarint(b, uint64(len(f.Issues)))
	for _, n := range f.Issues {
		b = binary.AppendUvarint(b, uint64(n))
	}
	for _, s := range [...]string{strings.Join(f.CVEs, " "), f.Backport.Floor, strings.Join(f.Backport.Named, " ")} {
		b = cursor.AppendText(b, s)
	}
	for _, list := range [...][]string{f.Introduced, f.Exposed, one(f.Revert), one(f.Backport.Same)} {
		b = binary.AppendUvarint(b, uint64(len(list)))
		for _, commit := range list {
			h, err := hex.DecodeString(commit)
			if err != nil || len(h) != citedSize {
				return nil, fmt.Errorf("fix %s: it cites %q, which has not %d digits", f.Commit, commit, citedDigits)
			}
			b = append(b, h...)
		}
	}
	for _, l := range f.lists() {
		b = binary.AppendUvarint(b, uint64(len(*l.words)))
		for _, w := range *l.words {
			b = binary.AppendUvarint(b, words[l.sort].number(w))
		}
	}
	return b, nil
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
