package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// tools has the parsers in the order in which they are asked whether a line opens a block.
// The shapes are strict: a line of an ordinary log must fit none.
var tools = [...]struct {
	name  string
	opens func(text string) bool
	make  func() parser
}{
	{ToolASAN, opensSanitizer, func() parser { return &sanitizer{} }},
	{ToolValgrind, opensValgrind, func() parser { return &valgrind{} }},
	{ToolCoredump, opensCoredump, func() parser { return &coredump{} }},
	{toolGlibc, opensGlibc, func() parser { return &glibc{} }},
	{toolEuStack, opensEuStack, func() parser { return &euStack{} }},
	{toolLLDB, opensLLDB, func() parser { return &lldb{} }},
	{toolMacOS, opensMacOS, func() parser { return &macOS{} }},
	{ToolABRT, opensSatyr, func() parser { return &satyr{} }},
	{toolMacOS, opensIPS, func() parser { return &ips{} }},
	{ToolABRT, opensABRT, func() parser { return &abrt{} }},
	{ToolApport, opensApport, func() parser { return &apport{} }},
	{ToolApport, opensApportLog, func() parser { return &apportLog{} }},
	{toolPstack, opensPstack, func() parser { return &pstack{} }},
	{toolSamples, opensSamples, func() parser { return &samples{} }},
	{toolGDB, opensGDB, func() parser { return &gdb{} }},
}

// open makes the parser of the tool that a line belongs to, or gives nil.
func open(text string) parser {
	trimmed := strings.TrimLeft(text, " \t")
	if trimmed == "" || strings.IndexByte(initials, trimmed[0]) < 0 && !numberedRow(trimmed) {
		return nil
	}
	for i := range tools {
		if tools[i].opens(trimmed) {
			p := tools[i].make()
			r := p.told()
			r.Tool, r.tool = tools[i].name, tools[i].name
			return p
		}
	}
	return nil
}

// initials are the bytes that opening lines begin with. Most lines of a log
// begin with another one, and cost nothing more.
const initials = "#$(*@[=0ABCEGIPRSTWcfhirtw{"

// numberedRow says whether a line that begins with a number can open a block: a row of info
// threads, of perf report, or what pstack begins with.
func numberedRow(t string) bool {
	if t[0] < '1' || t[0] > '9' {
		return false
	}
	t = t[:min(len(t), 32)]
	return strings.Contains(t, "Thread 0x") || strings.Contains(t, "LWP ") || strings.Contains(t, "%  ") || strings.Contains(t, ":\t")
}

// otherwise is the verdict on a line that the tool does not print: the block is over if it
// begins something else.
func otherwise(text string) verdict {
	if beginsElse(text) || opensGDB(text) {
		return over
	}
	return foreign
}

// beginsElse says that a line surely begins something that is no backtrace:
// HAProxy's own crash output, a notice, a kernel line. A session ends there.
func beginsElse(text string) bool {
	t := strings.TrimLeft(text, " \t")
	if hasPrefix(t, elsewhere...) || haproxy.HeadlineOf(t) != nil {
		return true
	}
	// In the middle of a line these are a variable's value, or somebody's words.
	if hasPrefix(t, "Current ", "Former ", "Process ") {
		return strings.Contains(t, " exited with code ")
	}
	task, _, ok := strings.Cut(t, "]: segfault at ")
	return ok && len(task) <= 32 && !strings.ContainsAny(task, " \"'{}<>|=:,;")
}

var elsewhere = []string{
	"call trace(", "| 0x", "[ALERT]", "[NOTICE]", "[WARNING]", "[EMERG]", "[CRIT]",
	"HAProxy version ", "HA-Proxy version ", "Hint: when reporting", "traps: ", "Out of memory: ",
}
