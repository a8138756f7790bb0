package trim

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// verify reads a small core again: no word of it is there that may not be.
func (p *planner) verify(b []byte) error {
	small, err := elfcore.Open(bytes.NewReader(b), int64(len(b)), elfcore.Options{})
	if err != nil {
		return err
	}
	if len(small.Threads) != len(p.core.Threads) {
		return fmt.Errorf("%d threads of %d", len(small.Threads), len(p.core.Threads))
	}
	buf := make([]byte, pageSize)
	for i := range small.Segments {
		s := &small.Segments[i]
		for at := uint64(0); at < s.FileSize; at += pageSize {
			if _, err := io.ReadFull(io.NewSectionReader(bytes.NewReader(b), int64(s.Offset+at), pageSize), buf); err != nil {
				return err
			}
			if err := p.check(s.Address+at, buf); err != nil {
				return err
			}
		}
	}
	for n := range small.Notes {
		if err := p.checkNote(n); err != nil {
			return err
		}
	}
	return nil
}

// check compares a page of the small core with the list.
func (p *planner) check(at uint64, b []byte) error {
	k := p.pages[at]
	if k == nil {
		return fmt.Errorf("page %#x is not on the list", at)
	}
	for i := 0; i < pageSize; i += 8 {
		w := le.Uint64(b[i:])
		listed := k.words[i/8/64]>>(i/8%64)&1 != 0
		if w == 0 || k.blank && w == Blank || listed && (w == Blank || p.allowed(w)) {
			continue
		}
		for j := i; j < i+8; j++ {
			exact := k.exact[j/64]>>(j%64)&1 != 0
			if b[j] != 0 && !exact && !((listed || k.blank) && b[j] == Blank&0xff) {
				return p.mixed(at, i, w, k)
			}
		}
	}
	return nil
}

// mixed allows a word that is exact in part: the rest was filtered as one word.
func (p *planner) mixed(at uint64, i int, w uint64, k *page) error {
	if k.words[i/8/64]>>(i/8%64)&1 != 0 && k.exact[i/64]>>(i%64)&0xff != 0 {
		var b [8]byte
		if _, err := p.core.ReadMemory(b[:], at+uint64(i)); err == nil && le.Uint64(b[:]) == w && p.allowed(w) {
			return nil
		}
	}
	return fmt.Errorf("word at %#x is not on the list", at+uint64(i))
}

// checkNote allows the notes that are written, as they are written.
func (p *planner) checkNote(n elfcore.Note) error {
	set := &p.core.Machine.Set
	var want []byte
	switch {
	case n.Owner == elfcore.OwnNotes && n.Type == elfcore.ManifestNote:
		want = p.manifest()
	case n.Owner == elfcore.OwnNotes && n.Type == elfcore.ReportNote:
		want = p.program.Report
	case n.Owner == "CORE":
		want = p.coreNote(n)
	case n.Owner == "LINUX" && (n.Type == set.ThreadPointerNote || n.Type == set.PointerMaskNote):
		want = n.Desc
	}
	if want == nil || !bytes.Equal(n.Desc, want) {
		return fmt.Errorf("a note of %s with type %#x is not as it is written", n.Owner, n.Type)
	}
	return nil
}

// compare walks the stacks of the small core, and says which are not those of the original.
func (p *planner) compare(ctx context.Context, out *Result, want []unwind.Stack) error {
	small, err := elfcore.Open(bytes.NewReader(out.Bytes), int64(len(out.Bytes)), elfcore.Options{})
	if err != nil {
		return err
	}
	if len(small.Modules) != len(p.core.Modules) {
		out.Problems = append(out.Problems, fmt.Sprintf("the small core has %d modules of %d", len(small.Modules), len(p.core.Modules)))
	}
	modules := module.New(ctx, small, p.modules.Options())
	defer modules.Close()
	u := unwind.New(small, modules)
	for i := range small.Threads {
		got := u.Thread(&small.Threads[i])
		if !slices.EqualFunc(got.Frames, want[i].Frames, func(a, b unwind.Frame) bool { return a.PC == b.PC && a.CFA == b.CFA }) {
			out.Problems = append(out.Problems, fmt.Sprintf("the stack of thread %d is not that of the original: %d frames, not %d", small.Threads[i].LWP, len(got.Frames), len(want[i].Frames)))
		}
	}
	return nil
}
