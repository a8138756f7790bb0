// Package streamdump reads a stream of HAProxy as facts: from the dump that HAProxy
// printed, or from its structures in a core.
//
// What this package knows that no other does: what each version and each form of a dump
// calls the same thing, and which combinations of those things mean trouble, in words.
//
// # One stream, many names
//
// A stream has two ends and two directions. In front is who connected, behind is where
// the stream goes; the request goes from front to back, the response from back to
// front. That has not changed since 2.0. What it is called has: the state of the front is
// sif.state, csf.state or scf.state, by version, pending analysers are rqa on one line and req.an
// over several, and the applet behind is ab, sab or app1. names.go has them all, once.
// [Of] gives a [Stream] made of sides and channels, and nobody else looks a field up by
// its name in order to judge a stream.
//
// # Where facts are from
//
// The dump comes first: HAProxy printed it. What it does not show (forms on one line have
// no sizes of buffers) is taken from the objects of the core, if they are of the same stream:
// the thread that printed the dump died with it. pkg/objects calls members as dumps
// over several lines do, so without a dump the objects alone give the same facts.
//
// A [Fact] that is not there is not known, which is neither zero nor "no". Rules and
// signatures tell the difference: filters={} says that a stream has no filters, a
// dump that was cut says nothing about them.
//
// Flags have names, never bits. Which bit is which flag depends on the version, and
// pkg/haproxy knows; a [Namer] puts the names beside the numbers for reports, and a word
// that nobody has named yet is named when it is asked for.
//
// # What stands out
//
// A dump is forty numbers, and most of them are as they should be. A maintainer looks
// for the few that do not go together: data that wait for somebody who has left, a
// shutdown that is wanted and not done, a date that has passed. Each such combination is
// a [Rule]. One rule serves all versions that have flags for the same thing:
// SI_FL_RXBLK_ROOM of a stream interface, SC_FL_NEED_ROOM of a connector.
//
// These are observations, not causes. A sentence says what the facts show, and no more: a
// dump is one moment, and what stands out in it need not be why the process died. A rule
// of which a fact is missing says nothing. A name that not all versions in question agree
// on counts as missing, both where a flag must be there and where it must not. States
// through which every stream passes stand out only when HAProxy found that it does not
// get on: [Rule.On].
//
// [Compare] looks at the dump from the other side: where do it and the core not agree,
// what moves by itself left out.
//
// This package promises nothing to other projects.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package streamdump
