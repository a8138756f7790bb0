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
	stacks
	at, culprit *stack
	pid         int
	sort        string // heap-use-after-free
	tool        string // AddressSanitizer
	fault       *crash.Signal
	access      crash.Memory
	shadow      bool
	done        bool // SUMMARY or ABORTING was seen
	leak        bool // LeakSanitizer: memory that was not freed
}

// banner reads the line that begins a report.
func banner(t string) (pid int, tool, rest string, ok bool) {
	if r, cut := strings.CutPrefix(t, "=="); cut {
		n, after, isNumber := lex.Int(r)
		after, closed := strings.CutPrefix(after, "==")
		if !isNumber || !closed {
			return 0, "", "", false
		}
		pid, t = n, after
	}
	r, isError := strings.CutPrefix(t, "ERROR: ")
	if !isError {
		if r, ok = strings.CutPrefix(t, "WARNING: "); !ok {
			return 0, "", "", false
		}
	}
	if _, sp, last := strings.Cut(r, " sp 0x"); last {
		_, end, _ := lex.Addr("0x" + sp)
		if end != "" && end[0] != ' ' && end[0] != ')' || strings.HasPrefix(end, " ") && !strings.HasPrefix(end, " T") && !strings.HasPrefix(end, " (") {
			return 0, "", "", false // more than the line
		}
	}
	for _, name := range [...]string{"AddressSanitizer", "HWAddressSanitizer", "MemorySanitizer", "ThreadSanitizer", "UndefinedBehaviorSanitizer", "LeakSanitizer"} {
		if after, is := strings.CutPrefix(r, name+": "); is {
			return pid, name, after, true
		}
	}
	return 0, "", "", false
}

// sanitizerFrame reads "#0 0x557c5078029d in main src/a.c:4:5" and
// "#4 0x… in _start (/usr/sbin/haproxy+0x2150) (BuildId: …)". One blank follows
// the number, where gdb has two.
func sanitizerFrame(t string) (int, crash.Frame, bool) {
	f := crash.Frame{Trust: crash.TrustPrinted}
	n, rest, ok := frameNumber(t)
	if !ok {
		return 0, f, false
	}
	f.Address, rest, ok = lex.Addr(rest)
	if !ok {
		return bareFrame(n, rest)
	}
	if rest, ok = strings.CutPrefix(rest, " in "); !ok {
		// No symbol: #1 0x55 (/usr/sbin/haproxy+0x12)
		rest = strings.TrimLeft(rest, " ")
		f.Module, f.ModuleOffset, ok = moduleIn(rest)
		return n, f, ok
	}
	name, place := cutName(rest)
	if !plausibleName(name) {
		return 0, f, false
	}
	f.Function, f.Symbol = name, name
	if i := strings.IndexByte(name, '('); i > 0 && lex.Identifier(name) == i {
		f.Function = name[:i] // the parameters of C++
	}
	if place == "" {
		return n, f, true
	}
	if f.Module, f.ModuleOffset, ok = moduleIn(place); ok {
		return n, f, true
	}
	if place[0] == '(' || strings.Contains(place, ") at ") {
		return 0, f, false // arguments: gdb's
	}
	if file, line, ok := fileLine(place); ok {
		f.File, f.Line = file, line
		return n, f, true
	}
	return 0, f, false
}

