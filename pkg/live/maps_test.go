package live

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/elfcore"
)

const someMaps = `564691c00000-564691c5a000 r--p 00000000 fe:00 1062 /usr/sbin/haproxy
564691c5a000-564691ea0000 r-xp 0005a000 fe:00 1062                       /usr/sbin/haproxy
564691fa0000-564691fb0000 rw-p 00390000 fe:00 1062 /usr/sbin/haproxy
564691fb0000-5646921b0000 rw-p 00000000 00:00 0
5646b0600000-5646b0700000 rw-p 00000000 00:00 0 [heap]
7fb8c0000000-7fb8c0010000 r-xp 00000000 fe:00 7 /usr/lib/a b.so (deleted)
7fb8c1000000-7fb8c1001000 rw-s 00000000 00:06 9 /dev/nvidia0
7fb8c2000000-7fb8c2001000 ---p 00000000 00:00 0
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0 [stack]
7ffc00030000-7ffc00034000 r--p 00000000 00:00 0 [vvar]
7ffc00034000-7ffc00036000 r-xp 00000000 00:00 0 [vdso]
no row
1-0 rw-p 0 0:0 0
`

func TestMaps(t *testing.T) {
	maps := readMaps(strings.NewReader(someMaps))
	var got []uint64
	for i := range maps {
		got = append(got, maps[i].dumped())
	}
	want := []uint64{4096, 0, 0x10000, 0x200000, 0x100000, 0x10000, 0, 0, 0x21000, 0, 0x2000}
	if !slices.Equal(got, want) {
		t.Errorf("%#x, want %#x", got, want)
	}
	if maps[5].path != "/usr/lib/a b.so (deleted)" || maps[4].path != "[heap]" || maps[3].path != "" {
		t.Errorf("%+v", maps)
	}
}

// memoryOf gives each word of an address space its own address.
type memoryOf struct{ reads int }

func (m *memoryOf) ReadAt(p []byte, off int64) (int, error) {
	m.reads++
	for i := range p {
		at := uint64(off) + uint64(i)
		p[i] = byte(at &^ 7 >> (8 * (at & 7)))
	}
	return len(p), nil
}

// The image is a core for those who read cores, also with more mappings than fit into the
// header's count; what was copied comes from the copy.
func TestImage(t *testing.T) {
	maps := readMaps(strings.NewReader(someMaps))
	for at := uint64(0x100000000000); len(maps) < 70_000; at += 2 * pageSize {
		maps = append(maps, mapping{start: at, end: at + pageSize, perms: "rw-p"})
	}
	slices.SortFunc(maps, func(a, b mapping) int { return compare(a.start, b.start) })
	registers := make([]byte, 8*27)
	binary.LittleEndian.PutUint64(registers[8*19:], 0x7ffc00001000)
	var notes []byte
	for tid := range 3 {
		notes = elfcore.AppendNote(notes, "CORE", elfcore.NotePRStatus, status(100+tid, registers))
	}
	notes = elfcore.AppendNote(notes, "CORE", elfcore.NotePRPSInfo, info(100, 1, "haproxy", "haproxy\x00-f\x00x"))
	notes = elfcore.AppendNote(notes, "CORE", elfcore.NoteFile, files(maps))
	stood := bytes.Repeat([]byte{0xaa}, 24)
	memory := &memoryOf{}
	im := newImage(62, maps, notes, []copied{{0x7ffc00001000, stood}, {0x5646b0600ff8, stood}}, memory)
	c, err := elfcore.Open(im, int64(im.size), elfcore.Options{})
	if err != nil || len(c.Problems()) > 0 {
		t.Fatal(err, c.Problems())
	}
	if len(c.Threads) != 3 || c.Threads[1].LWP != 101 || c.Process.PID != 100 || c.Process.Name != "haproxy" || len(c.Segments) < 70_000-3 {
		t.Errorf("%d threads, %+v, %d segments", len(c.Threads), c.Process, len(c.Segments))
	}
	for _, at := range []uint64{0x5646b0600ff0, 0x7ffc00001000 - 8, 0x100000000000 + 2*pageSize*50_000, 0x564691c00000} {
		var b [48]byte
		if n, err := c.ReadMemory(b[:], at); n < len(b) {
			t.Fatalf("%#x: %d bytes, %v", at, n, err)
		}
		for i := 0; i < len(b); i += 8 {
			want := at + uint64(i)
			copied := want >= 0x7ffc00001000 && want < 0x7ffc00001018 || want >= 0x5646b0600ff8 && want < 0x5646b0601010
			if copied {
				want = 0xaaaaaaaaaaaaaaaa
			}
			if got := binary.LittleEndian.Uint64(b[i:]); got != want {
				t.Errorf("%#x: %#x, want %#x", at+uint64(i), got, want)
			}
		}
	}
}

func FuzzMaps(f *testing.F) {
	f.Add([]byte(someMaps))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, m := range readMaps(bytes.NewReader(b)) {
			if m.dumped() > m.size() {
				t.Errorf("%+v", m)
			}
		}
	})
}
