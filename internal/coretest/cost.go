package coretest

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Cost is what something took, in measures that do not depend on what else the machine
// does. A hang shows as the timeout of the test.
type Cost struct {
	// Allocated is how many bytes were asked for, Grown by how many the heap grew.
	Allocated, Grown uint64
	// Panic is what it panicked with, and where; empty if it did not.
	Panic string
}

// Measure runs f.
func Measure(f func()) (c Cost) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	func() {
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		defer func() {
			if r := recover(); r != nil {
				c.Panic = fmt.Sprintf("%v\n%s", r, debug.Stack())
			}
		}()
		f()
	}()
	runtime.ReadMemStats(&after)
	c.Allocated = after.TotalAlloc - before.TotalAlloc
	// The heap gives no memory back at once, so that this is the most that was in use.
	if was, is := before.HeapSys-before.HeapReleased, after.HeapSys-after.HeapReleased; is > was {
		c.Grown = is - was
	}
	return c
}
