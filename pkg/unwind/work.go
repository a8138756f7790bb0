package unwind

import "errors"

// Bounds on the work for one core, all threads together. Those of a real one with
// a thousand threads and no library at hand do with a tenth.
const (
	maxWork      = 1 << 24 // in words of memory looked at, or what takes as long
	maxAllFrames = 1 << 16
	maxRows      = 1 << 15 // remembered at a time
)

// What some steps cost, in words of memory.
const (
	stepCost       = 16 // to follow a candidate by one frame
	signalCost     = 8  // to look for the shape of a signal's frame
	expressionCost = 64
	codeCost       = 16 // bytes of code that are looked through, for one
	decodeCost     = 1  // bytes of code that are decoded, for one
)

var errWork = errors.New("the core asks for more work than stacks need")

// spend does n words' worth of work; false if that is not left.
func (u *Unwinder) spend(n int) bool {
	u.work += n
	return u.work <= maxWork
}
