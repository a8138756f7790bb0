package signals

import (
	"strconv"
	"strings"
)

// entry is one signal. text is that of glibc's strsignal() (siglist.h);
// others are the texts that musl, BSD and Solaris print, and aliases.
type entry struct {
	name   string // without SIG
	text   string
	others []string
}

// table is indexed by number.
var table = [...]entry{
	1:  {"HUP", "Hangup", nil},
	2:  {"INT", "Interrupt", nil},
	3:  {"QUIT", "Quit", nil},
	4:  {"ILL", "Illegal instruction", nil},
	5:  {"TRAP", "Trace/breakpoint trap", []string{"Trace/BPT trap"}},
	6:  {"ABRT", "Aborted", []string{"IOT", "Abort", "Abort trap"}},
	7:  {"BUS", "Bus error", nil},
	8:  {"FPE", "Floating point exception", []string{"Arithmetic exception"}},
	9:  {"KILL", "Killed", nil},
	10: {"USR1", "User defined signal 1", nil},
	11: {"SEGV", "Segmentation fault", nil},
	12: {"USR2", "User defined signal 2", nil},
	13: {"PIPE", "Broken pipe", nil},
	14: {"ALRM", "Alarm clock", nil},
	15: {"TERM", "Terminated", nil},
	16: {"STKFLT", "Stack fault", nil},
	17: {"CHLD", "Child exited", []string{"CLD"}},
	18: {"CONT", "Continued", nil},
	19: {"STOP", "Stopped (signal)", nil},
	20: {"TSTP", "Stopped", nil},
	21: {"TTIN", "Stopped (tty input)", nil},
	22: {"TTOU", "Stopped (tty output)", nil},
	23: {"URG", "Urgent I/O condition", nil},
	24: {"XCPU", "CPU time limit exceeded", nil},
	25: {"XFSZ", "File size limit exceeded", nil},
	26: {"VTALRM", "Virtual timer expired", nil},
	27: {"PROF", "Profiling timer expired", nil},
	28: {"WINCH", "Window changed", nil},
	29: {"IO", "I/O possible", []string{"POLL"}},
	30: {"PWR", "Power failure", nil},
	31: {"SYS", "Bad system call", nil},
}

// Real-time signals as the kernel counts them; glibc keeps 32 and 33 (musl 34
// too) for itself, so its SIGRTMIN is 34.
const (
	rtMin = 34
	rtMax = 64
)

// Name gives the name of a signal number with its SIG: SIGSEGV, SIGRTMIN+2.
// It is empty for what is no signal, and for 32 and 33, which have no name.
func Name(n int) string {
	switch {
	case n > 0 && n < len(table):
		return "SIG" + table[n].name
	case n == rtMin:
		return "SIGRTMIN"
	case n > rtMin && n <= rtMax:
		return "SIGRTMIN+" + strconv.Itoa(n-rtMin)
	}
	return ""
}

// Number finds a signal by its name, with or without SIG, or by its
// description, in any case: SEGV, SIGSEGV, "Segmentation fault". It is 0 when
// there is none of that name. A number in digits is not a name.
func Number(name string) int {
	name = strings.TrimSpace(name)
	short := name
	if len(name) > 3 && strings.EqualFold(name[:3], "SIG") {
		short = name[3:]
	}
	for n := 1; n < len(table); n++ {
		e := &table[n]
		if strings.EqualFold(short, e.name) || strings.EqualFold(name, e.text) {
			return n
		}
		for _, other := range e.others {
			if strings.EqualFold(short, other) {
				return n
			}
		}
	}
	return realTime(strings.ToUpper(short))
}

// realTime reads RTMIN, RTMIN+n, RTMAX and RTMAX-n.
func realTime(name string) int {
	sign, base := 0, 0
	switch {
	case strings.HasPrefix(name, "RTMIN"):
		sign, base = 1, rtMin
	case strings.HasPrefix(name, "RTMAX"):
		sign, base = -1, rtMax
	default:
		return 0
	}
	rest := name[len("RTMIN"):]
	if rest == "" {
		return base
	}
	if (rest[0] == '+') != (sign > 0) || len(rest) > 3 {
		return 0
	}
	n, err := strconv.ParseUint(rest[1:], 10, 8)
	if err != nil || n > rtMax-rtMin {
		return 0
	}
	return base + sign*int(n)
}

// ExitCode gives the signal in an exit code after the convention of the shell
// and of HAProxy's master, 128+signal: 139 is 11. It is 0 when code is none.
func ExitCode(code int) int {
	if code > 128 && code <= 128+rtMax && Name(code-128) != "" {
		return code - 128
	}
	return 0
}

// BSD turns a signal's number on FreeBSD, OpenBSD, NetBSD or macOS into the one of the
// same name here; 0 for one that has no such name (EMT, INFO). Most numbers below 16 are
// common to all; BUS and SYS are not, and 7 is EMT there.
func BSD(n int) int {
	if n < 1 || n >= len(bsd) {
		return 0
	}
	return int(bsd[n])
}

// bsd is indexed by the number that 4.4BSD gave a signal (sys/sys/signal.h).
var bsd = [...]int8{
	1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 8: 8, 9: 9, 10: 7, 11: 11, 12: 31, 13: 13, 14: 14, 15: 15, 16: 23, 17: 19, 18: 20, 19: 18, 20: 17,
	21: 21, 22: 22, 23: 29, 24: 24, 25: 25, 26: 26, 27: 27, 28: 28, 30: 10, 31: 12,
}
