package fixes

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"math/bits"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// severities are by their number in the data.
var severities = []string{"", "MINOR", "MEDIUM", "MAJOR", "CRITICAL"}

// stored is a section as it lies in the file.
type stored struct {
	data []byte
	size int // unpacked
	sum  uint32
}

// unpack gives the bytes of a section, which are as many as it says, or an error.
func (s stored) unpack() ([]byte, error) {
	if crc32.Checksum(s.data, castagnoli) != s.sum {
		return nil, errDamaged
	}
	if s.size == len(s.data) {
		return s.data, nil
	}
	if s.size > len(s.data)*maxRatio {
		return nil, errDamaged
	}
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxSection), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := r.DecodeAll(s.data, make([]byte, 0, s.size))
	if err != nil || len(b) != s.size {
		return nil, errDamaged
	}
	return b, nil
}

// sectionsOf reads the table of sections.
func sectionsOf(data []byte) (map[string]stored, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("a fix index of %d bytes: too large to be one", len(data))
	}
	if !strings.HasPrefix(string(data[:min(len(data), len(magic))]), magic[:len(magic)-1]) {
		return nil, fmt.Errorf("not a fix index; hacrash bugs import makes one")
	}
	if len(data) < len(magic)+4 {
		return nil, errDamaged
	}
	if data[len(magic)-1] != magic[len(magic)-1] {
		return nil, fmt.Errorf("a fix index of another version of hacrash; import it anew with hacrash bugs import")
	}
	c := cursor{data: data[len(magic):]}
	word := func() uint32 {
		if b := c.bytes(4); b != nil {
			return binary.LittleEndian.Uint32(b)
		}
		return 0
	}
	n := word()
	if n > maxSections {
		return nil, errDamaged
	}
	sections := map[string]stored{}
	for range n {
		name := strings.TrimRight(string(c.bytes(nameSize)), "\x00")
		start, length, size, sum := word(), word(), word(), word()
		if c.bad || uint64(start)+uint64(length) > uint64(len(data)) || size > maxSection {
			return nil, errDamaged
		}
		sections[name] = stored{data[start : start+length], int(size), sum}
	}
	return sections, nil
}

// readMaster reads head and tags.
func (x *Index) readMaster(data []byte) error {
	c := cursor{data: data}
	x.head = c.text()
	x.day = day(c.number(maxDay))
	n := c.count(3)
	x.tags = make([]Tag, 0, n)
	x.byName = make(map[string]int, n)
	last := 0
	for range n {
		name := c.text()
		position := c.number(len(x.order)/4 - 1)
		date := day(c.number(maxDay))
		if c.bad || position < last {
			return errDamaged
		}
		v, err := haproxy.ParseVersion(name)
		if err != nil {
			return errDamaged
		}
		last = position
		x.byName[name] = len(x.tags)
		x.tags = append(x.tags, Tag{v, x.prefixAt(position), date, position})
	}
	if c.bad || !isHash(x.head) {
		return errDamaged
	}
	return nil
}

func isHash(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && len(s) == 40
}

// readTables reads the maintained branches.
func (x *Index) readTables(data []byte) error {
	c := cursor{data: data}
	for range c.count(5) {
		t := Table{Branch: c.text(), Complete: c.number(maxPatch)}
		releases := c.count(2)
		t.Releases = make([]Release, 0, releases)
		for range releases {
			t.Releases = append(t.Releases, Release{c.number(maxPatch), day(c.number(maxDay))})
		}
		landings := c.count(2)
		t.Landings = make([]Landing, 0, landings)
		position := 0
		for i := range landings {
			step := c.number(len(x.order) / 4)
			if i > 0 && step == 0 {
				return errDamaged
			}
			position += step
			patch := c.number(maxPatch<<1 | 1)
			t.Landings = append(t.Landings, Landing{position, patch >> 1, Basis(patch & 1)})
		}
		pending := c.count(5)
		t.Pending = make([]Pending, 0, pending)
		for range pending {
			patch := c.number(maxPatch)
			if mark := c.bytes(4); mark != nil {
				t.Pending = append(t.Pending, Pending{patch, binary.LittleEndian.Uint32(mark)})
			}
		}
		if c.bad || position >= len(x.order)/4 {
			return errDamaged
		}
		x.tables = append(x.tables, t)
	}
	if c.bad {
		return errDamaged
	}
	return nil
}

