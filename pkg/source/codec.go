package source

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"github.com/hacrash/hacrash/pkg/internal/xz"
	"github.com/klauspost/compress/gzip"
	"github.com/pierrec/lz4/v4"
)

// maxWindow bounds what a decompressor may keep in memory: the largest window
// that zstd itself unpacks without being asked to.
const maxWindow = 128 << 20

// codec is one way of compression.
type codec struct {
	name string
	// magics are the first bytes of a member: what one run of a compressor
	// writes. Members may stand one after the other.
	magics []string
	// open reads one member, or all that are left. It takes no byte of what
	// follows. An error of io.EOF or io.ErrUnexpectedEOF says that it was cut.
	open func(*feed) (io.Reader, error)
}

// magicLen is the longest magic.
const magicLen = 6

// codecs have their magics from RFC 1952 2.3.1, RFC 8878 3.1.1, the LZ4 frame
// format 1.6.4 ("magic", "legacy frame") and the .xz file format 1.2.1, 2.1.1.1.
func codecs() []codec {
	return []codec{
		{"gzip", []string{"\x1f\x8b\x08"}, openGzip},
		{"zstd", []string{"\x28\xb5\x2f\xfd"}, openZstd},
		{"lz4", []string{"\x04\x22\x4d\x18", "\x02\x21\x4c\x18"}, openLZ4},
		{"xz", []string{xz.Magic}, openXZ},
	}
}

// begins tells the first bytes of a member.
func (c *codec) begins(head []byte) bool {
	return slices.ContainsFunc(c.magics, func(m string) bool { return bytes.HasPrefix(head, []byte(m)) })
}

// codecNamed is the codec of a name, nil for none.
func codecNamed(name string) *codec {
	for _, c := range codecs() {
		if c.name == name {
			return &c
		}
	}
	return nil
}

// codecOf tells from its first bytes how content is packed, nil if it is not.
func codecOf(head []byte) *codec {
	skip := skippable(head)
	for _, p := range codecs() {
		if p.begins(head) {
			return &p
		}
		// Folklore: pzstd and zstd's seekable writers begin with frames that hold
		// nothing. Zstd and LZ4 share their magics; what follows decides.
		if skip > 0 && (p.name == "zstd" || p.name == "lz4") && (p.begins(head[skip:]) || len(head) == skip) {
			return &p
		}
	}
	return nil
}

// skippable gives the length of the skippable frames that head begins with, at
// most all of it; 0 if there are none.
func skippable(head []byte) int {
	n := 0
	for len(head)-n >= 8 && head[n]&0xf0 == 0x50 && string(head[n+1:n+4]) == "\x2a\x4d\x18" {
		size := uint64(binary.LittleEndian.Uint32(head[n+4:]))
		if size+8 > uint64(len(head)-n) {
			return len(head)
		}
		n += 8 + int(size)
	}
	return n
}

func openGzip(f *feed) (io.Reader, error) {
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	z.Multistream(false)
	return z, nil
}

func openZstd(f *feed) (io.Reader, error) { return newZstd(f) }

// openLZ4 reads a frame, and with some settings of its writer those behind it;
// one block of 8 MiB is the most that it keeps.
func openLZ4(f *feed) (io.Reader, error) { return lz4Reader{lz4.NewReader(f)}, nil }

type lz4Reader struct{ *lz4.Reader }

func (z lz4Reader) Read(b []byte) (int, error) {
	n, err := z.Reader.Read(b)
	if errors.Is(err, lz4.ErrInvalidFrame) {
		err = errTrailing
	}
	return n, err
}

func openXZ(f *feed) (io.Reader, error) { return xz.NewReader(f, maxWindow) }

// feed is compressed data. It is an io.ByteReader, so that no decompressor
// takes more of it than it needs.
type feed struct {
	*bufio.Reader
	src *origin
}

func newFeed(r io.Reader) *feed {
	src := &origin{r: r}
	return &feed{bufio.NewReaderSize(src, sniffLen), src}
}

// consumed is how many bytes were taken so far.
func (f *feed) consumed() int64 { return f.src.n - int64(f.Buffered()) }

// origin is what a feed reads from. It remembers an error of reading, which
// must not be taken for damage of the data.
type origin struct {
	r   io.Reader
	n   int64
	err error
}

func (o *origin) Read(b []byte) (int, error) {
	n, err := o.r.Read(b)
	o.n += int64(n)
	if err != nil && err != io.EOF {
		o.err = err
	}
	return n, err
}
