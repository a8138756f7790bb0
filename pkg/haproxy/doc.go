// Package haproxy is HAProxy's vocabulary: how it writes versions and in which
// order they come, and what its applets and their handlers are called. It knows
// what no other package does: that 3.2-dev5 is older than 3.2.0 although it sorts
// behind it, that "-1+deb12u2" is a packager's word and "-86e043a" a commit, that the
// handler cli_io_handler serves the applet <CLI>, and with which lines HAProxy says
// that it dies.
//
// It holds tables and string work only. It does no I/O and imports only lex and crash of
// ours, so that readers of logs, readers of cores, the classifier and the
// reports may all use it.
//
// # Stability
//
// Other programs may use this package: its exported names keep their meaning for as
// long as the major version stays; new ones, and new fields, may come.
package haproxy
