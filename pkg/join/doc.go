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
// Facts that are absent are filled in. Where two parts differ the rank of the source
// decides, that is, who could have written it: the state of the process, then what
// HAProxy printed, then what others say of it ([crash.Rank], [Part.Rank]); of one
// rank, the source that was nearer. The difference becomes a crash.Conflict: it is said,
// never smoothed over. Somebody's words, which anybody could have put where they were found,
// make no crash and no fact; they stay as evidence of themselves.
//
// The kind is such a fact with one difference: the same death has a coarse name and a fine
// one. A BUG_ON ends in a SIGILL; the core shows the signal, the log the condition. So a
// lower rank may refine the kind where the signal agrees, and a higher one that is coarser
// changes nothing. What does not refine it is denied, and what hangs on it (the
// condition, the spin, the command that provoked it) is not taken either.
//
// # Bounds
//
// A Joiner holds a bounded number of groups and of bytes; the oldest group is
// given out when either runs over. Cores are kept to the end, because a log
// that belongs to one may be read after it.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package join
