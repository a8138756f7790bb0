package trim

import (
	"bytes"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/internal/smallcores"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
)

// window is how many bytes of what was planted make a leak.
const window = 5

// plant writes 64 bytes of chance into regions, so many times, and gives all windows of them.
func plant(r *rand.Rand, b []byte, at []coretest.Region, times int) map[[window]byte]bool {
	planted := map[[window]byte]bool{}
	for range times {
		p := at[r.IntN(len(at))]
		if p.Len < 128 {
			continue
		}
		part := b[p.Off+r.IntN(p.Len-64):][:64]
		for i := range part {
			part[i] = byte(r.Uint32())
		}
		for i := range len(part) - window + 1 {
			planted[[window]byte(part[i:])] = true
		}
	}
	return planted
}

// left counts windows.
func left(b []byte, planted map[[window]byte]bool) (n int) {
	for i := range len(b) - window + 1 {
		if planted[[window]byte(b[i:])] {
			n++
		}
	}
	return n
}

// TestMutations trims damaged cores with chance in their memory. Damage may make a small core
// impossible; it never costs more than memory in proportion, or lets anything out.
func TestMutations(t *testing.T) {
	times := 40
	if os.Getenv("HACRASH_LONG") != "" {
		times = 1250 // of each of four
	}
	for _, name := range []string{"threads", "threads-aarch64", "layers", "haproxy-2.6-bug"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := smallcores.Bytes(t, name)
			heads := append(coretest.Headers(t, whole), coretest.Notes(t, whole)...)
			memory := coretest.Written(t, whole, 4<<20)
			pointers := coretest.Pointers(whole, memory)
			r := rand.New(rand.NewPCG(3, uint64(len(whole))))
			made := 0
			for i := range times {
				core := bytes.Clone(whole)
				coretest.DamageWords(r, core, memory, pointers)
				planted := plant(r, core, memory, 40)
				if i%4 > 0 {
					coretest.DamageBytes(r, core, heads[r.IntN(len(heads))])
				}
				var small []byte
				cost := coretest.Measure(func() { small = damagedSmall(t, core) })
				if cost.Panic != "" || cost.Allocated > 512<<20 {
					t.Fatalf("mutation %d: %d bytes allocated %s", i, cost.Allocated, cost.Panic)
				}
				if small != nil {
					made++
				}
				if n := left(small, planted); n > 0 {
					t.Errorf("mutation %d: %d windows are left", i, n)
				}
			}
			if made < times/4 {
				t.Errorf("only %d of %d could be trimmed", made, times)
			}
		})
	}
}

// damagedSmall trims a core, if it can be opened and trimmed.
func damagedSmall(t *testing.T, core []byte) []byte {
	c, err := elfcore.Open(bytes.NewReader(core), int64(len(core)), elfcore.Options{})
	if err != nil {
		return nil
	}
	modules := module.New(t.Context(), c, module.Options{Sysroot: t.TempDir()})
	defer modules.Close()
	out, err := Core(t.Context(), c, modules, Program{})
	if err != nil {
		return nil
	}
	return out.Bytes
}
