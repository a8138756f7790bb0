package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/signals"
)

// sanitizer reads the reports of AddressSanitizer and its kin (compiler-rt
// lib/sanitizer_common, lib/asan):
//
//	==123==ERROR: AddressSanitizer: heap-use-after-free on address 0x… at pc 0x… bp 0x… sp 0x…
//	READ of size 8 at 0x… thread T3
//	    #0 0x557c5078029d in h2_process src/mux_h2.c:3
//	freed by thread T0 here:
//	    #0 …
//	SUMMARY: AddressSanitizer: heap-use-after-free src/mux_h2.c:3 in h2_process
type sanitizer struct {
	reading
	at, culprit *stack
	access      crash.Memory
	shadow      bool
	done        bool // SUMMARY or ABORTING was seen
}

var bannerLine = lex.Pattern(`^(?:==(\d+)==)?(?:ERROR|WARNING): ((?:Address|HWAddress|Memory|Thread|UndefinedBehavior|Leak)Sanitizer): (.*)$`)

// banner reads the line that begins a report.
func banner(t string) (pid int, tool, rest string, ok bool) {
	m := bannerLine().FindStringSubmatch(t)
	if m == nil {
		return 0, "", "", false
	}
	if _, sp, last := strings.Cut(m[3], " sp 0x"); last {
		_, end, _ := lex.Hex(sp)
		if end != "" && end[0] != ')' && !hasPrefix(end, " T", " (") {
			return 0, "", "", false // more than the line
		}
	}
	pid, _, _ = lex.Int(m[1])
	return pid, m[2], m[3], true
}

// sanitizerFrame reads "#0 0x557c5078029d in main src/a.c:4:5" and
// "#4 0x… in _start (/usr/sbin/haproxy+0x2150) (BuildId: …)". One blank follows
// the number, where gdb has two.
func sanitizerFrame(t string) (int, crash.Frame, bool) {
	n, rest, ok := frameNumber(t)
	if !ok {
		return 0, crash.Frame{}, false
	}
	address, rest, ok := lex.Addr(rest)
	f := printed(address)
	if !ok {
		return n, f, bareFrame(&f, rest)
	}
	if rest, ok = strings.CutPrefix(rest, " in "); !ok {
		// No symbol: #1 0x55 (/usr/sbin/haproxy+0x12)
		return n, f, setModule(&f, strings.TrimLeft(rest, " "))
	}
	name, place := cutName(rest)
	if !plausibleName(name) {
		return 0, f, false
	}
	setName(&f, name)
	switch {
	case place == "", setModule(&f, place):
		return n, f, true
	case place[0] == '(' || strings.Contains(place, ") at "):
		return 0, f, false // arguments: gdb's
	}
	return n, f, setPlace(&f, place)
}

// bareFrame reads ThreadSanitizer's, which have no address: "#0 h2_process src/mux_h2.c:3
// (haproxy+0x2150) (BuildId: …)".
func bareFrame(f *crash.Frame, s string) bool {
	name, place := cutName(s)
	i := strings.Index(place, " (")
	if i < 0 || !plausibleName(name) || hasPrefix(place, "(", "at ", "from ") {
		return false
	}
	setName(f, name)
	return setModule(f, place[i+1:]) && (setPlace(f, place[:i]) || place[:i] == "<null>")
}

// placedFrame reads "#1 cfg_parse_cond_term src/cfgcond.c:156:12": of an inlined function clang
// may print no address. Only a report tells it from anybody's words.
func placedFrame(t string) (int, crash.Frame, bool) {
	n, rest, ok := frameNumber(t)
	f := printed(0)
	name, place := cutName(rest)
	if !ok || n == 0 || !plausibleName(name) || strings.ContainsAny(place, " (") {
		return 0, f, false
	}
	setName(&f, name)
	return n, f, setPlace(&f, place)
}

// cutName parts a function from the place behind it. Names of C++ hold their
// parameters: MemcmpInterceptorCommon(void*, int (*)(void const*), unsigned long) x.inc:839.
func cutName(s string) (name, place string) {
	i := lex.Identifier(s)
	if i == len(s) || s[i] == ' ' {
		name, place, _ = strings.Cut(s, " ")
		return name, place
	}
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '(', '<', '[':
			depth++
		case ')', '>', ']':
			depth--
		case ' ':
			if depth == 0 && !strings.HasPrefix(s[i:], " const") && !strings.HasPrefix(s[i:], " [") {
				return s[:i], s[i+1:]
			}
		}
	}
	return s, ""
}

