package unwind

import (
	"slices"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/machine"
	"github.com/hacrash/hacrash/pkg/module"
)

// maxFunction is how many bytes of a function's code are looked at.
const maxFunction = 64 << 10

// call reads the call before a return address; known is false if the code is not at
// hand.
func (u *Unwinder) call(ra uint64) (c machine.Call, is, known bool) {
	var b [8]byte
	if _, err := u.core.ReadMemory(b[:], ra-8); err != nil {
		return c, false, false
	}
	c, is = u.machine.Call(b[:], ra, u.executable)
	return c, is, true
}

// through tells where a call leads by what a table in memory holds, if it goes through one.
func (u *Unwinder) through(c machine.Call) (target uint64, ok bool) {
	entry := c.Entry
	if entry == 0 && c.Target != 0 && u.inPLT(c.Target) {
		var b [16]byte
		n, _ := u.core.ReadMemory(b[:], c.Target) // n tells enough
		for i := 0; i < n && entry == 0; i += u.machine.Step {
			j, _ := u.machine.Jump(b[i:n], c.Target+uint64(i))
			entry = j.Entry
		}
	}
	if entry == 0 {
		return 0, false
	}
	target, err := u.core.Uint64(entry)
	return target, err == nil
}

// calls tells whether the call before a return address may have led to f: into its module, if
// a table tells, or to its function, if the instruction does. A return address that stands
// where a function which has left had its own mostly does not.
func (u *Unwinder) calls(ra uint64, f *Frame) bool {
	c, is, known := u.call(ra)
	if !is {
		return !known
	}
	if target, ok := u.through(c); ok {
		return u.modules.Find(target) == f.Module
	}
	if c.Target == 0 || u.modules.Find(c.Target) != f.Module {
		return true
	}
	const tails = 4 // functions that leave by a jump to the next
	to := u.lookUp(f).fde
	return to == nil || u.reaches(f.Module, f.Module.LinkTime(c.Target), to, tails)
}

// reaches tells whether the function at a link-time address may be another, or leave by jumps
// that lead to it: its part elsewhere, or what it calls as its last act.
func (u *Unwinder) reaches(m *module.Module, addr uint64, to *FDE, tails int) bool {
	from := u.Table(m).Find(addr)
	if from == nil || from == to || tails == 0 || u.machine.Exits == nil {
		return true
	}
	way := [2]uint64{m.Runtime(from.Low), m.Runtime(to.Low)}
	if known, ok := u.ways[way]; ok {
		return known
	}
	u.ways[way] = false // while it is looked for
	code := u.function(m, from.Low, from.High, decodeCost)
	exits, found := u.machine.Exits(code)
	found = found || len(code) == 0
	for i := 0; i < len(exits) && !found; i++ {
		found = u.reaches(m, from.Low+uint64(exits[i]), to, tails-1)
	}
	u.ways[way] = found
	return found
}

// mayReturn tells whether a return address may be one: a call stands before it, or
// what does is not at hand.
func (u *Unwinder) mayReturn(ra uint64) bool {
	_, is, known := u.call(ra)
	return is || !known
}

// leads tells whether a return address stands behind a call that may lead out of its
// module: by itself, or because the function that it calls leaves it by a jump, its last act.
// Where a table tells to which module, that must be one of those that were passed.
func (u *Unwinder) leads(ra uint64, f *Frame, passed []*module.Module) bool {
	c, is, _ := u.call(ra)
	if target, ok := u.through(c); is && ok {
		m := u.modules.Find(target)
		return m == nil || slices.Contains(passed, m)
	}
	if c.Target == 0 { // through a register, to anywhere: but where all tables are at hand, they tell
		return is && !f.atHand()
	}
	return is && (u.inPLT(c.Target) || u.jumpsOut(c.Target))
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
	if f := u.Table(m).Find(m.LinkTime(addr)); f != nil {
		u.jumps[addr] = u.hasJumpOut(u.function(m, f.Low, f.High, codeCost), m.Runtime(f.Low))
	}
	return u.jumps[addr]
}

// function reads the code of a function, of which a word of work does so many bytes.
func (u *Unwinder) function(m *module.Module, low, high uint64, bytes int) []byte {
	if high-low > maxFunction || !u.spend(int(high-low)/bytes) {
		return nil
	}
	code := make([]byte, high-low)
	n, _ := u.core.ReadMemory(code, m.Runtime(low)) // n tells enough
	return code[:n]
}

// hasJumpOut looks for jumps through a register or a table, and into the procedure linkage
// table. What looks like one within another instruction does no harm: it lets a candidate
// be tried.
func (u *Unwinder) hasJumpOut(code []byte, start uint64) bool {
	for i := 0; i < len(code); i += u.machine.Step {
		j, ok := u.machine.Jump(code[i:], start+uint64(i))
		if ok && !j.Conditional && (j.Target == 0 || u.inPLT(j.Target)) {
			return true
		}
	}
	return false
}

// executable tells whether a runtime address may be code.
//
// Folklore: gcore and qemu leave code out of the core altogether; then the file of the module
// says, and without it anything may be code.
func (u *Unwinder) executable(addr uint64) bool {
	if s := u.core.Segment(addr); s != nil {
		return s.Flags&elfcore.Executable != 0
	}
	m := u.modules.Find(addr)
	return m != nil && (m.File() == nil || m.File().Executable(m.LinkTime(addr)))
}

// mapped tells whether the core knows of anything at a runtime address. Folklore: gdb may
// leave out the program's code, and all that names it.
func (u *Unwinder) mapped(addr uint64) bool {
	return u.core.Segment(addr) != nil || u.modules.Find(addr) != nil
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
