package source

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/zstd"
)

// zstdReader unpacks all frames that are left.
//
// A core is mostly zeros, and zstd writes these as one block after the other
// that says "128 KiB of zeros". The library is slow with these (it sets byte after byte,
// copies it to its window, and hashes it), so they go past it: once as
// many zeros as the window is long went through it, more of them do not change
// what it knows, and what it does not see is put into its output where it
// belongs. So the library must not see the size and the checksum of a frame;
// they are checked here.
type zstdReader struct {
	dec  *zstd.Decoder
	next func() (zstdPiece, bool)
	stop func()
	cur  zstdPiece
	err  error // the end of the pieces
}

// zstdPiece is some content: bytes, good until the next piece, or a run of one.
type zstdPiece struct {
	b     []byte
	value byte
	run   int // of value; b is empty
}

var errStopped = errors.New("closed")

func newZstd(f *feed) (*zstdReader, error) {
	fr := &zstdFrames{in: f}
	// Without goroutines of its own it reads no further than the block at work, so
	// that a cut can be told from damage; with them it was slower. The limit of
	// "memory" is one of content; the caller has its own.
	dec, err := zstd.NewReader(fr, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(1<<60))
	if err != nil {
		return nil, err
	}
	z := &zstdReader{dec: dec}
	z.next, z.stop = iter.Pull(func(yield func(zstdPiece) bool) {
		fr.give = yield
		if _, z.err = dec.WriteTo(fr); z.err == nil {
			z.err = io.EOF
		}
	})
	return z, nil
}

// Read gives the library's errors the words of this package.
func (z *zstdReader) Read(b []byte) (int, error) {
	for len(z.cur.b) == 0 && z.cur.run == 0 {
		var ok bool
		if z.cur, ok = z.next(); !ok {
			return 0, zstdError(z.err)
		}
	}
	n := copy(b, z.cur.b)
	z.cur.b = z.cur.b[n:]
	if z.cur.run > 0 {
		n = min(len(b), z.cur.run)
		fill(b[:n], z.cur.value)
		z.cur.run -= n
	}
	return n, nil
}

func (z *zstdReader) Close() error {
	z.stop()
	z.dec.Close()
	return nil
}

func zstdError(err error) error {
	switch {
	case errors.Is(err, zstd.ErrMagicMismatch):
		return errTrailing
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return fmt.Errorf("its window is larger than %d MiB; unpack it with zstd -d --long=31", maxWindow>>20)
	}
	return err
}

func fill(b []byte, v byte) {
	if v == 0 {
		clear(b) // the usual case, and the fast one
		return
	}
	for i := range b {
		b[i] = v
	}
}

// Numbers of RFC 8878, 3.1.1: frame header, blocks.
const (
	zstdMagic      = 0xfd2fb528
	zstdSkippable  = 0x184d2a50 // the low four bits are free
	zstdMaxBlock   = 128 << 10
	zstdUnknown    = ^uint64(0)
	flagChecksum   = 1 << 2
	flagReserved   = 1 << 3
	flagSingle     = 1 << 5
	blockRaw       = 0
	blockRLE       = 1
	blockHeaderLen = 3
)

// zstdFrames stands around the library: it reads what the library asks for, a
// block at a time and no byte more, and takes what it gives.
type zstdFrames struct {
	in   io.Reader
	give func(zstdPiece) bool

	// What the library gets next, in this order.
	head []byte
	run  int // bytes of value, of a raw block that was a run
	pass int64

	inFrame, last bool
	// checked is a frame whose size and checksum the library does not see.
	checked, hasSum bool
	value           byte
	window, size    uint64
	// seen is how many bytes of value the library's window ends with.
	seen, total uint64
	sum         xxhash.Digest
}

// Write takes what the library unpacked.
func (f *zstdFrames) Write(b []byte) (int, error) {
	f.total += uint64(len(b))
	if f.hasSum && f.checked {
		_, _ = f.sum.Write(b) // never fails
	}
	if !f.give(zstdPiece{b: b}) {
		return 0, errStopped
	}
	return len(b), nil
}

