package backtrace

import (
	"path"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
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
	rest := pager().ReplaceAllString(text, "")
	if len(rest) < 2 && rest != text {
		return ""
	}
	return rest
}

var pager = lex.Pattern(`^---?Type <.*?(?:without paging--|to quit---)`)

// heading is a thread as gdb names it: Thread 23 (Thread 0x7f60 (LWP 512433)).
type heading struct {
	number, lwp int
	id, name    string // pthread id as printed, name without quotes
}

// attaches says whether a shell's prompt is followed by a command that looks at a living
// process: # pstack 5011, $ sudo gdb -p 5011 --batch -ex 'thread apply all bt'
func attaches(t string) (pid int, ok bool) {
	i := strings.IndexAny(t[:min(len(t), 64)], "#$")
	if i < 0 || !hasPrefix(t[i+1:], " ") {
		return 0, false
	}
	words := strings.Fields(strings.TrimPrefix(t[i+1:], " sudo"))
	if len(words) < 2 {
		return 0, false
	}
	who := ""
	switch path.Base(words[0]) {
	case "pstack", "gstack":
		who = words[1]
	case "gdb":
		for k, w := range words {
			if arg, is := cutPrefix(w, "--pid=", "-p="); is {
				who = arg
			} else if k+1 < len(words) && (w == "-p" || w == "-pid" || w == "--pid") {
				who = words[k+1]
			}
		}
	}
	pid, rest, isNumber := lex.Int(who)
	return pid, isNumber && rest == "" || hasPrefix(who, "$", "`") // $(pidof haproxy)
}

// threadHeading reads the line above a thread's frames. Cut ones are fine as
// long as they name a kernel thread or a pthread.
func threadHeading(t string) (heading, bool) {
	rest, ok := strings.CutPrefix(t, "Thread ")
	n, rest, isNumber := threadNumber(rest)
	if !ok || !isNumber || !strings.HasPrefix(rest, " (") || !strings.HasSuffix(t, ":") && !strings.HasSuffix(t, ")") {
		return heading{}, false
	}
	h, _ := target(rest[2:])
	h.number = n
	return h, h.lwp != 0 || h.id != ""
}

// threadNumber cuts 3 off, or 1.3, the thread of one of several processes.
func threadNumber(t string) (n int, rest string, ok bool) {
	n, rest, ok = lex.Int(t)
	if part, dotted := strings.CutPrefix(rest, "."); ok && dotted {
		n, rest, ok = lex.Int(part)
	}
	return n, rest, ok
}

// target reads how gdb calls a thread, and gives what follows it:
//
//	Thread 0x7f60 (LWP 12) "haproxy"     LWP 100123 of process 2131     process 12     Thread 802006400 (LWP 100123/haproxy)
//
// Folklore: where libthread_db tells nothing, gdb writes the kernel's id as that of the
// pthread, "Thread 11 (Thread 19965):".
func target(t string) (h heading, rest string) {
	word, rest := "", t
	if s, ok := strings.CutPrefix(t, "Thread "); ok {
		n := strings.IndexAny(s+")", " )")
		word, rest = s[:n], strings.TrimLeft(s[n:], " (")
	}
	if _, after, ok := lex.Addr(word); ok && after == "" {
		h.id = word
	}
	if s, ok := cutPrefix(rest, "LWP ", "process ", "thread "); ok {
		h.lwp, rest, _ = lex.Int(s)
		if s, ok := strings.CutPrefix(rest, " of process "); ok {
			_, rest, _ = lex.Int(s)
		}
		if s, ok := strings.CutPrefix(rest, "/"); ok {
			n := strings.IndexAny(s+")", " )")
			h.name, rest = lex.Clip(s[:n], 64), s[n:]
		}
	} else if n, after, ok := lex.Int(word); ok && after == "" {
		h.lwp = n
	}
	rest = strings.TrimLeft(rest, " )")
	if s, ok := strings.CutPrefix(rest, `"`); ok {
		if name, after, closed := strings.Cut(s, `"`); closed && len(name) < 64 {
			h.name, rest = name, strings.TrimLeft(after, " )")
		}
	}
	return h, rest
}

