package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// withoutPrompt cuts gdb's prompts off; one can follow another where a command
// had no answer.
func withoutPrompt(text string) (rest string, prompted bool) {
	rest = text
	for range 4 {
		r, ok := strings.CutPrefix(rest, "(gdb)")
		if !ok {
			break
		}
		rest, prompted = strings.TrimLeft(r, " "), true
	}
	return rest, prompted
}

// withoutPager cuts off what gdb asks at the end of a page of the terminal; the
// next line of output may follow without a line end. The answer to it goes too.
func withoutPager(text string) string {
	if !strings.HasPrefix(text, "--Type <") && !strings.HasPrefix(text, "---Type <") {
		return text
	}
	for _, end := range [...]string{"without paging--", "to quit---"} {
		if _, rest, ok := strings.Cut(text, end); ok {
			if len(rest) > 1 {
				return rest
			}
			return ""
		}
	}
	return text
}

// heading is a thread as gdb names it: Thread 23 (Thread 0x7f60 (LWP 512433)).
type heading struct {
	number, lwp int
	id, name    string // pthread id as printed, name without quotes
}

// threadHeading reads the line above a thread's frames. Cut ones are fine as
// long as they name a kernel thread or a pthread.
func threadHeading(t string) (heading, bool) {
	rest, ok := strings.CutPrefix(t, "Thread ")
	if !ok {
		return heading{}, false
	}
	n, rest, ok := lex.Int(rest)
	if !ok || !strings.HasPrefix(rest, " (") {
		return heading{}, false
	}
	h := parseThread(rest[1:])
	if h.lwp == 0 && h.id == "" || !strings.HasSuffix(t, ":") && !strings.HasSuffix(t, ")") {
		return heading{}, false
	}
	h.number = n
	return h, true
}

// parseThread reads (Thread 0x7f60 (LWP 12) "haproxy"), (LWP 12), (process 12).
func parseThread(s string) (h heading) {
	s = strings.TrimPrefix(s, "(")
	if rest, ok := strings.CutPrefix(s, "Thread "); ok {
		if _, after, ok := lex.Addr(rest); ok {
			h.id = rest[:len(rest)-len(after)]
			s = strings.TrimLeft(after, " (")
		} else if n, after, ok := lex.Int(rest); ok {
			// Folklore: where libthread_db tells nothing, gdb writes the kernel's id there,
			// "Thread 11 (Thread 19965):".
			h.lwp, s = n, strings.TrimLeft(after, " (")
		}
	}
	for _, p := range [...]string{"LWP ", "process "} {
		if rest, ok := strings.CutPrefix(s, p); ok {
			h.lwp, s, _ = lex.Int(rest)
		}
	}
	if _, after, ok := strings.Cut(s, ` "`); ok {
		if name, _, closed := strings.Cut(after, `"`); closed && len(name) < 64 {
			h.name = name
		}
	}
	return h
}

// receivedSignal reads: Thread 9 "haproxy" received signal SIGSEGV, Segmentation
// fault. The thread is 0 for "Program received signal".
func receivedSignal(t string) (thread int, name string, ok bool) {
	const received = " received signal "
	who, name, ok := strings.Cut(t, received)
	if !ok || !strings.HasPrefix(name, "SIG") {
		return 0, "", false
	}
	if who == "Program" {
		return 0, name, true
	}
	rest, ok := strings.CutPrefix(who, "Thread ")
	if !ok {
		return 0, "", false
	}
	n, rest, ok := lex.Int(rest)
	return n, name, ok && (rest == "" || strings.HasPrefix(rest, ` "`))
}

// stopLocation reads the place where a program stopped, which gdb prints like a
// frame 0 without its number: 0x0000aaaaaac0b664 in foo (t=0xaa) at x.h:389.
func stopLocation(t string) (int, string, bool) {
	_, rest, ok := lex.Addr(t)
	if !ok || !strings.HasPrefix(rest, " in ") || !strings.Contains(rest, " (") {
		return 0, "", false
	}
	return 0, t, true
}

// command looks at what was typed behind a prompt.
func (g *gdb) command(t string) {
	switch word, rest, _ := strings.Cut(t, " "); word {
	case "t", "th", "thr", "thread":
		if strings.HasPrefix(rest, "a ") || strings.HasPrefix(rest, "apply ") {
			g.listing = true
		}
	case "taas", "tfaas":
		g.listing = true
	}
}

// rest sorts the lines between frames: variables, values, source, remarks of gdb.
func (g *gdb) rest(t string) verdict {
	trimmed := strings.TrimLeft(t, " \t")
	if g.depth > 0 {
		g.value(trimmed)
		return member
	}
	if name, value, ok := strings.Cut(trimmed, " = "); ok && isVariable(name) {
		g.value(value)
		return member
	}
	if len(g.all) > 0 && (t[0] == ' ' || t[0] == '\t') && strings.IndexByte(`{}"<`, trimmed[0]) >= 0 {
		return member
	}
	if sourceLine(trimmed) || registerRow(trimmed) || isRemark(trimmed) || g.infoThreads(trimmed) {
		return member
	}
	if _, rest, ok := lex.Addr(trimmed); ok { // x/s, x/i, x/gx
		if i := strings.Index(rest, ":\t"); i >= 0 && i < 128 {
			g.value(rest[i+2:])
			return member
		}
	}
	if strings.HasPrefix(trimmed, "=> 0x") {
		return member
	}
	return foreign
}

