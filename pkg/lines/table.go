package lines

import (
	_ "embed"
	"errors"
	"path"
	"sort"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/cursor"
)

//go:embed data/lines.bin
var shipped []byte

// The table: magic, then four sections, each after its length in 32 bits, little-endian: the
// releases, the aliases, the directory of files, and the files, each packed with zstd. What is
// asked for is searched where it lies. Numbers are LEB128 where nothing else is said.
const (
	magic  = "halines1"
	maxRaw = 1 << 20 // of a file, unpacked
)

var errDamaged = errors.New("the table of lines is damaged")

// table is the shipped one, opened when it is first asked. One that is damaged knows nothing.
var table = sync.OnceValue(func() *lineTable {
	t, err := open(shipped)
	if err != nil {
		return &lineTable{}
	}
	return t
})

// lineTable says which lines the functions of every release have.
type lineTable struct {
	releases []release
	// aliases and directory are sorted by their hashes.
	aliases, directory index
	packed             []byte
	unpacked           sync.Map // path to *file
	decoder            func() (*zstd.Decoder, error)
	memo               memo
}

// release is one of the table, which has them by version.
type release struct {
	version haproxy.Version
	day     int // since 1970
	parent  int // -1 when there is none
}

func open(data []byte) (*lineTable, error) {
	if !strings.HasPrefix(string(data), magic) {
		return nil, errDamaged
	}
	c := cursor.Cursor{Data: data[len(magic):]}
	var sections [4][]byte
	for i := range sections {
		sections[i] = c.Bytes(int(c.Word()))
	}
	t := &lineTable{packed: sections[3], decoder: sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxRaw))
	})}
	var err, bad error
	t.aliases, err = openIndex(sections[1])
	t.directory, bad = openIndex(sections[2])
	if err = errors.Join(err, bad, damaged(&c)); err != nil {
		return nil, err
	}
	return t, t.readReleases(sections[0])
}

func (t *lineTable) readReleases(data []byte) error {
	c := cursor.Cursor{Data: data}
	n := c.Count(3)
	t.releases = make([]release, 0, n)
	for i := range n {
		v, err := haproxy.ParseVersion(c.Text())
		r := release{v, c.Number(maxNumber), i - c.Number(maxNumber)}
		if err != nil || c.Bad || r.parent < -1 || r.parent >= i {
			return errDamaged
		}
		t.releases = append(t.releases, r)
	}
	return damaged(&c)
}

// index finds entries by a hash: three bytes of it and three of the place of each entry, then
// the entries.
type index struct {
	n    int
	data []byte
}

const indexEntry = 6

func openIndex(data []byte) (index, error) {
	c := cursor.Cursor{Data: data}
	n := c.Count(indexEntry)
	return index{n, c.Data}, damaged(&c)
}

// each calls yield with what follows from every entry of a hash on.
func (x *index) each(hash uint32, yield func(c *cursor.Cursor)) {
	at := func(i int) uint32 { c := cursor.Cursor{Data: x.data[i*indexEntry:]}; return readHash(&c) }
	for i := sort.Search(x.n, func(i int) bool { return at(i) >= hash }); i < x.n && at(i) == hash; i++ {
		place := cursor.Cursor{Data: x.data[i*indexEntry+3:]}
		c := cursor.Cursor{Data: x.data[x.n*indexEntry:]}
		c.Bytes(int(readHash(&place)))
		yield(&c)
	}
}

// callers are the hashes of a function's name and of the macros that call it.
func (t *lineTable) callers(function string) []byte {
	h := nameHash(function)
	out := []byte{byte(h) & callBits}
	t.aliases.each(h, func(c *cursor.Cursor) { out = append(out, c.Bytes(c.Number(maxNumber))...) })
	return out
}

// entry is a file of the table.
type entry struct {
	path      string
	at, bytes int // where it is packed
}

// named lists the files with a name, whatever their directory.
func (t *lineTable) named(base string) []entry {
	var list []entry
	t.directory.each(nameHash(base), func(c *cursor.Cursor) {
		e := entry{c.Text(), c.Number(maxNumber), c.Number(maxNumber)}
		if path.Base(e.path) == base {
			list = append(list, e)
		}
	})
	return list
}

// file unpacks a file, nil when it is damaged.
func (t *lineTable) file(e entry) *file {
	if f, ok := t.unpacked.Load(e.path); ok {
		return f.(*file)
	}
	c := cursor.Cursor{Data: t.packed}
	c.Bytes(e.at)
	packed := c.Bytes(e.bytes)
	d, err := t.decoder()
	if err != nil || c.Bad {
		return nil
	}
	raw, err := d.DecodeAll(packed, nil)
	if err != nil {
		return nil
	}
	f, err := readFile(raw, t.releases)
	if err != nil {
		return nil
	}
	t.unpacked.Store(e.path, f)
	return f
}

// maxNumber bounds every number of a table, so that sums of a few do not overflow.
const maxNumber = 1 << 24

func readHash(c *cursor.Cursor) uint32 {
	if b := c.Bytes(3); b != nil {
		return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
	}
	return 0
}

// damaged is the error of cursors that met what does not fit.
func damaged(cursors ...*cursor.Cursor) error {
	for _, c := range cursors {
		if c.Bad {
			return errDamaged
		}
	}
	return nil
}
