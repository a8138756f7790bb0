package system

import (
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/signals"
)

// traps are x86's faults that are no page faults, with the signal that the
// process gets (arch/x86/kernel/traps.c).
var traps = []struct {
	text   string
	signal int
	detail string
}{
	{"general protection fault", 11, "general protection fault: the CPU keeps no address; most often a pointer that is no address at all"},
	{"general protection", 11, "general protection fault: the CPU keeps no address; most often a pointer that is no address at all"},
	{"trap invalid opcode", 4, "invalid instruction"},
	{"trap divide error", 8, "division by zero, or its result too large"},
	{"trap int3", 5, "breakpoint instruction"},
	{"trap stack segment", 7, "stack segment fault: a stack pointer that is no address at all"},
	{"trap alignment check", 7, "access that is not aligned"},
	{"trap bounds", 11, "bound range exceeded"},
	{"trap overflow", 11, "overflow"},
	{"trap segment not present", 7, "segment not present"},
	{"trap invalid TSS", 11, "invalid TSS"},
}

// trap reads what follows "traps: ":
//
//	haproxy[265522] general protection fault ip:72ce7b sp:7f68dcee9fe8 error:0 in haproxy[400000+988000]
func trap(t string) (Event, bool) {
	comm, tid, rest, ok := taskOf(t, " ")
	if !ok || !haproxy.IsProgram(comm) {
		return Event{}, false
	}
	for _, k := range traps {
		r, is := strings.CutPrefix(rest, k.text+" ip:")
		if !is {
			continue
		}
		ip, r, isHex := lex.Hex(r)
		if !isHex || !strings.HasPrefix(r, " sp:") {
			return Event{}, false
		}
		e, _ := signalled(join.Kernel, k.signal)
		e.Crash.Signal.Instruction = &ip
		e.Detail = k.detail
		if k.signal == 4 {
			at := ip // si_addr of SIGILL is the instruction
			e.Crash.Signal.Address = &at
		}
		e.frame(ip, r)
		e.thread(tid, comm)
		return e, true
	}
	return Event{}, false
}

// arm64Old reads the line of kernels before 4.17 (arch/arm64/mm/fault.c), and
// that of 32-bit ARM:
//
//	unhandled level 2 translation fault (11) at 0x00000000, esr 0x92000006, in haproxy[aaaac0de0000+1000]
//	unhandled page fault (11) at 0x00000000, code 0x017
func arm64Old(t string) (Event, bool) {
	what, rest, ok := strings.Cut(strings.TrimPrefix(t, "unhandled "), " (")
	if !ok || len(what) > 64 {
		return Event{}, false
	}
	n, rest, ok := lex.Int(rest)
	if !ok {
		return Event{}, false
	}
	at, rest, ok := hexAfter(rest, ") at ")
	if !ok || !strings.HasPrefix(rest, ", esr 0x") && !strings.HasPrefix(rest, ", code 0x") {
		return Event{}, false
	}
	e, ok := signalled(join.Kernel, n)
	if !ok {
		return Event{}, false
	}
	e.Crash.Signal.Address = &at
	e.Detail = what
	e.moduleOnly(rest)
	return e, true
}

// arm64New reads the line since 4.17 (arch/arm64/kernel/traps.c,
// arm64_show_signal); it has neither signal nor address:
//
//	unhandled exception: DABT (lower EL), ESR 0x0000000092000006, level 2 translation fault in haproxy[…]
func arm64New(t string) (Event, bool) {
	rest := strings.TrimPrefix(t, "unhandled exception: ")
	n := 11
	switch {
	case strings.Contains(rest, "undefined instruction"), strings.Contains(rest, "Undefined instruction"), strings.HasPrefix(rest, "Unknown/Uncategorized, "):
		n = 4
	case strings.Contains(rest, "Oops - BTI"), strings.Contains(rest, "Oops - FPAC"), strings.HasPrefix(rest, "Illegal execution state, "):
		n = 4
	case strings.Contains(rest, "alignment fault"), strings.Contains(rest, "alignment exception"), strings.Contains(rest, "synchronous external abort"):
		n = 7
	case strings.Contains(rest, "translation fault"), strings.Contains(rest, "permission fault"), strings.Contains(rest, "access flag fault"),
		strings.Contains(rest, "address size fault"), strings.Contains(rest, "tag check fault"):
	default:
		return Event{}, false
	}
	e, _ := signalled(join.Kernel, n)
	e.Detail, _, _ = strings.Cut(rest, " in ")
	e.moduleOnly(rest)
	return e, true
}

