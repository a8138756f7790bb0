package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
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
//
// and what libSegFault.so, which catchsegv loads, prints of a signal:
//
//	*** Segmentation fault
//	Register dump:
//	 RAX: 0000000000000000   RBX: 0000000000000001
//	Backtrace:
//	/usr/sbin/haproxy(+0xe0c4f)[0x558c51f64c4f]
//	Memory map:
type glibc struct {
	reading
	at      *stack
	mapping bool
	dumping bool                  // registers
	bases   map[string]crash.Addr // where the files were mapped
}

func opensGlibc(t string) bool {
	return strings.HasPrefix(t, "======= Backtrace: ====") || caughtSignal(t) != 0
}

// caughtSignal is the signal that libSegFault.so names; 0 if it names none.
func caughtSignal(t string) int {
	text, ok := strings.CutPrefix(t, "*** ")
	if !ok {
		return 0
	}
	return signals.Number(text)
}

// glibcFrame reads "/usr/sbin/haproxy(stream_free+0x21f)[0x558c51f64c4f]". A name is that
// of the dynamic symbol before the address: dladdr() looks no further than the size of
// the symbol allows, so that it is the function's own. Older libraries print a blank before
// the bracket.
func glibcFrame(t string) (crash.Frame, bool) {
	f := printed(0)
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
	f.Module = lex.Clip(module, maxName)
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
	setName(&f, name)
	f.Symbol, f.Offset = lex.Clip(symbol, maxName), uint64(v)
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
		g.at, g.Heads = g.add(&stack{}), true
		return member
	case strings.HasPrefix(t, "======= Memory map: ===="), t == "Memory map:" && g.at != nil:
		g.mapping = true
		return member
	case caughtSignal(t) != 0 && g.at == nil:
		g.Signal = fault(caughtSignal(t))
		g.at, g.Heads = g.add(&stack{}), true
		return member
	case t == "Register dump:" && g.Signal != nil:
		g.dumping = true
		return member
	case t == "Backtrace:" && g.Signal != nil:
		g.dumping = false
		return member
	case g.dumping && text[0] == ' ':
		return member
	}
	if f, ok := glibcFrame(t); ok && !g.mapping {
		f.Where = lex.Where(number)
		g.append(g.at, f)
		return member
	}
	if g.mapping {
		if path, base, ok := mapRow(t); ok {
			g.mapped(path, base)
			return member
		}
	}
	return over
}

// mapRow reads a row of /proc/PID/maps: which file, and where its first byte would be.
//
//	558c51ea4000-558c52070000 r-xp 00020000 08:01 528110                     /usr/sbin/haproxy
func mapRow(t string) (path string, base crash.Addr, ok bool) {
	m := mapping().FindStringSubmatch(t)
	if m == nil {
		return "", 0, false
	}
	from, _, ok := lex.Hex(m[1])
	offset, _, isHex := lex.Hex(m[2])
	if path = m[3]; offset > from || strings.Contains(path, " ") {
		path = ""
	}
	return path, from - offset, ok && isHex
}

var mapping = lex.Pattern(`^([[:xdigit:]]{8,})-\S{8,} [rwxsp-]{4} ([[:xdigit:]]+) \S+ \S+(?: +(.*))?$`)

func (g *glibc) mapped(path string, base crash.Addr) {
	if g.bases == nil {
		g.bases = map[string]crash.Addr{}
	}
	if _, known := g.bases[path]; path != "" && !known && len(g.bases) < maxModules {
		g.bases[path] = base
	}
}

// place gives a frame the offset in its file. Frames name the link to a library, the map the
// file: libc.so.6 is libc-2.23.so.
//
// Folklore: an executable that is not position independent is mapped at 0x400000, and its
// addresses are those of the file.
func (g *glibc) place(f *crash.Frame) {
	base, ok := g.bases[f.Module]
	if f.ModuleOffset != 0 || !ok || base > f.Address {
		return
	}
	if f.ModuleOffset = f.Address - base; base < 1<<28 {
		f.ModuleOffset = f.Address
	}
}

func (g *glibc) finish() *stack {
	if g.Signal == nil {
		g.Signal = fault(6) // the library prints it on its way to abort()
	}
	if g.drop(); len(g.all) == 0 {
		return nil
	}
	for i := range g.all[0].frames {
		f := &g.all[0].frames[i].Frame
		if g.place(f); g.Executable == "" && haproxy.IsProgram(f.Module) {
			g.Executable = f.Module
		}
	}
	return g.all[0]
}
