package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/signals"
)

// coredump reads what systemd-coredump writes to the journal, and what
// coredumpctl info shows of it (systemd src/coredump, src/shared/elf-util.c):
//
//	Process 1897590 (haproxy) of user 991 dumped core.
//
//	Module libz.so.1 from deb zlib-1:1.2.13
//	Stack trace of thread 1897591:
//	#0  0x00007fd8a13cf7ff raise (libc.so.6 + 0x3abc)
//	#5  0x0000562cc01e9a04 n/a (haproxy)
//	ELF object binary architecture: AMD x86-64
type coredump struct {
	stacks
	at               *stack
	pid              int
	comm, exe, args  string
	time, host, file string
	signal           *crash.Signal
	pack             string // "haproxy/2.6.12-1", or as in "Module haproxy from deb haproxy-2.6.12-1"
	headline         bool
	info             bool // coredumpctl's table
}

// traceOf reads "Stack trace of thread 12:".
func traceOf(t string) (int, bool) {
	rest, ok := strings.CutPrefix(t, "Stack trace of thread ")
	if !ok {
		return 0, false
	}
	n, rest, ok := lex.Int(rest)
	return n, ok && (rest == ":" || rest == "")
}

// dumped reads "Process 12 (haproxy) of user 0 dumped core.", with or without
// the link sign that newer versions put in front.
func dumped(t string) (pid int, comm string, ok bool) {
	t = strings.TrimPrefix(t, "[🡕] ")
	rest, ok := strings.CutPrefix(t, "Process ")
	if !ok {
		return 0, "", false
	}
	pid, rest, ok = lex.Int(rest)
	if !ok || !strings.HasPrefix(rest, " (") {
		return 0, "", false
	}
	i := strings.Index(rest, ") of user ")
	if i < 0 || i > 64 || !strings.HasSuffix(rest, " dumped core.") {
		return 0, "", false
	}
	return pid, rest[2:i], true
}

// coredumpFrame reads a numbered line: its module stands in parentheses at the
// end, with the offset of the address in it since systemd 239.
func coredumpFrame(t string) (n int, f crash.Frame, ok bool) {
	n, rest, ok := frameNumber(t)
	if !ok {
		return 0, f, false
	}
	addr, rest, ok := lex.Addr(rest)
	if !ok || !strings.HasPrefix(rest, " ") || !strings.HasSuffix(rest, ")") {
		return 0, f, false
	}
	rest = strings.TrimLeft(rest, " ")
	open := strings.LastIndex(rest, " (")
	if open <= 0 || strings.HasPrefix(rest, "in ") {
		return 0, f, false
	}
	name, module := rest[:open], rest[open+2:len(rest)-1]
	if strings.ContainsAny(name, " (") && !strings.ContainsAny(name, "<:") || module == "" {
		return 0, f, false
	}
	f = crash.Frame{Address: addr, Trust: crash.TrustPrinted}
	if m, offset, has := strings.Cut(module, " + "); has {
		v, after, isHex := lex.Addr(offset)
		if !isHex || after != "" {
			return 0, f, false
		}
		module, f.ModuleOffset = m, v
	}
	if strings.ContainsAny(module, " ,=") {
		return 0, f, false // arguments: not a module
	}
	if module != "n/a" {
		f.Module = module
	}
	if name != "n/a" {
		f.Symbol, f.Function = name, unversioned(name)
		f.Signal = isTrampoline(name)
	}
	return n, f, true
}

// infoRow reads a row of coredumpctl info's table: "        Signal: 6 (ABRT)".
func infoRow(text string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(strings.TrimLeft(text, " "), ": ")
	if !ok {
		return "", "", false
	}
	for _, k := range [...]string{
		"PID", "TID", "UID", "GID", "Signal", "Timestamp", "Command Line", "Executable", "Control Group", "Unit", "User Unit",
		"Slice", "Session", "Owner UID", "Boot ID", "Machine ID", "Hostname", "Storage", "Coredump", "Disk Size", "Size on Disk",
		"Message", "Package", "build-id", "Container Image",
	} {
		if k == key {
			return key, value, true
		}
	}
	return "", "", false
}

func opensCoredump(t string) bool {
	if _, ok := traceOf(t); ok {
		return true
	}
	if _, _, ok := dumped(t); ok {
		return true
	}
	if key, value, ok := infoRow(t); ok && key == "PID" {
		_, rest, ok := lex.Int(value)
		return ok && strings.HasPrefix(rest, " (") && strings.HasSuffix(rest, ")")
	}
	_, _, ok := coredumpFrame(t)
	return ok
}

