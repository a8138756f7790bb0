package report

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// headline says in one sentence who died and of what.
func headline(c *crash.Crash, q quoter) string {
	s := who(c, q) + ": " + what(c, q)
	if !c.Fatal && (c.Kind == crash.BlockedTraffic || c.Kind == crash.WarnOn) {
		return "warning from " + s + "; the process went on"
	}
	if c.Provoked != "" {
		s += "; it was crashed on purpose (" + q(c.Provoked) + ")"
	}
	return s
}

// who names the process: haproxy 3.2-dev5 (worker 4242).
func who(c *crash.Crash, q quoter) string {
	p := c.Process
	name := "haproxy"
	if foreign(c) {
		name = "unknown program"
		if p != nil && p.Executable != "" {
			name = q(path.Base(p.Executable))
		}
	}
	if p == nil {
		return name
	}
	if p.Version != "" {
		name += " " + q(p.Version)
	}
	role := p.Role
	if role != "worker" && role != "master" {
		role = "pid"
	}
	switch {
	case p.PID > 0:
		return name + fmt.Sprintf(" (%s %d)", role, p.PID)
	case p.Role != "":
		return name + " (" + q(p.Role) + ")"
	}
	return name
}

// foreign reports whether the process was not HAProxy, as far as the name of
// its executable tells; a core may name none, and is then said to lack HAProxy.
func foreign(c *crash.Crash) bool {
	if p := c.Process; p != nil && (p.Version != "" || p.Executable != "") {
		return p.Version == "" && !haproxy.IsProgram(p.Executable)
	}
	return c.Lacks(crash.LacksHAProxy)
}

// stopped says how HAProxy ended a process that it found broken.
func stopped(c *crash.Crash) string {
	if !c.Fatal {
		return ""
	}
	if name := signalName(c); name != "" {
		return "; HAProxy stopped itself (" + name + ")"
	}
	return "; HAProxy stopped itself"
}

func signalName(c *crash.Crash) string {
	return Escape(c.SignalName())
}

// what says what happened.
func what(c *crash.Crash, q quoter) string {
	if c.Signal != nil && c.Signal.Outside {
		return fromOutside(c.Signal)
	}
	if say, ok := happened[c.Kind]; ok {
		return say(c, q)
	}
	return q(string(c.Kind)) + paren(signalName(c)) + in(c, q)
}

// happened says what happened, by kind.
var happened = map[crash.Kind]func(*crash.Crash, quoter) string{
	crash.Spinning:       func(c *crash.Crash, q quoter) string { return spinning(c.Spin, q) + stopped(c) },
	crash.BugOn:          func(c *crash.Crash, q quoter) string { return failedCheck(c.Assertion, "BUG_ON", q) + stopped(c) },
	crash.WarnOn:         func(c *crash.Crash, q quoter) string { return failedCheck(c.Assertion, "WARN_ON", q) },
	crash.Watchdog:       stuck,
	crash.Panic:          func(c *crash.Crash, q quoter) string { return "HAProxy panicked" + in(c, q) },
	crash.Segfault:       func(c *crash.Crash, q quoter) string { return "segmentation fault" + at(c) + in(c, q) },
	crash.BusError:       func(c *crash.Crash, q quoter) string { return "bus error (SIGBUS)" + at(c) + in(c, q) },
	crash.FPE:            func(c *crash.Crash, q quoter) string { return "division error (SIGFPE)" + in(c, q) },
	crash.Abort:          func(c *crash.Crash, q quoter) string { return "aborted (SIGABRT)" + in(c, q) + said(c, q) },
	crash.PoolCorruption: func(c *crash.Crash, q quoter) string { return damagedPool(c.Pool, q) + stopped(c) },
	crash.HeapCorruption: func(c *crash.Crash, q quoter) string {
		return "the heap is damaged" + foundBy(c.Pool, q) + paren(signalName(c)) + in(c, q)
	},
	crash.IllegalInstruction: func(c *crash.Crash, q quoter) string { return "illegal instruction (SIGILL)" + in(c, q) },
	crash.OutOfMemory:        func(c *crash.Crash, _ quoter) string { return "ended for lack of memory" + paren(signalName(c)) },
	crash.Killed:             func(c *crash.Crash, _ quoter) string { return killed(c) },
	crash.BlockedTraffic:     func(c *crash.Crash, _ quoter) string { return blocked(c.Blocked) },
	crash.StackOverflow:      func(c *crash.Crash, q quoter) string { return "a stack ran over" + in(c, q) + paren(signalName(c)) },
	crash.MemoryError: func(c *crash.Crash, q quoter) string {
		return wrongAccess(c.Memory, q) + in(c, q) + paren(signalName(c))
	},
	crash.Hang: func(c *crash.Crash, q quoter) string {
		return "looked at by a debugger while it ran" + in(c, q) + "; nothing ended it"
	},
	crash.Snapshot: func(*crash.Crash, quoter) string { return "a snapshot of a living process; nothing ended it" },
	crash.Unknown:  func(c *crash.Crash, _ quoter) string { return died(c) },
	"":             func(c *crash.Crash, _ quoter) string { return died(c) },
}

