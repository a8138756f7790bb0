package postmortem

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
)

func openMade(t *testing.T, heap []byte) *elfcore.Core {
	t.Helper()
	b := made(heap, nil, [3]uint64{sigILL, illOpcodes, 1})
	c, err := elfcore.Open(bytes.NewReader(b), int64(len(b)), elfcore.Options{CachePages: 4})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// FuzzObject reads a post_mortem object by each layout, whatever its pointers say.
func FuzzObject(f *testing.F) {
	seed := make([]byte, 4096)
	copy(seed[pmUname:], "Linux")
	copy(seed[pmUname+4*utsField:], "x86_64")
	for _, b := range builds() {
		l := layoutOf(b, members())
		s := slices.Clone(seed)
		s[l["process.argc"]] = 2
		for _, name := range []string{"process.argv", "components", "tgroup_info"} {
			binary.LittleEndian.PutUint64(s[l[name]:], heapBase+2048)
		}
		s[l["nb_components"]] = 3
		copy(s[2048:], "haproxy")
		f.Add(s, uint16(1288))
	}
	f.Fuzz(func(t *testing.T, heap []byte, size uint16) {
		c := openMade(t, heap)
		all := []layout{firstLayout(int(size))}
		for _, b := range builds() {
			all = append(all, layoutOf(b, members()))
		}
		for _, l := range all {
			o := readObject(c, heapBase, l, byTypes)
			if o != nil && (len(o.Components) > maxComponents || o.Platform.OS == "") {
				t.Errorf("%+v", o)
			}
		}
	})
}

// FuzzRing takes anything for a ring: what is taken for one lies in memory.
func FuzzRing(f *testing.F) {
	old := binary.LittleEndian.AppendUint64(nil, 64)
	for _, w := range []uint64{heapBase + 32, 10, 60} {
		old = binary.LittleEndian.AppendUint64(old, w)
	}
	f.Add(append(old, make([]byte, 64)...))
	modern := make([]byte, 8+192+256)
	for at, w := range map[int]uint64{0: heapBase + 8, 8: 256, 16: 192, 8 + 64: 12, 8 + 128: 250} {
		binary.LittleEndian.PutUint64(modern[at:], w)
	}
	f.Add(modern)
	f.Fuzz(func(t *testing.T, heap []byte) {
		c := openMade(t, heap)
		total := 0
		_ = Messages(c, crash.Ring{Address: heapBase}, func(text []byte) bool {
			total += len(text)
			return true
		})
		s, why := readRing(c, heapBase)
		if why != "" {
			return
		}
		if uint64(total) > s.used {
			t.Errorf("%d bytes of messages in %d", total, s.used)
		}
		if s.used > s.size || s.head >= s.size || c.Segment(s.area) == nil || c.Segment(s.area+s.size-1) == nil {
			t.Errorf("%+v", s)
		}
	})
}

// ringOf lays out a ring of some size before 3.0 whose bytes start at head.
func ringOf(size, head int, used string) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(size))
	for _, w := range []int{heapBase + 32, len(used), head} {
		b = binary.LittleEndian.AppendUint64(b, uint64(w))
	}
	area := make([]byte, size)
	for i := range used {
		area[(head+i)%size] = used[i]
	}
	return append(b, area...)
}

