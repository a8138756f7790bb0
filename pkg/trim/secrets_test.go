package trim

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/internal/smallcores"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
)

// TestNoSecrets fills memory and registers with random bytes; nothing of them may be left.
func TestNoSecrets(t *testing.T) {
	core := smallcores.Bytes(t, "threads")
	r := rand.New(rand.NewPCG(1, 2))
	planted := plant(r, core, coretest.Written(t, core, 1<<20), 2000)
	small := trimmed(t, core, module.Options{})
	if len(planted) < 1000 {
		t.Fatalf("only %d windows were planted", len(planted))
	}
	if found := left(small.Bytes, planted); found > 0 {
		t.Errorf("%d windows of 5 bytes are left", found)
	}
}

// TestVerifyFindsWhatMayNotBeThere damages a small core in every page.
func TestVerifyFindsWhatMayNotBeThere(t *testing.T) {
	core := smallcores.Bytes(t, "threads")
	c, err := elfcore.Open(bytes.NewReader(core), int64(len(core)), elfcore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	modules := module.New(t.Context(), c, module.Options{})
	defer modules.Close()
	p := planner{kept: kept{core: c, pages: map[uint64]*page{}}, modules: modules, used: map[uint64]bool{}}
	if _, err := p.plan(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := p.write()
	if err := p.verify(b); err != nil {
		t.Fatal(err)
	}
	small, err := elfcore.Open(bytes.NewReader(b), int64(len(b)), elfcore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range small.Segments {
		s := &small.Segments[i]
		if s.FileSize == 0 || p.pages[s.Address].exact != [64]uint64{} {
			continue
		}
		old := bytes.Clone(b[s.Offset:][:8])
		copy(b[s.Offset:], "password")
		if p.verify(b) == nil {
			t.Errorf("a text at %#x was not found", s.Address)
		}
		copy(b[s.Offset:], old)
	}
}
