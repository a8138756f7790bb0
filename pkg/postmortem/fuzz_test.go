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
		_ = messages(c, crash.Ring{Address: heapBase}, func(text []byte) bool {
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
		err := messages(openMade(t, c.heap), crash.Ring{Name: "r", Address: heapBase}, func(text []byte) bool {
			got = append(got, string(text))
			return true
		})
		if !slices.Equal(got, c.want) || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}
