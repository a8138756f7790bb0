package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/machine"
)

// Call traces (HAProxy src/debug.c, ha_dump_backtrace; src/tools.c,
// dump_addr_and_bytes and resolve_sym_name):
//
//	call trace(13):
//	| 0x560bfe342060 [c6 04 25 01 00 00 00 00]: main-0x3e90                          until 3.2-dev10: bytes at the address
//	| 0x635495d7bee0 <48 89 df e8 f0 b9 ff ff]: h2_io_cb+0x3a0/0x58e > h2_process+0  since: bytes before it, and the call's target

// traceHeader reads "call trace(13):". The count is that of the frames captured,
// not of those printed.
func traceHeader(t string) bool {
	rest, ok := strings.CutPrefix(t, "call trace(")
	if !ok {
		return false
	}
	_, rest, ok = lex.Int(rest)
	return ok && (rest == "):" || rest == ")")
}

// traceFrame reads one line of a trace, whole or cut.
//
// Folklore: HAProxy's buffer for a trace has 2 kB (8 kB since 3.2-dev15), and a
// piece that does not fit is dropped while a shorter one behind it still does.
// So the last lines of a long trace may lack the symbol, the bytes, or all.
func traceFrame(t string) (crash.Frame, bool) {
	rest, ok := strings.CutPrefix(t, "|")
	if !ok {
		return crash.Frame{}, false
	}
	rest = strings.TrimLeft(rest, " ")
	addr, rest, ok := lex.Pointer(rest)
	if !ok || addr == 0 || rest != "" && rest[0] != ' ' {
		return crash.Frame{}, false
	}
	f := crash.Frame{Address: addr, Trust: crash.TrustPrinted}
	rest = strings.TrimLeft(rest, " ")
	if rest == "" {
		return f, true
	}
	if rest[0] != '[' && rest[0] != '<' {
		return crash.Frame{}, false
	}
	bytes, sym, whole := strings.Cut(rest[1:], "]")
	if !codeBytes(bytes) {
		return crash.Frame{}, false
	}
	f.Bytes = strings.TrimSpace(bytes)
	sym, ok = strings.CutPrefix(sym, ":")
	if !whole || !ok {
		return f, true
	}
	sym, target, _ := strings.Cut(strings.TrimSpace(sym), " > ")
	if strings.ContainsAny(sym, notSymbol) || strings.ContainsAny(target, notSymbol) {
		return crash.Frame{}, false // more than the line
	}
	name(&f, sym)
	f.Target = strings.TrimSuffix(lex.Clip(target, maxValue), "+0")
	return f, true
}

// notSymbol are bytes that no symbol has, and that log formats put between their fields.
const notSymbol = " |,;\"'{}\t"

// codeBytes says that s is bytes in hex; "--" stands for one that cannot be read.
func codeBytes(s string) bool {
	if len(s) > 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c != ' ' && c != '-' && !lex.IsHex(c) {
			return false
		}
	}
	return true
}

// isTrace says that a line is of a trace or opens a thread's block: shapes that
// nothing else has.
func isTrace(t string) bool {
	if t[0] == '|' {
		_, ok := traceFrame(t)
		return ok
	}
	if traceHeader(t) {
		return true
	}
	_, ok := threadHeader(t)
	return ok
}

// name sets a frame's symbol, and its function when the name can be trusted.
func name(f *crash.Frame, sym string) {
	sym = lex.Clip(strings.TrimSpace(sym), maxValue)
	f.Symbol = sym
	s := symbol(sym)
	f.Module = s.module
	if s.exact {
		f.Function, f.Offset = s.name, s.offset
	}
}

// symbolText is a symbol as HAProxy prints it.
type symbolText struct {
	module string // of a library: libc, libcrypto, linux-vdso
	name   string
	offset uint64
	// exact says that the address lies in the function of that name.
	exact bool
}

// symbol reads a symbol:
//
//	name                      the address is that of the symbol
//	name+0                    the same (3.2-dev8 to 3.3-dev8)
//	name+0x1b7/0xdb9          within a symbol of that size
//	name+0x19fa9, main-0x3e90 the nearest symbol known, which may be another function
//	libc:clone+0x3f/0x5a      in a library
//	libc:+0x891f5             in a library, from its start
//
// Folklore: only dynamic symbols are known to dladdr(), so static functions come
// out as main+0x…, or since 3.2 as their nearest neighbour of a built-in list:
// hlua_process_task+0x19fa9 was HTTP/2 code (issue 3079). The size, when it is
// printed, tells.
func symbol(s string) symbolText {
	var y symbolText
	if module, rest, ok := strings.Cut(s, ":"); ok {
		if module == "" {
			return y
		}
		y.module, s = module, rest
	}
	i := strings.LastIndexAny(s, "+-")
	if i < 0 {
		y.name, y.exact = s, isName(s)
		return y
	}
	y.name = s[:i]
	offset, size, sized := strings.Cut(s[i+1:], "/")
	if offset == "0" && s[i] == '+' && !sized {
		y.exact = isName(y.name)
		return y
	}
	off, rest, ok := lex.Hex(offset)
	n, more, whole := lex.Hex(size)
	if !ok || !whole || rest != "" || more != "" || off >= n || s[i] == '-' {
		return y
	}
	y.offset, y.exact = uint64(off), isName(y.name)
	return y
}

// isName says that s is an identifier; compilers append .isra.0 and the like, and a
// symbol may have a version behind an @.
func isName(s string) bool {
	n := lex.Identifier(s)
	return n > 0 && (n == len(s) || s[n] == '@')
}

// exactName gives the function that a symbol names for sure, or "".
func exactName(s string) string {
	if y := symbol(strings.TrimSpace(s)); y.exact {
		return y.name
	}
	return ""
}

// markSignal marks the frames of returns from a signal handler, if the trace is
// one that a handler made of its own thread: what is further out is what the
// thread did. They are frames of the C library without a name, known by their
// code, or as the callers of HAProxy's handlers.
//
// Folklore: a watchdog panic has two of them, for the thread that dies sends the
// signal for its dump to itself.
func markSignal(frames []crash.Frame) {
	var at crash.Addr
	for i := range frames {
		f := &frames[i]
		switch {
		case f.Function == "__restore_rt", machine.IsTrampoline(f.Bytes):
		case i > 0 && isHandler(frames[i-1].Function) && f.Module != "" && f.Module != "linux-vdso" && f.Function == "":
		case at != 0 && f.Address == at:
		default:
			continue
		}
		f.Signal, at = true, f.Address
	}
}

func isHandler(function string) bool {
	return function == "debug_handler" || function == "wdt_handler"
}
