// Package logparse turns text into the evidence of crashes: a log, a terminal's
// scrollback, a string found in the memory of a core.
//
// What this package knows that no other does: what HAProxy prints when it dies, from 1.8 to
// 3.5, and how to read it when it comes cut, mixed and damaged.
//
// # The way of a line
//
// In a large log, package scan finds the few lines that may matter. Package envelope takes a
// line out of what journal, syslog or container engine put around it and says who wrote it
// (host, program, pid); type shipper takes off what unknown tools put there. Each writer has
// a stream of its own, with at most one crash text open (type report).
//
// # Who could have written it
//
// Whoever sends a request can put each of HAProxy's crash texts into a header or a URI, and
// some program logs it. So a line counts only from those who write such lines
// ([envelope.Sender]), and a headline only where it is the whole message, though it may be
// cut. Traffic logs and the middle of a line are somebody's words: they are told
// ([Summary.Words]), and make no crash.
//
// # A report is known by its lines
//
// A headline (haproxy.Headlines) opens a report. What follows is not read in a fixed order:
// traces, thread blocks, stream dumps and notes are each known by the shape of their own
// lines. So the same code reads a panic of 2.0 and of 3.5, one whose leading blanks were
// eaten, and one between whose lines another process wrote. Without a headline the same
// shapes open a report of lower rank (join.Body), whose kind is only what they show.
//
// Formats are backported, so no version is ever inferred from one. Names in traces are those
// of the nearest dynamic symbol; one is a function only if it was printed as exact, or with
// an offset inside of the symbol's size. Else it stays in crash.Frame.Symbol, for people.
//
// # Bounds
//
// Lines and bytes of a report, threads, frames, fields, open streams: all have caps
// (limits.go). When one runs over, what is there is given out.
//
// # Stability
//
// Other programs may use this package: its exported names keep their meaning for as
// long as the major version stays; new ones, and new fields, may come.
package logparse
