package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// gdbFrame reads what stands behind "#3  ", its lines joined by a blank:
//
//	0x000055a49a4efb19 in h2_io_cb (t=t@entry=0x7f, ctx=<optimized out>) at src/mux_h2.c:4260
//	h2_process (h2c=h2c@entry=0x3743ba0) at src/mux_h2.c:2743
//	0x00007f3695a7b868 in raise () from /lib64/libc.so.6
//	0x00007f36961435c0 in ?? ()
//	<signal handler called>
//
// ok is false when it is none of these. The frame may be cut anywhere; what is
// cut in two (an argument, a file without its line) is left out, for half a
// number is a wrong number.
func gdbFrame(number int, s string) (f crash.Frame, ok bool) {
	f = printed(0)
	if rest, isSignal := strings.CutPrefix(s, "<signal handler called>"); isSignal {
		f.Signal = true
		return f, strings.TrimSpace(rest) == ""
	}
	addr, rest, hasAddr := lex.Addr(s)
	if hasAddr {
		if rest, ok = strings.CutPrefix(rest, " in "); !ok {
			return f, false
		}
		f.Address = addr
		s = rest
	}
	// gdb prints an address unless the pc is at the start of a line, which it
	// is for inlined callers and for a frame 0 that stopped right there.
	f.Inlined = !hasAddr && number > 0

	name, rest := functionName(s)
	if hasAddr && strings.HasPrefix(s, "()") {
		name, rest = "??", s // Folklore: of a broken stack gdb may print "0x2 in ()"
	}
	if name == "" {
		return f, false
	}
	if !hasAddr || name != "??" { // the address says more
		setName(&f, name)
	}
	if !strings.HasPrefix(rest, "(") {
		// Cut right behind the name; without an address it could be anything.
		return f, hasAddr && rest == ""
	}
	rest, whole := setCall(&f, rest)
	if !whole {
		return f, true
	}
	if lib, isLib := strings.CutPrefix(rest, "from "); isLib {
		f.Module = strings.TrimSpace(lib)
		return f, true
	}
	if at, isAt := strings.CutPrefix(rest, "at "); isAt {
		// More than a place: a log line that goes on.
		return f, !strings.ContainsAny(at, ",|") && setPlace(&f, at) || !strings.ContainsAny(at, " |")
	}
	// "(More stack frames follow...)" and the like never come this far; any
	// other text behind the parenthesis is a frame only when it has an address.
	return f, rest == "" || hasAddr || strings.HasPrefix("at ", rest) || strings.HasPrefix("from ", rest)
}

// functionName takes the name before " (". C++ names have blanks and
// parentheses within angle brackets, and "operator()".
func functionName(s string) (name, rest string) {
	if strings.HasPrefix(s, "??") {
		return "??", strings.TrimLeft(s[2:], " ")
	}
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '<':
			depth++
		case '>':
			depth = max(0, depth-1)
		case ' ':
			if depth == 0 {
				if !plausibleName(s[:i]) {
					return "", s
				}
				return s[:i], strings.TrimLeft(s[i:], " ")
			}
		}
	}
	if !plausibleName(s) {
		return "", s
	}
	return s, ""
}

func plausibleName(s string) bool {
	return len(s) <= maxName && (lex.Identifier(strings.TrimPrefix(s, ".")) > 0 || hasPrefix(s, "~", "<"))
}

// enclosed cuts the parenthesis that s starts with, skipping strings and nested
// ones. closed is false when its end is missing; inner is then all of s.
func enclosed(s string) (inner, rest string, closed bool) {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"', '\'':
			i = skipQuoted(s, i)
		case '(', '{', '[':
			depth++
		case ')', '}', ']':
			depth--
			if depth == 0 {
				return s[1:i], s[i+1:], true
			}
		}
	}
	return s[min(1, len(s)):], "", false
}

// skipQuoted gives the index of the quote that ends the one at s[i], or of the
// last byte.
func skipQuoted(s string, i int) int {
	quote := s[i]
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote:
			return i
		}
	}
	return len(s) - 1
}

// arguments splits the text between a frame's parentheses. Where whole is false
// the last argument is cut and left out.
func arguments(s string, whole bool) []crash.Argument {
	var args []crash.Argument
	start, depth := 0, 0
	add := func(piece string) {
		piece = strings.TrimSpace(piece)
		if a, ok := argument(piece); ok {
			if len(args) < maxArguments {
				args = append(args, a)
			}
			return
		}
		// A long string goes on behind a comma: "aaa", 'b' <repeats 39 times>, "c"...
		if n := len(args); n > 0 && piece != "" && len(args[n-1].Value) < maxValue {
			args[n-1].Value = lex.Clip(args[n-1].Value+", "+piece, maxValue)
		}
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"', '\'':
			i = skipQuoted(s, i)
		case '(', '{', '[', '<':
			depth++
		case ')', '}', ']', '>':
			depth = max(0, depth-1)
		case ',':
			if depth == 0 {
				add(s[start:i])
				start = i + 1
			}
		}
	}
	if whole && start < len(s) {
		add(s[start:])
	}
	return args
}

// argument reads name=value and the forms of an argument whose value at the
// call is known too: name=name@entry=value, name@entry=value. A value at the
// call that differs is an argument of its own, and keeps "@entry" in its name.
func argument(s string) (crash.Argument, bool) {
	n := lex.Identifier(s)
	if n == 0 {
		return crash.Argument{}, false
	}
	name, rest := s[:n], s[n:]
	if r, ok := strings.CutPrefix(rest, "@entry="); ok {
		return crash.Argument{Name: name + "@entry", Value: lex.Clip(r, maxValue)}, true
	}
	value, ok := strings.CutPrefix(rest, "=")
	if !ok {
		return crash.Argument{}, false
	}
	if r, same := strings.CutPrefix(value, name+"@entry="); same {
		value = r
	}
	return crash.Argument{Name: name, Value: lex.Clip(value, maxValue)}, true
}