// Read gives the library its input.
func (f *zstdFrames) Read(b []byte) (int, error) {
	for len(b) > 0 {
		switch {
		case len(f.head) > 0:
			n := copy(b, f.head)
			f.head = f.head[n:]
			return n, nil
		case f.run > 0:
			n := min(len(b), f.run)
			fill(b[:n], f.value)
			f.run -= n
			return n, nil
		case f.pass > 0:
			n, err := f.in.Read(b[:min(int64(len(b)), f.pass)])
			f.pass -= int64(n)
			if n > 0 {
				err = nil // it comes again
			}
			return n, err
		}
		if err := f.step(); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// step prepares what the library gets next.
func (f *zstdFrames) step() error {
	if f.inFrame && !f.last {
		return f.block()
	}
	if f.inFrame {
		f.inFrame = false
		if err := f.endFrame(); err != nil || len(f.head) > 0 {
			return err
		}
	}
	return f.frame()
}

// take reads n bytes and appends them to what the library gets.
func (f *zstdFrames) take(n int) ([]byte, error) {
	at := len(f.head)
	f.head = append(f.head, make([]byte, n)...)
	k, err := io.ReadFull(f.in, f.head[at:])
	f.head = f.head[:at+k]
	return f.head[at:], err
}

// frame reads the header of a frame (3.1.1.1). What is no frame, or one that the
// library will refuse, is passed on as it is.
func (f *zstdFrames) frame() error {
	f.head = f.head[:0]
	b, err := f.take(4)
	if err != nil {
		return f.cut(err)
	}
	magic := binary.LittleEndian.Uint32(b)
	if magic&^0xf == zstdSkippable {
		if b, err = f.take(4); err != nil {
			return f.cut(err)
		}
		f.pass = int64(binary.LittleEndian.Uint32(b))
		return nil
	}
	if magic != zstdMagic {
		f.pass = 1 << 62
		return nil
	}
	if b, err = f.take(1); err != nil {
		return f.cut(err)
	}
	flags := b[0]
	if flags&flagReserved != 0 {
		f.pass = 1 << 62
		return nil
	}
	f.inFrame, f.last, f.seen = true, false, 0
	f.hasSum = flags&flagChecksum != 0
	f.checked = flags&flagSingle == 0
	sizeLen := [4]int{0, 2, 4, 8}[flags>>6]
	if !f.checked { // short content: the library does it all
		sizeLen = max(sizeLen, 1)
		_, err = f.take([4]int{0, 1, 2, 4}[flags&3] + sizeLen)
		return f.cut(err)
	}
	f.sum.Reset()
	f.total, f.size = 0, zstdUnknown
	f.head[4] = flags & 3 // no checksum, no size
	if b, err = f.take(1 + [4]int{0, 1, 2, 4}[flags&3]); err != nil {
		return f.cut(err)
	}
	f.window = 1 << (10 + b[0]>>3)
	f.window += f.window / 8 * uint64(b[0]&7)
	if sizeLen > 0 {
		var size [8]byte
		if _, err := io.ReadFull(f.in, size[:sizeLen]); err != nil {
			return f.cut(err)
		}
		f.size = binary.LittleEndian.Uint64(size[:])
		if sizeLen == 2 {
			f.size += 256
		}
	}
	return nil
}

// block reads the header of a block (3.1.1.2).
func (f *zstdFrames) block() error {
	f.head = f.head[:0]
	b, err := f.take(blockHeaderLen)
	if err != nil {
		return f.cut(err)
	}
	word := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
	last, size := word&1 != 0, int(word>>3)
	refused := size > zstdMaxBlock || f.checked && uint64(size) > f.window // by the library
	if word>>1&3 != blockRLE || refused {
		f.last, f.seen, f.pass = last, 0, int64(size)
		return nil
	}
	value, err := f.take(1)
	if err != nil {
		return f.cut(err)
	}
	if value[0] != f.value {
		f.value, f.seen = value[0], 0
	}
	if f.checked && !last && f.seen >= f.window {
		f.head = f.head[:0]
		f.total += uint64(size)
		if f.hasSum {
			f.sumRun(size)
		}
		if !f.give(zstdPiece{value: f.value, run: size}) {
			return errStopped
		}
		return nil
	}
	// As a raw block it is copied, not set byte after byte.
	word = word&1 | blockRaw<<1 | uint32(size)<<3
	f.head = append(f.head[:0], byte(word), byte(word>>8), byte(word>>16))
	f.last, f.run = last, size
	f.seen += uint64(size)
	return nil
}

// sumRun takes a run of the value into the checksum.
func (f *zstdFrames) sumRun(n int) {
	var run [8 << 10]byte
	fill(run[:], f.value)
	for ; n > 0; n -= min(n, len(run)) {
		_, _ = f.sum.Write(run[:min(n, len(run))]) // never fails
	}
}

// endFrame checks what the library was not told. It took all blocks, and gave all
// content, before it asked for what is behind them.
func (f *zstdFrames) endFrame() error {
	f.head = f.head[:0]
	if !f.hasSum && !f.checked {
		return nil
	}
	if f.hasSum {
		b, err := f.take(4)
		if !f.checked {
			return f.cut(err) // the library checks it
		}
		if err != nil {
			// The library takes a bare io.EOF here for the good end of the data.
			return fmt.Errorf("checksum: %w", err)
		}
		if binary.LittleEndian.Uint32(b) != uint32(f.sum.Sum64()) {
			return zstd.ErrCRCMismatch
		}
		f.head = f.head[:0]
	}
	if f.size != zstdUnknown && f.size != f.total {
		return zstd.ErrFrameSizeMismatch
	}
	return nil
}

// cut passes on what there is of something that ends early; the library says
// what is wrong with that.
func (f *zstdFrames) cut(err error) error {
	if len(f.head) > 0 && (err == io.EOF || err == io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}
