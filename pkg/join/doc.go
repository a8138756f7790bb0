// Package join knows when two pieces of evidence speak of the same crash, and
// which of them to believe. No other package compares crashes with each other.
//
// # The idea
//
// One death of one HAProxy worker leaves many traces: its last words on stderr,
// a copy of them in syslog, a kernel line, a systemd-coredump entry, the line
// in which its master notices, and a core. They arrive in any order, between
// the traces of other processes, in one file or in several. Each of them is a
// Part. A Joiner keeps the crashes that are still open as groups of parts; a
// new part goes to the group that it matches best, or opens one.
//
// Matches are of two strengths. Strong ones rest on identity: the same object
// pointer and rate, the same pid of the process that died, a thread of the
// core. Weak ones rest on neighbourhood: the same stream of lines, the same
// master, a few seconds or lines apart, and facts that may go together. A weak
// match needs a group that still lacks what the part brings; so a restart loop,
// which prints the same text over and over with nothing but a new pid, stays
// as many crashes.
//
// # Whom to believe
//
// Facts that are absent are filled in. Where two parts differ the better source
// wins (the crash's own words, then the core, then what others say of it) and
// the difference becomes a crash.Conflict: it is said, never smoothed over.
//
// # Bounds
//
// A Joiner holds a bounded number of groups and of bytes; the oldest group is
// given out when either runs over. Cores are kept to the end, because a log
// that belongs to one may be read after it.
package join
