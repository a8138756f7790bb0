package backtrace

import (
	"cmp"
	"slices"
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
	reading
	at       *stack
	headline bool
	info     bool // coredumpctl's table
}

// traceOf is the line above a thread's frames.
var traceOf = lex.Pattern(`^Stack trace of thread (\d+):?$`)

// dumped reads "Process 12 (haproxy) of user 0 dumped core.", with or without
// the link sign that newer versions put in front.
func dumped(t string) (pid int, comm string, ok bool) {
	m := dumpedCore().FindStringSubmatch(t)
	if m == nil {
		return 0, "", false
	}
	pid, _, ok = lex.Int(m[1])
	return pid, m[2], ok
}

var dumpedCore = lex.Pattern(`^(?:\[🡕\] )?Process (\d+) \((.{0,62}?)\) of user .*dumped core\.$`)

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
	f = printed(addr)
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
		setName(&f, name)
	}
	return n, f, true
}

// infoKeys are those of coredumpctl info's table.
var infoKeys = [...]string{
	"PID", "TID", "UID", "GID", "Signal", "Timestamp", "Command Line", "Executable", "Control Group", "Unit", "User Unit",
	"Slice", "Session", "Owner UID", "Boot ID", "Machine ID", "Hostname", "Storage", "Coredump", "Disk Size", "Size on Disk",
	"Message", "Package", "build-id", "Container Image",
}

// infoRow reads a row of coredumpctl info's table: "        Signal: 6 (ABRT)".
func infoRow(text string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(strings.TrimLeft(text, " "), ": ")
	return key, value, ok && slices.Contains(infoKeys[:], key)
}

func opensCoredump(t string) bool {
	if traceOf().MatchString(t) || dumpedCore().MatchString(t) {
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
		f.Where = lex.Where(number)
		return c.frame(n, f)
	}
	if m := traceOf().FindStringSubmatch(t); m != nil {
		tid, _, _ := lex.Int(m[1])
		return c.trace(tid)
	}
	if pid, comm, ok := dumped(t); ok {
		return c.headlined(pid, comm)
	}
	if key, value, ok := infoRow(text); ok && c.takes(key) {
		return c.row(key, lex.Clip(value, maxValue))
	}
	if rest, ok := strings.CutPrefix(t, "Module "); ok {
		c.module(rest)
		return member
	}
	if hasPrefix(t, "Found module ", "ELF object binary architecture: ", "Metadata for module ", "Stack trace of ", "Core file was truncated") {
		return member
	}
	if c.info && len(c.all) == 0 && strings.HasPrefix(text, "      ") {
		return member // a wrapped value
	}
	return otherwise(text)
}

func (c *coredump) frame(n int, f crash.Frame) verdict {
	if c.at == nil {
		c.at = c.add(&stack{})
	}
	if n == 0 && c.at.find(0) != nil {
		return over
	}
	c.put(c.at, n, f)
	return member
}

// trace begins the stack of a thread. One that was seen is of the next message.
func (c *coredump) trace(tid int) verdict {
	if c.byHeading(heading{lwp: tid}) != nil {
		return over
	}
	c.at = c.add(&stack{lwp: tid, listed: true})
	return member
}

// module reads "haproxy from deb haproxy-2.6.12-1".
func (c *coredump) module(t string) {
	module, origin, from := strings.Cut(t, " from ")
	_, name, ok := strings.Cut(origin, " ") // behind deb or rpm
	if from && ok && haproxy.IsProgram(module) {
		c.Package = lex.Clip(name, 256)
	}
}

func (c *coredump) headlined(pid int, comm string) verdict {
	if c.headline || len(c.all) > 0 || c.PID != 0 && c.PID != pid {
		return over
	}
	c.headline, c.PID, c.Comm = true, pid, comm
	return member
}

// takes says whether a row belongs to the table: what is in one may look like one.
func (c *coredump) takes(key string) bool {
	if !c.info {
		return key == "PID"
	}
	return len(c.all) == 0 || key == "Message" || key == "Package" || key == "build-id" || key == "PID"
}

func (c *coredump) row(key, value string) verdict {
	switch key {
	case "PID":
		if c.PID != 0 {
			return over
		}
		n, rest, _ := lex.Int(value)
		c.PID, c.info = n, true
		c.Comm = strings.TrimSuffix(strings.TrimPrefix(rest, " ("), ")")
	case "Signal":
		if n, rest, ok := lex.Int(value); ok {
			// The name is that of this machine's numbering: believe it first.
			c.Signal = fault(cmp.Or(signals.Number(strings.Trim(rest, " ()")), n))
		}
	case "Timestamp":
		c.Time, _, _ = strings.Cut(value, " (")
	case "Storage", "Coredump":
		if file, state, _ := strings.Cut(value, " ("); strings.HasPrefix(file, "/") && !strings.HasPrefix(state, "missing") {
			c.CoreFile = file
		}
	case "Message":
		if pid, comm, ok := dumped(value); ok {
			return c.headlined(pid, comm)
		}
	default:
		c.keepFact(key, value)
	}
	return member
}

func (c *coredump) finish() *stack {
	c.names = []string{c.Comm, c.Executable}
	c.Heads = c.Comm != "" || c.Executable != ""
	c.drop()
	faulty := c.first()
	if faulty == nil && len(c.all) > 0 && c.headline {
		faulty = c.all[0] // the whole message is here: it begins with the one that died
	}
	return faulty
}
