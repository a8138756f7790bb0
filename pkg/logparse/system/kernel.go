package system

import (
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
)

// kernel reads the kernel's lines on a fault of a user process.
func kernel(t string) (Event, bool) {
	if e, ok := oom(t); ok {
		return e, true
	}
	if e, ok := codeBytes(t); ok {
		return e, true
	}
	if rest, ok := strings.CutPrefix(t, "traps: "); ok {
		return trap(rest)
	}
	if e, ok := sending(t); ok {
		return e, true
	}
	if e, ok := undefined(t); ok {
		return e, true
	}
	comm, tid, rest, ok := taskOf(t, ": ")
	if !ok {
		if _, _, rest, ok = taskOf(t, " "); ok && (strings.HasPrefix(rest, "general protection ") || strings.HasPrefix(rest, "trap ")) {
			return trap(t) // before 3.12
		}
		comm, rest, ok = strings.Cut(t, ": ") // 32-bit ARM prints no pid
		if !ok || !strings.HasPrefix(rest, "unhandled ") || !strings.Contains(rest, ", code 0x") {
			return Event{}, false
		}
	}
	e, ok := faultLine(rest)
	if !ok || !haproxy.IsProgram(comm) {
		return Event{}, false
	}
	e.thread(tid, comm)
	return e, true
}

// faultLine reads what follows the name of the process.
func faultLine(t string) (Event, bool) {
	switch {
	case strings.HasPrefix(t, "segfault at "):
		return segfault(t)
	case strings.HasPrefix(t, "segfault ("), strings.HasPrefix(t, "illegal instruction ("), strings.HasPrefix(t, "bus error ("):
		return power(t)
	case strings.HasPrefix(t, "unhandled exception: "):
		return arm64New(t)
	case strings.HasPrefix(t, "undefined instruction: pc="):
		return undefinedAt(t)
	case strings.HasPrefix(t, "unhandled signal "):
		return unhandledSignal(t)
	case strings.HasPrefix(t, "unhandled "):
		return arm64Old(t)
	}
	return Event{}, false
}

// segfault reads x86's line (arch/x86/mm/fault.c, show_signal_msg):
//
//	segfault at 0 ip 00000000004ac185 sp 00007f1173fd41a0 error 4 in haproxy[400000+235000]
//	segfault at 1 ip 000055b0… sp … error 6 in haproxy[35000,55b0…+1000] likely on CPU 2 (core 1, socket 0)
func segfault(t string) (Event, bool) {
	at, rest, ok := hexAfter(t, "segfault at ")
	if !ok {
		return Event{}, false
	}
	ip, rest, ok := instruction(rest)
	if !ok {
		return Event{}, false
	}
	rest = strings.TrimLeft(rest, " ")
	if _, r, sparc := hexAfter(rest, "(rpc "); sparc {
		rest = strings.TrimPrefix(r, ") ")
	}
	rest = strings.TrimPrefix(rest, "r")
	_, rest, ok = hexAfter(rest, "sp ")
	if !ok {
		return Event{}, false
	}
	bits, rest, ok := hexAfter(rest, " error ")
	if !ok {
		return Event{}, false
	}
	e, _ := signalled(join.Kernel, 11)
	e.Crash.Signal.Address, e.Crash.Signal.Instruction = &at, &ip
	e.Detail = pageFault(uint64(bits))
	e.frame(ip, rest)
	return e, true
}

// instruction reads " ip 00000000004ac185". Kernels until 2.6.23 call it rip, and those before
// 4.15 print (null) for a call of nothing.
func instruction(t string) (ip crash.Addr, rest string, ok bool) {
	t, ok = strings.CutPrefix(t, " ")
	t, named := strings.CutPrefix(strings.TrimPrefix(t, "r"), "ip ")
	if !ok || !named {
		return 0, t, false
	}
	t = strings.TrimLeft(t, " ")
	if rest, ok = strings.CutPrefix(t, "(null)"); ok {
		return 0, rest, true
	}
	return lex.Hex(t)
}

