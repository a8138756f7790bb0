// Package streamdump turns the decoded facts of a stream at fault into the sentences
// that a maintainer would say about them.
//
// What this package knows that no other does: which combinations of states and flags
// mean trouble, in words.
//
// # The idea
//
// A dump of a stream is forty numbers, and most of them are as they should be. A
// maintainer looks for the few that do not go together: data that wait for
// somebody who has left, a shutdown that is wanted and not done, a date that has
// passed. Each such combination is a [Rule]. It looks at flags by their names, which
// were found by the version of the process, never at bits, so one rule serves
// all versions that have flags for the same thing: SI_FL_RXBLK_ROOM of a stream
// interface, SC_FL_NEED_ROOM of a connector.
//
// # Observations, not causes
//
// A sentence says what the facts show, and no more: a dump is one moment, and what
// stands out in it need not be why the process died. A rule of which a fact is
// missing says nothing. A name that not all versions in question agree on counts as
// missing, both where a flag must be there and where it must not.
//
// States through which every stream passes stand out only when HAProxy found that it
// does not get on: [Rule.Loop].
//
// # Where facts are from
//
// The dump, and for what it does not show the objects of the core, if they are of the
// same stream: the thread that printed the dump died with it.
package streamdump
