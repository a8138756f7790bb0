package signals

// Codes that may come with any signal (include/uapi/asm-generic/siginfo.h).
var anyCodes = map[int]string{
	0x80: "SI_KERNEL",
	0:    "SI_USER",
	-1:   "SI_QUEUE",
	-2:   "SI_TIMER",
	-3:   "SI_MESGQ",
	-4:   "SI_ASYNCIO",
	-5:   "SI_SIGIO",
	-6:   "SI_TKILL",
	-7:   "SI_DETHREAD",
	-60:  "SI_ASYNCNL",
}

// Codes of one signal, indexed by code; 0 has no name of its own.
var (
	illCodes  = []string{1: "ILL_ILLOPC", "ILL_ILLOPN", "ILL_ILLADR", "ILL_ILLTRP", "ILL_PRVOPC", "ILL_PRVREG", "ILL_COPROC", "ILL_BADSTK", "ILL_BADIADDR"}
	fpeCodes  = []string{1: "FPE_INTDIV", "FPE_INTOVF", "FPE_FLTDIV", "FPE_FLTOVF", "FPE_FLTUND", "FPE_FLTRES", "FPE_FLTINV", "FPE_FLTSUB", 14: "FPE_FLTUNK", 15: "FPE_CONDTRAP"}
	segvCodes = []string{1: "SEGV_MAPERR", "SEGV_ACCERR", "SEGV_BNDERR", "SEGV_PKUERR", "SEGV_ACCADI", "SEGV_ADIDERR", "SEGV_ADIPERR", "SEGV_MTEAERR", "SEGV_MTESERR", "SEGV_CPERR"}
	busCodes  = []string{1: "BUS_ADRALN", "BUS_ADRERR", "BUS_OBJERR", "BUS_MCEERR_AR", "BUS_MCEERR_AO"}
	trapCodes = []string{1: "TRAP_BRKPT", "TRAP_TRACE", "TRAP_BRANCH", "TRAP_HWBKPT", "TRAP_UNK", "TRAP_PERF"}
	cldCodes  = []string{1: "CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"}
	sysCodes  = []string{1: "SYS_SECCOMP", "SYS_USER_DISPATCH"}
)

// CodeName gives the name of an si_code of a signal: CodeName(11, 1) is
// SEGV_MAPERR, CodeName(6, -6) is SI_TKILL. It is empty for unknown codes.
//
// Folklore: x86 reports a non-canonical address (a wild pointer such as
// 0x4141414141414141) as SIGSEGV with SI_KERNEL and si_addr 0, for the CPU
// raises a general protection fault and keeps no address: that zero is not a
// null pointer (see HasAddress).
func CodeName(signal, code int) string {
	if name, ok := anyCodes[code]; ok {
		return name
	}
	var names []string
	switch signal {
	case 4:
		names = illCodes
	case 5:
		names = trapCodes
	case 7:
		names = busCodes
	case 8:
		names = fpeCodes
	case 11:
		names = segvCodes
	case 17:
		names = cldCodes
	case 31:
		names = sysCodes
	}
	if code > 0 && code < len(names) {
		return names[code]
	}
	return ""
}

// HasAddress says whether siginfo holds a fault address for this signal and
// code. Zero is a real address where it does.
func HasAddress(signal, code int) bool {
	switch signal {
	case 4, 5, 7, 8, 11:
		return code > 0 && code != 0x80
	}
	return false
}

// HasSender says whether siginfo holds the pid and uid of a sender for this code.
func HasSender(code int) bool {
	switch code {
	case 0, -1, -6:
		return true
	}
	return false
}
