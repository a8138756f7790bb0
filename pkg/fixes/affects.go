package fixes

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Affects is the answer of Index.Affects, and what hacrash bugs affects prints as JSON. Fields are added and never
// renamed.
type Affects struct {
	Version   string         `json:"version"`
	Knowledge Knowledge      `json:"knowledge"`
	Page      string         `json:"page,omitempty"`
	Counts    AffectsCounts  `json:"counts"`
	Fixes     []AffectingFix `json:"fixes"`
}

// Knowledge is up to where the index knows HAProxy.
type Knowledge struct {
	Commit string `json:"commit"`
	Date   string `json:"date"`
	// Branch is the last release of the version's branch that was searched for fixes:
	// what is said of a later one is an estimate.
	Branch string `json:"branch,omitempty"`
}

// AffectsCounts counts the fixes.
type AffectsCounts struct {
	// Affected includes Estimated: those whose bug is likely there but not certain.
	Affected   int `json:"affected"`
	Estimated  int `json:"estimated"`
	CannotTell int `json:"cannot_tell"`
	// NotBuilt are those about a feature that the build was made without.
	NotBuilt int `json:"not_built"`
}

// AffectingFix is one fix, and how the version stands to it.
type AffectingFix struct {
	Commit     string              `json:"commit"`
	Date       string              `json:"date"`
	Severity   string              `json:"severity,omitempty"`
	Subsystems []string            `json:"subsystems,omitempty"`
	Kinds      []string            `json:"kinds,omitempty"`
	Issues     []int               `json:"issues,omitempty"`
	CVEs       []string            `json:"cves,omitempty"`
	Status     crash.VersionStatus `json:"status"`
	Basis      string              `json:"basis,omitempty"`
	Estimated  bool                `json:"estimated,omitempty"`
	Reason     string              `json:"reason"`
	FixedIn    []string            `json:"fixed_in,omitempty"`
	// Upgrade is the first release with the fix in the branch of the version.
	Upgrade string `json:"upgrade,omitempty"`
	Subject string `json:"subject,omitempty"`
}

// Filter says which fixes are asked for. The zero value asks for all fixes of crashes.
type Filter struct {
	// Subsystem is one such as mux-h2, Severity the least: minor, medium, major, critical.
	Subsystem, Severity string
	// All asks for fixes of other bugs too, and for those of which it cannot be told.
	All bool
}

// rank is the place of a severity among them; -1 for what is none.
func rank(severity string) int { return slices.Index(severities(), strings.ToUpper(severity)) }

// Check says what is wrong with the filter.
func (f Filter) Check() error {
	if rank(f.Severity) < 0 {
		return fmt.Errorf("severity %s: not known; take one of minor, medium, major, critical", f.Severity)
	}
	return nil
}

// wants says whether a fix is asked for.
func (f Filter) wants(x *Fix) bool {
	return (f.All || x.Crash()) && rank(x.Severity) >= rank(f.Severity) && (f.Subsystem == "" || ofSubsystem(x, f.Subsystem))
}

// Affects lists the fixes that a build lacks or may lack, the most dangerous first. It
// refuses versions of which nothing can be told.
func (x *Index) Affects(b Build, f Filter) (*Affects, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	judge, err := x.judgeOf(b)
	if err != nil {
		return nil, err
	}
	all, err := x.Fixes()
	if err != nil {
		return nil, err
	}
	head, day := x.Head()
	out := &Affects{Version: b.Version.Raw, Fixes: []AffectingFix{}, Knowledge: Knowledge{Commit: head[:10], Date: day.Format(time.DateOnly)}}
	if last, ok := x.Complete(b.Version.Branch()); ok && !b.Version.IsDev() {
		out.Knowledge.Branch = last.String()
	}
	if v := b.Version; !v.IsDev() && !v.BranchOnly() {
		out.Page = "http://www.haproxy.org/bugs/bugs-" + v.String() + ".html"
	}
	for i := range all {
		if f.wants(&all[i]) {
			out.add(&all[i], judge.Standing(&all[i]), b, f.All)
		}
	}
	slices.SortStableFunc(out.Fixes, moreDangerous)
	return out, nil
}

