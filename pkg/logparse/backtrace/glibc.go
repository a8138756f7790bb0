package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/signals"
)

// glibc reads the trace that the C library printed until 2.25 when it found its heap or
// a stack damaged, and that backtrace_symbols_fd() prints of any program:
//
//	======= Backtrace: =========
//	/lib/x86_64-linux-gnu/libc.so.6(cfree+0x4c)[0x7fb2f20cf53c]
//	/usr/sbin/haproxy(+0xe0c4f)[0x558c51f64c4f]
//	======= Memory map: ========
//	558c51e84000-558c52070000 r-xp 00000000 08:01 528110    /usr/sbin/haproxy
type glibc struct {
	stacks
	at      *stack
	mapping bool
}

func opensGlibc(t string) bool {
	return strings.HasPrefix(t, "======= Backtrace: ====")
}

// glibcFrame reads "/usr/sbin/haproxy(stream_free+0x21f)[0x558c51f64c4f]". A name is that
// of the dynamic symbol before the address: dladdr() looks no further than the size of
// the symbol allows, so that it is the function's own. Older libraries print a blank before
// the bracket.
func glibcFrame(t string) (crash.Frame, bool) {
	f := crash.Frame{Trust: crash.TrustPrinted}
	rest, ok := strings.CutSuffix(t, "]")
	open := strings.LastIndex(rest, "[0x")
	if !ok || open <= 0 {
		return f, false
	}
	addr, after, ok := lex.Addr(rest[open+1:])
	if !ok || after != "" || addr == 0 {
		return f, false
	}
	f.Address = addr
	module, symbol, has := strings.Cut(strings.TrimSpace(rest[:open]), "(")
	if module == "" || strings.ContainsAny(module, " \t") {
		return f, false
	}
	f.Module = lex.Clip(module, 1024)
	if !has {
		return f, module != "" && (module[0] == '/' || module[0] == '.' || module == "[" || !strings.ContainsAny(module, "=:,"))
	}
	symbol, ok = strings.CutSuffix(symbol, ")")
	if !ok {
		return f, false
	}
	name, offset, _ := strings.Cut(symbol, "+")
	v, after, isHex := lex.Addr(offset)
	if name == "" {
		f.ModuleOffset = v
		return f, isHex && after == ""
	}
	if lex.Identifier(name) != len(name) {
		return f, false
	}
	f.Symbol, f.Function, f.Offset = lex.Clip(symbol, 1024), lex.Clip(name, 1024), uint64(v)
	return f, true
}

func (g *glibc) line(text string, number int64) verdict {
	t := strings.TrimSpace(text)
	switch {
	case t == "":
		return blank
	case strings.HasPrefix(t, "======= Backtrace: ===="):
		if g.at != nil {
			return over
		}
		g.at = g.add(&stack{})
		return member
	case strings.HasPrefix(t, "======= Memory map: ===="):
		g.mapping = true
		return member
	}
	if f, ok := glibcFrame(t); ok && !g.mapping {
		f.Where = lex.Where(number)
		g.append(g.at, f)
		return member
	}
	if g.mapping && mapRow(t) {
		return member
	}
	return over
}

// mapRow says whether t is a row of /proc/PID/maps.
func mapRow(t string) bool {
	i := 0
	for i < len(t) && lex.IsHex(t[i]) {
		i++
	}
	return i >= 8 && i <= 16 && i < len(t) && t[i] == '-' && (strings.Contains(t, " r") || strings.Contains(t, " -") || strings.Contains(t, " w"))
}

func (g *glibc) programs() ([]string, bool) { return nil, true }

func (g *glibc) finish(r *Result) {
	var faulty *stack
	if g.at != nil && len(g.at.frames) > 0 {
		faulty = g.at
	}
	// The library prints it on its way to abort().
	r.Signal = &crash.Signal{Number: 6, Name: signals.Name(6)}
	r.Threads = g.threads(faulty)
	judge(r, faulty, g.all)
}
