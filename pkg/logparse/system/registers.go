package system

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
)

// sending reads the line of MIPS and LoongArch (arch/mips/mm/fault.c), which has no pid:
//
//	do_page_fault(): sending SIGSEGV to haproxy for invalid read access from 00000018
//	do_page_fault() #2: sending SIGSEGV to haproxy for invalid write access to 00000018
//	epc = 77b6b8a4 in libc.so[77b2c000+9c000]          MIPS
//	era = 0000555500018c44 in haproxy[555500000000+a0000]    LoongArch
//	ra  = 0040c8b8 in haproxy[400000+226000]
func sending(t string) (Event, bool) {
	rest, ok := strings.CutPrefix(t, "do_page_fault()")
	if !ok {
		return Event{}, false
	}
	if r, numbered := strings.CutPrefix(rest, " #"); numbered {
		if _, rest, ok = lex.Int(r); !ok {
			return Event{}, false
		}
	}
	rest, ok = strings.CutPrefix(rest, ": sending SIGSEGV to ")
	comm, rest, named := strings.Cut(rest, " for invalid ")
	if !ok || !named || len(comm) > 15 || !haproxy.IsProgram(comm) {
		return Event{}, false
	}
	what, rest, ok := strings.Cut(rest, " access ")
	if !ok || what != "read" && what != "write" {
		return Event{}, false
	}
	_, address, _ := strings.Cut(rest, " ") // from, to
	at, rest, ok := lex.Hex(address)
	if !ok || rest != "" {
		return Event{}, false
	}
	e, _ := signalled(join.Kernel, 11)
	e.Crash.Signal.Address = &at
	e.Detail = what + " of an address that may not be used"
	if what == "write" {
		e.Detail = "write to an address that may not be used"
	}
	e.thread(0, comm)
	return e, true
}

// Continue reads a line that belongs to the kernel's line of a fault before it: the bytes of
// the instruction, or registers.
func Continue(text string) (Event, bool) {
	if len(text) > maxText {
		return Event{}, false
	}
	t := withoutUptime(strings.TrimSpace(text))
	if e, ok := codeBytes(t); ok {
		return e, true
	}
	return registers(t)
}

// registers reads the lines that ARM, ARM64, MIPS and their kin print behind the one of a
// fault: where the program stood.
//
//	CPU: 3 PID: 4321 Comm: haproxy Not tainted 5.15.0 #1
//	pc : 0000aaaac54d1b2c                      ARM64
//	lr : 0000aaaac54d1a00
//	PC is at 0x4a3f10                          ARM
//	pc : [<004a3f10>]    lr : [<004a3ef4>]    psr: 60000010
//	epc = 77b6b8a4 in libc.so[77b2c000+9c000]  MIPS, RISC-V
//
// The rest of them (other registers, page tables) is only known as such. The link register is
// no frame: a function that has called others keeps its return address elsewhere.
func registers(t string) (Event, bool) {
	e := Event{Kind: crash.Unknown, Role: join.Body, Continues: true}
	e.Crash.Kind = crash.Unknown
	key, value, ok := strings.Cut(t, " ")
	switch key {
	case "pc", "epc", "era", "PC":
		return e, ok && e.stoodAt(value)
	case "lr", "ra", "LR":
		var other Event
		return e, ok && other.stoodAt(value)
	case "CPU:":
		return cpuLine(&e, t)
	case "Hardware", "pstate:", "sp", "pgd", "Call", "xPSR:", "Flags:", "Control:", "psr:", "PSTATE:", "Code:":
		return e, ok && registerText(t)
	}
	if strings.HasPrefix(key, "[") && strings.HasPrefix(value, "*pgd=") {
		return e, registerText(t) // ARM's page tables
	}
	if len(key) <= 4 && len(key) >= 2 && (key[0] == 'x' || key[0] == 'r') && lex.IsDigit(key[1]) {
		return e, registerText(t)
	}
	return Event{}, false
}

// stoodAt reads an address, and the module that it is in, as a register's line has them.
func (e *Event) stoodAt(value string) bool {
	value = strings.TrimPrefix(strings.TrimLeft(value, " :="), "is at ")
	value, arm := strings.CutPrefix(value, "[<")
	at, rest, ok := lex.Hex(value)
	if ok && arm {
		rest, ok = strings.CutPrefix(rest, ">]")
	}
	rest = strings.TrimLeft(rest, " ")
	named := strings.HasPrefix(rest, "in ") || strings.HasPrefix(rest, "lr : [<") // ARM prints both in one line
	if !ok || at == 0 || rest != "" && !named {
		return false
	}
	e.frame(at, " "+rest)
	return true
}

// registerText says whether t holds only what lines of registers do.
func registerText(t string) bool {
	return len(t) < 160 && !strings.ContainsAny(t, "\"'{}?&;|")
}

// cpuLine reads the line that names the process, which ARM's fault line does not.
func cpuLine(e *Event, t string) (Event, bool) {
	_, rest, ok := strings.Cut(t, " PID: ")
	pid, rest, isNumber := lex.Int(rest)
	_, comm, named := strings.Cut(rest, "Comm: ")
	if !ok || !isNumber || !named || !haproxy.IsProgram(strings.TrimRight(lex.FirstWord(comm), ":")) {
		return Event{}, false
	}
	e.thread(pid, "")
	return *e, true
}

// undefined reads 32-bit ARM's line of an instruction that is none, which ARM64 until 4.17 has
// with the pid in brackets:
//
//	haproxy (4321): undefined instruction: pc=004a3f10
func undefined(t string) (Event, bool) {
	comm, rest, ok := strings.Cut(t, " (")
	if !ok || len(comm) > 15 || !haproxy.IsProgram(comm) {
		return Event{}, false
	}
	tid, rest, ok := lex.Int(rest)
	if !ok {
		return Event{}, false
	}
	rest, ok = strings.CutPrefix(rest, "): ")
	e, is := undefinedAt(rest)
	e.thread(tid, comm)
	return e, ok && is
}

func undefinedAt(t string) (Event, bool) {
	at, rest, ok := hexAfter(t, "undefined instruction: pc=")
	if !ok || rest != "" {
		return Event{}, false
	}
	e, _ := signalled(join.Kernel, 4)
	ip, address := at, at
	e.Crash.Signal.Instruction, e.Crash.Signal.Address = &ip, &address
	e.Detail = "invalid instruction"
	e.frame(at, "")
	return e, true
}