// bareFrame reads ThreadSanitizer's, which have no address: "#0 h2_process src/mux_h2.c:3
// (haproxy+0x2150) (BuildId: …)".
func bareFrame(n int, s string) (int, crash.Frame, bool) {
	f := crash.Frame{Trust: crash.TrustPrinted}
	name, place := cutName(s)
	i := strings.Index(place, " (")
	if i < 0 || !plausibleName(name) || place[0] == '(' || strings.HasPrefix(place, "at ") || strings.HasPrefix(place, "from ") {
		return 0, f, false
	}
	var ok bool
	if f.Module, f.ModuleOffset, ok = moduleIn(place[i+1:]); !ok {
		return 0, f, false
	}
	if f.File, f.Line, ok = fileLine(place[:i]); !ok && place[:i] != "<null>" {
		return 0, f, false
	}
	if !ok {
		f.File = ""
	}
	f.Function, f.Symbol = name, name
	return n, f, true
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

// moduleIn reads (/usr/sbin/haproxy+0x2150), what follows being ignored.
func moduleIn(s string) (string, crash.Addr, bool) {
	if !strings.HasPrefix(s, "(") {
		return "", 0, false
	}
	inner, _, ok := strings.Cut(s[1:], ")")
	i := strings.LastIndex(inner, "+0x")
	if !ok || i <= 0 {
		return "", 0, false
	}
	v, rest, ok := lex.Addr(inner[i+1:])
	return inner[:i], v, ok && rest == ""
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
	if n, f, ok := sanitizerFrame(t); ok {
		return s.frame(n, f, number)
	}
	if pid, tool, rest, ok := banner(t); ok {
		if s.tool != "" || len(s.all) > 0 {
			return over
		}
		s.pid, s.tool = pid, tool
		if s.leak = tool == "LeakSanitizer"; !s.leak {
			s.headline(rest)
		}
		return member
	}
	if rest, ok := strings.CutPrefix(t, "SUMMARY: "); ok {
		if s.done {
			return over
		}
		s.done = true
		s.leak = s.leak || strings.Contains(rest, " leaked in ")
		if s.sort == "" && !s.leak {
			if _, rest, ok := strings.Cut(rest, ": "); ok {
				s.sort, _, _ = strings.Cut(rest, " ")
			}
		}
		return member
	}
	if strings.HasPrefix(t, "==") {
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
		if _, rest, ok := lex.Int(t[2:]); ok && strings.HasPrefix(rest, "==") {
			return member // ==12==The signal is caused by a READ memory access.
		}
	}
	if v := s.remark(t); v != foreign {
		return v
	}
	if beginsElse(text) || s.done && !s.shadow {
		return over
	}
	return foreign
}

func (s *sanitizer) frame(n int, f crash.Frame, number int64) verdict {
	if n == 0 && s.at != nil && s.at.find(0) != nil {
		if s.done {
			return over
		}
		s.at = nil
	}
	if s.at == nil {
		if s.at = s.add(&stack{}); s.at == nil {
			return member
		}
	}
	if s.culprit == nil {
		s.culprit = s.at
	}
	f.Where = lex.Where(number)
	// Inlined frames have the address of the function they are inlined into.
	if prev := s.at.find(n - 1); prev != nil && prev.Address == f.Address {
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
	s.sort, _, _ = strings.Cut(t, " ")
	s.sort = strings.TrimSuffix(lex.Clip(s.sort, 64), ":")
	if s.sort == "data" {
		s.sort = "data-race"
	}
	n := signals.Number(s.sort)
	if n == 0 && s.sort == "stack-overflow" {
		n = 11
	}
	if n == 0 {
		if _, rest, ok := strings.Cut(t, " on "); ok {
			s.accessed(strings.TrimPrefix(rest, "address "))
		}
		return
	}
	s.fault = &crash.Signal{Number: n, Name: signals.Name(n)}
	if _, rest, ok := strings.Cut(t, " address 0x"); ok {
		if a, _, ok := lex.Addr("0x" + rest); ok {
			s.fault.Address = &a
		}
	}
	if _, rest, ok := strings.Cut(t, "(pc 0x"); ok {
		if a, _, ok := lex.Addr("0x" + rest); ok {
			s.fault.Instruction = &a
		}
	}
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
func (s *sanitizer) remark(t string) verdict {
	if role := roleOf(t); role != "" {
		s.at = s.add(&stack{role: role})
		return member
	}
	s.sized(t)
	if s.access.Place == "" && strings.HasPrefix(t, "0x") {
		if _, place, ok := strings.Cut(t, " is located "); ok {
			s.access.Place = "located " + lex.Clip(place, 256)
		}
	}
	if strings.HasPrefix(t, "Shadow bytes around") {
		s.shadow = true
		return member
	}
	if s.leak && (strings.HasPrefix(t, "Direct leak of ") || strings.HasPrefix(t, "Indirect leak of ")) {
		s.at = nil
		return member
	}
	for _, p := range [...]string{
		"READ of size ", "WRITE of size ", "Read of size ", "Write of size ", "AddressSanitizer", "HINT: ", "Hint: ",
		"Address 0x", "0x", "=>0x", "Shadow byte legend", "This frame has ", "  [", "[", "Location is ", "Mutex ", "As if synchronized",
		"Addressable:", "Partially addressable:", "Heap ", "Freed heap", "Stack ", "Global ", "Poisoned by", "Container overflow",
		"Array cookie", "Intra object", "ASan internal", "Left alloca", "Right alloca", "Shadow gap",
	} {
		if strings.HasPrefix(t, p) {
			return member
		}
	}
	return foreign
}

// roleOf gives the role of a stack that is no thread's state, by the line above it.
func roleOf(t string) string {
	if len(t) > 200 {
		return ""
	}
	t = strings.TrimSuffix(strings.TrimSuffix(t, ":"), " here")
	for _, p := range [...]string{"freed by thread ", "previously allocated by thread ", "allocated by thread ", "Previous ", "Thread T",
		"Uninitialized value was created by ", "Uninitialized value was stored to memory", "Mutex M", "Location is heap block of size "} {
		if strings.HasPrefix(t, p) {
			return strings.ToLower(t[:1]) + t[1:]
		}
	}
	return ""
}

func (s *sanitizer) programs() ([]string, bool) { return nil, s.tool != "" }

func (s *sanitizer) finish(r *Result) {
	r.PID, r.Error, r.Signal, r.Leak = s.pid, s.sort, s.fault, s.leak
	kept := s.all[:0]
	for _, a := range s.all {
		if len(a.frames) > 0 {
			kept = append(kept, a)
		}
	}
	s.all = kept
	faulty := s.culprit
	if s.tool == "" && s.sort == "" || faulty != nil && faulty.role != "" {
		faulty = nil // frames of a report whose head is missing: which stack?
	}
	if k := sanitizerKind(s.tool, s.sort); k != "" {
		r.Kind = k
	}
	if s.fault == nil && s.sort != "" {
		m := s.access
		m.Tool, m.Error = s.tool, s.sort
		r.Memory = &m
	}
	r.Threads, r.Stacks = s.threads(faulty), s.named()
	judge(r, faulty, s.all)
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
