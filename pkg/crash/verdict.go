package crash

// Status is the verdict in one word.
type Status string

// The verdicts.
const (
	// Known: an exact signature, and the version at hand lacks the fix.
	Known Status = "known"
	// Probable: a signature fits, but it may fit another bug too, or the
	// version is not known.
	Probable Status = "probable"
	// Suspects: only the history index speaks.
	Suspects Status = "suspects"
	// AlreadyFixed: a signature fits but the version has the fix: a new bug
	// that looks alike, or a build that was changed.
	AlreadyFixed Status = "already_fixed"
	// UnknownBug: enough facts, and no signature fits.
	UnknownBug Status = "unknown"
	// CannotTell: too few facts.
	CannotTell Status = "cannot_tell"
)

// VersionStatus says how a version stands to a bug.
type VersionStatus string

// How a version stands to a bug.
const (
	Affected          VersionStatus = "affected"
	Fixed             VersionStatus = "fixed"
	NotAffected       VersionStatus = "not_affected"
	VersionCannotTell VersionStatus = "cannot_tell"
)

// Confidence of a Match.
const (
	ConfidenceExact    = "exact"
	ConfidenceProbable = "probable"
)

// Confidence of a Suspect.
const (
	// ConfidenceStrong: it is one of five, and of the crashes on which this was measured
	// 90 % at least had their fix among them.
	ConfidenceStrong = "strong"
	ConfidenceWeak   = "weak"
)

// Verdict is what the facts amount to.
type Verdict struct {
	Status  Status  `json:"status"`
	Matches []Match `json:"matches,omitempty"`
	// Near are signatures that fit but for facts that the input does not tell (Match.Lacks).
	Near     []Match   `json:"near,omitempty"`
	Suspects []Suspect `json:"suspects,omitempty"`
	// SuspectsLeftOut are fixes that would be among Suspects if the configuration or the build
	// had what their bugs need.
	SuspectsLeftOut int `json:"suspects_left_out,omitempty"`
	// Why is one sentence.
	Why string `json:"why,omitempty"`
	// Advice is what to do now, when no match says it better.
	Advice string `json:"advice,omitempty"`
	// Next is what somebody can do now, the most useful first.
	Next []Step `json:"next,omitempty"`
	// Commits are the subjects of those that matches and suspects name, of a run
	// that was given a clone of HAProxy.
	Commits []Commit `json:"commits,omitempty"`
}

// Step is one thing to do.
type Step struct {
	// Do and Why are sentences without capital and full stop.
	Do  string `json:"do"`
	Why string `json:"why,omitempty"`
	// Command does it, or helps to; a shell may be given it as it is.
	Command string `json:"command,omitempty"`
}

// Commit is a commit of HAProxy, as a match or suspect names it.
type Commit struct {
	Commit  string `json:"commit"`
	Subject string `json:"subject,omitempty"`
}

// Match is a known bug whose signature fits.
type Match struct {
	ID         string   `json:"id"`
	Title      string   `json:"title,omitempty"`
	Score      int      `json:"score,omitempty"`
	Confidence string   `json:"confidence,omitempty"` // exact or probable
	Because    []string `json:"because,omitempty"`
	// Lacks are the facts that it needs besides and the input does not tell.
	Lacks []string `json:"lacks,omitempty"`
	// Fixes are HAProxy master commits, the first one the fix itself.
	Fixes     []string `json:"fixes,omitempty"`
	Issues    []int    `json:"issues,omitempty"`
	CVEs      []string `json:"cves,omitempty"`
	ExposedBy []string `json:"exposed_by,omitempty"`
	// IntroducedBy are the commits that brought the bug.
	IntroducedBy  []string      `json:"introduced_by,omitempty"`
	VersionStatus VersionStatus `json:"version_status,omitempty"`
	// FixedIn are the first releases of each branch that have the fix.
	FixedIn []string `json:"fixed_in,omitempty"`
	// Basis says what VersionStatus rests on: git, changelog, cherry-pick,
	// clause or estimated, with the reason.
	Basis  string `json:"basis,omitempty"`
	Advice string `json:"advice,omitempty"`
	// Facts says what goes wrong in HAProxy, in our words.
	Facts string `json:"facts,omitempty"`
}

// Suspect is a fix from the history index that may belong to the crash.
type Suspect struct {
	Commit string `json:"commit"`
	// Sentence says what the bug is; Workaround what keeps it away until the upgrade.
	Sentence   string `json:"sentence,omitempty"`
	Workaround string `json:"workaround,omitempty"`
	// Score is the sum of the parts in Because, in natural logarithms of odds.
	Score      float64 `json:"score,omitempty"`
	Confidence string  `json:"confidence,omitempty"` // strong or weak
	// Probability that the crash is of this bug.
	Probability   float64       `json:"probability,omitempty"`
	Because       []string      `json:"because,omitempty"`
	VersionStatus VersionStatus `json:"version_status,omitempty"`
	FixedIn       []string      `json:"fixed_in,omitempty"`
}
