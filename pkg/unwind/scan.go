package unwind

import (
	"iter"
	"slices"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/module"
)

// Bounds of a scan.
const (
	scanBytes  = 64 << 10 // how far above the stack pointer
	chainSteps = 256      // how far a candidate is followed
	scanSteps  = 1 << 14  // of all candidates together
	stackStart = 16 << 10 // how near the end of its stack a thread begins, TLS aside
)

// scan looks upwards from the stack pointer for the way back to code that we have. If there
// is none, for a library called itself until the stack ended, it looks near the stack's end.
func (u *Unwinder) scan(f *Frame, _ bool) (step, bool) {
	sp, _ := f.Registers.Get(u.machine.SP)
	sp = u.withinStack(sp)
	to, ok := u.scanFrom(f, sp, sp+scanBytes)
	if end, room := u.stackEnd(sp); !ok && end-sp > room+2*scanBytes {
		return u.scanFrom(f, end-room-scanBytes, end)
	}
	return to, ok
}

// withinStack gives the start of the stack for a stack pointer that has run just below it.
func (u *Unwinder) withinStack(sp uint64) uint64 {
	const guard = 64 << 10
	if u.core.Segment(sp) == nil {
		for at := sp&^0xfff + 0x1000; at < sp+guard; at += 0x1000 {
			if u.core.Segment(at) != nil {
				return at
			}
		}
	}
	return sp
}

// scanFrom looks from one place on the stack to another for the first word that can be the
// way back; see the package documentation.
func (u *Unwinder) scanFrom(f *Frame, start, end uint64) (step, bool) {
	steps := scanSteps
	passed := []*module.Module{f.Module} // which words below lead to
	for a, w := range u.words((start+7)&^7, end) {
		if steps <= 0 {
			break
		}
		w = u.address(w, false)
		if !u.executable(w) {
			continue
		}
		u.spend(signalCost)
		if r, ok := u.pushed(a + 8); ok {
			if handler, ok := u.handler(f, a); ok {
				return step{handler, Scan, false}, true
			}
			return step{r, Scan, true}, true
		}
		m := u.modules.Find(w - 1)
		if m != nil && !slices.Contains(passed, m) {
			passed = append(passed, m)
		}
		if m == nil || m == f.Module || u.Table(m) == nil || !u.leads(w, f, passed) {
			continue
		}
		r := u.behind(f, w, a+8)
		if u.ends(r, &steps) {
			return step{r, Scan, false}, true
		}
	}
	return step{}, false
}

// behind gives the registers at a return address that was found below sp. What functions
// leave as they found it is as it was, with luck.
func (u *Unwinder) behind(f *Frame, ra, sp uint64) Registers {
	var r Registers
	for n := range u.machine.General {
		if u.machine.Keeps(n) {
			r.inherit(n, &f.Registers)
			r.doubt |= r.known & (1 << n)
		}
	}
	r.set(u.machine.PC, ra)
	r.set(u.machine.SP, sp)
	u.called(&r)
	return r
}

// words gives the words from a runtime address to another, up to the first that
// is not in the core, or until the work for it is done.
func (u *Unwinder) words(from, to uint64) iter.Seq2[uint64, uint64] {
	return func(yield func(addr, w uint64) bool) {
		const block = 4096
		var b [block]byte
		for n := block; n == block && from < to && u.spend(block/8); {
			n, _ = u.core.ReadMemory(b[:], from) // n tells enough
			for i := 0; i+8 <= n && from < to; i, from = i+8, from+8 {
				if !yield(from, le.Uint64(b[i:])) {
					return
				}
			}
		}
	}
}

// ends follows a candidate by call frame information: it holds if that comes
// to the end of the stack, to a signal frame, or to a missing library close to
// the end, with a call before every return address. So it does if the chain is so long
// that chance does not make it: a recursion.
func (u *Unwinder) ends(r Registers, steps *int) bool {
	for range chainSteps {
		if *steps--; *steps < 0 || !u.spend(stepCost) {
			return false
		}
		pc, _ := r.Get(u.machine.PC)
		sp, _ := r.Get(u.machine.SP)
		f := Frame{PC: pc, Lookup: pc - 1, Registers: r, Module: u.modules.Find(pc - 1)}
		if f.Module == nil || u.Table(f.Module) == nil {
			if _, ok := u.pushed(sp); ok {
				return true
			}
			return u.executable(pc) && u.nearEnd(sp)
		}
		next, err := u.stepCFI(&f)
		if err == errEnd || err == nil && f.Signal {
			return true
		}
		above, _ := next.Get(u.machine.SP)
		ra, _ := next.Get(u.machine.PC)
		if err != nil || above <= sp || ra == 0 || !u.executable(ra) {
			return false
		}
		if !u.mayReturn(ra) {
			return u.trampoline(&Frame{PC: ra, Lookup: ra - 1, Module: u.modules.Find(ra - 1)})
		}
		if !u.calls(ra, &f) {
			return false
		}
		r = next
	}
	return true
}

// nearEnd tells whether an address is where threads begin: close to the end of
// its stack.
//
// Folklore: above the first frame of a thread lies its thread-local storage, some
// ten kilobytes in HAProxy, below the thread pointer on x86-64 and above it on
// aarch64; above that of the main thread lie its arguments and its environment, of any size.
func (u *Unwinder) nearEnd(sp uint64) bool {
	end, room := u.stackEnd(sp)
	return end-sp < room
}

// stackEnd gives the end of the stack of which an address is, and how far below it threads
// begin; 0, 0 if it is of none.
func (u *Unwinder) stackEnd(sp uint64) (end, room uint64) {
	s := u.core.Segment(sp)
	if s == nil {
		return 0, 0
	}
	end, room = s.End(), stackStart
	if tp := u.thread.Registers.ThreadPointer; tp > sp && tp < end {
		end = tp
		room += u.storage()
	}
	for _, tag := range []uint64{elfcore.AtRandom, elfcore.AtPlatform, elfcore.AtExecFn} {
		if at := u.core.Auxv[tag]; at > sp && at < end {
			end = at
		}
	}
	return end, room
}

// storage is the size of the executable's thread-local storage, which is most of it.
func (u *Unwinder) storage() uint64 {
	for _, m := range u.modules.Modules {
		if !m.Main {
			continue
		}
		if m.File() == nil {
			return scanBytes
		}
		for _, s := range m.File().Segments {
			if s.Type == elffile.TLS {
				return min(s.MemSize, scanBytes)
			}
		}
	}
	return 0
}
