package unwind

import (
	"errors"
	"fmt"
	"iter"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/machine"
	"github.com/hacrash/hacrash/pkg/module"
)

// Bounds of a scan.
const (
	scanBytes   = 64 << 10 // how far above the stack pointer
	chainSteps  = 256      // how far a candidate is followed
	scanSteps   = 1 << 14  // of all candidates together
	maxFunction = 64 << 10 // bytes of a function whose code is looked at
	stackStart  = 16 << 10 // how near the end of its stack a thread begins, TLS aside
)

// fallBack finds the caller of f without call frame information. why is the
// reason for which it did not help.
func (u *Unwinder) fallBack(f *Frame, exact bool, why error) (step, error) {
	if !u.executable(f.PC) {
		return u.badPC(f)
	}
	// The handler's return took the address of this very trampoline off the stack.
	if sp, ok := f.Registers.Get(u.machine.SP); ok && !exact && f.Module != nil {
		if r, ok := u.pushed(sp); ok {
			f.Signal = true
			return step{r, Scan, true}, nil
		}
	}
	// Folklore: a library that does not use the frame pointer leaves that of its
	// caller in the register, and to follow it skips the caller. But code that is at
	// hand and has no tables was mostly built to be followed this way.
	atHand := f.Module != nil && f.Module.File() != nil
	if atHand {
		if r, ok := u.framePointer(f); ok {
			return step{r, FramePointer, false}, nil
		}
	}
	if exact {
		if r, ok := u.linked(f); ok && u.plausible(&r) {
			return step{r, Scan, false}, nil
		}
	}
	if to, ok := u.scan(f); ok {
		return to, nil
	}
	if !atHand {
		if r, ok := u.framePointer(f); ok {
			return step{r, FramePointer, false}, nil
		}
	}
	if f.Module != nil {
		why = fmt.Errorf("%s: %w", f.Module.Path, why)
	}
	return step{}, fmt.Errorf("%w, and nothing on the stack leads on", why)
}

// framePointer follows the frame pointer of f. It leaves out the stack pointer where
// that cannot be told.
func (u *Unwinder) framePointer(f *Frame) (r Registers, ok bool) {
	const farthest = 1 << 20
	sp, known := f.Registers.Get(u.machine.SP)
	fp, ok := f.Registers.Get(u.machine.FP)
	if !ok || fp < sp || known && fp-sp > farthest || fp&7 != 0 {
		return r, false
	}
	var b [16]byte
	record := u.machine.Record
	if _, err := u.core.ReadMemory(b[:], fp+uint64(record.At)); err != nil {
		return r, false
	}
	r.set(u.machine.FP, le.Uint64(b[:]))
	r.set(u.machine.PC, u.address(le.Uint64(b[8:]), false))
	if record.HasTop {
		r.set(u.machine.SP, fp+uint64(record.Top))
	}
	return r, u.plausible(&r)
}

// linked gives the registers of the caller of a function that has not saved its return
// address yet, where calls leave it in a register.
func (u *Unwinder) linked(f *Frame) (r Registers, ok bool) {
	if u.machine.Link == 0 {
		return r, false
	}
	r = f.Registers
	ra, ok := r.Get(u.machine.Link)
	r.set(u.machine.PC, ra)
	u.called(&r)
	return r, ok
}

// badPC: a call has just been made to where there is no code.
func (u *Unwinder) badPC(f *Frame) (step, error) {
	if r, ok := u.linked(f); ok {
		if pc, _ := r.Get(u.machine.PC); u.executable(pc) && u.mayReturn(pc) {
			return step{r, BadPC, false}, nil
		}
	}
	r := f.Registers
	sp, _ := r.Get(u.machine.SP)
	ra, err := u.core.Uint64(sp)
	if err != nil || !u.executable(ra) || !u.mayReturn(ra) {
		return step{}, fmt.Errorf("the pc %#x is no code, and no return address is on the stack", f.PC)
	}
	r.set(u.machine.PC, ra)
	r.set(u.machine.SP, sp+8)
	return step{r, BadPC, false}, nil
}

// plausible tells whether registers that a guess gave may be a caller's: the
// pc stands behind a call, and what can be unwound from there does unwind.
func (u *Unwinder) plausible(r *Registers) bool {
	pc, _ := r.Get(u.machine.PC)
	if !u.executable(pc) {
		return false
	}
	f := Frame{PC: pc, Lookup: pc - 1, Registers: *r, Module: u.modules.Find(pc - 1)}
	switch _, is, known := u.call(pc); {
	case !known:
		return true
	case !is:
		// A signal handler returns to where nothing called it.
		l := u.lookUp(&f)
		return l.fde != nil && l.fde.CIE.Signal || u.trampoline(&f)
	}
	_, err := u.stepCFI(&f)
	return err == nil || err == errEnd || errors.Is(err, errNoFDE) || errors.Is(err, errNoTable)
}

