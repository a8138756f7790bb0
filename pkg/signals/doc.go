// Package signals knows the numbers, names and descriptions of Linux signals,
// what each one does to HAProxy and which kind of crash that is (kind.go),
// and what their si_code says: no other package holds a number of a signal.
//
// The same death is written in many ways: a core holds signal 11 and code 1,
// the shell says "Segmentation fault", systemd "11/SEGV", gdb "SIGSEGV", and
// HAProxy's master the text of strsignal(). This package brings them together.
//
// Numbers are those of asm-generic, which x86, ARM, POWER, RISC-V and s390
// share (include/uapi/asm-generic/signal.h). MIPS, SPARC, Alpha and PA-RISC
// number a few signals differently; the five that crashes end with (ILL, ABRT,
// FPE, KILL, SEGV) are the same everywhere, SIGBUS is not.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package signals
