package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/signals"
)

// What all tools print of a frame: an address, the name of a function, a place.

// maxName bounds names of functions and modules.
const maxName = 1024

// printed is a frame of which the tool printed the address; 0 if it did not.
func printed(address crash.Addr) crash.Frame {
	return crash.Frame{Address: address, Trust: crash.TrustPrinted}
}

// setName sets what a frame is called, unless the tool says that it does not know. A dot
// before a name is that of 64-bit PowerPC's entry points.
func setName(f *crash.Frame, symbol string) {
	if symbol == "???" {
		return
	}
	f.Symbol = lex.Clip(symbol, maxName)
	if symbol == "??" || strings.HasPrefix(symbol, "___lldb_unnamed_symbol") {
		return
	}
	f.Function = strings.TrimPrefix(unversioned(f.Symbol), ".")
	if i := strings.IndexByte(f.Function, '('); i > 0 && lex.Identifier(f.Function) == i {
		f.Function = f.Function[:i] // the parameters of C++
	}
	f.Signal = isTrampoline(f.Function)
}

// setPlace sets file and line; false when s is no place, or is cut within the line's number.
func setPlace(f *crash.Frame, s string) bool {
	file, line, ok := fileLine(strings.TrimSpace(s))
	if ok {
		f.File, f.Line = file, line
	}
	return ok
}

// setCall sets the arguments behind a function's name, and gives what follows them. whole is
// false when the line is cut within.
func setCall(f *crash.Frame, s string) (rest string, whole bool) {
	args, rest, whole := enclosed(s)
	f.Arguments = arguments(args, whole)
	return strings.TrimLeft(rest, " "), whole
}

// fault is a signal by its number, nil when there is none of that number.
func fault(n int) *crash.Signal {
	name := signals.Name(n)
	if name == "" {
		return nil
	}
	return &crash.Signal{Number: n, Name: name}
}
