package fixes

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"

	"github.com/hacrash/hacrash/pkg/internal/cursor"
)

// The file: magic, the number of sections, then for each its name, where its
// bytes start in the file, how many they are, and their CRC-32C. All numbers are
// little-endian, of 32 bits where nothing else is said. Nothing is packed: what is
// asked for is read where it lies.
const (
	magic       = "hafixes2"
	nameSize    = 8
	entrySize   = nameSize + 3*4
	maxSections = 16
	maxFile     = 64 << 20
)

// Names of sections.
const (
	sectionMaster = "master" // head, tags
	sectionTables = "tables" // the maintained branches
	sectionOrder  = "order"  // four bytes of hash a commit, by position
	sectionByHash = "byhash" // the positions, by these four bytes; 24 bits each
	sectionFixes  = "fixes"  // a record a fix, see record.go
	sectionLists  = "lists"  // what the records have of varying length
	sectionTopics = "topics" // the three dictionaries, see words.go
	sectionPaths  = "paths"
	sectionNames  = "names"
	positionSize  = 3
	maxCommits    = 1 << (8 * positionSize)
	citedSize     = 10 / 2 // bytes of a commit that is cited
	citedDigits   = 10     // its digits
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Encode gives the bytes that Open reads. The same content gives the same bytes.
func (c *Content) Encode() ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	words := c.words()
	records, lists, err := c.records(words)
	if err != nil {
		return nil, err
	}
	return pack([]section{
		{sectionMaster, c.master()},
		{sectionTables, c.tables()},
		{sectionOrder, c.Order},
		{sectionByHash, byHash(c.Order)},
		{sectionFixes, records},
		{sectionLists, lists},
		{sectionTopics, words[Topics].bytes()},
		{sectionPaths, words[Paths].bytes()},
		{sectionNames, words[Names].bytes()},
	})
}

// byHash sorts the positions by the first bytes of the commits.
func byHash(order []byte) []byte {
	positions := make([]int, len(order)/4)
	for i := range positions {
		positions[i] = i
	}
	slices.SortStableFunc(positions, func(a, b int) int { return bytes.Compare(order[4*a:4*a+4], order[4*b:4*b+4]) })
	b := make([]byte, 0, positionSize*len(positions))
	for _, p := range positions {
		b = append(b, byte(p), byte(p>>8), byte(p>>16))
	}
	return b
}

// check finds contents that cannot be written.
func (c *Content) check() error {
	if len(c.Order)/4 > maxCommits {
		return fmt.Errorf("%d commits: more than the form of the index has room for", len(c.Order)/4)
	}
	last := -1
	for i := range c.Fixes {
		f := &c.Fixes[i]
		if f.Position <= last || f.Position*4 >= len(c.Order) {
			return fmt.Errorf("fix %s: position %d is out of order", f.Commit, f.Position)
		}
		last = f.Position
	}
	for _, t := range c.Tables {
		last := -1
		for _, l := range t.Landings {
			if l.Position <= last || l.Patch < 0 || l.Patch > maxPatch {
				return fmt.Errorf("branch %s: the landing at %d is out of order", t.Branch, l.Position)
			}
			last = l.Position
		}
	}
	return nil
}

func (c *Content) master() []byte {
	b := cursor.AppendText(nil, c.Head)
	b = binary.AppendUvarint(b, uint64(DayNumber(c.Day)))
	b = binary.AppendUvarint(b, uint64(len(c.Tags)))
	for _, t := range c.Tags {
		b = cursor.AppendText(b, t.Version.String())
		b = binary.AppendUvarint(b, uint64(t.Position))
		b = binary.AppendUvarint(b, uint64(DayNumber(t.Date)))
	}
	return b
}

func (c *Content) tables() []byte {
	b := binary.AppendUvarint(nil, uint64(len(c.Tables)))
	for _, t := range c.Tables {
		b = cursor.AppendText(b, t.Branch)
		b = binary.AppendUvarint(b, uint64(t.Complete))
		b = binary.AppendUvarint(b, uint64(len(t.Releases)))
		for _, r := range t.Releases {
			b = binary.AppendUvarint(b, uint64(r.Patch))
			b = binary.AppendUvarint(b, uint64(DayNumber(r.Day)))
		}
		b = binary.AppendUvarint(b, uint64(len(t.Landings)))
		last := 0
		for _, l := range t.Landings {
			b = binary.AppendUvarint(b, uint64(l.Position-last))
			b = binary.AppendUvarint(b, uint64(l.Patch)<<1|uint64(l.Basis))
			last = l.Position
		}
		b = binary.AppendUvarint(b, uint64(len(t.Pending)))
		for _, p := range t.Pending {
			b = binary.AppendUvarint(b, uint64(p.Patch))
			b = binary.LittleEndian.AppendUint32(b, p.Mark)
		}
	}
	return b
}

type section struct {
	name string
	raw  []byte
}

func pack(sections []section) ([]byte, error) {
	head := append([]byte(magic), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(head[len(magic):], uint32(len(sections)))
	var body []byte
	start := len(head) + len(sections)*entrySize
	for _, s := range sections {
		name := [nameSize]byte{}
		copy(name[:], s.name)
		head = append(head, name[:]...)
		for _, n := range []uint32{uint32(start + len(body)), uint32(len(s.raw)), crc32.Checksum(s.raw, castagnoli)} {
			head = binary.LittleEndian.AppendUint32(head, n)
		}
		body = append(body, s.raw...)
	}
	if len(head)+len(body) > maxFile {
		return nil, fmt.Errorf("the index is %d bytes, too many", len(head)+len(body))
	}
	return append(head, body...), nil
}
