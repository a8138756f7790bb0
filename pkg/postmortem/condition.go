package postmortem

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Condition is what the code before the crash says about why it ended the process.
type Condition struct {
	// Text is the message of the BUG_ON or ABORT_NOW as it was printed, Address where it
	// lies in the executable's constants; "" and 0 if only Counter was found.
	Text    string
	Address uint64
	// Counter is that of the same place; nil before 3.0 and where it was not found.
	Counter *crash.Counter
	// Shared: other conditions end at the same place, and no counter says which one it
	// was.
	Shared bool
}

const (
	// conditionReach is how many bytes of code before the crash are looked at. Between
	// the text that is to be printed and the end of the process lie two or three calls.
	conditionReach = 96
	maxCondition   = 4 << 10
	// jumpReach is how far around jumps are looked for: BUG_ONs that share their end
	// are moved together by the compiler.
	jumpReach = 4 << 10
)

// Condition looks at the code before pc, the runtime address at which a check in the
// executable ended the process or called what did, and at most reach bytes of it: those
// of the function. nil if it says nothing. It takes the executable: see UseProgram.
//
// The message goes from the executable's constants to stderr by write(2), so it is in
// no dumped memory; but the code has to load its address, and 3.x to count the event,
// just before.
func (f *Findings) Condition(pc, reach uint64) *Condition {
	p := f.program
	reach = min(reach, conditionReach)
	if p == nil || pc < reach {
		return nil
	}
	end := p.main.LinkTime(pc)
	start := end - reach
	code := p.file.At(start)
	if uint64(len(code)) < reach || !p.file.Executable(start) || !p.file.Executable(end) {
		return nil
	}
	code = code[:reach]
	x := &Condition{}
	base, size := p.counterArea()
	loaded := 0 // where the instruction that loads the text ends
	cpu := p.c.Machine
	for _, r := range cpu.References(code, start, p.main.Bias == 0) {
		if cpu.HasTrap(code[r.End:]) {
			break // the end of another check lies between
		}
		at := p.main.Runtime(r.Target)
		text := conditionText(p.constant(at))
		switch {
		case x.Counter == nil && at >= base && at-base < size:
			x.Counter = f.counterAt(at - (at-base)%counterSize)
		case text == "":
		case x.Text == "":
			x.Text, x.Address, loaded = text, at, r.End
		case !cpu.HasCall(code[r.End:loaded], start+uint64(r.End)):
			x.Shared = true // one of the two is chosen
		}
	}
	if x.Text == "" && x.Counter == nil {
		return nil
	}
	if x.Text != "" {
		x.Shared = x.Shared || p.jumpsBetween(start+uint64(loaded), end)
		if k := x.Counter; k != nil && strings.Contains(x.Text, counterPlace(k)) {
			x.Shared = false
		}
	}
	return x
}

// Fired is the condition of the only check that counted something of all that end the
// process, for code that does not say which one it was (that of -O0 does not hold together
// what belongs together). frames are those of the thread that died: a check in a function
// that is not on the stack was none that ended it. nil if there is none, or more than one.
func (f *Findings) Fired(frames []crash.Frame) *Condition {
	var only *crash.Counter
	for i := range f.Counters {
		k := &f.Counters[i]
		if k.Type != "BUG_ON" && k.Type != "ABORT_NOW" {
			continue
		}
		if only != nil {
			return nil
		}
		only = k
	}
	if only == nil || !mayHold(frames, only.Function) {
		return nil
	}
	return &Condition{Counter: only}
}

// mayHold says whether a function is on the stack, or may be: where a frame has no name.
func mayHold(frames []crash.Frame, function string) bool {
	return slices.ContainsFunc(frames, func(x crash.Frame) bool { return x.Function == function || x.Function == "" })
}

// message is what HAProxy printed: the text, or what it made of the counter (since 3.5
// only the parts of it lie in the executable; src/debug.c, complain_with_dbg).
func (x *Condition) message() string {
	k := x.Counter
	switch {
	case x.Text != "" || k == nil:
		return x.Text
	case k.Type == "ABORT_NOW":
		return "ABORT at " + counterPlace(k) + ": " + k.Message
	}
	return `FATAL: bug condition "` + k.Condition + `" matched at ` + counterPlace(k) + "\n" + k.Message
}

// Found is the message as a text of memory.
func (x *Condition) Found() Text {
	t := Text{Kind: AssertionText, Agrees: true, Text: x.message(), Address: x.Address, Where: "constant of the executable, loaded just before the end"}
	if x.Text == "" && x.Counter != nil {
		t.Address, t.Where = uint64(x.Counter.Address), "counter of the check that ended the process"
	}
	return t
}

// HasAssertion says that memory holds the text of a check that ended the process.
func (f *Findings) HasAssertion() bool { return f.text(AssertionText) != nil }

// counterPlace is that of a counter as messages have it.
func counterPlace(k *crash.Counter) string { return k.File + ":" + strconv.Itoa(k.Line) }

// counterAt is the counter at an address if it is of a check that may end the process,
// and was reached. A COUNT_IF or a warning just before tells nothing.
func (f *Findings) counterAt(addr uint64) *crash.Counter {
	i := slices.IndexFunc(f.Counters, func(k crash.Counter) bool {
		return uint64(k.Address) == addr && (k.Type == "BUG_ON" || k.Type == "ABORT_NOW")
	})
	if i < 0 {
		return nil
	}
	return &f.Counters[i]
}

// conditionText gives the message at the start of b if it is one of a check that ends
// the process.
func conditionText(b []byte) string {
	b = b[:min(len(b), maxCondition)]
	text := string(printable(b))
	if len(text) == len(b) || b[len(text)] != 0 {
		return ""
	}
	text = strings.TrimSpace(text)
	if h := haproxy.HeadlineOf(text); h != nil && h.Kind == crash.BugOn {
		return text
	}
	if aborts(text) {
		return "ABORT at " + text
	}
	return ""
}

// aborts says whether text is that of an ABORT_NOW of 3.5: file.c:line: message.
func aborts(text string) bool {
	at, message, ok := strings.Cut(text, ": ")
	file, line, sep := strings.Cut(at, ":")
	return ok && sep && message != "" && !strings.ContainsAny(file, " \n") && isNumber(line) &&
		(strings.HasSuffix(file, ".c") || strings.HasSuffix(file, ".h"))
}

// jumpsBetween says whether code around jumps to an address from low on and before high,
// both link-time. On x86 any byte may be taken for a jump, but few lead just there.
func (p *program) jumpsBetween(low, high uint64) bool {
	from := low - min(low, jumpReach)
	if !p.file.Executable(from) {
		from = low - min(low, conditionReach)
	}
	code := p.file.At(from)
	code = code[:min(uint64(len(code)), high-from+jumpReach)]
	for i := range code {
		j, ok := p.c.Machine.Jump(code[i:], from+uint64(i))
		if to := j.Target; ok && to >= low && to < high && (from+uint64(i) < low || from+uint64(i) >= high) {
			return true
		}
	}
	return false
}
