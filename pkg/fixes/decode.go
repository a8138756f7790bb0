package fixes

import (
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// sectionsOf reads the table of sections. Their sums are not compared when the
// data is trusted to be as it was made.
func sectionsOf(data []byte, trusted bool) (map[string][]byte, error) {
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
	n := c.word()
	if n > maxSections {
		return nil, errDamaged
	}
	sections := map[string][]byte{}
	for range n {
		name := strings.TrimRight(string(c.bytes(nameSize)), "\x00")
		start, length, sum := c.word(), c.word(), c.word()
		if c.bad || uint64(start)+uint64(length) > uint64(len(data)) {
			return nil, errDamaged
		}
		b := data[start : start+length : start+length]
		if !trusted && crc32.Checksum(b, castagnoli) != sum {
			return nil, errDamaged
		}
		sections[name] = b
	}
	for _, name := range [...]string{
		sectionMaster, sectionTables, sectionOrder, sectionByHash, sectionFixes, sectionLists, sectionTopics, sectionPaths, sectionNames,
	} {
		if _, ok := sections[name]; !ok {
			return nil, errDamaged
		}
	}
	return sections, nil
}

// readMaster reads head and tags.
func (x *Index) readMaster(data []byte) error {
	c := cursor{data: data}
	x.head = c.text()
	x.day = DayOf(c.number(maxDay))
	n := c.count(3)
	x.tags = make([]Tag, 0, n)
	x.byName = make(map[string]int, n)
	last := 0
	for range n {
		name := c.text()
		position := c.number(len(x.order)/4 - 1)
		date := DayOf(c.number(maxDay))
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
			t.Releases = append(t.Releases, Release{c.number(maxPatch), DayOf(c.number(maxDay))})
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
			t.Pending = append(t.Pending, Pending{c.number(maxPatch), c.word()})
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