// stuck is what the watchdog found.
func stuck(c *crash.Crash, q quoter) string {
	s := "a thread was stuck"
	if t := c.Faulty(); t != nil && t.Number > 0 {
		s = fmt.Sprintf("thread %d was stuck", t.Number)
	}
	return s + in(c, q) + " and the watchdog stopped HAProxy" + paren(signalName(c))
}

func damagedPool(p *crash.Pool, q quoter) string {
	if p == nil || p.Name == "" {
		return "a memory pool is damaged" + foundBy(p, q)
	}
	return "memory pool " + q(p.Name) + " is damaged" + foundBy(p, q)
}

// foundBy is what the check said that found the damage.
func foundBy(p *crash.Pool, q quoter) string {
	if p == nil || p.Error == "" {
		return ""
	}
	return ": " + q(strings.TrimRight(p.Error, ". "))
}

func killed(c *crash.Crash) string {
	s := "ended from outside"
	if name := signalName(c); name != "" {
		s += " by " + name
	}
	if c.Signal != nil && c.Signal.SenderPID > 0 {
		s += fmt.Sprintf(" from process %d", c.Signal.SenderPID)
	}
	return s
}

func died(c *crash.Crash) string {
	s := "died"
	if name := signalName(c); name != "" {
		s += " of " + name
	}
	return s + "; the evidence does not say why"
}

// fromOutside says who ended a process that another one sent a signal to.
func fromOutside(s *crash.Signal) string {
	out := "ended from outside by " + Escape(s.Name)
	if s.SenderPID > 0 {
		return out + fmt.Sprintf(" from process %d", s.SenderPID)
	}
	return out
}

