package fault

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// reports is where bugs are told.
const reports = "https://github.com/hacrash/hacrash/issues"

// Internal is a bug of ours that ended what was being done.
type Internal struct {
	// Value is what the code panicked with, Stack where, as the runtime prints it.
	Value any
	Stack []byte
}

func (e *Internal) Error() string {
	text := fmt.Sprintf("internal error: %v", e.Value)
	if at := e.where(); at != "" {
		text += " (" + at + ")"
	}
	return text + "; please report it at " + reports + ", with this line and, if you may, the input"
}

// Guard runs read, which touches mapped memory. A fault at an address that is ours
// ends it and is told; every other panic goes on.
func Guard(ours func(addr uintptr) bool, read func()) (faulted bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if addr, is := address(r); !is || !ours(addr) {
			panic(r)
		}
		faulted = true
	}()
	read()
	return false
}

// address gives that of a memory fault, which no other panic of the runtime has.
func address(r any) (addr uintptr, is bool) {
	if in, handed := r.(*Internal); handed { // by a goroutine
		r = in.Value
	}
	err, is := r.(runtime.Error)
	if !is {
		return 0, false
	}
	at, is := err.(interface{ Addr() uintptr })
	if !is {
		return 0, false
	}
	return at.Addr(), true
}

// Catch runs f. A panic in it, and a fault of memory that nobody guarded, becomes an
// [Internal] error.
func Catch(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = internal(r)
		}
	}()
	return f()
}

// internal is called by the deferred function that recovered r: the stack still has
// the frames that panicked.
func internal(r any) *Internal {
	if in, ok := r.(*Internal); ok {
		return in // of a goroutine: its own stack says more
	}
	return &Internal{Value: r, Stack: debug.Stack()}
}

// Of finds the bug behind an error; nil if there is none.
func Of(err error) *Internal {
	var in *Internal
	if errors.As(err, &in) {
		return in
	}
	return nil
}

// where is the function that panicked, and its line: the first frame behind the
// runtime's. It is empty if the stack does not say.
func (e *Internal) where() string {
	// What panicked anew in a deferred function stands before what it was.
	stack := string(e.Stack)
	at := strings.LastIndex(stack, "\npanic(")
	if at < 0 {
		return ""
	}
	lines := strings.Split(stack[at+1:], "\n")
	for i := 2; i+1 < len(lines); i += 2 { // the first two are those of panic itself
		if strings.HasPrefix(lines[i], "runtime.") {
			continue
		}
		name := lines[i][strings.LastIndexByte(lines[i], '/')+1:]
		name = name[:max(strings.LastIndexByte(name, '('), 0)]
		line, _, _ := strings.Cut(strings.TrimSpace(lines[i+1]), " ")
		return name + " at " + line[strings.LastIndexByte(line, '/')+1:]
	}
	return ""
}
