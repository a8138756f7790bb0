package affects

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/fixes/sentences"
	"github.com/hacrash/hacrash/pkg/haconf"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Schema names the form of Result in JSON: docs/schema/affects.schema.json.
const Schema = "hacrash.affects/1"

// Result is what hacrash bugs affects prints as JSON. Fields are added and never renamed.
type Result struct {
	Schema  string `json:"schema"`
	Version string `json:"version"`
	// Asked is what was asked for, where Version is what was made of it, and Note says so.
	Asked         string         `json:"asked,omitempty"`
	Note          string         `json:"note,omitempty"`
	Knowledge     Knowledge      `json:"knowledge"`
	Page          string         `json:"page,omitempty"`
	Configuration *Configuration `json:"configuration,omitempty"`
	Counts        Counts         `json:"counts"`
	// Closes are releases to go to, and how many of the fixes listed they have. Best are
	// one or two of them: of the branch at hand, and of a newer one.
	Closes []Closing `json:"closes,omitempty"`
	Best   []Closing `json:"best,omitempty"`
	Fixes  []Fix     `json:"fixes"`
	// All: other fixes than those of crashes were asked for too.
	All     bool `json:"all,omitempty"`
	version haproxy.Version
}

// Knowledge is up to where the index knows HAProxy.
type Knowledge struct {
	Commit string `json:"commit"`
	Date   string `json:"date"`
	// Branch is the last release of the version's branch that was searched for fixes:
	// what is said of a later one is an estimate.
	Branch string `json:"branch,omitempty"`
}

// Configuration is what was read of one.
type Configuration struct {
	Files       int      `json:"files"`
	Statements  int      `json:"statements"`
	Conditional int      `json:"conditional,omitempty"`
	Broken      int      `json:"broken,omitempty"`
	Unknown     int      `json:"unknown,omitempty"`
	Where       []string `json:"where,omitempty"`
	// Uses are the features that it uses for certain, in the words of the vocabulary.
	Uses []string `json:"uses"`
}

// Counts counts the fixes.
type Counts struct {
	// Affected includes Estimated: those whose bug is likely there but not certain.
	Affected   int `json:"affected"`
	Estimated  int `json:"estimated"`
	CannotTell int `json:"cannot_tell"`
	// NotBuilt are those about a feature that the build was made without.
	NotBuilt int `json:"not_built"`
	// Of Affected: Touching are those that the configuration and the build do not rule out. Certain
	// are those of them that need nothing but what is known to be in use.
	Touching int `json:"touching"`
	Certain  int `json:"certain"`
	Possible int `json:"possible"`
	Unused   int `json:"unused"`
}

// Fix is one fix, and how the version stands to it.
type Fix struct {
	Commit     string   `json:"commit"`
	Date       string   `json:"date"`
	Severity   string   `json:"severity,omitempty"`
	Subsystems []string `json:"subsystems,omitempty"`
	Kinds      []string `json:"kinds,omitempty"`
	Issues     []int    `json:"issues,omitempty"`
	CVEs       []string `json:"cves,omitempty"`
	// Sentence says what happens, and to whom.
	Sentence   string `json:"sentence,omitempty"`
	Workaround string `json:"workaround,omitempty"`
	// Touches is used, possible or not_used; Because has an answer for each need.
	Touches string              `json:"touches"`
	Because []Reason            `json:"because,omitempty"`
	Status  crash.VersionStatus `json:"status"`
	Basis   string              `json:"basis,omitempty"`

	Estimated bool     `json:"estimated,omitempty"`
	Reason    string   `json:"reason"`
	FixedIn   []string `json:"fixed_in,omitempty"`
	// Upgrade is the first release with the fix in the branch of the version.
	Upgrade string `json:"upgrade,omitempty"`
	Subject string `json:"subject,omitempty"`

	use haconf.Use
	fix *fixes.Fix
}

