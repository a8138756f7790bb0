// Package source knows what the user gave: a file, a directory or stdin; plain
// or compressed; a core, a log, a backtrace, or nothing of ours. Nobody behind
// it sees the ending of a name, a compression or a pipe again.
//
// # What it looks at
//
// Content, never names. The first bytes tell a compression; the first 64 KiB of
// what is inside tell a core (ELF, ET_CORE), text, or something else. Common
// strangers (an executable, a minidump) are called by their name, with what to do
// about them. Only of systemd's cores does a name count: it says whose they are, and of when.
//
// # Inputs in inputs
//
// A tar archive, a journal file, a report of apport, a mail, a problem directory of ABRT and any
// directory give several inputs, or one of another form. Nothing of them is unpacked to disk,
// but a journal that is compressed or in an archive: journalctl, which reads it, wants a file.
// What is passed over in them is noted once ([Options.Note]).
//
// # Cores need any byte, logs need each byte once
//
// A plain file is read at offsets, whatever it holds; it is never mapped, since
// a file that shrinks under a mapping kills the reader. What is compressed or
// comes through a pipe is a stream, given on as it comes. A core is read from
// it in one pass where that is possible (package elfcore says when);
// [Input.Spool] makes a file of the others, and of those that are needed a second
// time: a temporary one with holes for its zero pages, which loses its name as
// soon as it is open, so that nothing is left behind whatever ends the program.
//
// Most of a core is zeros, which zstdReader makes cheap.
//
// # What came out is good
//
// Damage does not take away what came before it. A compressed stream that is
// cut, or followed by something else, gives all that could be read, and a
// problem that says where it ended. Windows, dictionaries, content and disk have
// limits, and nothing waits without watching for the end of its context.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package source
