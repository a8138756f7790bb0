package source

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os/exec"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
)

// run pipes b through a program; where that is missing the test is skipped, and
// fails with CI=true.
func run(t *testing.T, b []byte, name string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		coretest.Absent(t, "no "+name+" to test with")
	}
	cmd := exec.Command(name, args...)
	cmd.Stdin = bytes.NewReader(b)
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %v: %v: %s", name, args, err, problem.String())
	}
	return out.Bytes()
}

// lines is text that compresses, but not to nothing.
func lines(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "%d %x haproxy[7]: line\n", i, uint32(i)*2654435761)
	}
	return b.Bytes()
}

func TestRealCompressors(t *testing.T) {
	text := lines(20_000)
	for _, c := range []string{
		"gzip -1 -c", "gzip -9 -c",
		"zstd -q -1 -c", "zstd -q -19 -c", "zstd -q --no-check -c", "zstd -q --long=27 -c", "zstd -q --no-compress-literals -c",
		"lz4 -q -1 -c", "lz4 -q -9 -B4 -BD -c", "lz4 -q -BX --content-size -c", "lz4 -q --no-frame-crc -c", "lz4 -q -l -c",
		"xz -0 -c", "xz -9 -c", "xz --check=none -c", "xz --check=crc32 -c", "xz --check=sha256 -c",
		"xz -0 -T2 --block-size=100KiB -c", "xz -0 --block-size=1MiB -c",
	} {
		t.Run(c, func(t *testing.T) {
			a := strings.Fields(c)
			b := run(t, text, a[0], a[1:]...)
			for name, in := range map[string]struct{ packed, want []byte }{
				"once":  {b, text},
				"twice": {append(b[:len(b):len(b)], b...), append(text[:len(text):len(text)], text...)},
			} {
				got := walk(t, Options{}, file(t, "x", in.packed))
				if len(got) != 1 || !bytes.Equal(got[0].content, in.want) || len(got[0].problems) != 0 {
					t.Errorf("%s: %d bytes of %d, %v %s", name, len(got[0].content), len(in.want), got[0].problems, got[0].err)
				}
			}
			// Any cut is told, and what comes out of it is a part of the text.
			for _, cut := range []int{len(b) - 1, len(b) * 2 / 3, 13} {
				got := walk(t, Options{}, file(t, "x", b[:cut]))[0]
				if !bytes.HasPrefix(text, got.content) || !strings.Contains(strings.Join(got.problems, "")+got.err, "truncated after ") {
					// A legacy frame of LZ4 has no end mark: it may end behind any block.
					if !(strings.Contains(c, " -l ") && len(got.problems) == 0) {
						t.Errorf("cut at %d of %d: %d bytes, %v %s", cut, len(b), len(got.content), got.problems, got.err)
					}
				}
			}
		})
	}
}

func TestWhatStandsBehindTheLastMember(t *testing.T) {
	for _, kind := range packers() {
		b := pack(t, kind, []byte(logText))
		for tail, want := range map[string]string{
			"":                           "",
			strings.Repeat("\x00", 1000): "",
			"Dec  2 07:10:39 n1 haproxy[1]: not packed": "other data follows",
		} {
			if (kind == "zstd" || kind == "lz4") && tail != "" && tail[0] == 0 {
				want = "other data follows" // the libraries ask for a magic
			}
			got := walk(t, Options{}, file(t, "x", append(b[:len(b):len(b)], tail...)))[0]
			if string(got.content) != logText || (want == "") != (len(got.problems) == 0) || !strings.Contains(strings.Join(got.problems, ""), want) {
				t.Errorf("%s, %d bytes behind it: %q %v %s", kind, len(tail), got.content, got.problems, got.err)
			}
		}
		// Empty members before and between others hold nothing, and end nothing.
		e := pack(t, kind, nil)
		b = bytes.Join([][]byte{e, b, e, e, b}, nil)
		if got := walk(t, Options{}, file(t, "x", b))[0]; string(got.content) != logText+logText || len(got.problems) != 0 {
			t.Errorf("%s with empty members: %q %v %s", kind, got.content, got.problems, got.err)
		}
		if got := walk(t, Options{}, file(t, "x", e))[0]; !strings.Contains(got.err, "empty; nothing to analyse") {
			t.Errorf("%s of nothing: %+v", kind, got)
		}
	}
}

