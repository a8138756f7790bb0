package fixes

import (
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/cursor"
)

// errDamaged is what every check of the data's form ends in.
var errDamaged = errors.New("the fix index is damaged; import it anew with hacrash bugs import")

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
	c := cursor.Cursor{Data: data[len(magic):]}
	n := c.Word()
	if n > maxSections {
		return nil, errDamaged
	}
	sections := map[string][]byte{}
	for range n {
		name := strings.TrimRight(string(c.Bytes(nameSize)), "\x00")
		start, length, sum := c.Word(), c.Word(), c.Word()
		if c.Bad || uint64(start)+uint64(length) > uint64(len(data)) {
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
	c := cursor.Cursor{Data: data}
	x.head = c.Text()
	x.day = DayOf(c.Number(maxDay))
	n := c.Count(3)
	x.tags = make([]Tag, 0, n)
	x.byName = make(map[string]int, n)
	last := 0
	for range n {
		name := c.Text()
		position := c.Number(len(x.order)/4 - 1)
		date := DayOf(c.Number(maxDay))
		if c.Bad || position < last {
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
	if c.Bad || !isHash(x.head) {
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
	c := cursor.Cursor{Data: data}
	for range c.Count(5) {
		t := Table{Branch: c.Text(), Complete: c.Number(maxPatch)}
		releases := c.Count(2)
		t.Releases = make([]Release, 0, releases)
		for range releases {
			t.Releases = append(t.Releases, Release{c.Number(maxPatch), DayOf(c.Number(maxDay))})
		}
		landings := c.Count(2)
		t.Landings = make([]Landing, 0, landings)
		position := 0
		for i := range landings {
			step := c.Number(len(x.order) / 4)
			if i > 0 && step == 0 {
				return errDamaged
			}
			position += step
			patch := c.Number(maxPatch<<1 | 1)
			t.Landings = append(t.Landings, Landing{position, patch >> 1, Basis(patch & 1)})
		}
		pending := c.Count(5)
		t.Pending = make([]Pending, 0, pending)
		for range pending {
			t.Pending = append(t.Pending, Pending{c.Number(maxPatch), c.Word()})
		}
		if c.Bad || position >= len(x.order)/4 {
			return errDamaged
		}
		x.tables = append(x.tables, t)
	}
	if c.Bad {
		return errDamaged
	}
	return nil
}