// setModule reads (/usr/sbin/haproxy+0x2150), what follows being ignored.
func setModule(f *crash.Frame, s string) bool {
	s, open := strings.CutPrefix(s, "(")
	inner, _, closed := strings.Cut(s, ")")
	i := strings.LastIndex(inner, "+0x")
	if !open || !closed || i <= 0 {
		return false
	}
	v, rest, ok := lex.Addr(inner[i+1:])
	if ok = ok && rest == ""; ok {
		f.Module, f.ModuleOffset = inner[:i], v
	}
	return ok
}

func opensSanitizer(t string) bool {
	if _, _, _, ok := banner(t); ok {
		return true
	}
	if rest, ok := strings.CutPrefix(t, "SUMMARY: "); ok {
		return strings.HasPrefix(rest, "AddressSanitizer: ")
	}
	_, f, ok := sanitizerFrame(t)
	return ok && (f.File != "" || f.Module != "") // gdb's frames look the same when cut behind the name
}

func (s *sanitizer) line(text string, number int64) verdict {
	t := strings.TrimLeft(text, " \t")
	if t == "" {
		return blank
	}
	n, f, ok := sanitizerFrame(t)
	if !ok && s.at != nil {
		n, f, ok = placedFrame(t)
	}
	if ok {
		f.Where = lex.Where(number)
		return s.frame(n, f)
	}
	if pid, tool, rest, ok := banner(t); ok {
		if s.access.Tool != "" || len(s.all) > 0 {
			return over
		}
		s.begin(pid, tool, rest)
		return member
	}
	if rest, ok := strings.CutPrefix(t, "SUMMARY: "); ok {
		return s.summary(rest)
	}
	if rest, ok := strings.CutPrefix(t, "=="); ok {
		if v := s.ruler(rest); v != foreign {
			return v
		}
	}
	if s.remark(t) {
		return member
	}
	if beginsElse(text) || s.done && !s.shadow {
		return over
	}
	return foreign
}

func (s *sanitizer) begin(pid int, tool, rest string) {
	s.PID, s.access.Tool, s.Heads = pid, tool, true
	if _, id, ok := strings.Cut(rest, "(pid="); ok { // ThreadSanitizer
		s.PID, _, _ = lex.Int(id)
	}
	if s.Leak = tool == "LeakSanitizer"; !s.Leak {
		s.headline(rest)
	}
}

// summary reads "AddressSanitizer: heap-use-after-free src/mux_h2.c:3 in h2_process".
func (s *sanitizer) summary(t string) verdict {
	if s.done {
		return over
	}
	s.done = true
	s.Leak = s.Leak || strings.Contains(t, " leaked in ")
	if _, rest, ok := strings.Cut(t, ": "); ok && s.Error == "" && !s.Leak {
		s.Error = lex.FirstWord(rest)
	}
	return member
}

// ruler reads what begins with ==, from behind it.
func (s *sanitizer) ruler(t string) verdict {
	if strings.HasSuffix(t, "==ABORTING") {
		s.done = true
		return member
	}
	if strings.Trim(t, "=") == "" {
		if s.done {
			return over
		}
		return member
	}
	if _, rest, ok := lex.Int(t); ok && strings.HasPrefix(rest, "==") {
		return member // ==12==The signal is caused by a READ memory access.
	}
	return foreign
}

func (s *sanitizer) frame(n int, f crash.Frame) verdict {
	if n == 0 && s.at.find(0) != nil {
		if s.done {
			return over
		}
		s.at = nil
	}
	if s.at == nil {
		s.at = s.add(&stack{})
	}
	if s.culprit == nil {
		s.culprit = s.at
	}
	// Inlined frames have the address of the function they are inlined into.
	if prev := s.at.find(n - 1); prev != nil && prev.Address == f.Address && f.Address != 0 {
		prev.Inlined = true
	}
	s.put(s.at, n, f)
	return member
}

// headline reads what the report is about:
//
//	heap-use-after-free on address 0x60800000e458 at pc 0x… bp 0x… sp 0x…
//	attempting double-free on 0x602000000010 in thread T0:
//	SEGV on unknown address 0x000000000018 (pc 0x… bp 0x… sp 0x… T3)
//	memcpy-param-overlap: memory ranges [0x…,0x…) and [0x…, 0x…) overlap
func (s *sanitizer) headline(t string) {
	t = strings.TrimPrefix(t, "attempting ")
	s.Error = strings.TrimSuffix(lex.Clip(lex.FirstWord(t), 64), ":")
	if s.Error == "data" {
		s.Error = "data-race"
	}
	n := signals.Number(s.Error)
	if s.Error == "stack-overflow" {
		n = 11
	}
	if s.Signal = fault(n); s.Signal == nil {
		if _, rest, ok := strings.Cut(t, " on "); ok {
			s.accessed(strings.TrimPrefix(rest, "address "))
		}
		return
	}
	s.Signal.Address, s.Signal.Instruction = hexBehind(t, " address "), hexBehind(t, "(pc ")
}