// power reads POWER's line (arch/powerpc/kernel/traps.c):
//
//	segfault (11) at 0 nip 10000700 lr 100006f0 code 1 in haproxy[10000000+10000]
func power(t string) (Event, bool) {
	_, rest, _ := strings.Cut(t, " (")
	n, rest, ok := lex.Int(rest)
	if !ok {
		return Event{}, false
	}
	at, rest, ok := hexAfter(rest, ") at ")
	if !ok {
		return Event{}, false
	}
	ip, rest, ok := hexAfter(rest, " nip ")
	if !ok {
		return Event{}, false
	}
	e, ok := signalled(join.Kernel, n)
	if !ok {
		return Event{}, false
	}
	e.Crash.Signal.Address, e.Crash.Signal.Instruction = &at, &ip
	if _, code, ok := strings.Cut(rest, " code "); ok {
		e.Crash.Signal.Code, _, _ = lex.Int(code)
		e.Crash.Signal.CodeName = signals.CodeName(n, e.Crash.Signal.Code)
	}
	e.frame(ip, rest)
	return e, true
}

// unhandledSignal reads RISC-V's line and the older one of POWER:
//
//	unhandled signal 11 code 0x1 at 0x0000000000000000 in haproxy[10000+b000]
//	unhandled signal 11 at 00000000 nip 10000700 lr 100006f0 code 1
func unhandledSignal(t string) (Event, bool) {
	n, rest, ok := lex.Int(strings.TrimPrefix(t, "unhandled signal "))
	if !ok {
		return Event{}, false
	}
	e, ok := signalled(join.Kernel, n)
	if !ok {
		return Event{}, false
	}
	s := e.Crash.Signal
	if code, r, has := hexAfter(rest, " code "); has {
		if code < 256 {
			s.Code = int(code)
		}
		rest = r
	}
	at, rest, ok := hexAfter(rest, " at ")
	if !ok {
		return Event{}, false
	}
	s.Address = &at
	s.CodeName = signals.CodeName(n, s.Code)
	if ip, r, has := hexAfter(rest, " nip "); has {
		s.Instruction = &ip
		e.frame(ip, r)
		return e, true
	}
	e.moduleOnly(rest)
	return e, true
}

// moduleOnly keeps the module of a line that does not print the instruction.
func (e *Event) moduleOnly(rest string) {
	i := strings.LastIndex(rest, " in ")
	if i < 0 {
		return
	}
	module, _, ok := strings.Cut(rest[i+len(" in "):], "[")
	if !ok || module == "" || len(module) > 255 {
		return
	}
	f := crash.Frame{Module: module, Symbol: rest[i+len(" in "):], Trust: crash.TrustContext}
	e.Crash.Threads = []crash.Thread{{Faulty: true, Frames: []crash.Frame{f}}}
}

// codeBytes reads the line that x86 prints after a fault (show_opcodes), the bytes around
// the instruction, which begins at the one in angle brackets, and that of ARM (dump_instr),
// in words:
//
//	Code: 48 8b 45 f8 <0f> 0b 90 48
//	Code: 97ffff01 d2800001 b9000001 (00000000)
//	Code: Unable to access opcode bytes at 0xffffffffffffffd6.
func codeBytes(t string) (Event, bool) {
	rest, ok := strings.CutPrefix(t, "Code: ")
	if !ok {
		return Event{}, false
	}
	e := Event{Kind: crash.Unknown, Role: join.Body, Continues: true}
	e.Crash.Kind = crash.Unknown
	if strings.HasPrefix(rest, "Unable to access opcode bytes at ") {
		e.Detail = "the instruction itself cannot be read: a jump or call to an address that holds no code"
		return e, true
	}
	words := strings.Fields(rest)
	at := slices.IndexFunc(words, func(w string) bool { return strings.IndexByte("<(", w[0]) >= 0 })
	if at < 0 || len(words) > 128 {
		return Event{}, false
	}
	x86 := words[at][0] == '<'
	words[at] = strings.Trim(words[at], "<>()")
	for i, w := range words {
		if !lex.HexDigits(w) || x86 && len(w) != 2 || !x86 && len(w) != 8 {
			return Event{}, false
		}
		if !x86 { // little-endian
			words[i] = w[6:] + " " + w[4:6] + " " + w[2:4] + " " + w[:2]
		}
	}
	if x86 && len(words) < 8 {
		return Event{}, false
	}
	f := crash.Frame{Bytes: strings.Join(words[at:], " "), Trust: crash.TrustContext}
	e.Crash.Threads = []crash.Thread{{Faulty: true, Frames: []crash.Frame{f}}}
	return e, true
}