func TestSkippableFrames(t *testing.T) {
	skip := []byte("\x50\x2a\x4d\x18\x04\x00\x00\x00\xff\xff\xff\xff")
	for _, kind := range []string{"zstd", "lz4"} {
		z := pack(t, kind, []byte(logText))
		b := bytes.Join([][]byte{skip, skip, z, skip, z}, nil)
		got := walk(t, Options{}, file(t, "x", b))[0]
		if string(got.content) != logText+logText || len(got.problems) != 0 {
			t.Errorf("%s: %q %v %s", kind, got.content, got.problems, got.err)
		}
	}
	if got := walk(t, Options{}, file(t, "x", skip))[0]; got.err == "" {
		t.Errorf("a skippable frame alone: %+v", got)
	}
}

func TestDamage(t *testing.T) {
	text := lines(30_000)
	for _, kind := range packers() {
		b := pack(t, kind, text)
		for i := range 16 {
			b[len(b)/2+i] ^= 0x5a
		}
		got := walk(t, Options{}, file(t, "x", b))[0]
		said := strings.Join(got.problems, " ") + got.err
		if strings.Count(said, "damaged after ") != 1 || kind == "zstd" && len(got.content) == 0 {
			t.Errorf("%s: %d bytes, %v %s", kind, len(got.content), got.problems, got.err)
		}
	}
}

func TestLimitOfContent(t *testing.T) {
	const limit = 1 << 20
	for _, kind := range packers() {
		for what, plain := range map[string][]byte{"text": bytes.Repeat([]byte("a\n"), 2<<20), "core": coreBytes(4 << 20)} {
			got := walk(t, Options{MaxContent: limit}, file(t, "x", pack(t, kind, plain)))[0]
			if len(got.content) != limit || len(got.problems) != 1 || !strings.Contains(got.problems[0], "larger than 1048576 bytes") {
				t.Errorf("%s %s: %d bytes, %v %s", kind, what, len(got.content), got.problems, got.err)
			}
			if got := walk(t, Options{MaxContent: int64(len(plain))}, file(t, "x", pack(t, kind, plain)))[0]; len(got.content) != len(plain) || len(got.problems) != 0 {
				t.Errorf("%s %s at the limit: %d bytes, %v %s", kind, what, len(got.content), got.problems, got.err)
			}
		}
	}
	got := walk(t, Options{MaxContent: limit, Stdin: bytes.NewReader(coreBytes(4 << 20))})[0]
	if len(got.content) != limit || len(got.problems) != 1 {
		t.Errorf("piped core: %d bytes, %v %s", len(got.content), got.problems, got.err)
	}
}

// The dictionary and the window are what a hostile file asks memory with.
func TestLimitsOfMemory(t *testing.T) {
	b := pack(t, "xz", []byte(logText))
	const streamHeader = 12 // .xz file format 1.2.1, section 2.1.1
	header := b[streamHeader : streamHeader+(int(b[streamHeader])+1)*4]
	i := bytes.Index(header, []byte{0x21, 1}) + 2
	for bits, want := range map[byte]string{31: "dictionary is larger", 40: "dictionary is larger", 41: "contradict"} {
		header[i] = bits
		binary.LittleEndian.PutUint32(header[len(header)-4:], crc32.ChecksumIEEE(header[:len(header)-4]))
		if got := walk(t, Options{}, file(t, "x", b))[0]; !strings.Contains(got.err, want) {
			t.Errorf("xz dictionary %d: %+v", bits, got)
		}
	}
	// A frame header with a window of 2 GiB (RFC 8878 3.1.1.1.2).
	if got := walk(t, Options{}, file(t, "x", []byte("\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00")))[0]; !strings.Contains(got.err, "--long=31") {
		t.Errorf("zstd window: %+v", got)
	}
}

func TestFilterOfXZ(t *testing.T) {
	b := run(t, lines(100), "xz", "-c", "--x86", "--lzma2")
	if got := walk(t, Options{}, file(t, "x", b))[0]; !strings.Contains(got.err, "unpack it with xz -d") {
		t.Errorf("%+v", got)
	}
}

func TestPackedTwice(t *testing.T) {
	got := walk(t, Options{}, file(t, "x", pack(t, "zstd", pack(t, "gzip", []byte(logText)))))[0]
	if got.kind != Other || !strings.Contains(got.problems[0], "compressed twice, gzip within zstd") {
		t.Errorf("%+v", got)
	}
}
