// Package watch follows what a host writes while HAProxy runs, and reports each crash once. It knows
// what no other package does: where the reading of a journal or of a rotated file goes on after a
// restart, when a crash has said all it will say, and that an event was reported already.
//
// # From lines to events
//
// A [feed] gives lines with a cursor each: a journalctl child, a file that is followed through
// rotation, the kernel's ring. Lines are cheap: only one that holds a literal of logparse opens a
// [window], which takes the lines that follow, and some from before, until nothing telling came
// for a while. Its text is analysed as hacrash analyze would. What clients wrote makes no crash there,
// and so none here.
//
// A crash is an event: host, process and time. A core with the same process becomes part of it; one
// that no line tells of is an event of its own.
//
// # Once
//
// The cursor that is saved is that of the last line before the oldest window that is open. Whatever
// ends the program, the lines of unreported crashes are read again. An event that was
// reported or counted is known by its process and time: reports are linked into place whole under a
// name that holds both, and what the limiter keeps back is a line of the ledger, written through
// to the disk before the cursor moves on. So a crash is in exactly one of the two.
//
// # Hooks
//
// Programs, web hooks and mails are told of a new kind of crash, of the beginning and the end of a
// storm, and of a bug that is known to be fixed; they may be told twice, with the same key. What
// they are told was redacted, as reports are.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package watch