// threadOf reads a thread by number and name, or from behind the word Thread: "3 (Thread
// 0x7f60 (LWP 12))", "0x7f60 (LWP 12)".
func threadOf(t string) heading {
	if strings.HasPrefix(t, "0x") {
		h, _ := target("Thread " + t)
		return h
	}
	n, rest, _ := threadNumber(t)
	h, _ := target(strings.TrimLeft(rest, " ("))
	h.number = n
	return h
}

// receivedSignal reads: Thread 9 "haproxy" received signal SIGSEGV, Segmentation
// fault. The thread is 0 for "Program received signal".
func receivedSignal(t string) (thread int, name string, ok bool) {
	m := received().FindStringSubmatch(t)
	if m == nil {
		return 0, "", false
	}
	thread, _, _ = lex.Int(m[1])
	return thread, m[2], true
}

var received = lex.Pattern(`^(?:Program|Thread (\d+)(?: ".*?)?) received signal (SIG.*)$`)

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
	word, rest, _ := strings.Cut(t, " ")
	word, _, _ = strings.Cut(word, "/")
	switch word {
	case "up", "down", "f", "frame":
		g.selecting = true
	case "p", "print", "inspect", "output", "call":
		if format, of, ok := strings.Cut(rest, " "); ok && strings.HasPrefix(format, "/") {
			rest = of
		}
		g.expression = lex.Clip(rest, 128)
	}
}

// rest sorts the lines between frames: variables, values, source, remarks of gdb.
func (g *gdb) rest(t string) verdict {
	trimmed := strings.TrimLeft(t, " \t")
	if g.value.depth > 0 {
		g.more(trimmed)
		return member
	}
	if name, value, ok := strings.Cut(trimmed, " = "); ok && isVariable(name) && !strings.Contains(value, "; saved ") { // of info frame
		g.showing = len(trimmed) == len(t)
		g.begin(name, value, !g.showing)
		return member
	}
	if len(g.all) > 0 && (t[0] == ' ' || t[0] == '\t') && strings.IndexByte(`{}"<`, trimmed[0]) >= 0 {
		return member
	}
	if g.infoThreads(trimmed) {
		return member
	}
	if sourceLine(trimmed) {
		g.chosen = g.frame.number // shown of the frame that is selected
		g.level = g.chosen
		return member
	}
	if hasPrefix(trimmed, remarks...) {
		g.remark(trimmed)
		return member
	}
	if g.code(trimmed) || g.register(trimmed) {
		return member
	}
	return foreign
}

