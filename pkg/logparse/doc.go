// Package logparse turns text into the evidence of crashes: a log, a terminal's
// scrollback, a string found in the memory of a core.
//
// What this package knows that no other does: what HAProxy prints when it dies,
// from 1.8 to 3.5, and how to read it when it comes cut, mixed and damaged.
//
// # The idea
//
// Text is read in three steps. Package scan finds the few lines of a large log
// that may matter. Package envelope takes each line out of what journal,
// syslog or container engine put around it, and says who wrote it. Then the
// lines are sorted by writer (host, program, pid), for several processes may
// write into one log at the same time; each writer has a stream of its own, and
// in each stream at most one crash text is open.
//
// # Who could have written it
//
// Whoever sends a request can put each of HAProxy's crash texts into a header, a URI or a
// user name, and some program writes it into a log. So text counts by two rules. A line
// counts only from those who write such lines: HAProxy's texts under its name or under
// none, the kernel's from the kernel, systemd's from systemd ([envelope.Sender]); a line of
// a traffic log, and another program's message, are somebody's words. And a headline counts
// only where the whole message is the headline: from the first byte behind HAProxy's own
// prefix to the last, though it may be cut. A newline within a message does not begin a
// message. What looks like a headline and does not count is only told ([Summary.Words]).
//
// Each piece of evidence says who could have written it ([crash.Rank]): HAProxy, or others
// about it. A value that a debugger shows may be what a client sent; it explains a
// crash where the stack shows the function that made it.
//
// Reports are handed on through tools whose format nobody knows: stern, grep, pssh. What
// they put before each line is known by its words (type shipper): names of containers that
// are HAProxy's, times, numbers, files. Any other word there makes the rest a quotation.
//
// # A report is known by its lines
//
// A crash text (type report) begins with a headline that says what sort it is: a
// spin, a BUG_ON, a panic, a pool error, a blocked-traffic warning. What
// follows is not read in a fixed order: call traces, thread blocks, stream
// dumps, notes and hints are each known by the shape of their own lines, and
// go to the report that is open. So the same code reads a panic of 2.0 and of
// 3.5, one whose leading blanks were eaten by a container engine, and one
// between whose lines another process wrote. When no report is open, the same shapes
// open one without a headline: the tail of a dump that was cut. It is of lower
// rank (join.Body), and its kind is only what its lines show.
//
// Formats are backported, so a format says nothing of the version, and no
// version is ever inferred from one.
//
// # What a name is worth
//
// HAProxy's traces name the nearest dynamic symbol, which may lie far from the
// function at hand. Here a name is a function only when it was printed as
// exact, or with an offset inside of the symbol's size; everything else stands in
// crash.Frame.Symbol as it was printed, for people to read and for nobody to blame.
//
// # Bounds
//
// Lines and bytes of a report, threads, frames, fields, open streams: all have
// caps (limits.go). When one runs over, what is there is given out.
//
// # Stability
//
// Other programs may use this package: its exported names keep their meaning for as
// long as the major version stays; new ones, and new fields, may come.
package logparse
