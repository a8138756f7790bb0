package source

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/zstd"
)

// frameOf makes a zstd frame by hand (RFC 8878 3.1.1): runs and raw blocks, with
// a window of 1 KiB << window, a checksum and a size where asked for.
type frameOf struct {
	blocks, content []byte
	last            int // offset of the last block header
}

func (f *frameOf) run(v byte, n int) *frameOf {
	f.header(1, n)
	f.blocks = append(f.blocks, v)
	f.content = append(f.content, bytes.Repeat([]byte{v}, n)...)
	return f
}

func (f *frameOf) raw(b []byte) *frameOf {
	f.header(0, len(b))
	f.blocks = append(f.blocks, b...)
	f.content = append(f.content, b...)
	return f
}

func (f *frameOf) header(typ, size int) {
	f.last = len(f.blocks)
	w := typ<<1 | size<<3
	f.blocks = append(f.blocks, byte(w), byte(w>>8), byte(w>>16))
}

func (f *frameOf) frame(window int, sum, size bool) []byte {
	flags := byte(0)
	out := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, byte(window << 3)}
	if size {
		flags |= 2 << 6
		out = append(out, byte(len(f.content)), byte(len(f.content)>>8), byte(len(f.content)>>16), byte(len(f.content)>>24))
	}
	if sum {
		flags |= 1 << 2
	}
	out[4] = flags
	blocks := bytes.Clone(f.blocks)
	blocks[f.last] |= 1
	out = append(out, blocks...)
	if sum {
		s := xxhash.Sum64(f.content)
		out = append(out, byte(s), byte(s>>8), byte(s>>16), byte(s>>24))
	}
	return out
}

// unzstd reads with this package's reader, and with the library alone.
func unzstd(t testing.TB, b []byte) (got, want []byte, gotErr, wantErr error) {
	t.Helper()
	const most = 32 << 20
	z, err := newZstd(newFeed(bytes.NewReader(b)))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	got, gotErr = io.ReadAll(io.LimitReader(z, most))
	d, err := zstd.NewReader(bytes.NewReader(b), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(1<<60))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	want, wantErr = io.ReadAll(io.LimitReader(d.IOReadCloser(), most))
	return got, want, gotErr, wantErr
}

// A run has the hash of its bytes.
func TestSumRun(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var f zstdFrames
		f.sum.Reset()
		var all []byte
		for range 5 {
			n := r.IntN(20000)
			f.value = byte(r.IntN(3))
			all = append(all, bytes.Repeat([]byte{f.value}, n)...)
			f.sumRun(n)
		}
		if f.sum.Sum64() != xxhash.Sum64(all) {
			t.Fatal("a run has another hash than its bytes")
		}
	}
}

// What real writers make of data with long runs in it.
func TestZstdOfWriters(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var b []byte
	for range 12 {
		noise := make([]byte, r.IntN(300<<10))
		for i := range noise {
			noise[i] = byte(r.IntN(40))
		}
		b = append(b, noise...)
		b = append(b, bytes.Repeat([]byte{byte(r.IntN(2) * 7)}, r.IntN(4<<20))...)
		b = append(b, noise[:len(noise)/2]...)
	}
	packed := map[string][]byte{}
	for _, level := range []string{"-1", "-3", "-9"} {
		packed["zstd "+level] = run(t, b, "zstd", "-c", "-T1", level)
	}
	packed["zstd --long"] = run(t, b, "zstd", "-c", "--long=24")
	packed["without a checksum"] = run(t, b, "zstd", "-c", "--no-check")
	packed["the library"] = pack(t, "zstd", b)
	packed["two frames"] = append(bytes.Clone(packed["zstd -3"]), packed["the library"]...)
	for name, p := range packed {
		got, want, err, _ := unzstd(t, p)
		if err != nil || !bytes.Equal(got, want) || len(got) < len(b) && len(got) != 32<<20 {
			t.Errorf("%s: %d bytes, %v; want %d", name, len(got), err, len(want))
		}
	}
}

// Runs as long as the window, and longer, of zeros and of others, then a
// block that looks back into them.
func TestZstdRunsGoPast(t *testing.T) {
	for window := range 8 {
		for _, n := range []int{1, 1 << 10 << window, 128 << 10} {
			for _, v := range []byte{0, 7} {
				f := new(frameOf).raw([]byte("begin"))
				n := min(n, 1<<10<<window)
				for range 20 {
					f.run(v, n)
				}
				f.run(v+1, n).run(v, n).raw([]byte("end"))
				for range 9 {
					f.run(v, n)
				}
				for _, sum := range []bool{true, false} {
					for _, size := range []bool{true, false} {
						b := f.frame(window, sum, size)
						b = append(b, b...)
						got, want, err, wantErr := unzstd(t, b)
						if err != nil || wantErr != nil || !bytes.Equal(got, want) || len(want) != 2*len(f.content) {
							t.Fatalf("window %d, runs of %d × %d: %d bytes, %v; want %d, %v", window, n, v, len(got), err, len(want), wantErr)
						}
					}
				}
			}
		}
	}
}

// The checks that the library can no longer make are made.
func TestZstdChecks(t *testing.T) {
	f := new(frameOf).raw([]byte("begin"))
	for range 9 {
		f.run(0, 128<<10)
	}
	good := f.frame(8, true, true)
	for name, change := range map[string]func([]byte) []byte{
		"checksum": func(b []byte) []byte { b[len(b)-1]++; return b },
		"size":     func(b []byte) []byte { b[6]++; return b },
		"content":  func(b []byte) []byte { b[bytes.Index(b, []byte("begin"))]++; return b },
		"a run":    func(b []byte) []byte { b[len(b)-5]++; return b },
	} {
		in := &Input{}
		z := decompress(t.Context(), in, codecOf(good), bytes.NewReader(change(bytes.Clone(good))), 1<<30)
		if _, err := io.Copy(io.Discard, z); err != nil || len(in.Problems) != 1 || !strings.Contains(in.Problems[0], "damaged after") {
			t.Errorf("%s: %v %v", name, in.Problems, err)
		}
		_ = z.Close()
	}
	for n := 4; n < len(good); n++ {
		in := &Input{}
		z := decompress(t.Context(), in, codecOf(good), bytes.NewReader(good[:n]), 1<<30)
		if _, err := io.Copy(io.Discard, z); err != nil || len(in.Problems) != 1 || !strings.Contains(in.Problems[0], "truncated after") {
			t.Errorf("cut at %d: %v %v", n, in.Problems, err)
		}
		_ = z.Close()
	}
}

// Whatever is damaged, what came out is the start of what the library gives, and
// both agree on what is good.
func FuzzZstd(f *testing.F) {
	runs := new(frameOf).raw([]byte("begin"))
	for range 5 {
		runs.run(0, 1<<10)
	}
	f.Add(runs.run(3, 700).raw([]byte("end")).frame(0, true, true))
	f.Add(runs.frame(0, false, false))
	f.Add(runs.run(3, 2<<10).run(3, 7).frame(0, false, false)) // longer than the window
	f.Add(append(pack(f, "zstd", append(make([]byte, 4<<20), logText...)), "P*M\x18\x01\x00\x00\x00x"...))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, want, err, wantErr := unzstd(t, b)
		if (err == nil) != (wantErr == nil) {
			t.Errorf("%v, the library: %v", err, wantErr)
		}
		// The library may fail earlier: it knows the size of the content.
		if n := min(len(got), len(want)); !bytes.Equal(got[:n], want[:n]) || err == nil && len(got) != len(want) {
			t.Errorf("%d bytes, the library: %d", len(got), len(want))
		}
	})
}