// code reads what x shows: strings, numbers, instructions. The one with the arrow is that at
// which the selected frame stands.
func (g *gdb) code(t string) bool {
	t, here := strings.CutPrefix(t, "=> ")
	at, rest, ok := lex.Addr(t)
	colon := strings.Index(rest[:min(len(rest), 128)], ":\t")
	if !ok || colon < 0 {
		return here && ok
	}
	text := rest[colon+2:]
	if !here {
		g.message(text)
		return true
	}
	if g.at == nil || g.level != 0 {
		return true
	}
	g.at.keepInstruction(at, text)
	return true
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

// registerRow reads a row of "info registers": rax            0x0                 0
func registerRow(t string) (name string, v crash.Addr, ok bool) {
	n := lex.Identifier(t)
	if n < 2 || n > 8 || !hasPrefix(t[n:], "  ") {
		return "", 0, false
	}
	v, _, ok = lex.Addr(strings.TrimLeft(t[n:], " "))
	return t[:n], v, ok
}

// register keeps those of the innermost frame; up shows others.
func (g *gdb) register(t string) bool {
	name, v, ok := registerRow(t)
	if ok && g.at != nil && g.level == 0 {
		g.at.keepRegister(name, v)
	}
	return ok
}

// infoThreads reads a row of "info threads", the star marks the selected one:
//
//   - 1    Thread 0x7f02a59a0b00 (LWP 20411) "haproxy" process_stream (t=0x1) at src/stream.c:2655
//     2    LWP 100123 of process 2131 0x0000000800a1b2c3 in kevent () from /lib/libc.so.7
func (g *gdb) infoThreads(t string) bool {
	s, star := threadRow(t)
	if s == nil {
		return false
	}
	if len(g.rows) < maxThreads {
		g.rows = append(g.rows, s)
		if star {
			g.star = s
		}
	}
	return true
}

// rowGoesOn takes the frame of a row that a warning came between.
func (g *gdb) rowGoesOn(t string) bool {
	if len(g.rows) == 0 || len(g.rows[len(g.rows)-1].frames) > 0 {
		return false
	}
	f, ok := gdbFrame(0, t)
	if ok {
		g.rows[len(g.rows)-1].frames = []numbered{{0, f}}
	}
	return ok
}

// threadRow reads one row.
func threadRow(t string) (s *stack, star bool) {
	t, star = strings.CutPrefix(t, "*")
	n, rest, ok := threadNumber(strings.TrimLeft(t, " "))
	rest = strings.TrimLeft(rest, " ")
	if !ok || !hasPrefix(rest, "Thread ", "LWP ", "process ", "thread ") {
		return nil, false
	}
	h, row := target(rest)
	if h.lwp == 0 && h.id == "" {
		return nil, false
	}
	s = &stack{number: n, lwp: h.lwp, id: h.id, name: h.name, listed: true}
	if f, ok := gdbFrame(0, row); ok {
		s.frames = []numbered{{0, f}}
	}
	return s, star
}

// doubts are what gdb says of a core that may not be of this executable.
var doubts = []string{"warning: core file may not match specified executable file", "warning: exec file is newer than core file"}

// truncated says whether gdb says that the core was cut.
func truncated(t string) bool {
	return hasPrefix(t, "BFD: warning: ", "BFD: Warning: ", "warning: ") && strings.Contains(t, " is truncated")
}

// remark takes what gdb's own words say of the stack, the core, and the package.
func (g *gdb) remark(t string) {
	switch {
	case hasPrefix(t, doubts...):
		g.lack(crash.LacksExecutable, "the executable of the core", "gdb says that the core may be of another one: names and lines may be wrong", "give the one that ran")
	case truncated(t):
		g.lack(crash.LacksWhole, "the whole core", "gdb says that it was cut: stacks may be, too", "raise the limit of the size of cores")
	case strings.HasPrefix(t, "Missing separate debuginfos, use: "):
		for word := range strings.FieldsSeq(t) {
			if strings.HasPrefix(word, "haproxy-") {
				g.Package = lex.Clip(word, 256)
			}
		}
	case strings.HasPrefix(t, "No locals."):
		g.showing = true
	case g.at == nil:
	case strings.HasPrefix(t, "(More stack frames follow"):
		g.at.stopped = "the outer frames are not in the text"
	default:
		if why, ok := strings.CutPrefix(t, "Backtrace stopped: "); ok {
			g.at.stopped = "gdb could not go on: " + lex.Clip(why, 128)
		}
	}
}

// lack notes once that something was not there.
func (r *Result) lack(id crash.Lack, what, effect, remedy string) {
	m := crash.Missing{ID: id, What: what, Effect: effect, Remedy: remedy}
	if !slices.Contains(r.Missing, m) {
		r.Missing = append(r.Missing, m)
	}
}

// remarks are what gdb says besides. Banners and questions among them.
var remarks = []string{
	"No locals.", "No symbol table info available.", "No symbol table is loaded", "No symbol \"", "No arguments.",
	"BFD: ", "Previous frame ", "Backtrace stopped: ", "(More stack frames follow", "warning: ", "Using host libthread_db library",
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
