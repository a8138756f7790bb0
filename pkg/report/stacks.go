package report

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/redact"
)

// frameName is what a frame is called: its function, else what was printed for
// it, else its place in the module.
func frameName(f *crash.Frame) string {
	switch {
	case f.Signal && (f.Function == "" || f.Function == "__restore_rt"):
		return "(signal handler called)"
	case f.Function != "":
		return f.Function
	case f.Matched != nil:
		return guessedName(f.Matched)
	case f.Symbol != "":
		return nearest(f.Symbol)
	case f.Module != "" && f.ModuleOffset != 0:
		return moduleOffset(f)
	case f.Module != "":
		return f.Module + " " + f.Address.String()
	}
	return f.Address.String()
}

// guessedName marks a name that is a guess.
func guessedName(m *crash.Matched) string { return m.Function + "?" }

// nearest marks a symbol that is only the closest one HAProxy knew: static
// functions print as main+0x127b5e or under the name of a neighbour (3.2 and
// later). lib:+0x3c050 names no function and needs no mark.
func nearest(symbol string) string {
	if strings.Contains(symbol, ":+") || !strings.ContainsAny(symbol, "+-") {
		return symbol
	}
	return "near " + symbol
}

func moduleOffset(f *crash.Frame) string {
	base := f.Module[strings.LastIndexByte(f.Module, '/')+1:]
	return base + "+" + f.ModuleOffset.String()
}

// frameWhere is the place in the source, else in the module unless the name
// says that already.
func frameWhere(f *crash.Frame) string {
	if f.File != "" {
		return place(f.File, f.Line)
	}
	switch {
	case f.Function == "" && f.Symbol != "" && f.ModuleOffset != 0, f.Function == "" && f.Matched != nil && f.ModuleOffset != 0:
		return moduleOffset(f)
	case f.Function == "" && f.Symbol != "" && f.Address != 0:
		return f.Address.String()
	case f.Function != "" && f.Symbol != "" && f.Symbol != f.Function:
		return f.Symbol
	case f.Function == "" || f.Module == "":
		return ""
	}
	if f.ModuleOffset != 0 {
		return moduleOffset(f)
	}
	return f.Module[strings.LastIndexByte(f.Module, '/')+1:]
}

// trustMark says how far to trust a frame. The thread's own registers and call
// frame information are the normal case and have no mark.
func trustMark(t crash.Trust) string {
	switch t {
	case crash.TrustContext, crash.TrustCFI, "":
		return ""
	case crash.TrustPrinted:
		return "as printed"
	case crash.TrustBadPC:
		return "after a bad pc"
	case crash.TrustFP:
		return "frame pointer"
	case crash.TrustScan:
		return "stack scan"
	}
	if !plainWord(t) {
		return "in an unknown way"
	}
	return clip(string(t), 14)
}

// sameTrust is the mark that all frames have, if they all have the same.
func sameTrust(frames []crash.Frame) (mark string, same bool) {
	for i := range frames {
		m := trustMark(frames[i].Trust)
		if i > 0 && m != mark {
			return "", false
		}
		mark = m
	}
	return mark, true
}

// maxFrames bounds what is printed of one thread; stack overflows have more.
const maxFrames = 64

// foldFrames gives the indices of the frames to print: all, or the first and
// the last ones.
func foldFrames(n int) (head, tail int) {
	if n <= maxFrames {
		return n, n
	}
	return maxFrames - 16, n - 16
}

// maxArguments bounds the text of one frame's arguments, in columns.
const maxArguments = 400

// group is threads that stand in the same place.
type group struct {
	threads []int // numbers, or LWPs when no thread has a number
	stack   string
	first   *crash.Thread
}

// groupThreads folds threads with equal stacks into one, in the order of
// appearance. Threads without frames are grouped by what they were running.
func groupThreads(threads []*crash.Thread) []group {
	var out []group
	index := map[string]int{}
	for _, t := range threads {
		key := stackLine(t)
		i, ok := index[key]
		if !ok {
			i = len(out)
			index[key] = i
			out = append(out, group{stack: key, first: t})
		}
		n := t.Number
		if n == 0 {
			n = t.LWP
		}
		out[i].threads = append(out[i].threads, n)
	}
	return out
}

// stackLine is a stack in one line, the innermost function first.
func stackLine(t *crash.Thread) string {
	const most = 12
	var names []string
	for i := range t.Frames {
		f := &t.Frames[i]
		if t.Gap(i) && (i > 0 || len(names) > 0) {
			names = append(names, "...")
		}
		if haproxy.ReportsCrash(f.LikelyFunction()) || f.Signal {
			continue
		}
		if len(names) >= most {
			names = append(names, "...")
			break
		}
		names = append(names, frameName(f))
	}
	if len(names) > 0 {
		return strings.TrimPrefix(lockPhrase(t.Lock)+": ", ": ") + strings.Join(names, " < ")
	}
	if t.Task != nil && t.Task.Function != "" {
		return "running " + t.Task.Function
	}
	if t.Task == nil && len(t.Fields) > 0 {
		return "no task, no trace"
	}
	return "no trace"
}

// lockPhrase says which lock a thread waits for.
func lockPhrase(l *crash.Lock) string {
	if l == nil {
		return ""
	}
	phrase := "waits for " + cmp.Or(l.Label, "a lock")
	if l.Address != 0 {
		phrase += " " + l.Address.String()
	}
	if l.Function != "" {
		phrase += " in " + l.Function
	}
	return phrase
}