// value looks at the value of a variable, or a row of it. Nested braces are
// only counted.
func (g *gdb) value(v string) {
	if text := haproxyText(v); text != "" && len(g.messages) < maxMessages {
		known := false
		for _, m := range g.messages {
			known = known || m == text
		}
		if !known {
			g.messages = append(g.messages, text)
		}
	}
	for i := 0; i < len(v); i++ {
		switch v[i] {
		case '"', '\'':
			i = skipQuoted(v, i)
		case '{':
			g.depth = min(g.depth+1, 64)
		case '}':
			g.depth = max(g.depth-1, 0)
		}
	}
}

// isVariable says whether name can stand before " = ": a C variable, an element
// of one, or a number of gdb's history.
func isVariable(name string) bool {
	if rest, ok := strings.CutPrefix(name, "$"); ok {
		_, rest, ok = lex.Int(rest)
		return ok && rest == ""
	}
	return lex.Identifier(name) == len(name) && name != "" && len(name) < 128
}

// sourceLine says whether t is a line of source as gdb shows it: its number,
// then a tab or blanks.
func sourceLine(t string) bool {
	_, rest, ok := lex.Int(t)
	return ok && (strings.HasPrefix(rest, "\t") || strings.HasPrefix(rest, "  "))
}

// registerRow says whether t is a row of "info registers".
func registerRow(t string) bool {
	n := lex.Identifier(t)
	return n > 1 && n <= 8 && strings.HasPrefix(t[n:], "  ") && strings.HasPrefix(strings.TrimLeft(t[n:], " "), "0x")
}

// infoThreads reads a row of "info threads". The star marks the selected thread.
func (g *gdb) infoThreads(t string) bool {
	rest := strings.TrimLeft(strings.TrimPrefix(t, "*"), " ")
	n, rest, ok := lex.Int(rest)
	if !ok {
		return false
	}
	rest = strings.TrimLeft(rest, " ")
	if !strings.HasPrefix(rest, "Thread 0x") && !strings.HasPrefix(rest, "LWP ") {
		return false
	}
	if len(g.rows) < maxThreads {
		g.row(rest, strings.HasPrefix(t, "*"), n)
	}
	return true
}

// row keeps a row's frame, for sessions that list no stack:
//
//	Thread 0x7f389a3fc700 (LWP 64187) process_stream (t=0x1) at src/stream.c:2655
func (g *gdb) row(rest string, star bool, number int) {
	i := strings.LastIndex(rest[:min(len(rest), 128)], ") ")
	if j := strings.Index(rest, `") `); j > 0 {
		i = j + 1
	} else if j := strings.Index(rest, ")) "); j > 0 {
		i = j + 1
	} else if j := strings.Index(rest, ") "); j > 0 {
		i = j
	}
	if i < 0 {
		return
	}
	h := parseThread("(" + rest[:i+1])
	f, ok := gdbFrame(0, strings.TrimLeft(rest[i+1:], " "))
	if !ok {
		return
	}
	s := &stack{number: number, lwp: h.lwp, id: h.id, name: h.name, listed: true}
	s.frames = []numbered{{0, f}}
	g.rows = append(g.rows, s)
	if star {
		g.star = s
	}
}

func isRemark(t string) bool {
	for _, p := range remarks {
		if strings.HasPrefix(t, p) {
			return true
		}
	}
	return false
}

// remarks are what gdb says besides. Banners and questions among them.
var remarks = [...]string{
	"No locals.", "No symbol table info available.", "No symbol table is loaded", "No symbol \"", "No arguments.",
	"Backtrace stopped: ", "(More stack frames follow", "warning: ", "Using host libthread_db library",
	"Missing separate debuginfo", "Dwarf Error", "--Type <", "---Type <", "Continuing.", "Breakpoint ",
	"Temporary breakpoint ", "Cannot access memory", "Python Exception", "Type \"", "For help, type",
	"For bug reporting instructions", "Find the GDB manual", "Copyright (C) ", "License GPLv3+", "This GDB was configured",
	"This is free software", "There is NO WARRANTY", "<http", "Download failed", "Downloading ", "Starting program: ",
	"Loaded symbols", "Undefined command", "Enable debuginfod", "Debuginfod has been", "This GDB supports",
	"To make this setting", "Dump of assembler code", "End of assembler dump", "Id   Target Id", "A debugging session is active",
	"Quit anyway?", "Stack level ", "rip = ", "Saved registers:", "Arglist at ", "Locals at ", "called by frame",
	"caller of ", "source language ", "Unable to find ", "Error while ", "No frame selected", "Initial frame selected",
	"Core was generated", "Failed to read a valid object", "Run till exit", "Unwinding ",
}
