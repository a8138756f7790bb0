package xz

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/ulikunitz/xz"

	"github.com/hacrash/hacrash/internal/coretest"
)

const dict = 8 << 20

func packed(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := xz.WriterConfig{DictCap: 1 << 20, BlockSize: 64 << 10}.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// content is half noise, half text.
func content(n int) []byte {
	b := bytes.Repeat([]byte("the quick brown fox\n"), n/20)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range b[:len(b)/2] {
		b[i] = byte(r.Uint32())
	}
	return b
}

func unpack(b []byte, dict int) ([]byte, []byte, error) {
	src := bytes.NewReader(b)
	r, err := NewReader(src, dict)
	if err != nil {
		return nil, nil, err
	}
	out, err := io.ReadAll(r)
	rest, _ := io.ReadAll(src)
	return out, rest, err
}

func TestStream(t *testing.T) {
	for _, size := range []int{0, 20, 300_000} {
		want := content(size)
		got, rest, err := unpack(append(packed(t, want), "what follows"...), dict)
		if err != nil || !bytes.Equal(got, want) || string(rest) != "what follows" {
			t.Errorf("%d bytes: %d, rest %q, %v", size, len(got), rest, err)
		}
	}
}

func TestRealXZ(t *testing.T) {
	coretest.Need(t, "xz", "xz-utils")
	want := content(3 << 20)
	for _, args := range []string{"-0", "-6", "-T2 --block-size=100KiB", "--check=sha256 --block-size=64KiB", "--check=none"} {
		cmd := exec.Command("xz", append(strings.Fields(args), "-c")...)
		cmd.Stdin = bytes.NewReader(want)
		b, err := cmd.Output()
		if err != nil {
			t.Fatal(args, err)
		}
		if got, _, err := unpack(b, dict); err != nil || !bytes.Equal(got, want) {
			t.Errorf("xz %s: %d bytes of %d, %v", args, len(got), len(want), err)
		}
	}
}

func TestDictionaryCap(t *testing.T) {
	b := packed(t, content(1000))
	if _, _, err := unpack(b, 1<<16); err == nil || !strings.Contains(err.Error(), "unpack it with xz -d") {
		t.Errorf("a dictionary of 1 MiB with a cap of 64 KiB: %v", err)
	}
}

// Blocks of one byte, each with a dictionary of 8 MiB, cost no more than a few
// hundred dictionaries.
func TestTinyBlocks(t *testing.T) {
	b := []byte(Magic + "\x00\x00")
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b[6:8]))
	header := []byte{2, 0, 0x21, 1, 22, 0, 0, 0} // 12 bytes with the CRC; 22 is 8 MiB
	block := binary.LittleEndian.AppendUint32(header, crc32.ChecksumIEEE(header))
	block = append(block, 1, 0, 0, 'x', 0, 0, 0, 0) // a plain chunk, the end, padding
	b = append(b, bytes.Repeat(block, 1_000_000)...)
	got, rest, err := unpack(b, dict)
	if err == nil || !strings.Contains(err.Error(), "tiny") || len(got) > 1000 || len(rest) == 0 {
		t.Errorf("%d bytes, %d left, %v", len(got), len(rest), err)
	}
}

func TestCutAndDamaged(t *testing.T) {
	want := content(100_000)
	b := packed(t, want)
	for _, n := range []int{0, 1, 12, 30, len(b) / 2, len(b) - 1} {
		if got, _, err := unpack(b[:n], dict); err == nil || !bytes.HasPrefix(want, got) {
			t.Errorf("cut after %d bytes: %d bytes, %v", n, len(got), err)
		}
	}
	for i := 0; i < len(b); i += 1 + len(b)/500 {
		d := bytes.Clone(b)
		d[i] ^= 0x10
		if got, _, err := unpack(d, dict); err == nil && !bytes.Equal(got, want) {
			t.Fatalf("byte %d was damaged, and other content came without an error", i)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add(packed(f, content(2000)))
	f.Add(packed(f, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		src := bytes.NewReader(b)
		r, err := NewReader(src, 1<<20)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, io.LimitReader(r, 16<<20))
	})
}