// pick splits the threads into those to print in full and those to fold.
func pick(c *crash.Crash, choice string) (full, folded []*crash.Thread) {
	number, err := strconv.Atoi(choice)
	main := c.Faulty()
	for i := range c.Threads {
		t := &c.Threads[i]
		switch {
		case choice == "all":
			full = append(full, t)
		case err == nil:
			if t.Number == number || t.Number == 0 && t.LWP == number {
				full = append(full, t)
			}
		case t.Faulty || t == main:
			full = append(full, t)
		case choice == "":
			folded = append(folded, t)
		}
	}
	return full, folded
}

// threadTitle names a thread, Thread 3 (LWP 4245), and says how it is: at fault, stuck.
func threadTitle(t *crash.Thread, fatal bool) (title string, about []string) {
	switch {
	case t.Number > 0 && t.LWP > 0:
		title = "Thread " + strconv.Itoa(t.Number) + " (LWP " + strconv.Itoa(t.LWP) + ")"
	case t.Number > 0:
		title = "Thread " + strconv.Itoa(t.Number)
	case t.LWP > 0:
		title = "Thread LWP " + strconv.Itoa(t.LWP)
	default:
		title = "Stack"
	}
	if t.Faulty && fatal && title != "Stack" {
		about = append(about, "at fault")
	}
	if t.Stuck {
		about = append(about, "stuck")
	}
	return title, about
}

// taskSentence says what the scheduler was running.
func taskSentence(t *crash.Task, q quoter) string {
	if t == nil {
		return ""
	}
	kind := t.Type
	if kind != "task" && kind != "tasklet" {
		kind = "task"
	}
	var parts []string
	s := kind
	if t.Function != "" {
		s += " " + q(t.Function)
	}
	if t.Address != 0 {
		s += " at " + t.Address.String()
	}
	parts = append(parts, s)
	if t.Applet != "" {
		parts = append(parts, "applet "+q(t.Applet))
	}
	if t.Calls > 0 {
		parts = append(parts, plural(int(t.Calls), "call"))
	}
	return "running " + strings.Join(parts, ", ")
}

// argumentList is name=value, … of a frame, as gdb shows them: the value on entry
// stands beside one that has changed, and in its place where that says it all.
func argumentList(f *crash.Frame) string {
	var out []string
	for i := 0; i < len(f.Arguments); i++ {
		a := f.Arguments[i]
		text := a.Name + "=" + a.Value
		if i+1 < len(f.Arguments) {
			if e := f.Arguments[i+1]; e.Name == a.Name+"@entry" {
				i++
				if e.Value == a.Value {
					text = a.Name + "=" + e.Name + "=" + a.Value
				} else {
					text += ", " + e.Name + "=" + e.Value
				}
			}
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// leads is how many frames only lead from the cause to the end of the process.
// Several are folded into one row above the culprit; a single one takes no more
// room, and its arguments tell something.
func leads(frames []crash.Frame) int {
	n := 0
	for n < len(frames) && frames[n].Lead {
		n++
	}
	if n == len(frames) || n < 2 {
		return 0
	}
	return n
}

// leadLine names the frames that were folded, innermost first.
func leadLine(frames []crash.Frame) string {
	var names []string
	for i := range frames {
		names = append(names, frameName(&frames[i]))
	}
	return strings.Join(names, " < ")
}

// instruction is the one at which a thread stopped, with its bytes.
func instruction(t *crash.Thread) string {
	if len(t.Frames) == 0 {
		return ""
	}
	f := &t.Frames[0]
	switch {
	case f.Instruction != "" && f.Bytes != "":
		return f.Instruction + " (" + f.Bytes + ")"
	case f.Bytes != "":
		return f.Bytes
	}
	return f.Instruction
}

// frameNumbers is #0, or #0-5 for several.
func frameNumbers(first, count int) string {
	if count < 2 {
		return "#" + strconv.Itoa(first)
	}
	return "#" + strconv.Itoa(first) + "-" + strconv.Itoa(first+count-1)
}

// frameLabel is a frame's name with what is to be known of it: arguments, and
// whether it is there in the flesh.
func frameLabel(f *crash.Frame, arguments string) string {
	label := frameName(f)
	if arguments != "" {
		label += " (" + arguments + ")"
	}
	switch {
	case f.Inlined:
		label += " (inlined)"
	case f.Tail:
		label += " (left by a tail call)"
	}
	return label
}

// keyFields are the fields of a dump for a narrow report: who talks to whom
// over what, the states, and whatever holds flags.
func keyFields(fields []crash.Field) (key []crash.Field, left int) {
	for _, f := range fields {
		if isKey(f) {
			key = append(key, f)
		} else {
			left++
		}
	}
	if left <= 3 {
		return fields, 0
	}
	return key, left
}

func isKey(f crash.Field) bool {
	if len(f.Flags) > 0 || f.Type != "" {
		return true
	}
	switch f.Name[strings.LastIndexByte(f.Name, '.')+1:] {
	case "src", "source", "proto", "fe", "be", "frontend", "backend", "dst", "server", "state", "endp", "applet", "handler",
		"mux", "ctrl", "xprt", "filters", "current_filter", "current_rule", "req", "rsp", "st", "age", "lock_hist",
		"exec_ctx", "stuck", "isolated":
		return true
	}
	return false
}

// registerValue is the value of a register, or what says that it was taken out.
func registerValue(r *crash.Register) string {
	if r.Redacted {
		return redact.HiddenWord
	}
	return r.Value.String()
}