// add counts a fix, and lists it if it is asked for.
func (a *Affects) add(f *Fix, s Standing, b Build, all bool) {
	switch {
	case s.Status != crash.Affected && s.Status != crash.VersionCannotTell:
		return
	case b.Lacks(f) != "":
		a.Counts.NotBuilt++
		return
	case s.Status == crash.VersionCannotTell:
		a.Counts.CannotTell++
		if !all {
			return
		}
	default:
		a.Counts.Affected++
		if s.Estimated {
			a.Counts.Estimated++
		}
	}
	a.Fixes = append(a.Fixes, describeFix(f, s, b.Version))
}

// NameCommits fills in the subjects of the fixes. An empty one is not known.
func (a *Affects) NameCommits(subject func(commit string) (string, error)) error {
	for i := range a.Fixes {
		var err error
		if a.Fixes[i].Subject, err = subject(a.Fixes[i].Commit); err != nil {
			return err
		}
	}
	return nil
}

// judgeOf refuses versions of which nothing can be told, where a report could
// only say so.
func (x *Index) judgeOf(b Build) (*Judge, error) {
	v := b.Version
	j := x.Judge(v, b.Day)
	if why := j.Unplaced(); why != "" {
		return nil, fmt.Errorf("version %s: %s", v.Raw, why)
	}
	tag := v
	if !v.IsDev() {
		tag.Patch = 0
	}
	if _, ok := x.Tag(tag); !ok {
		head, day := x.Head()
		return nil, fmt.Errorf("version %s is newer than the fix index, which ends at %s of %s; hacrash bugs update --git brings newer data",
			v.Raw, head[:10], day.Format(time.DateOnly))
	}
	if last, ok := x.Complete(v.Branch()); ok && v.Patch > 0 && v.Patch <= last.Patch {
		if _, ok := x.Release(v); !ok {
			return nil, fmt.Errorf("branch %s has no release %s; its last known one is %s", v.Branch(), v, last)
		}
	}
	var several *AmbiguousError
	if _, err := x.Build(v); v.IsDev() && errors.As(err, &several) {
		return nil, fmt.Errorf("version %s: %w", v.Raw, err)
	}
	return j, nil
}

// ofSubsystem: "quic" is quic and quic-be, "mux-h2" is mux_h2.
func ofSubsystem(f *Fix, name string) bool {
	return slices.ContainsFunc(f.Subsystems, func(s string) bool { return isOf(s, name) })
}

// isOf says that a subsystem is another one, or a part of it.
func isOf(subsystem, of string) bool {
	flat := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }
	return flat(subsystem) == flat(of) || strings.HasPrefix(flat(subsystem), flat(of)+"-")
}

func describeFix(f *Fix, s Standing, v haproxy.Version) AffectingFix {
	out := AffectingFix{
		Commit: f.Commit, Date: f.Date.Format(time.DateOnly), Severity: f.Severity, Subsystems: f.Subsystems,
		Kinds: f.Kinds, Issues: f.Issues, CVEs: f.CVEs,
		Status: s.Status, Basis: s.Basis, Estimated: s.Estimated, Reason: s.Reason,
	}
	for _, in := range s.FixedIn {
		out.FixedIn = append(out.FixedIn, in.String())
		if out.Upgrade == "" && in.Branch() == v.Branch() {
			out.Upgrade = in.String()
		}
	}
	return out
}

// danger ranks kinds: damage that goes on before the crash, then crashes, then
// what hangs, then the rest.
func danger(kinds []string) int {
	worst := 3
	for _, k := range kinds {
		switch k {
		case "use_after_free", "double_free", "out_of_bounds", "corruption":
			worst = min(worst, 0)
		case "crash", "segfault", "bug_on", "null":
			worst = min(worst, 1)
		case "loop", "watchdog", "deadlock":
			worst = min(worst, 2)
		}
	}
	return worst
}

func moreDangerous(a, b AffectingFix) int {
	unsure := func(f AffectingFix) int {
		switch {
		case f.Status != crash.Affected:
			return 2
		case f.Estimated:
			return 1
		}
		return 0
	}
	return cmp.Or(rank(b.Severity)-rank(a.Severity), danger(a.Kinds)-danger(b.Kinds), unsure(a)-unsure(b),
		strings.Compare(b.Date, a.Date), strings.Compare(a.Commit, b.Commit))
}
