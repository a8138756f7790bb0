package unwind

import (
	"slices"

	"github.com/hacrash/hacrash/pkg/elfcore"
)

// Bounds of what is told by frame records alone.
const (
	recordBytes = 256 << 10 // how far above the stack pointer they are looked for
	maxRecords  = 1 << 12   // of one stack
)

// chain finds the caller of f by frame records, for neither its tables nor its code are at
// hand.
//
// Folklore: a library that was built without frame pointers leaves that of its caller in the
// register, or uses it for something else. In the first case the way back to the caller lies
// somewhere below the caller's record; in the second the stack is searched for records.
func (u *Unwinder) chain(f *Frame, exact bool) (step, bool) {
	r, ok := u.framePointer(f)
	sp, known := f.Registers.Get(u.machine.SP)
	own := f.Module != nil && f.Module.Main && !exact
	if own || !known || u.machine.Link != 0 { // where calls leave it in a register, all keep records
		return step{r, FramePointer, false}, ok
	}
	found := u.records(sp)
	fp, _ := f.Registers.Get(u.machine.FP)
	if _, led := found.next[fp]; !ok || !led {
		fp, led = found.common()
		if !led {
			return step{r, FramePointer, false}, ok
		}
		caller := Frame{Registers: f.Registers}
		caller.Registers.set(u.machine.FP, fp)
		r, ok = u.framePointer(&caller)
		return step{r, Scan, false}, ok && found.main[fp]
	}
	pc, _ := r.Get(u.machine.PC)
	if _, inner := found.next[found.next[fp]]; (!inner || u.inMain(pc)) && !u.inMain(f.PC) {
		if c, ok := u.owner(u.owners(sp, fp)); ok {
			r = f.Registers
			r.set(u.machine.PC, c.pc)
			r.set(u.machine.SP, fp-c.below+8)
			return step{r, Scan, false}, true
		}
	}
	return step{r, FramePointer, false}, true
}

// inMain tells whether a runtime address may be code of the executable.
func (u *Unwinder) inMain(addr uint64) bool {
	m := u.modules.Find(addr)
	return m != nil && m.Main && u.executable(addr)
}

// records are the frame records on a stack that lead from one to the next to its end, by the
// frame pointers that lead to them. Functions that have returned leave theirs behind.
type records struct {
	order []uint64 // upwards
	next  map[uint64]uint64
	main  map[uint64]bool // that lead to the executable
}

// records looks for records from an address upwards. Of several ends, which bytes may look
// like, that counts to which most records lead.
func (u *Unwinder) records(from uint64) records {
	all := records{next: map[uint64]uint64{}, main: map[uint64]bool{}}
	ends := map[uint64]bool{}
	var last uint64
	for a, w := range u.words((from+7)&^7, from+recordBytes) {
		fp, next := a-8-uint64(u.machine.Record.At), last
		last = w
		if a < from+8 || fp%16 != 0 || !u.executable(w) {
			continue
		}
		all.main[fp] = u.inMain(w)
		ends[fp] = (!u.inMain(w)) && u.nearEnd(fp)
		if ends[fp] || next > fp && next < fp+recordBytes && next%16 == 0 {
			all.order, all.next[fp] = append(all.order, fp), next
		}
		if len(all.order) == maxRecords {
			break
		}
	}
	end, leading := map[uint64]uint64{}, map[uint64]int{}
	most := uint64(0)
	for _, fp := range slices.Backward(all.order) {
		e, ok := end[all.next[fp]]
		if !ok && ends[fp] {
			e, ok = fp, true
		}
		if ok {
			end[fp] = e
			all.main[fp] = all.main[fp] || all.main[all.next[fp]]
			if leading[e]++; leading[e] >= leading[most] {
				most = e
			}
		}
	}
	all.order = slices.DeleteFunc(all.order, func(fp uint64) bool {
		if e, ok := end[fp]; ok && e == most {
			return false
		}
		delete(all.next, fp)
		return true
	})
	return all
}

// common is the first record to which all below it lead: whichever of them are alive, it is.
func (r *records) common() (fp uint64, ok bool) {
	if len(r.order) == 0 {
		return 0, false
	}
	at := r.order[0]
	for _, fp := range r.order {
		if fp > at {
			break
		}
		for fp != at {
			if fp < at {
				fp = r.next[fp]
			} else {
				at = r.next[at]
			}
		}
	}
	return at, true
}

// owner is what may be a return address to the function that owns a frame record.
type owner struct{ pc, below uint64 } // how far below the record

// owners lists what may be the way back to the function whose record lies at fp: words below
// it that lead to the executable, where calls leave a return address.
func (u *Unwinder) owners(sp, fp uint64) (list []owner) {
	for a, w := range u.words((sp+7)&^7, fp) {
		if a%16 == 8 && u.inMain(w) {
			list = append(list, owner{w, fp - a})
		}
	}
	return list
}

// owner chooses: the only one, or else the only one that another thread proves.
func (u *Unwinder) owner(list []owner) (owner, bool) {
	if len(list) > 1 {
		if u.proved == nil {
			u.proveOwners()
		}
		list = slices.DeleteFunc(list, func(o owner) bool { return !u.proved[o] })
	}
	if len(list) != 1 {
		return owner{}, false
	}
	return list[0], true
}

// proveOwners finds the threads that have but one.
func (u *Unwinder) proveOwners() {
	u.proved = map[owner]bool{}
	for i := range u.core.Threads {
		f := Frame{Registers: ofThread(&u.core.Threads[i])}
		f.PC, _ = f.Registers.Get(u.machine.PC)
		if _, ok := u.framePointer(&f); !ok || u.inMain(f.PC) {
			continue
		}
		sp, _ := f.Registers.Get(u.machine.SP)
		fp, _ := f.Registers.Get(u.machine.FP)
		if list := u.owners(sp, fp); len(list) == 1 {
			u.proved[list[0]] = true
		}
	}
}

// first tells whether an address is in the function in which the executable begins.
func (u *Unwinder) first(pc uint64) bool {
	const size = 64
	entry := u.core.Auxv[elfcore.AtEntry]
	return entry != 0 && pc > entry && pc-entry < size && u.inMain(pc)
}

// start finds the return address to the executable's first function, which calls the C
// library and is told by its address.
func (u *Unwinder) start(f *Frame) (r Registers, ok bool) {
	sp, ok := f.Registers.Get(u.machine.SP)
	if !ok || f.Module == nil || f.Module.Main || !u.nearEnd(sp) {
		return r, false
	}
	for a, w := range u.words((sp+7)&^7, sp+stackStart) {
		if u.first(w) {
			r.set(u.machine.PC, w)
			r.set(u.machine.SP, a+8)
			return r, true
		}
	}
	return r, false
}