func TestMessages(t *testing.T) {
	long := strings.Repeat("x", 300)
	whole := "\x00\x05first\x00" + "\xfc\x03" + long + "\x01\x00\x00" // 300 is 0xfc + 3<<4
	for _, c := range []struct {
		name string
		heap []byte
		want []string
		err  string
	}{
		{"in a row", ringOf(1024, 0, whole), []string{"first", long, ""}, ""},
		{"around the end", ringOf(512, 500, whole), []string{"first", long, ""}, ""},
		{"empty", ringOf(512, 17, "\x00"), nil, ""},
		{"a writer was at it", ringOf(512, 0, "\x00\x05first\xff\x09not yet"), []string{"first"}, ""},
		{"overwritten", ringOf(512, 0, "\x00\x05first\x00\xf0\xff\xff\x00"), []string{"first"}, "broken 7 bytes behind its head"},
		{"no ring", make([]byte, 64), nil, "not mapped"},
	} {
		var got []string
		err := Messages(openMade(t, c.heap), crash.Ring{Name: "r", Address: heapBase}, func(text []byte) bool {
			got = append(got, string(text))
			return true
		})
		if !slices.Equal(got, c.want) || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

// FuzzReferences takes anything for code: references end within it.
func FuzzReferences(f *testing.F) {
	f.Add([]byte("\x48\x8d\x35\xdd\xea\x15\x00\xf0\x83\x05\x2c\x83\x27\x00\x01\xe8\x8b\xff\xff\xff\x0f\x0b"), uint64(0x1db33c), false)
	f.Add([]byte("\xe1\x00\x00\xf0\x21\x20\x18\x91\x00\x00\x00\x00"), uint64(0x401234), true)
	f.Fuzz(func(t *testing.T, code []byte, start uint64, arm bool) {
		arch := elfcore.AMD64
		if arm {
			arch = elfcore.ARM64
		}
		for _, r := range references(arch, code, start, true) {
			if r.end <= 0 || r.end > len(code) {
				t.Errorf("%+v of %d bytes", r, len(code))
			}
		}
		for i := range code {
			jump(arch, code[i:], start+uint64(i))
		}
		traps(arch, code)
		calls(arch, code)
		conditionText(code)
	})
}

// Addresses are those that the assembler and objdump name.
func TestReferences(t *testing.T) {
	for _, c := range []struct {
		name   string
		arch   elfcore.Arch
		code   string
		start  uint64
		target uint64
	}{
		{"lea", elfcore.AMD64, "\x48\x8d\x35\xdd\xea\x15\x00", 0x1db344, 0x339e28},
		{"lea of r15", elfcore.AMD64, "\x4c\x8d\x3d\xf0\xff\xff\xff", 0x1000, 0xff7},
		{"lock addl", elfcore.AMD64, "\xf0\x83\x05\x2c\x83\x27\x00\x01", 0x1db33c, 0x453670},
		{"mov", elfcore.AMD64, "\xbf\x28\x10\x40\x00", 0x1000, 0x401028},
		{"adrp and add", elfcore.ARM64, "\xe1\x00\x00\xf0\x21\x20\x18\x91", 0x401234, 0x420608},
		{"adrp backwards", elfcore.ARM64, "\xe0\xff\xff\xf0\x00\x04\x00\x91", 0x401000, 0x400001},
	} {
		found := references(c.arch, []byte(c.code), c.start, true)
		if !slices.ContainsFunc(found, func(r reference) bool { return r.target == c.target && r.end == len(c.code) }) {
			t.Errorf("%s: %#x, want %#x", c.name, found, c.target)
		}
	}
}

func TestJumps(t *testing.T) {
	for _, c := range []struct {
		arch elfcore.Arch
		code string
		at   uint64
		to   uint64
	}{
		{elfcore.AMD64, "\xeb\xfe", 0x1000, 0x1000},
		{elfcore.AMD64, "\x75\x07", 0x1db333, 0x1db33c},
		{elfcore.AMD64, "\xe9\x00\x01\x00\x00", 0x1000, 0x1105},
		{elfcore.AMD64, "\x0f\x84\xfa\xff\xff\xff", 0x1000, 0x1000},
		{elfcore.ARM64, "\xc7\xff\xff\x17", 0x401278, 0x401194},
		{elfcore.ARM64, "\x8c\x00\x00\x54", 0x401224, 0x401234},
		{elfcore.ARM64, "\x80\x00\xf8\xb7", 0x4011b8, 0x4011c8},
	} {
		if to, ok := jump(c.arch, []byte(c.code), c.at); !ok || to != c.to {
			t.Errorf("% x at %#x: %#x, %v; want %#x", c.code, c.at, to, ok, c.to)
		}
	}
}
