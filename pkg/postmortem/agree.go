package postmortem

import (
	"encoding/binary"
	"strings"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// A client can put any text into HAProxy's memory. So a text that was found there is one
// of HAProxy only if it names what no client can know, and that is so in this core: the
// thread pointers of its threads, addresses in its code, the object in the registers and
// on the stack of the thread that died.

// agree marks the texts that the state of the process bears out.
func (f *Findings) agree(c *elfcore.Core, live []uint64) {
	if len(f.Texts) == 0 {
		return
	}
	w := witness{c: c, stack: faultyWords(c, live), pointers: map[uint64]bool{}}
	for i := range c.Threads {
		if tp := c.Threads[i].Registers.ThreadPointer; tp != 0 {
			w.pointers[tp] = true
		}
	}
	// A stack that shows what happened vouches for no text: a client may have sent one of
	// the same sort, with other numbers in it.
	for i := range f.Texts {
		t := &f.Texts[i]
		thread, onStack := f.places.stack(t.Address)
		onStack = onStack && thread == 0
		switch t.Kind {
		case SpinText:
			// The stack's dead part is where the message was put together.
			object := after(t.Text, " [0x")
			t.Agrees = w.stack[object] || onStack && w.writable(object)
		case PanicText, ThreadText, WarningText:
			t.Agrees = w.namesThread(t.Text)
		case PoolText:
			t.Agrees = w.stack[after(t.Text, "item: 0x")] || w.stack[after(t.Text, "caller: 0x")]
		case AssertionText, TraceText:
			t.Agrees = onStack || w.returns(t.Text)
		default: // of a headline that no rule is known for
			t.Agrees = onStack
		}
	}
}

// faultyWords are the registers and the words of the live stack of the thread that died.
func faultyWords(c *elfcore.Core, live []uint64) map[uint64]bool {
	words := map[uint64]bool{}
	r := &c.Threads[0].Registers
	for _, n := range r.Machine.Manual {
		if v, ok := r.Get(n); ok {
			words[v] = true
		}
	}
	for _, w := range live {
		words[w] = true
	}
	for w := range words { // small numbers are no addresses
		if w < 1<<16 {
			delete(words, w)
		}
	}
	return words
}

// liveStack are the words of the stack of the thread that died, from its stack pointer
// outwards.
func (f *Findings) liveStack(c *elfcore.Core) []uint64 {
	sp := c.Threads[0].Registers.SP() &^ 7
	end := sp
	for _, p := range f.places.stacks {
		if p.thread == 0 {
			end = min(p.end, sp+liveStack)
		}
	}
	b := make([]byte, end-sp)
	n, _ := c.ReadMemory(b, sp)
	var words []uint64
	for b = b[:n]; len(b) >= 8; b = b[8:] {
		words = append(words, binary.LittleEndian.Uint64(b))
	}
	return words
}

// liveStack bounds how much of a stack is looked at, in bytes.
const liveStack = 256 << 10

// witness knows what a client cannot.
type witness struct {
	c     *elfcore.Core
	stack map[uint64]bool // words of the live stack and the registers
	// pointers are those of the threads.
	pointers map[uint64]bool
}

// writable says whether the process could write to an address.
func (w *witness) writable(addr uint64) bool {
	s := w.c.Segment(addr)
	return s != nil && s.Flags&elfcore.Writable != 0
}

// namesThread says whether a dump names the thread pointer of a thread of this core.
//
// Folklore: where pthread_t is not the thread pointer itself, it lies before it at a
// distance that depends on the library.
func (w *witness) namesThread(dump string) bool {
	ids := map[uint64]int{}
	threadNumbers(dump, ids)
	for id := range ids {
		if w.isThread(id) {
			return true
		}
	}
	return false
}

func (w *witness) isThread(id uint64) bool {
	const far = 8192
	if w.c.Machine.ThreadID {
		return w.pointers[id]
	}
	for tp := range w.pointers {
		if id <= tp && tp-id < far {
			return true
		}
	}
	return false
}

// returns says whether a trace is one of the stack of the thread that died: all of its
// return addresses stand there, but for those of the functions that printed it and have
// returned since.
//
// Folklore: every trace ends in the same functions that wait for events, and an executable
// without PIE has known addresses. So the outer ones alone prove nothing.
func (w *witness) returns(trace string) bool {
	const printers = 2
	all, found := 0, 0
	for line := range strings.Lines(trace) {
		_, at, ok := strings.Cut(line, "| 0x")
		if !ok {
			continue
		}
		all++
		if a, _, _ := lex.Hex(at); w.stack[uint64(a)] && w.c.Module(uint64(a)) != nil {
			found++
		}
	}
	return found >= 2 && found >= all-printers
}

// after gives the address that stands behind a word; 0 if none does.
func after(s, word string) uint64 {
	_, rest, _ := strings.Cut(s, word)
	a, _, _ := lex.Hex(rest)
	return uint64(a)
}