// scan looks upwards from the stack pointer for the first word that can be the
// way back to code that we have; see the package documentation.
func (u *Unwinder) scan(f *Frame) (step, bool) {
	sp, _ := f.Registers.Get(u.machine.SP)
	steps := scanSteps
	start := (sp + 7) &^ 7
	for a, w := range u.words(start, start+scanBytes) {
		if steps <= 0 {
			break
		}
		w = u.address(w, false)
		if !u.executable(w) {
			continue
		}
		u.spend(signalCost)
		if r, ok := u.pushed(a + 8); ok {
			return step{r, Scan, true}, true
		}
		m := u.modules.Find(w - 1)
		if m == nil || m == f.Module || u.Table(m) == nil || !u.leads(w) {
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

// call reads the call before a return address; known is false if the code is not at
// hand. Outside says whether it leads to another module.
func (u *Unwinder) call(ra uint64) (c machine.Call, is, known bool) {
	var b [8]byte
	if _, err := u.core.ReadMemory(b[:], ra-8); err != nil {
		return c, false, false
	}
	c, is = u.machine.Call(b[:], ra, u.executable)
	c.Outside = c.Outside || c.Target != 0 && u.inPLT(c.Target)
	return c, is, true
}

// mayReturn tells whether a return address may be one: a call stands before it, or
// what does is not at hand.
func (u *Unwinder) mayReturn(ra uint64) bool {
	_, is, known := u.call(ra)
	return is || !known
}

// leads tells whether a return address stands behind a call out of its module,
// or behind one of a function that leaves it by a jump, its last act.
func (u *Unwinder) leads(ra uint64) bool {
	c, is, _ := u.call(ra)
	return is && (c.Outside || c.Target != 0 && u.jumpsOut(c.Target))
}

// jumpsOut tells whether the function at a runtime address leaves its module by a
// jump.
func (u *Unwinder) jumpsOut(addr uint64) bool {
	if out, ok := u.jumps[addr]; ok {
		return out
	}
	u.jumps[addr] = false
	m := u.modules.Find(addr)
	if m == nil || u.Table(m) == nil {
		return false
	}
	f := u.Table(m).Find(m.LinkTime(addr))
	if f == nil || f.High-f.Low > maxFunction || !u.spend(int(f.High-f.Low)/codeCost) {
		return false
	}
	code := make([]byte, f.High-f.Low)
	start := m.Runtime(f.Low)
	n, _ := u.core.ReadMemory(code, start) // n tells enough
	u.jumps[addr] = u.hasJumpOut(code[:n], start)
	return u.jumps[addr]
}

// hasJumpOut looks for jumps through a register or a table, and into the procedure linkage
// table. What looks like one within another instruction does no harm: it lets a candidate
// be tried.
func (u *Unwinder) hasJumpOut(code []byte, start uint64) bool {
	for i := 0; i < len(code); i += u.machine.Step() {
		j, ok := u.machine.Jump(code[i:], start+uint64(i))
		if ok && !j.Conditional && (j.Target == 0 || u.inPLT(j.Target)) {
			return true
		}
	}
	return false
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
	s := u.core.Segment(sp)
	if s == nil {
		return false
	}
	end, room := s.End(), uint64(stackStart)
	tp := u.thread.Registers.ThreadPointer
	if tp > sp && tp < end {
		end = tp
		room += u.storage()
	}
	for _, tag := range []uint64{elfcore.AtRandom, elfcore.AtPlatform, elfcore.AtExecFn} {
		if at := u.core.Auxv[tag]; at > sp && at < end {
			end = at
		}
	}
	return end-sp < room
}

// storage is the size of the executable's thread-local storage, which is most of it.
func (u *Unwinder) storage() uint64 {
	for _, m := range u.modules.Modules {
		if !m.Main || m.File() == nil {
			continue
		}
		for _, s := range m.File().Segments {
			if s.Type == elffile.TLS {
				return min(s.MemSize, scanBytes)
			}
		}
	}
	return 0
}

// executable tells whether a runtime address may be code.
//
// Folklore: gcore and qemu leave code out of the core altogether; then the file
// of the module says.
func (u *Unwinder) executable(addr uint64) bool {
	if s := u.core.Segment(addr); s != nil {
		return s.Flags&elfcore.Executable != 0
	}
	m := u.modules.Find(addr)
	return m != nil && m.File() != nil && m.File().Executable(m.LinkTime(addr))
}

// inPLT tells whether a runtime address is in a procedure linkage table.
func (u *Unwinder) inPLT(addr uint64) bool {
	m := u.modules.Find(addr)
	if m == nil || m.File() == nil {
		return false
	}
	for _, e := range u.plt(m) {
		if at := m.LinkTime(addr); at >= e.low && at < e.high {
			return true
		}
	}
	return false
}

// plt gives the procedure linkage tables of a module, link-time.
func (u *Unwinder) plt(m *module.Module) []extent {
	out, ok := u.plts[m]
	if !ok {
		for _, name := range []string{".plt", ".plt.sec", ".plt.got"} {
			if at, size, ok := m.File().SectionAddress(name); ok {
				out = append(out, extent{low: at, high: at + size})
			}
		}
		u.plts[m] = out
	}
	return out
}
