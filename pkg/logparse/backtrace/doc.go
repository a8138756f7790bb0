// Package backtrace knows how debuggers and their kin print a stack: gdb,
// eu-stack, systemd-coredump, sanitizers, valgrind.
package backtrace