// Bits of x86's page fault error code (arch/x86/include/asm/trap_pf.h).
const (
	pfProt  = 1 << 0 // the page is there but does not allow it
	pfWrite = 1 << 1
	pfUser  = 1 << 2
	pfRsvd  = 1 << 3
	pfInstr = 1 << 4
	pfPK    = 1 << 5
	pfShstk = 1 << 6
)

// pageFault says an error code in words.
func pageFault(bits uint64) string {
	what := "read of"
	switch {
	case bits&pfInstr != 0:
		what = "execution at"
	case bits&pfShstk != 0:
		what = "shadow stack access to"
	case bits&pfWrite != 0:
		what = "write to"
	}
	why := "an address that is not mapped"
	switch {
	case bits&pfPK != 0:
		why = "an address that a protection key forbids"
	case bits&pfRsvd != 0:
		why = "an address whose page table is corrupt"
	case bits&pfProt != 0:
		why = "an address whose protection forbids it"
	}
	mode := ""
	if bits&pfUser == 0 {
		mode = ", by the kernel"
	}
	return what + " " + why + mode
}

// frame sets the faulting frame from the instruction pointer and the mapping
// that the kernel names (mm/memory.c, print_vma_addr):
//
//	in haproxy[400000+235000]          start of the mapping and size
//	in haproxy[35000,55b0c0de0000+1000]  since 6.11: offset of the ip in the file too
//
// ModuleOffset is the address itself in a binary that is not relocated, else the
// offset in the file when it is printed, which is the link-time address as
// linkers lay out code today. Without it what is known is the distance from the
// start of the mapping of the code: the same in each crash of one build, but
// less than the link-time address by the mapping's offset in the file.
func (e *Event) frame(ip crash.Addr, rest string) {
	f := crash.Frame{Address: ip, Trust: crash.TrustContext}
	if i := strings.Index(rest, " in "); i >= 0 {
		in := rest[i+len(" in "):]
		if open := strings.LastIndexByte(in, '['); open > 0 && open <= 255 {
			mapping(&f, in[:open], in[open+1:])
		}
	}
	e.Crash.Threads = []crash.Thread{{Faulty: true, Frames: []crash.Frame{f}}}
	if start, after, ok := hexAfter(strings.TrimPrefix(f.Symbol, f.Module), "["); ok && strings.HasPrefix(after, "+") && start < nonPIE && start <= ip {
		e.Place = "the instruction is at 0x" + strconv.FormatUint(uint64(ip-start), 16) + " of the mapping of " + f.Module
	}
}

// mapping reads what stands in the brackets behind a module's name.
func mapping(f *crash.Frame, module, s string) {
	f.Module = module
	first, rest, ok := lex.Hex(s)
	if !ok {
		return
	}
	start := first
	if strings.HasPrefix(rest, ",") {
		f.ModuleOffset = first
		if start, rest, ok = lex.Hex(rest[1:]); !ok {
			return
		}
	}
	size, rest, ok := hexAfter(rest, "+")
	if !ok || !strings.HasPrefix(rest, "]") || f.Address < start || f.Address-start >= size {
		f.ModuleOffset = 0 // not the mapping of this address
		return
	}
	f.Symbol = module + "[" + s[:strings.IndexByte(s, ']')+1]
	switch {
	case start < nonPIE:
		f.ModuleOffset = f.Address
	case f.ModuleOffset == 0:
		f.ModuleOffset = f.Address - start
	}
}

// Place gives a frame of which the module's mapping is known (haproxy[aaaac54c0000+300000])
// the address that another line has.
func Place(f *crash.Frame, at crash.Addr) {
	module, s, ok := strings.Cut(f.Symbol, "[")
	f.Address = at
	if !ok || f.ModuleOffset != 0 {
		return
	}
	if mapping(f, module, s); f.ModuleOffset == 0 {
		f.Module, f.Symbol = "", "" // it does not lie there
	}
}

// nonPIE is above where executables that are not relocated lie (0x400000 on
// x86-64 and ARM64, 0x8048000 on i386, 0x10000000 on POWER) and below where
// relocated ones do.
const nonPIE = 0x40000000
