// Package report turns a crash.Report into something to read: text for a
// terminal, JSON and JSON lines for programs, Markdown for HAProxy's bug form, HTML for a
// browser.
// It is the only package that knows how much a reader can take in: what stands
// on the first screen of an operator who was woken at night, what a maintainer
// wants below it, what may be folded, and what must not leave the house at all.
//
// # One presenter a file
//
// A presenter implements [Stream]: it is handed crashes one after the other
// and the rest of the report at the end, so that a log with ten thousand
// crashes never stands in memory. [Write] drives a Stream with a report that is
// complete already. docs/presenters.md tells how to add one.
//
// What is no report has presenters of its own, which are functions: the objects of a
// core ([Objects]), numbers and texts with their flags ([Flags]), signatures, the
// fixes that a version lacks.
//
// # Rules of the output
//
//   - Nothing from an input is printed as it is: [Escape] for terminals, code
//     spans and fences for Markdown, \u escapes in JSON. A log line is written by
//     whoever can send a request.
//   - Every crash goes through [redact.Crash] before it is printed, whoever calls,
//     and every report for humans says what kinds of data it still holds.
//   - Nothing is said twice, no section is empty, no field is printed that is
//     not known. A fact that is missing is named with what to do about it.
//   - A warning that the process survived is never worded as a crash.
//   - A verdict stands with its reasons, a frame with how far to trust it.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package report
