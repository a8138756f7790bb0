package elffile

import (
	"errors"
	"runtime/debug"
)

// ErrCut says that a mapped file became shorter, or its disk or server went
// away, while it was read.
var ErrCut = errors.New("the file was cut or replaced while it was read; try again")

// guard runs what touches a mapping and makes a fault there an error.
func guard(read func()) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		// Only a fault at an address has one; everything else is a bug.
		if _, fault := r.(interface{ Addr() uintptr }); !fault {
			panic(r)
		}
		err = ErrCut
	}()
	read()
	return nil
}
