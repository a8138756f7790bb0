// Package suspects ranks the fixes of HAProxy's history for a crash that no
// signature knows. It is the only package that knows how far a name in a stack
// speaks for a commit: that a function which one fix in a thousand touches says
// more than one that every tenth does, under which names later versions know it,
// and how often such a ranking is right.
//
// # How it ranks
//
// Each fix that the version lacks gets a sum of parts (Part): names that it shares
// with the crash, each weighted by how rare it is, how near to the crash on the
// stack and how few stacks have it; files and subsystems in which such functions are
// repaired, which bridge the cases where the cause lies beside the site; and what is
// true of the fix alone, such as that it ends the same way of failing, is of the time of
// the release or fixes a public report. The weights are those of a conditional logit: what
// exp(score) of a fix is to the sum over all of them, and over a share for "none of
// these", is the probability that it belongs to the crash. They are fitted by
// internal/eval, which measures by cross-validation what may be expected of them.
//
// Where the crash may be of several versions, each of them, and the snapshot before it, is the
// one with a share: a fix is as probable as it is over these. Where nothing is known of the
// version, all fixes of the history compete.
//
// # What it claims
//
// A suspect is no match. Strong is said when the first five hold most of the
// probability, and was right in the top five in at least 90 % of the crashes on which it
// was not fitted; the others are weak leads. Among many crashes, of the suspects that are
// said to be probable by so much that part is right. What is not used, though it would
// look good in the numbers: the number of the issue in a commit, and the day of the
// report, which comes just before the fix for no other reason than that the report made
// the fix.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package suspects
