package lines

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"path"
	"sort"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/hacrash/hacrash/pkg/haproxy"
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
	c := cursor{data: data[len(magic):]}
	var sections [4][]byte
	for i := range sections {
		sections[i] = c.take(c.word())
	}
	t := &lineTable{packed: sections[3], decoder: sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxRaw))
	})}
	var err, bad error
	t.aliases, err = openIndex(sections[1])
	t.directory, bad = openIndex(sections[2])
	if err = errors.Join(err, bad, c.error()); err != nil {
		return nil, err
	}
	return t, t.readReleases(sections[0])
}

func (t *lineTable) readReleases(data []byte) error {
	c := cursor{data: data}
	n := c.count(3)
	t.releases = make([]release, 0, n)
	for i := range n {
		v, err := haproxy.ParseVersion(string(c.take(c.number())))
		r := release{v, c.number(), i - c.number()}
		if err != nil || c.bad || r.parent < -1 || r.parent >= i {
			return errDamaged
		}
		t.releases = append(t.releases, r)
	}
	return c.error()
}

// index finds entries by a hash: three bytes of it and three of the place of each entry, then
// the entries.
type index struct {
	n    int
	data []byte
}

const indexEntry = 6

func openIndex(data []byte) (index, error) {
	c := cursor{data: data}
	n := c.count(indexEntry)
	return index{n, c.data}, c.error()
}

// each calls yield with what follows from every entry of a hash on.
func (x *index) each(hash uint32, yield func(c *cursor)) {
	at := func(i int) uint32 { c := cursor{data: x.data[i*indexEntry:]}; return c.hash() }
	for i := sort.Search(x.n, func(i int) bool { return at(i) >= hash }); i < x.n && at(i) == hash; i++ {
		place := cursor{data: x.data[i*indexEntry+3:]}
		c := cursor{data: x.data[x.n*indexEntry:]}
		c.take(int(place.hash()))
		yield(&c)
	}
}

// callers are the hashes of a function's name and of the macros that call it.
func (t *lineTable) callers(function string) []byte {
	h := nameHash(function)
	out := []byte{byte(h) & callBits}
	t.aliases.each(h, func(c *cursor) { out = append(out, c.take(c.number())...) })
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
	t.directory.each(nameHash(base), func(c *cursor) {
		e := entry{string(c.take(c.number())), c.number(), c.number()}
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
	c := cursor{data: t.packed}
	c.take(e.at)
	packed := c.take(e.bytes)
	d, err := t.decoder()
	if err != nil || c.bad {
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

// cursor reads the data of a table. After the first thing that does not fit, all reads
// give zero values and bad is set.
type cursor struct {
	data []byte
	bad  bool
}

func (c *cursor) fail() { c.bad, c.data = true, nil }

func (c *cursor) error() error {
	if c.bad {
		return errDamaged
	}
	return nil
}

func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.data) {
		c.fail()
		return nil
	}
	b := c.data[:n:n]
	c.data = c.data[n:]
	return b
}

func (c *cursor) number() int {
	v, n := binary.Uvarint(c.data)
	if n <= 0 || v > maxNumber {
		c.fail()
		return 0
	}
	c.data = c.data[n:]
	return int(v)
}

// maxNumber bounds every number of a table, so that sums of a few do not overflow.
const maxNumber = 1 << 24

// signed reads a number that may be below zero.
func (c *cursor) signed() int {
	n := c.number()
	return n>>1 ^ -(n & 1)
}

// count reads how many things follow that take size bytes or more each.
func (c *cursor) count(size int) int {
	n := c.number()
	if n > len(c.data)/size {
		c.fail()
		return 0
	}
	return n
}

func (c *cursor) word() int {
	if b := c.take(4); b != nil {
		return int(binary.LittleEndian.Uint32(b))
	}
	return 0
}

func (c *cursor) hash() uint32 {
	if b := c.take(3); b != nil {
		return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
	}
	return 0
}
