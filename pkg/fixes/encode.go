package fixes

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// The file: magic, the number of sections, then for each its name, where its
// bytes start in the file, how many they are, how many they are unpacked (the
// same number: they are not packed), and the CRC-32C of the bytes as stored. All
// numbers are 32 bits, little-endian. Sections that are asked for in every run are
// not packed.
const (
	magic       = "hafixes1"
	nameSize    = 8
	entrySize   = nameSize + 4*4
	maxSections = 16
	maxSection  = 16 << 20
	maxRatio    = 64 // of unpacked bytes to packed ones; 2 to 4 in practice
	maxFile     = 64 << 20
)

// Names of sections.
const (
	sectionMaster = "master" // head, tags
	sectionTables = "tables" // the maintained branches
	sectionOrder  = "order"  // four bytes a commit
	sectionHashes = "hashes" // per fix: the last 16 bytes of its hash
	sectionMarks  = "marks"  // per fix: Fix.Mark
	sectionFacts  = "facts"  // per fix: everything that is a number or a commit
	sectionWords  = "words"  // per fix: everything that is a list of words
	restOfHash    = 20 - 4   // bytes per fix in sectionHashes
	citedSize     = 10 / 2   // bytes of a commit that is cited
	citedDigits   = 10       // its digits
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Encode gives the bytes that Open reads. The same content gives the same bytes.
func (c *Content) Encode() ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	facts, err := c.facts()
	if err != nil {
		return nil, err
	}
	var hashes, marks []byte
	for i := range c.Fixes {
		h, err := hex.DecodeString(c.Fixes[i].Commit)
		if err != nil || len(h) != 20 {
			return nil, fmt.Errorf("%q is not a full hash of a commit", c.Fixes[i].Commit)
		}
		hashes = append(hashes, h[4:]...)
		marks = binary.LittleEndian.AppendUint32(marks, c.Fixes[i].Mark)
	}
	return pack([]section{
		{name: sectionMaster, raw: c.master()},
		{name: sectionTables, raw: c.tables()},
		{name: sectionOrder, raw: c.Order},
		{name: sectionHashes, raw: hashes},
		{name: sectionMarks, raw: marks},
		{name: sectionFacts, raw: facts, packed: true},
		{name: sectionWords, raw: c.words(), packed: true},
	})
}

// check finds contents that cannot be written.
func (c *Content) check() error {
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
	b := putText(nil, c.Head)
	b = binary.AppendUvarint(b, uint64(dayNumber(c.Day)))
	b = binary.AppendUvarint(b, uint64(len(c.Tags)))
	for _, t := range c.Tags {
		b = putText(b, t.Version.String())
		b = binary.AppendUvarint(b, uint64(t.Position))
		b = binary.AppendUvarint(b, uint64(dayNumber(t.Date)))
	}
	return b
}

