package elffile

import (
	"errors"
	"unsafe"

	"github.com/hacrash/hacrash/pkg/fault"
)

// ErrCut says that a mapped file became shorter, or its disk or server went
// away, while it was read.
var ErrCut = errors.New("the file was cut or replaced while it was read")

// Guard runs read, which touches mappings, of which ours tells whether an address of
// this program lies in them. A fault there ends it, and gives [ErrCut]; whatever
// else it panics with goes on.
func Guard(ours func(addr uintptr) bool, read func()) error {
	if fault.Guard(ours, read) {
		return ErrCut
	}
	return nil
}

// Faulted tells whether an address of this program, at which a read faulted, lies in
// the mapping of the file. Then the file is known to be cut.
func (f *File) Faulted(addr uintptr) bool {
	if !within(f.mapped, addr) {
		return false
	}
	f.cut = true
	return true
}

// Cut tells that a read of the file faulted.
func (f *File) Cut() bool { return f.cut }

func (f *File) guard(read func()) error { return Guard(f.Faulted, read) }

// within tells whether an address lies in b.
func within(b []byte, addr uintptr) bool {
	return len(b) > 0 && addr-uintptr(unsafe.Pointer(unsafe.SliceData(b))) < uintptr(len(b))
}
