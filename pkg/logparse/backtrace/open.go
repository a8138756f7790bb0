package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// opening is a parser that fits a line, and the name of its tool.
type opening struct {
	tool   string
	parser parser
}

// open finds the tool that a line belongs to, or nil. The shapes are strict:
// a line of an ordinary log must fit none.
func open(text string) *opening {
	trimmed := strings.TrimLeft(text, " \t")
	switch {
	case trimmed == "" || strings.IndexByte(initials, trimmed[0]) < 0:
		return nil
	case opensSanitizer(trimmed):
		return &opening{ToolASAN, &sanitizer{}}
	case opensValgrind(trimmed):
		return &opening{ToolValgrind, &valgrind{}}
	case opensCoredump(trimmed):
		return &opening{ToolCoredump, &coredump{}}
	case opensGlibc(trimmed):
		return &opening{ToolGlibc, &glibc{}}
	case opensEuStack(trimmed):
		return &opening{ToolEuStack, &euStack{}}
	case opensLLDB(trimmed):
		return &opening{ToolLLDB, &lldb{stacks: stacks{tool: ToolLLDB}}}
	case opensMacOS(trimmed):
		return &opening{ToolMacOS, &macOS{stacks: stacks{tool: ToolMacOS}}}
	case opensSatyr(trimmed):
		return &opening{ToolABRT, &satyr{stacks: stacks{tool: ToolABRT}}}
	case opensIPS(trimmed):
		return &opening{ToolMacOS, &ips{stacks: stacks{tool: ToolMacOS}}}
	case opensABRT(trimmed):
		return &opening{ToolABRT, &abrt{}}
	case opensApport(trimmed):
		return &opening{ToolApport, &apport{}}
	case opensApportLog(trimmed):
		return &opening{ToolApport, &apportLog{}}
	case opensGDB(text):
		return &opening{ToolGDB, &gdb{}}
	}
	return nil
}

// initials are the bytes that opening lines begin with. Most lines of a log
// begin with another one, and cost nothing more.
const initials = "#(*[=0ACEGIPRSTWfirt{"

// beginsElse says that a line surely begins something that is no backtrace:
// HAProxy's own crash output, a notice, a kernel line. A session ends there.
func beginsElse(text string) bool {
	t := strings.TrimLeft(text, " \t")
	for _, p := range elsewhere {
		if strings.HasPrefix(t, p) {
			return true
		}
	}
	if haproxy.HeadlineOf(t) != nil {
		return true
	}
	// In the middle of a line these are a variable's value, or somebody's words.
	switch {
	case strings.HasPrefix(t, "Current "), strings.HasPrefix(t, "Former "), strings.HasPrefix(t, "Process "):
		return strings.Contains(t, " exited with code ")
	}
	task, _, ok := strings.Cut(t, "]: segfault at ")
	return ok && len(task) <= 32 && !strings.ContainsAny(task, " \"'{}<>|=:,;")
}

var elsewhere = [...]string{
	"call trace(", "| 0x", "[ALERT]", "[NOTICE]", "[WARNING]", "[EMERG]", "[CRIT]",
	"HAProxy version ", "HA-Proxy version ", "Hint: when reporting", "traps: ", "Out of memory: ",
}