// hexBehind reads the address behind a word, nil if there is none.
func hexBehind(t, word string) *crash.Addr {
	_, t, _ = strings.Cut(t, word)
	if a, _, ok := lex.Addr(t); ok {
		return &a
	}
	return nil
}

func (s *sanitizer) accessed(t string) {
	if a, _, ok := lex.Addr(t); ok && s.access.Address == nil {
		s.access.Address = &a
	}
}

// sized reads "READ of size 8 at 0x… thread T3", or ThreadSanitizer's "Write of size 4".
func (s *sanitizer) sized(t string) {
	what, rest, ok := strings.Cut(t, " of size ")
	if !ok || s.access.Access != "" {
		return
	}
	switch strings.ToLower(what) {
	case "read", "write", "atomic read", "atomic write":
		s.access.Access = strings.ToLower(what)
	default:
		return
	}
	n, rest, ok := lex.Int(rest)
	if ok {
		s.access.Size = int64(n)
	}
	if _, at, ok := strings.Cut(rest, " at "); ok {
		s.accessed(at)
	}
}

// remark reads the lines around the stacks.
func (s *sanitizer) remark(t string) bool {
	if role := roleOf(t); role != "" {
		s.at = s.add(&stack{role: role})
		return true
	}
	s.sized(t)
	if _, place, ok := strings.Cut(t, " is located "); ok && s.access.Place == "" && strings.HasPrefix(t, "0x") {
		s.access.Place = "located " + lex.Clip(place, 256)
	}
	if strings.HasPrefix(t, "Shadow bytes around") {
		s.shadow = true
		return true
	}
	if s.Leak && hasPrefix(t, "Direct leak of ", "Indirect leak of ") {
		s.at = nil
		return true
	}
	return hasPrefix(t, sanitizerRemarks...)
}

var sanitizerRemarks = []string{
	"READ of size ", "WRITE of size ", "Read of size ", "Write of size ", "AddressSanitizer", "HINT: ", "Hint: ",
	"Address 0x", "0x", "=>0x", "Shadow byte legend", "This frame has ", "  [", "[", "Location is ", "Mutex ", "As if synchronized",
	"Addressable:", "Partially addressable:", "Heap ", "Freed heap", "Stack ", "Global ", "Poisoned by", "Container overflow",
	"Array cookie", "Intra object", "ASan internal", "Left alloca", "Right alloca", "Shadow gap",
}

// roleOf gives the role of a stack that is no thread's state, by the line above it.
func roleOf(t string) string {
	if len(t) > 200 {
		return ""
	}
	t = strings.TrimSuffix(strings.TrimSuffix(t, ":"), " here")
	if !hasPrefix(t, "freed by thread ", "previously allocated by thread ", "allocated by thread ", "Previous ", "Thread T",
		"Uninitialized value was created by ", "Uninitialized value was stored to memory", "Mutex M", "Location is heap block of size ") {
		return ""
	}
	return strings.ToLower(t[:1]) + t[1:]
}

func (s *sanitizer) finish() *stack {
	s.drop()
	s.Kind = sanitizerKind(s.access.Tool, s.Error)
	if s.Signal == nil && s.Error != "" {
		s.access.Error = s.Error
		s.Memory = &s.access
	}
	if s.access.Tool == "" && s.Error == "" || s.culprit != nil && s.culprit.role != "" {
		return nil // frames of a report whose head is missing: which stack?
	}
	return s.culprit
}

// sanitizerKind gives the kind of a report by its name. What a sanitizer sees of an access
// is that it is wrong in itself: whether it damaged anything, nobody knows.
func sanitizerKind(tool, name string) crash.Kind {
	if name == "" {
		return ""
	}
	if k := signals.KindOf(signals.Number(name)); k != "" {
		return k
	}
	switch name {
	case "out-of-memory", "allocation-size-too-big", "rss-limit-exceeded", "calloc-overflow", "pvalloc-overflow", "requested":
		return crash.OutOfMemory
	case "stack-overflow":
		return crash.StackOverflow
	case "double-free", "bad-free", "free", "invalid-free":
		return crash.HeapCorruption // as the C library says of the same
	}
	if tool == "" && !strings.Contains(name, "-") {
		return ""
	}
	return crash.MemoryError
}