func (c *coredump) line(text string, number int64) verdict {
	t := strings.TrimLeft(text, " \t")
	if t == "" {
		return blank
	}
	if n, f, ok := coredumpFrame(t); ok {
		if c.at == nil {
			c.at = c.add(&stack{})
		}
		if c.at == nil {
			return member
		}
		if n == 0 && c.at.find(0) != nil {
			return over
		}
		f.Where = lex.Where(number)
		c.put(c.at, n, f)
		return member
	}
	if tid, ok := traceOf(t); ok {
		for _, s := range c.all {
			if s.lwp == tid {
				return over // the next message
			}
		}
		c.at = c.add(&stack{lwp: tid, listed: true})
		return member
	}
	if pid, comm, ok := dumped(t); ok {
		return c.headlined(pid, comm)
	}
	if key, value, ok := infoRow(text); ok && (c.info || key == "PID") && (key == "Message" || key == "Package" || key == "build-id" || len(c.all) == 0) {
		return c.row(key, value)
	}
	if rest, ok := strings.CutPrefix(t, "Module "); ok {
		if module, pack, from := strings.Cut(rest, " from "); from && haproxy.IsProgram(module) {
			if _, name, ok := strings.Cut(pack, " "); ok {
				c.pack = lex.Clip(name, 256) // from deb, from rpm
			}
		}
	}
	for _, p := range [...]string{"Module ", "Found module ", "ELF object binary architecture: ", "Metadata for module ", "Stack trace of ", "Core file was truncated"} {
		if strings.HasPrefix(t, p) {
			return member
		}
	}
	if c.info && len(c.all) == 0 && strings.HasPrefix(text, "      ") {
		return member // a wrapped value
	}
	if beginsElse(text) || opensGDB(text) {
		return over
	}
	return foreign
}

func (c *coredump) headlined(pid int, comm string) verdict {
	if c.headline || len(c.all) > 0 || c.pid != 0 && c.pid != pid {
		return over
	}
	c.headline, c.pid, c.comm = true, pid, comm
	return member
}

func (c *coredump) row(key, value string) verdict {
	value = lex.Clip(value, maxValue)
	switch key {
	case "PID":
		if c.pid != 0 {
			return over
		}
		n, rest, _ := lex.Int(value)
		c.pid, c.info = n, true
		c.comm = strings.TrimSuffix(strings.TrimPrefix(rest, " ("), ")")
	case "Signal":
		if n, rest, ok := lex.Int(value); ok {
			// The name is that of this machine's numbering: believe it first.
			if named := signals.Number(strings.Trim(rest, " ()")); named != 0 {
				n = named
			}
			c.signal = &crash.Signal{Number: n, Name: signals.Name(n)}
		}
	case "Timestamp":
		c.time, _, _ = strings.Cut(value, " (")
	case "Hostname":
		c.host = value
	case "Command Line":
		c.args = value
	case "Executable":
		c.exe = value
	case "Package":
		c.pack = value
	case "Storage", "Coredump":
		if file, state, _ := strings.Cut(value, " ("); strings.HasPrefix(file, "/") && !strings.HasPrefix(state, "missing") {
			c.file = file
		}
	case "Message":
		if pid, comm, ok := dumped(value); ok {
			return c.headlined(pid, comm)
		}
	}
	return member
}

func (c *coredump) programs() ([]string, bool) {
	return []string{c.comm, c.exe}, c.comm != "" || c.exe != ""
}

func (c *coredump) finish(r *Result) {
	r.PID, r.Comm, r.Executable, r.Arguments = c.pid, c.comm, c.exe, c.args
	r.Package = c.pack
	r.Time, r.Host, r.CoreFile, r.Signal = c.time, c.host, c.file, c.signal
	kept := c.all[:0]
	for _, s := range c.all {
		if len(s.frames) > 0 {
			kept = append(kept, s)
		}
	}
	c.all = kept
	faulty := first(&c.stacks)
	if faulty == nil && len(c.all) > 0 && c.headline {
		faulty = c.all[0] // the whole message is here: it begins with the one that died
	}
	r.Threads = c.threads(faulty)
	judge(r, faulty, c.all)
}