// decodeFixes reads all that is said of the fixes.
func (x *Index) decodeFixes() ([]Fix, error) {
	var raw [4][]byte
	for i, name := range []string{sectionFacts, sectionWords, sectionHashes, sectionMarks} {
		s, ok := x.sections[name]
		if !ok {
			return nil, errDamaged
		}
		b, err := s.unpack()
		if err != nil {
			return nil, err
		}
		raw[i] = b
	}
	facts := cursor{data: raw[0]}
	fixes := make([]Fix, facts.count(10))
	if len(raw[2]) != len(fixes)*restOfHash || len(raw[3]) != len(fixes)*4 {
		return nil, errDamaged
	}
	x.readFacts(&facts, fixes)
	words := cursor{data: raw[1]}
	readWords(&words, fixes)
	if facts.bad || words.bad {
		return nil, errDamaged
	}
	digits := make([]byte, 0, len(fixes)*40)
	for i := range fixes {
		p := fixes[i].Position
		digits = hex.AppendEncode(digits, x.order[4*p:4*p+4])
		digits = hex.AppendEncode(digits, raw[2][i*restOfHash:(i+1)*restOfHash])
		fixes[i].Mark = binary.LittleEndian.Uint32(raw[3][4*i:])
	}
	all := string(digits)
	tag := 0
	for i := range fixes {
		fixes[i].Commit = all[40*i : 40*i+40]
		for tag < len(x.tags) && x.tags[tag].Position < fixes[i].Position {
			tag++
		}
		if tag < len(x.tags) {
			fixes[i].First = x.tags[tag].Version
		}
	}
	return fixes, nil
}

// readFacts reads the columns that facts wrote.
func (x *Index) readFacts(c *cursor, fixes []Fix) {
	position := 0
	for i := range fixes {
		step := c.number(len(x.order) / 4)
		position += step
		if i > 0 && step == 0 || position >= len(x.order)/4 {
			c.bad = true
			return
		}
		fixes[i].Position = position
	}
	date := 0
	for i := range fixes {
		zigzag := c.number(2 * maxDay)
		date += zigzag>>1 ^ -(zigzag & 1)
		if date < 0 || date > maxDay {
			c.bad = true
			return
		}
		fixes[i].Date = day(date)
	}
	for i := range fixes {
		b := c.byte()
		if int(b>>4) >= len(severities) || b&15 > byte(Asked) {
			c.bad = true
			return
		}
		fixes[i].Severity = severities[b>>4]
		fixes[i].Backport.Kind = ClauseKind(b & 15)
	}
	kinds := AllKinds()
	sets := map[int][]string{} // few: shared between fixes
	for i := range fixes {
		mask := c.number(1<<len(kinds) - 1)
		set, ok := sets[mask]
		if !ok {
			for m := uint(mask); m != 0; m &= m - 1 {
				set = append(set, kinds[bits.TrailingZeros(m)])
			}
			sets[mask] = set
		}
		fixes[i].Kinds = set
	}
	named := map[string][]string{} // likewise
	for i := range fixes {
		fixes[i].Backport.Floor = c.text()
	}
	for i := range fixes {
		s := c.text()
		list, ok := named[s]
		if !ok && s != "" {
			list = strings.Fields(s)
			named[s] = list
		}
		fixes[i].Backport.Named = list
	}
	var issues []int // of all fixes; few have two
	for i := range fixes {
		start := len(issues)
		for range c.count(1) {
			issues = append(issues, c.number(1<<24))
		}
		if len(issues) > start {
			fixes[i].Issues = issues[start:len(issues):len(issues)]
		}
	}
	for i := range fixes {
		if s := c.text(); s != "" {
			fixes[i].CVEs = strings.Fields(s)
		}
	}
	for i := range fixes {
		f := &fixes[i]
		f.Introduced = c.commits()
		f.Exposed = c.commits()
		f.Revert = c.commit()
		f.Backport.Same = c.commit()
	}
}

func (c *cursor) commits() []string {
	n := c.count(citedSize)
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = hex.EncodeToString(c.bytes(citedSize))
	}
	return list
}

func (c *cursor) commit() string {
	if c.number(1) == 0 {
		return ""
	}
	return hex.EncodeToString(c.bytes(citedSize))
}

// readWords reads the dictionary and the lists of words that numbers in it make.
func readWords(c *cursor, fixes []Fix) {
	dictionary := strings.Split(c.text(), "\n")
	// A word is a byte or more, and so is the length of each list: this is all
	// that they need.
	all := make([]string, 0, max(len(c.data)-len(columns(&Fix{}))*len(fixes), 0))
	for col := range columns(&Fix{}) {
		for i := range fixes {
			n := c.count(1)
			if n == 0 {
				continue
			}
			start := len(all)
			for range n {
				all = append(all, dictionary[c.number(len(dictionary)-1)])
			}
			*columns(&fixes[i])[col] = all[start:len(all):len(all)]
		}
	}
}
