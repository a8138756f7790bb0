// Package system knows the single lines that others than HAProxy write when a
// process dies: the kernel, systemd, the shell, the C library.
package system
