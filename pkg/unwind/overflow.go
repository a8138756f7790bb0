package unwind

import "fmt"

// Bounds on the outer end of a stack that is too long to walk.
const (
	maxOutermost = 128 // frames
	outerTries   = 64  // how many places to begin at are tried
)

// outermost finds the last frames of a stack from its end: those above the outermost return
// address that the frames walked so far hold as well, for what fills a stack comes again and
// again. Nil if that leads nowhere.
func (u *Unwinder) outermost(walked []Frame) []Frame {
	last := &walked[len(walked)-1].Registers
	sp, ok := last.Get(u.machine.SP)
	end, _ := u.stackEnd(sp)
	if !ok || end == 0 {
		return nil
	}
	again := map[uint64]bool{}
	for _, f := range walked[len(walked)/2:] {
		again[f.PC] = true
	}
	const block = 4096
	tries := 0
	for from := (end - 1) &^ (block - 1); from >= sp; from -= block {
		var found []uint64
		for a, w := range u.words(from, min(from+block, end)) {
			if again[u.address(w, false)] {
				found = append(found, a)
			}
		}
		for i := len(found) - 1; i >= 0; i-- {
			if tries++; tries > outerTries || !u.spend(stepCost) {
				return nil
			}
			if frames := u.outerFrom(found[i]); frames != nil {
				return frames
			}
		}
	}
	return nil
}

// outerFrom walks from the return address at a place of the stack to the end, or to where
// only the C library's start of a thread can be missing; nil if it does not get there.
func (u *Unwinder) outerFrom(at uint64) (frames []Frame) {
	ra, err := u.core.Uint64(at)
	if err != nil {
		return nil
	}
	var r Registers
	r.set(u.machine.PC, u.address(ra, false))
	r.set(u.machine.SP, at+8)
	before := u.frames
	why := u.follow(Frame{Registers: r, Trust: Scan}, false, maxOutermost, &frames)
	if sp, ok := frames[len(frames)-1].Registers.Get(u.machine.SP); why == errEnd || ok && why != errFrames && u.nearEnd(sp) {
		return frames
	}
	u.frames = before
	return nil
}

// leftOut says how many frames are missing before the outermost ones, if those between are
// as large as those before.
func (u *Unwinder) leftOut(frames []Frame) string {
	const sample = 64
	n := maxFrames - maxOutermost
	sp := func(i int) uint64 { v, _ := frames[i].Registers.Get(u.machine.SP); return v }
	left := (sp(n) - sp(n-1)) * sample / max(1, sp(n-1)-sp(n-1-sample))
	return fmt.Sprintf("%v: about %d between frame %d and frame %d are left out", errFrames, left, n-1, n)
}