// Reason says whether a need of the bug is met, and why.
type Reason struct {
	Need string `json:"need"`
	Use  string `json:"use"`
	Why  string `json:"why"`
	// File and Line are where the configuration uses it.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// Query is what is asked.
type Query struct {
	Setup haconf.Setup
	// Asked is the version as the user wrote it.
	Asked haproxy.Version
	// Day is that of the build, zero when not known.
	Day time.Time
	Filter
	// Sort is danger, date, release or subsystem.
	Sort string
}

// Find lists the fixes that a version lacks or may lack. It refuses versions of which
// nothing can be told.
func Find(x *fixes.Index, q Query) (*Result, error) {
	if err := q.check(x); err != nil {
		return nil, err
	}
	v, note, err := settle(x, q.Asked)
	if err != nil {
		return nil, err
	}
	if b := q.Setup.Build; b != nil && b.Version.Raw != "" && b.Version.String() != v.String() {
		note = strings.TrimPrefix(fmt.Sprintf("%s; the output of haproxy -vv is of %s, and its features are taken for %s", note, b.Version.Raw, v.Raw), "; ")
	}
	q.Setup.Version = v
	judge, err := x.JudgeKnown(v, q.Day)
	if err != nil {
		return nil, err
	}
	all, err := x.Fixes()
	if err != nil {
		return nil, err
	}
	out := q.result(x, v, note)
	for i := range all {
		if f := &all[i]; q.wants(f) {
			out.add(f, judge.Standing(f), &q)
		}
	}
	order(out.Fixes, q.Sort)
	out.close(x)
	return out, nil
}

func (q *Query) result(x *fixes.Index, v haproxy.Version, note string) *Result {
	head, day := x.Head()
	out := &Result{
		Schema: Schema, Version: v.Raw, Note: note, Fixes: []Fix{}, All: q.All, version: v,
		Knowledge: Knowledge{Commit: head[:10], Date: day.Format(time.DateOnly)},
	}
	if q.Asked.Raw != v.Raw {
		out.Asked = q.Asked.Raw
	}
	if last, ok := x.Complete(v.Branch()); ok && !v.IsDev() {
		out.Knowledge.Branch = last.String()
	}
	if !v.IsDev() {
		out.Page = "http://www.haproxy.org/bugs/bugs-" + v.String() + ".html"
	}
	if c := q.Setup.Config; c != nil {
		out.Configuration = &Configuration{
			Files: c.Files, Statements: c.Statements, Conditional: c.Conditional, Broken: c.Broken, Unknown: c.Unknown, Where: c.Where,
			Uses: q.Setup.Used(),
		}
	}
	return out
}

// add counts a fix, and lists it if it is asked for.
func (r *Result) add(f *fixes.Fix, s fixes.Standing, q *Query) {
	if !s.Lacks() {
		return
	}
	if b := q.Setup.Build; b != nil && f.NotBuilt(b) != "" {
		r.Counts.NotBuilt++
		return
	}
	d := describe(f, s, &q.Setup)
	switch {
	case s.Status == crash.VersionCannotTell:
		if d.use == haconf.NotUsed {
			return
		}
		r.Counts.CannotTell++
		if !q.All {
			return
		}
	default:
		r.Counts.Affected++
		switch d.use {
		case haconf.NotUsed:
			r.Counts.Unused++
			return
		case haconf.Used:
			r.Counts.Certain++
		default:
			r.Counts.Possible++
		}
		r.Counts.Touching++
		if s.Estimated {
			r.Counts.Estimated++
		}
	}
	r.Fixes = append(r.Fixes, d)
}

func describe(f *fixes.Fix, s fixes.Standing, setup *haconf.Setup) Fix {
	out := Fix{
		Commit: f.Commit, Date: f.Date.Format(time.DateOnly), Severity: f.Severity, Subsystems: f.Subsystems,
		Kinds: f.Kinds, Issues: f.Issues, CVEs: f.CVEs,
		Status: s.Status, Basis: s.Basis, Estimated: s.Estimated, Reason: s.Reason,
		use: haconf.MaybeUsed, fix: f,
	}
	if said, ok := sentences.Of(f.Commit); ok {
		out.Sentence, out.Workaround = said.Text, said.Workaround
		use, answers := setup.All(said.Needs)
		out.use = use
		for i, a := range answers {
			out.Because = append(out.Because, Reason{Need: said.Needs[i], Use: a.Use.String(), Why: a.Why, File: a.File, Line: a.Line})
		}
	}
	out.Touches = out.use.String()
	for _, in := range s.FixedIn {
		out.FixedIn = append(out.FixedIn, in.String())
		if out.Upgrade == "" && in.Branch() == setup.Version.Branch() {
			out.Upgrade = in.String()
		}
	}
	return out
}

// NameCommits fills in the subjects of the fixes, when there is who tells them. An empty one is
// not known.
func (r *Result) NameCommits(subject func(commit string) (string, error)) error {
	if subject == nil {
		return nil
	}
	for i := range r.Fixes {
		var err error
		if r.Fixes[i].Subject, err = subject(r.Fixes[i].Commit); err != nil {
			return err
		}
	}
	return nil
}

// Reaches says that a fix of at least so high a severity is missing. The error says that nobody
// can know: of most fixes it cannot be told.
func (r *Result) Reaches(severity string) (bool, error) {
	for i := range r.Fixes {
		if f := &r.Fixes[i]; f.Status == crash.Affected && rank(f.Severity) >= rank(severity) {
			return true, nil
		}
	}
	if r.Counts.CannotTell > r.Counts.Affected {
		return false, fmt.Errorf("whether %s needs %d fixes is unknown, so that nothing can be passed", r.Version, r.Counts.CannotTell)
	}
	return false, nil
}

// severities are those of fixes, the least first.
func severities() []string { return []string{"", "MINOR", "MEDIUM", "MAJOR", "CRITICAL"} }

// rank is the place of a severity among them; -1 for what is none.
func rank(severity string) int { return slices.Index(severities(), strings.ToUpper(severity)) }

// CheckSeverity says that the value of an option is no severity; an empty one is any.
func CheckSeverity(option, s string) error {
	if rank(s) < 0 {
		return fmt.Errorf("--%s %s: not known; take one of minor, medium, major, critical", option, s)
	}
	return nil
}
