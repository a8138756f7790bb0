package unwind

import (
	"errors"
	"fmt"
	"iter"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/elffile"
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
func (u *Unwinder) fallBack(f *Frame, exact bool, why error) (Registers, Trust, error) {
	if !u.executable(f.PC) {
		return u.badPC(f)
	}
	// The handler's return took the address of this very trampoline off the stack.
	if sp, ok := f.Registers.Get(u.arch.sp()); ok && !exact && f.Module != nil {
		if r, ok := u.arch.signalFrame(u, sp-8); ok {
			f.Signal = true
			return r, Scan, nil
		}
	}
	ways := []func(*Frame) (Registers, Trust, bool){u.framePointer, u.linkRegister, u.scan}
	if !exact {
		ways[1] = nil
	}
	// Folklore: a library that does not use the frame pointer leaves that of its
	// caller in the register, and to follow it skips the caller. But code that is at
	// hand and has no tables was mostly built to be followed this way.
	if f.Module == nil || f.Module.File() == nil {
		ways[0], ways[1], ways[2] = ways[1], ways[2], ways[0]
	}
	for _, way := range ways {
		if way == nil {
			continue
		}
		if r, trust, ok := way(f); ok {
			return r, trust, nil
		}
	}
	if f.Module != nil {
		return Registers{}, "", fmt.Errorf("%s: %w, and nothing on the stack leads on", f.Module.Path, why)
	}
	return Registers{}, "", fmt.Errorf("%w, and nothing on the stack leads on", why)
}

func (u *Unwinder) framePointer(f *Frame) (Registers, Trust, bool) {
	r, ok := u.arch.framePointer(u, f)
	return r, FramePointer, ok && u.plausible(&r)
}

func (u *Unwinder) linkRegister(f *Frame) (Registers, Trust, bool) {
	r, ok := u.arch.returnInRegister(f)
	return r, Scan, ok && u.plausible(&r)
}

// badPC: a call has just been made to where there is no code.
func (u *Unwinder) badPC(f *Frame) (Registers, Trust, error) {
	if r, ok := u.arch.returnInRegister(f); ok {
		if pc, _ := r.Get(u.arch.pc()); u.executable(pc) && u.called(pc) {
			return r, BadPC, nil
		}
	}
	r := f.Registers
	sp, _ := r.Get(u.arch.sp())
	ra, err := u.core.Uint64(sp)
	if err != nil || !u.executable(ra) || !u.called(ra) {
		return r, "", fmt.Errorf("the pc %#x is no code, and no return address is on the stack", f.PC)
	}
	r.set(u.arch.pc(), ra)
	r.set(u.arch.sp(), sp+8)
	return r, BadPC, nil
}

// plausible tells whether registers that a guess gave may be a caller's: the
// pc stands behind a call, and what can be unwound from there does unwind.
func (u *Unwinder) plausible(r *Registers) bool {
	pc, _ := r.Get(u.arch.pc())
	if !u.executable(pc) {
		return false
	}
	f := Frame{PC: pc, Lookup: pc - 1, Registers: *r, Module: u.modules.Find(pc - 1)}
	switch kind, _ := u.arch.call(u, pc); kind {
	case noCall:
		// A signal handler returns to where nothing called it.
		l := u.lookUp(&f)
		return l.fde != nil && l.fde.CIE.Signal || u.arch.trampoline(u, &f)
	case unknown:
		return true
	}
	_, err := u.stepCFI(&f)
	return err == nil || err == errEnd || errors.Is(err, errNoFDE) || errors.Is(err, errNoTable)
}

// scan looks upwards from the stack pointer for the first word that can be the
// way back to code that we have; see the package documentation.
func (u *Unwinder) scan(f *Frame) (Registers, Trust, bool) {
	sp, _ := f.Registers.Get(u.arch.sp())
	steps := scanSteps
	start := (sp + 7) &^ 7
	for a, w := range u.words(start, start+scanBytes) {
		if steps <= 0 {
			break
		}
		w = u.authenticated(w, false)
		if !u.executable(w) {
			continue
		}
		u.spend(signalCost)
		if r, ok := u.arch.signalFrame(u, a); ok {
			return r, scanSignal, true
		}
		m := u.modules.Find(w - 1)
		if m == nil || m == f.Module || u.Table(m) == nil || !u.leads(w) {
			continue
		}
		var r Registers
		for n := range uint64(numRegisters) {
			if u.arch.calleeSaved(n) {
				r.inherit(n, &f.Registers)
				r.doubt |= r.known & (1 << n)
			}
		}
		r.set(u.arch.pc(), w)
		r.set(u.arch.sp(), a+8)
		u.arch.left(&r)
		if u.ends(r, &steps) {
			return r, Scan, true
		}
	}
	return Registers{}, "", false
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

// called tells whether a return address may be one: a call stands before it, or
// what does is not at hand.
func (u *Unwinder) called(ra uint64) bool {
	kind, _ := u.arch.call(u, ra)
	return kind != noCall
}

// leads tells whether a return address stands behind a call out of its module,
// or behind one of a function that leaves it by a jump, its last act.
// aarch64 calls within and without look alike when they go through a register.
func (u *Unwinder) leads(ra uint64) bool {
	switch kind, target := u.arch.call(u, ra); kind {
	case importCall:
		return true
	case anyCall:
		return target != 0 && u.jumpsOut(target) || target == 0 && u.core.Arch == elfcore.ARM64
	}
	return false
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
	u.jumps[addr] = u.arch.jumpsOut(u, code[:n], start)
	return u.jumps[addr]
}

// ends follows a candidate by call frame information: it holds if that comes
// to the end of the stack, to a signal frame, or to a missing library close to
// the end, with a call before every return address.
func (u *Unwinder) ends(r Registers, steps *int) bool {
	for range chainSteps {
		if *steps--; *steps < 0 || !u.spend(stepCost) {
			return false
		}
		pc, _ := r.Get(u.arch.pc())
		sp, _ := r.Get(u.arch.sp())
		f := Frame{PC: pc, Lookup: pc - 1, Registers: r, Module: u.modules.Find(pc - 1)}
		if f.Module == nil || u.Table(f.Module) == nil {
			if _, ok := u.arch.signalFrame(u, sp-8); ok {
				return true
			}
			return u.executable(pc) && u.nearEnd(sp)
		}
		next, err := u.stepCFI(&f)
		if err == errEnd || err == nil && f.Signal {
			return true
		}
		above, _ := next.Get(u.arch.sp())
		ra, _ := next.Get(u.arch.pc())
		if err != nil || above <= sp || ra == 0 || !u.executable(ra) || !u.called(ra) {
			return false
		}
		r = next
	}
	return false
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
	if u.threadPointer > sp && u.threadPointer < end {
		end = u.threadPointer
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
