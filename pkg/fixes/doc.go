// Package fixes is every fix in HAProxy's history since 2.0, as facts, and which
// release has it. It knows what no other package does: in which order the commits of
// master came, what each that fixes a bug touches and asks for, and in which release
// of which maintained branch it arrived.
//
// # Facts, not sentences
//
// HAProxy's authors write their commits by strict habits: the subject says that it is
// a bug, how severe, and where; the text says what went wrong, since which commit,
// and which branches want the fix. That can be read by a program, and what it reads
// is kept: numbers, names of files and functions, hashes. The sentences are not. Of
// a subject there is a 32-bit number only, which is enough to find it again in a
// CHANGELOG.
//
// # One order
//
// Master is a line without branches since 2.0-dev0. So a commit is a position on it,
// and "does this build have the fix" is a comparison of two numbers for every
// development version, whose name holds the commit. Everything here is keyed by
// position; Index.Order and Index.Build turn what a user has into one.
//
// The maintained branches are no part of that line. What is known of them is in
// tables: pairs of a fix and the first release that has it, taken from the
// cherry-pick lines of a branch's commits or from its CHANGELOG. A line of a CHANGELOG
// whose fix is not known yet waits in the table (Pending), so that a table that says
// "searched up to 3.2.26" stays true when the index learns of newer fixes.
//
// # One judge
//
// Judge says how one version stands: to a fix of the index (Judge.Standing), and to a
// bug that a person described, whose word on releases goes first (Judge.Bug). Builds of
// master are decided by its order; one whose commit is not on master stands somewhere
// between its tag and the next, and what happened there too cannot be told. Stable
// releases are decided by the tables where the branch was searched, else by what the
// fix asks for the branches and by dates, which is an estimate and says so. Any judges
// a build of which only is known that it is one of several versions, such as those that
// the lines of its stack fit (package lines).
//
// # One file, read where it lies
//
// The index is one file of sections with sums. Nothing in it is packed: the order of
// commits is searched, a fix is read and the postings of a word are followed where
// they lie, so that a run pays for what it asks and not for what there is. The file
// is untrusted: a user may bring another. Every number in it is checked where it is
// used.
//
// Package fixes/history makes the file from a clone of HAProxy.
//
// # Stability
//
// Other programs may use this package: its exported names keep their meaning for as
// long as the major version stays; new ones, and new fields, may come.
package fixes