func (c *Content) tables() []byte {
	b := binary.AppendUvarint(nil, uint64(len(c.Tables)))
	for _, t := range c.Tables {
		b = putText(b, t.Branch)
		b = binary.AppendUvarint(b, uint64(t.Complete))
		b = binary.AppendUvarint(b, uint64(len(t.Releases)))
		for _, r := range t.Releases {
			b = binary.AppendUvarint(b, uint64(r.Patch))
			b = binary.AppendUvarint(b, uint64(dayNumber(r.Day)))
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

// facts writes one column after the other: what stands together is alike.
func (c *Content) facts() ([]byte, error) {
	kinds := AllKinds()
	b := binary.AppendUvarint(nil, uint64(len(c.Fixes)))
	last := 0
	for i := range c.Fixes {
		b = binary.AppendUvarint(b, uint64(c.Fixes[i].Position-last))
		last = c.Fixes[i].Position
	}
	previous := 0
	for i := range c.Fixes {
		n := dayNumber(c.Fixes[i].Date)
		b = binary.AppendVarint(b, int64(n-previous))
		previous = n
	}
	for i := range c.Fixes {
		n := slices.Index(severities, c.Fixes[i].Severity)
		if n < 0 {
			return nil, fmt.Errorf("fix %s: %q is no severity", c.Fixes[i].Commit, c.Fixes[i].Severity)
		}
		b = append(b, byte(n)<<4|byte(c.Fixes[i].Backport.Kind))
	}
	for i := range c.Fixes {
		var mask uint64
		for _, k := range c.Fixes[i].Kinds {
			n := slices.Index(kinds, k)
			if n < 0 {
				return nil, fmt.Errorf("fix %s: %q is no kind", c.Fixes[i].Commit, k)
			}
			mask |= 1 << n
		}
		b = binary.AppendUvarint(b, mask)
	}
	for i := range c.Fixes {
		b = putText(b, c.Fixes[i].Backport.Floor)
	}
	for i := range c.Fixes {
		b = putText(b, strings.Join(c.Fixes[i].Backport.Named, " "))
	}
	for i := range c.Fixes {
		b = binary.AppendUvarint(b, uint64(len(c.Fixes[i].Issues)))
		for _, n := range c.Fixes[i].Issues {
			b = binary.AppendUvarint(b, uint64(n))
		}
	}
	for i := range c.Fixes {
		b = putText(b, strings.Join(c.Fixes[i].CVEs, " "))
	}
	var err error
	for i := range c.Fixes {
		f := &c.Fixes[i]
		for _, list := range [][]string{f.Introduced, f.Exposed, one(f.Revert), one(f.Backport.Same)} {
			b = append(b, byte(len(list)))
			for _, commit := range list {
				h, e := hex.DecodeString(commit)
				if e != nil || len(h) != citedSize {
					err = fmt.Errorf("fix %s: it cites %q, which has not %d digits", f.Commit, commit, citedDigits)
				}
				b = append(b, h...)
			}
		}
	}
	return b, err
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// words writes the dictionary, then the lists of each column as numbers in it.
// Words are numbered as they come up: those of one time are neighbours then, in
// the dictionary and in their numbers.
func (c *Content) words() []byte {
	numbers := map[string]int{}
	var dictionary []string
	var lists []byte
	for col := range columns(&Fix{}) {
		for i := range c.Fixes {
			list := *columns(&c.Fixes[i])[col]
			lists = binary.AppendUvarint(lists, uint64(len(list)))
			for _, w := range list {
				n, ok := numbers[w]
				if !ok {
					n = len(dictionary)
					numbers[w] = n
					dictionary = append(dictionary, w)
				}
				lists = binary.AppendUvarint(lists, uint64(n))
			}
		}
	}
	b := putText(nil, strings.Join(dictionary, "\n"))
	return append(b, lists...)
}

// columns are the lists of words of a fix.
func columns(f *Fix) []*[]string {
	return []*[]string{&f.Subsystems, &f.Files, &f.Changed, &f.Called, &f.Named, &f.Conditions}
}

type section struct {
	name   string
	raw    []byte
	packed bool
}

func pack(sections []section) ([]byte, error) {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	defer w.Close()
	head := append([]byte(magic), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(head[len(magic):], uint32(len(sections)))
	var body []byte
	start := len(head) + len(sections)*entrySize
	for _, s := range sections {
		if len(s.raw) > maxSection {
			return nil, fmt.Errorf("section %s of the index is %d bytes, too many", s.name, len(s.raw))
		}
		stored := s.raw
		if s.packed {
			stored = w.EncodeAll(s.raw, nil)
		}
		if len(stored)*maxRatio < len(s.raw) || len(stored) >= len(s.raw) {
			stored = s.raw // nothing to pack
		}
		name := [nameSize]byte{}
		copy(name[:], s.name)
		head = append(head, name[:]...)
		for _, n := range []uint32{uint32(start + len(body)), uint32(len(stored)), uint32(len(s.raw)), crc32.Checksum(stored, castagnoli)} {
			head = binary.LittleEndian.AppendUint32(head, n)
		}
		body = append(body, stored...)
	}
	return append(head, body...), nil
}
