// Package debuginfod fetches executables and debug files from servers that
// answer to a build-id.
//
// What this package knows that no other does: the web interface of debuginfod
// (elfutils, debuginfod(8), "WEBAPI"), and where its answers are kept.
//
// # The idea
//
// A build-id names one file of one build in all the world, so an answer never
// becomes stale and is asked for once. Servers are asked in their order; the
// first that has the file gives it. What comes is used only if the build-id in
// it is the one that was asked for.
//
// A server that does not answer costs its time-out once in the life of a
// [Client], not once for every file: it is not asked again. That a server does
// not have a file is remembered just as long, and never kept on disk: packages
// reach servers late.
//
// # Cache
//
// DIR/BUILDID/executable and DIR/BUILDID/debuginfo, BUILDID in lower-case hex:
// the layout of elfutils' own client. A file is written under a name of its own
// in DIR/.hacrash and then renamed, so whoever looks sees all of it or nothing,
// and two programs may share the directory. What a killed program left there is
// removed when it is an hour old. Whole files never are: to make the directory
// smaller delete what was not used for long, or all.
//
// # What is not done for a server
//
// It is not followed to another host or another scheme, and gets no more of the disk
// than leaves others some.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package debuginfod