func paren(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

// wrongAccess says what a sanitizer or valgrind saw: heap-buffer-overflow, a read of 8 bytes.
func wrongAccess(m *crash.Memory, q quoter) string {
	if m == nil {
		return "a wrong access to memory"
	}
	s := q(m.Error)
	if strings.EqualFold(m.Error, "invalid "+m.Access) {
		s = "invalid " + accessOf(m, q)
	} else if a := accessOf(m, q); a != "" {
		s += ", a " + a
	}
	if m.Tool != "" {
		s += ", seen by " + q(m.Tool) + ","
	}
	return s
}

// accessOf gives direction and size: read of 8 bytes.
func accessOf(m *crash.Memory, q quoter) string {
	if m.Access == "" {
		return ""
	}
	if m.Size <= 0 {
		return q(m.Access)
	}
	return q(m.Access) + " of " + plural(int(min(m.Size, 1<<30)), "byte")
}

func spinning(p *crash.Spin, q quoter) string {
	if p == nil {
		return "an object was spinning"
	}
	s := "an object"
	if p.Object != "" {
		s = q(p.Object)
	}
	if p.Applet != "" {
		s += " of applet " + q(p.Applet)
	}
	s += " was spinning"
	if p.Rate > 0 {
		s += " at " + number(p.Rate) + " calls per second"
	}
	return s
}

func failedCheck(a *crash.Assertion, macro string, q quoter) string {
	if a == nil {
		return "an internal check failed (" + macro + ")"
	}
	switch a.Macro {
	case "bug":
		macro = "BUG_ON"
	case "warn":
		macro = "WARN_ON"
	case "check":
		macro = "CHECK_IF"
	case "abort":
		macro = "ABORT_NOW"
	}
	s := "an internal check failed (" + macro
	if macro == "ABORT_NOW" {
		s = "HAProxy gave up (ABORT_NOW"
	}
	if a.File != "" {
		s += " at " + q(place(a.File, a.Line))
	}
	s += ")"
	if a.Message != "" {
		s += ": " + q(a.Message)
	}
	return s
}

func blocked(b *crash.Blocked) string {
	if b == nil {
		return "a thread made no progress for a while"
	}
	s := "a thread"
	if b.Thread > 0 {
		s = fmt.Sprintf("thread %d", b.Thread)
	}
	s += " made no progress"
	if b.Milliseconds > 0 {
		s += " for " + number(int64(b.Milliseconds)) + " ms"
	}
	if b.Streams == 1 {
		s += " while 1 stream waited"
	} else if b.Streams > 1 {
		s += " while " + number(int64(b.Streams)) + " streams waited"
	}
	return s
}

// Words of a verdict. A status that is not known here is printed as it is.
func verdictWord(s crash.Status) string {
	switch s {
	case crash.Known:
		return "KNOWN BUG"
	case crash.Probable:
		return "PROBABLE"
	case crash.Suspects:
		return "NO MATCH, SUSPECTS ONLY"
	case crash.AlreadyFixed:
		return "ALREADY FIXED"
	case crash.UnknownBug:
		return "UNKNOWN BUG"
	case crash.CannotTell, "":
		return "CANNOT TELL"
	}
	return clip(Escape(string(s)), 24)
}

// ofStrength stands behind a fingerprint.
func ofStrength(s crash.Strength) string {
	if s == crash.Weak {
		return " (weak: other causes may share it)"
	}
	return ""
}

// suspectsTitle stands above suspects, and says how far to believe them.
func suspectsTitle(list []crash.Suspect) string {
	switch list[0].Confidence {
	case crash.ConfidenceStrong:
		return "Fixes of which one likely belongs to it; none of them is a match"
	case crash.ConfidenceWeak:
		return "Weak leads: fixes that may belong to it; none of them is a match"
	}
	return "Fixes that may belong to it; none of them is a match"
}

// versionSentence says how the version stands to the bug, and what that rests on.
func versionSentence(s crash.VersionStatus, basis string, q quoter) string {
	var out string
	switch s {
	case crash.Affected:
		out = "affected: it does not have the fix"
	case crash.Fixed:
		out = "has the fix"
	case crash.NotAffected:
		out = "not affected"
	case crash.VersionCannotTell:
		out = "cannot tell whether it has the fix"
	case "":
	default:
		out = q(string(s))
	}
	if basis != "" && out != "" {
		out += " (basis: " + q(basis) + ")"
	}
	return out
}

// statusShort is for tables.
func statusShort(s crash.VersionStatus) string {
	switch s {
	case crash.VersionCannotTell:
		return "cannot tell"
	case crash.NotAffected:
		return "not affected"
	}
	return clip(Escape(string(s)), 12)
}

func issueURL(n int) string { return "https://github.com/haproxy/haproxy/issues/" + strconv.Itoa(n) }

// commitShort is how HAProxy's developers quote a commit. What is no hash is
// not printed: a signature file of somebody else may hold anything.
func commitShort(hash string) string {
	for i := range len(hash) {
		if c := hash[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return "(no hash)"
		}
	}
	return hash[:min(len(hash), 10)]
}

// subjectOf is the subject of a commit, if the report has it.
func subjectOf(v *crash.Verdict, commit string) string {
	i := slices.IndexFunc(v.Commits, func(c crash.Commit) bool { return c.Commit == commit })
	if i < 0 {
		return ""
	}
	return v.Commits[i].Subject
}

func commits(hashes []string) string {
	var out []string
	for _, h := range hashes {
		out = append(out, commitShort(h))
	}
	return strings.Join(out, ", ")
}

// number writes n with a comma every three digits.
func number(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// bytesWord writes a size as people read it.
func bytesWord(n int64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB"}
	v := float64(n)
	i := 0
	for v >= 1024 && i < len(units)-1 {
		v /= 1024
		i++
	}
	if i == 0 {
		return strconv.FormatInt(n, 10) + " bytes"
	}
	return fmt.Sprintf("%.1f %s", v, units[i])
}

func place(file string, line int) string {
	if line <= 0 {
		return file
	}
	return file + ":" + strconv.Itoa(line)
}

// plural is for counts of ours.
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	if strings.HasSuffix(one, "sh") || strings.HasSuffix(one, "x") {
		return number(int64(n)) + " " + one + "es"
	}
	return number(int64(n)) + " " + one + "s"
}

// ranges writes thread numbers: 2-4, 7.
func ranges(list []int) string {
	list = slices.Clone(list)
	slices.Sort(list)
	var out []string
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		switch {
		case j > i+1:
			out = append(out, fmt.Sprintf("%d-%d", list[i], list[j]))
		case j == i+1:
			out = append(out, strconv.Itoa(list[i]), strconv.Itoa(list[j]))
		default:
			out = append(out, strconv.Itoa(list[i]))
		}
		i = j + 1
	}
	return strings.Join(out, ", ")
}
