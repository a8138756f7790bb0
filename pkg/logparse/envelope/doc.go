// Package envelope knows what logging systems put around a line of text, and
// nothing of the text itself.
//
// What this package knows that no other does: how the journal, syslog daemons,
// the kernel and container engines write down that a program said something, and what
// they do to what it said.
//
// # The idea
//
// HAProxy writes its last words to file descriptor 2, without time, pid or
// name. Whoever holds the other end adds those, and each does so in its way. A
// bug report then quotes the result, perhaps out of a CSV export, through an
// e-mail, with carriage returns. All who read text want two things apart: what was said
// ([Line.Text]), and who said it and when (the rest of [Line]).
//
// A [Decoder] takes off one envelope after another, from the outside in, until
// none fits: a quote, a container's prefix, a container's time, a syslog header,
// a kernel time. Which envelopes may fit is decided for each line by its first
// byte, so that files in which formats are mixed work, and a line costs about a microsecond.
//
// # Better plain than wrong
//
// The lines of a crash look like envelopes themselves: "[ALERT]    (4242) : "
// begins like dmesg, "FATAL: bug condition" like a syslog tag, "0x5581 [00 …] | sym" like
// docker compose, ">Thread 2 : " like a quote. To take such a head off would
// destroy what we are here for, to leave an envelope on costs a host name. So
// all readers ask for everything their format must have, and what is doubtful is plain.
//
// # Whose word it is
//
// A name in an envelope is a claim. [Line.Sender] weighs it: what the journal and the
// container engine know (_COMM, _TRANSPORT, a container's name and image) before what a
// process chose for itself (SYSLOG_IDENTIFIER, a syslog tag). It gives no name but a class,
// for a reader wants to know what the word is worth: HAProxy's, the kernel's, systemd's, a
// stranger's. Names that say nothing of a program (a role, an id, a relay) are nobody's.
// Where envelopes are nested, the inner header is text that the outer sender wrote: a
// stranger's message stays a stranger's, whatever stands in it; and of a record that tells
// of a request each string is a client's.
//
// # Documents
//
// Log stores give records as JSON, and no two of them in the same shape: one on a line, lists
// of lists, tables by rows or by columns, over many lines, all on one line of a gigabyte. A
// type document walks all of them. What a value is, is known by its name (meaningOf) and not
// by where it stands; where it stands tells which record it is of, and what holds for all
// records within. Texts wait until the objects around them are over, for a name that makes
// them a stranger's may come behind them. A document without any text stays lines as any.
//
// # Several lines
//
// An entry of the journal may hold newlines and then gives several Lines; -o
// export and -o verbose spread an entry over several lines of the input, and
// give nothing until it is complete ([Decoder.MultiLine]); the caller finds its start
// by [EntryStart]. Container engines cut long lines into pieces, which are joined by stream.
// [Line.Number] is always the line of the input in which the text begins.
//
// Leading blanks that some transport has removed are not restored.
//
// # Bounds
//
// A message has at most 1 MiB and 16384 lines, a field 64 KiB, an entry 256
// fields; eight streams are joined at a time; 256 texts, or 256 KiB, of a document wait. What is longer is given out
// in pieces, or cut where it is a field.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package envelope
