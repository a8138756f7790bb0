// Package lines says which releases of HAProxy a stack can be of, by the files and lines
// of its frames. It knows what no other package does: which lines each function had in
// each release, which of them hold code, and what they call.
//
// # What it claims
//
// [Evidence.Candidates] gives every release, of master and of the maintained branches, that the
// lines of a crash fit. They narrow and warn, they never decide: a build that the table does
// not know, patched or made by somebody else, may fit releases that it is not of. Where the
// lines fit no release, the answer is that it cannot be told.
//
// A release stands for itself and the snapshots between the one before it and the one after
// it, whose lines may be those of either.
//
// # How
//
// Every frame must lie in its function (ranges). Of the releases that are left those go in
// which a frame lies on a line without code, and then those in which fewer lines of callers
// have the name of what they call than in others. An assertion must begin on its line and
// its condition must have a word of what was printed. The day of the crash takes away what
// was released later.
//
// # Who uses it
//
// Package analyze puts the candidates into the model (crash.Releases). Where no version is
// stated a crash is judged as each of them, and package fixes pools what it says; what ranks
// fixes weighs them all, with the snapshots before them. A
// version that is stated stays, and [Candidates.Fits] says whether the lines agree.
//
// # The table
//
// Package internal/linesgen makes it from clones of HAProxy: numbers and hashes of names, no
// text. It is packed by file, as changes from the release before, and a run unpacks the
// files that its frames name and no others.
package lines
