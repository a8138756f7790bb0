package lines

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"path"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

//go:embed data/lines.bin
var shipped []byte

// The table: magic, then the releases, the aliases, the directory of files and the files,
// each after its length in 32 bits, little-endian. A file is packed with zstd. All other
// numbers are LEB128.
const (
	magic  = "halines1"
	maxRaw = 1 << 20 // of a file, unpacked
)

var errDamaged = errors.New("the table of lines is damaged")

// table is the shipped one, read when it is first asked. A table that is damaged knows nothing.
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
	aliases  map[uint32]string // of a function, the hashes of macros that call it
	files    map[string][]byte // packed, by path
	bases    map[string][]string
	unpacked sync.Map // path to *file
	decoder  func() (*zstd.Decoder, error)
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
	t := &lineTable{decoder: sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxRaw))
	})}
	if c.bad {
		return nil, errDamaged
	}
	return t, errors.Join(t.readReleases(sections[0]), t.readAliases(sections[1]), t.readDirectory(sections[2], sections[3]))
}

func (t *lineTable) readReleases(data []byte) error {
	c := cursor{data: data}
	for i := range c.count(3) {
		v, err := haproxy.ParseVersion(string(c.take(c.number())))
		r := release{v, c.number(), i - c.number()}
		if err != nil || c.bad || r.parent < -1 || r.parent >= i {
			return errDamaged
		}
		t.releases = append(t.releases, r)
	}
	return c.error()
}

func (t *lineTable) readAliases(data []byte) error {
	c := cursor{data: data}
	n := c.count(4)
	t.aliases = make(map[uint32]string, n)
	for range n {
		h := c.hash()
		t.aliases[h] = string(c.take(c.number()))
	}
	return c.error()
}

func (t *lineTable) readDirectory(data, packed []byte) error {
	c, all := cursor{data: data}, cursor{data: packed}
	n := c.count(2)
	t.files = make(map[string][]byte, n)
	t.bases = make(map[string][]string, n)
	for range n {
		name := string(c.take(c.number()))
		t.files[name] = all.take(c.number())
		t.bases[path.Base(name)] = append(t.bases[path.Base(name)], name)
	}
	return errors.Join(c.error(), all.error())
}

// file unpacks a file; nil when the table has none of the name.
func (t *lineTable) file(name string) *file {
	if f, ok := t.unpacked.Load(name); ok {
		return f.(*file)
	}
	packed, ok := t.files[name]
	if !ok {
		return nil
	}
	d, err := t.decoder()
	if err != nil {
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
	t.unpacked.Store(name, f)
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
