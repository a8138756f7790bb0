package fixes

import (
	"time"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Fix is one commit of master that says it fixes a bug, or that takes such a
// commit back. All of it is facts: none of the commit's sentences are kept.
type Fix struct {
	// Commit is the full hash on master, 40 digits.
	Commit string
	// Position is where master has it, counted as Index.Order counts.
	Position int
	// Date is when it was committed to master: UTC, cut to the day. A release
	// of an earlier day cannot have it.
	Date time.Time
	// Severity is the author's word: MINOR, MEDIUM, MAJOR, CRITICAL; "" if none.
	Severity string
	// Subsystems are the words between the severity and the text, as written
	// but in lower case: "mux-h2", "applet".
	Subsystems []string
	// Kinds are the ways to fail that the message speaks of, see AllKinds.
	Kinds []string
	// Files are the source files that it changes.
	Files []string
	// Changed are the functions whose lines it changes, Called those that
	// changed lines call, Named those that the message names as foo().
	Changed, Called, Named []string
	// Conditions are the identifiers on changed lines that occur in some BUG_ON
	// of HAProxy's tree, and those of conditions that the message quotes.
	Conditions []string
	// Issues are numbers of GitHub issues, CVEs are as "CVE-2021-40346".
	Issues []int
	CVEs   []string
	// Introduced are the commits that the message says brought the bug, Exposed
	// those that only made it show; 10 digits each, all on master. One that
	// Index.Order does not know is older than 2.0-dev0.
	Introduced, Exposed []string
	// Revert is the commit that this one takes back, 10 digits; "" if it is a
	// fix of its own.
	Revert string
	// Backport is what the message asks for the maintained branches.
	Backport Clause
	// First is the first tag of master that has it; zero (Raw is "") while
	// there is none.
	First haproxy.Version
	// Mark is MarkOf of its subject, by which a line of a changelog is known.
	Mark uint32
}

// Clause is what a fix asks for the maintained branches. HAProxy's maintainers
// go down branch by branch, so that a list means every branch from its lowest.
type Clause struct {
	Kind ClauseKind
	// Floor is the lowest branch for Floor, such as "2.4".
	Floor string
	// Same is the commit for SameAs, 10 digits; "" when it was not found.
	Same string
	// Named are the branches that the message names anywhere, lowest first.
	Named []string
}

// ClauseKind says how a clause bounds the branches.
type ClauseKind uint8

const (
	// Silent: no word about backports.
	Silent ClauseKind = iota
	// None: no backport is needed. The bug was nearly always born in the
	// development cycle of the fix.
	None
	// All maintained branches.
	All
	// Floor: every branch down to Clause.Floor.
	Floor
	// SameAs: wherever the commit Clause.Same is.
	SameAs
	// Asked: a backport is asked for, without a version.
	Asked
)

// String is the word for the clause in reports and on the command line.
func (k ClauseKind) String() string {
	switch k {
	case None:
		return "none"
	case All:
		return "all"
	case Floor:
		return "floor"
	case SameAs:
		return "same"
	case Asked:
		return "asked"
	}
	return "silent"
}

// Basis says how it is known that a release of a branch has a fix.
type Basis uint8

const (
	// CherryPick: a commit of the branch names the commit of master.
	CherryPick Basis = iota
	// Changelog: the branch's CHANGELOG has the line of the fix.
	Changelog
)

// String is the word for the basis in reports.
func (b Basis) String() string {
	if b == CherryPick {
		return "cherry-pick"
	}
	return "changelog"
}

// Landing is a fix that came to a maintained branch.
type Landing struct {
	// Position is that of the fix on master.
	Position int
	// Patch is Z of the first release X.Y.Z of the branch that has it.
	Patch int
	Basis Basis
}

// Tag is a tag of master: a development version or an X.Y.0.
type Tag struct {
	Version haproxy.Version
	// Commit has 8 digits at least.
	Commit   string
	Date     time.Time
	Position int
}

// AllKinds are the values of Fix.Kinds, the crash-like ones first: see Crash.
func AllKinds() []string {
	return []string{
		"crash", "segfault", "bug_on", "use_after_free", "double_free", "null", "loop", "watchdog",
		"deadlock", "out_of_bounds", "corruption",
		"leak", "race", "freeze", "uninitialised",
	}
}

// Crash says whether the message speaks of a way to fail that ends the process.
// Leaks, races, stalls and uninitialised memory alone are none.
func (f *Fix) Crash() bool {
	for _, k := range f.Kinds {
		switch k {
		case "leak", "race", "freeze", "uninitialised":
		default:
			return true
		}
	}
	return false
}
