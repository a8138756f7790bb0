package unwind

import (
	"cmp"
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
// below the caller's record; in the second it is the innermost record that leads to the stack's
// end, for few of those that functions left behind still do.
func (u *Unwinder) chain(f *Frame, exact bool) (step, bool) {
	r, ok := u.framePointer(f)
	sp, known := f.Registers.Get(u.machine.SP)
	inMain := u.inMain(f.PC)
	if f.atHand() || inMain && !exact || !known || u.machine.Link != 0 { // with a link register all code keeps records
		return step{r, FramePointer, false}, ok
	}
	all := u.records(sp).leading()
	fp, _ := f.Registers.Get(u.machine.FP)
	record := all.at(fp)
	led := ok && record != nil
	if !led {
		if len(all) == 0 || !all[0].main {
			return step{r, FramePointer, false}, ok
		}
		record = &all[0]
	}
	// If the library was found by a record, it keeps them.
	if !inMain && (exact || f.Direct) && (u.inMain(record.pc) || all.at(record.next) == nil) {
		if r, ok := u.owner(f, record, led); ok {
			return step{r, Scan, false}, true
		}
	}
	if led {
		return step{r, FramePointer, false}, true
	}
	r = Registers{}
	r.set(u.machine.PC, record.pc)
	r.set(u.machine.SP, record.fp+uint64(u.machine.Record.Top))
	r.set(u.machine.FP, record.next)
	return step{r, Scan, false}, true
}

// inMain tells whether a runtime address may be code of the executable.
func (u *Unwinder) inMain(addr uint64) bool {
	m := u.modules.Find(addr)
	return m != nil && m.Main && u.executable(addr)
}

// owner finds the function whose record it is: below it a word that leads to the executable
// lies where calls leave one. If the frame pointer led to the record, it is the first of them,
// for a library that leaves the frame pointer alone needs little of the stack; or else
// the only one.
func (u *Unwinder) owner(f *Frame, record *frameRecord, led bool) (r Registers, ok bool) {
	sp, _ := f.Registers.Get(u.machine.SP)
	for a, w := range u.words((sp+7)&^7, record.fp) {
		if a%16 != 8 || !u.inMain(w) {
			continue
		}
		if ok || u.Table(u.modules.Find(w)) != nil { // with code the scan would have found it
			return r, false
		}
		r = f.Registers
		r.set(u.machine.PC, w)
		r.set(u.machine.SP, a+8)
		r.set(u.machine.FP, record.fp)
		if ok = true; led {
			break
		}
	}
	return r, ok
}

// handler finds a signal's handler that called f, if the frame pointer leads to its record:
// that holds the return address to the trampoline.
func (u *Unwinder) handler(f *Frame, trampoline uint64) (r Registers, ok bool) {
	fp, _ := f.Registers.Get(u.machine.FP)
	if fp+8 != trampoline {
		return r, false
	}
	return u.owner(f, &frameRecord{fp: fp}, true)
}

// frameRecord is what a frame pointer, fp, leads to: that of the caller, and its pc.
type frameRecord struct {
	fp, next, pc uint64
	last         uint64 // the last record to which it leads; 0 if that is not at a stack's end
	main         bool   // it, or one to which it leads, returns to the executable
}

// frameRecords are in the order of their addresses.
type frameRecords []frameRecord

// at gives the record to which a frame pointer leads; nil if there is none.
func (r frameRecords) at(fp uint64) *frameRecord {
	i, ok := slices.BinarySearchFunc(r, fp, func(f frameRecord, fp uint64) int { return cmp.Compare(f.fp, fp) })
	if !ok {
		return nil
	}
	return &r[i]
}

// records lists what looks like a record on a stack, from an address upwards. The last one of a stack returns to the C
// library, and what it holds of the frame pointer may be anything.
func (u *Unwinder) records(from uint64) (all frameRecords) {
	end, _ := u.stackEnd(from)
	var before uint64
	for a, w := range u.words((from+7)&^7, min(end, from+recordBytes)) {
		r := frameRecord{fp: a - 8 - uint64(u.machine.Record.At), next: before, pc: w}
		before = w
		if a < from+8 || r.fp%16 != 0 || !u.executable(w) {
			continue
		}
		r.main = u.inMain(w)
		if !r.main && u.nearEnd(r.fp) {
			r.last = r.fp
		}
		if r.last != 0 || r.next > r.fp && r.next < r.fp+recordBytes && r.next%16 == 0 {
			all = append(all, r)
		}
		if len(all) == maxRecords {
			break
		}
	}
	return all
}

// leading keeps those that lead to the stack's end. Of several ends, for bytes may look like
// one, it is that to which most lead.
func (r frameRecords) leading() frameRecords {
	count, most := map[uint64]int{}, uint64(0)
	for i := len(r) - 1; i >= 0; i-- {
		this := &r[i]
		if next := r.at(this.next); next != nil && next.fp > this.fp && next.last != 0 {
			this.last, this.main = next.last, this.main || next.main
		}
		if this.last == 0 {
			continue
		}
		if count[this.last]++; count[this.last] >= count[most] {
			most = this.last
		}
	}
	return slices.DeleteFunc(r, func(r frameRecord) bool { return r.last == 0 || r.last != most })
}

// first tells whether an address is in the function with which the executable begins.
func (u *Unwinder) first(pc uint64) bool {
	const size = 64
	entry := u.core.Auxv[elfcore.AtEntry]
	return entry != 0 && pc > entry && pc-entry < size && u.inMain(pc)
}

// start finds the return address to that function behind the C library, which it calls.
func (u *Unwinder) start(f *Frame, _ bool) (step, bool) {
	sp, ok := f.Registers.Get(u.machine.SP)
	if !ok || f.Module == nil || f.Module.Main || !u.nearEnd(sp) {
		return step{}, false
	}
	for a, w := range u.words((sp+7)&^7, sp+stackStart) {
		if u.first(w) {
			var r Registers
			r.set(u.machine.PC, w)
			r.set(u.machine.SP, a+8)
			return step{r, Scan, false}, true
		}
	}
	return step{}, false
}
