package source

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// maxWindow bounds what a decompressor may keep: the largest window that zstd
// itself unpacks without being asked to.
const maxWindow = 128 << 20

// unpacker opens the content behind a compression. Streams that were put one
// after the other are read to the end of the last.
func unpacker(kind string, r io.Reader) (io.Reader, io.Closer, error) {
	switch kind {
	case "gzip":
		z, err := gzip.NewReader(r)
		return z, z, err
	case "zstd":
		// One goroutine is the fastest here, and the smallest.
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(1<<46))
		if err != nil {
			return nil, nil, err
		}
		rc := z.IOReadCloser()
		return rc, rc, nil
	case "lz4":
		return &frames{src: r, open: func(r io.Reader) io.Reader { return lz4.NewReader(r) }}, nil, nil
	case "xz":
		z, err := xz.ReaderConfig{DictCap: maxWindow}.NewReader(r)
		return z, nil, err
	}
	return nil, nil, fmt.Errorf("compression %q is not known", kind)
}

// frames reads LZ4 frames one after the other: the library stops after the first.
type frames struct {
	src  io.Reader
	open func(io.Reader) io.Reader
	cur  io.Reader
	got  bool // the current frame gave something
	done bool
}

func (f *frames) Read(b []byte) (int, error) {
	for !f.done && len(b) > 0 {
		if f.cur == nil {
			f.cur, f.got = f.open(f.src), false
		}
		n, err := f.cur.Read(b)
		f.got = f.got || n > 0
		if n > 0 {
			if err == io.EOF {
				f.cur = nil
			}
			return n, nil
		}
		if err == io.EOF && f.got {
			f.cur = nil
			continue
		}
		if err != nil {
			f.done = err == io.EOF
			return 0, err
		}
	}
	if f.done {
		return 0, io.EOF
	}
	return 0, nil
}

// stream is decompressed content that is read once. Damage ends it early and
// becomes a problem of the input, because what came before it is still good.
type stream struct {
	ctx context.Context
	r   io.Reader
	in  *Input
	n   int64
}

func (s *stream) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.r.Read(b)
	s.n += int64(n)
	if err != nil && err != io.EOF && s.in.Compression != "" {
		s.in.problem(damage(s.in.Compression, s.n, err))
		err = io.EOF
	}
	return n, err
}

// damage words an error of a decompressor.
func damage(compression string, n int64, err error) string {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Sprintf("truncated: the %s data ends early, %d bytes came out of it", compression, n)
	}
	return fmt.Sprintf("damaged: the %s data cannot be read after %d bytes of content (%v)", compression, n, err)
}
