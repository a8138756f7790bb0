package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/report"
	"github.com/hacrash/hacrash/pkg/source"
)

// affecting are the options of bugs affects.
type affecting struct {
	subsystem, severity, features, git, format, sysroot string
	all                                                 bool
}

// affectsDocument is what bugs affects prints as JSON. Fields are added and never
// renamed.
type affectsDocument struct {
	Version   string        `json:"version"`
	Knowledge fixKnowledge  `json:"knowledge"`
	Page      string        `json:"page,omitempty"`
	Counts    affectsCounts `json:"counts"`
	Fixes     []affectsFix  `json:"fixes"`
}

type fixKnowledge struct {
	Commit string `json:"commit"`
	Date   string `json:"date"`
}

type affectsCounts struct {
	// Affected includes Estimated: those whose bug is likely there but not certain.
	Affected   int `json:"affected"`
	Estimated  int `json:"estimated"`
	CannotTell int `json:"cannot_tell"`
	// NotBuilt are those about a feature that the build was made without.
	NotBuilt int `json:"not_built"`
}

type affectsFix struct {
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

func (p *program) bugsAffects() *cobra.Command {
	var o affecting
	cmd := &cobra.Command{
		Use:   "affects [VERSION]",
		Short: "List the crash fixes that a version of HAProxy lacks",
		Long: `Lists the fixes of crashes that a version of HAProxy lacks, the most dangerous
first, and how that is known. No network is asked. With --features the version
may be left out.`,
		Example: `  hacrash bugs affects 2.8.3
  haproxy -vv | hacrash bugs affects --features - --severity major`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.affects(cmd.Context(), o, args) },
	}
	fl := cmd.Flags()
	fl.StringVar(&o.subsystem, "subsystem", "", "only fixes of subsystem `NAME`, such as mux-h2")
	fl.StringVar(&o.severity, "severity", "", "only fixes of severity `MIN` or worse: minor, medium, major, critical")
	fl.StringVar(&o.features, "features", "", "leave out what is not built in, by the output of haproxy -vv in `FILE` (- is stdin)")
	fl.BoolVar(&o.all, "all", false, "not only crashes, and also fixes of which it cannot be told")
	fl.StringVar(&o.sysroot, "sysroot", "", "`DIRECTORY` that holds the files of a machine; its package of HAProxy may tell more of a release")
	fl.StringVar(&o.git, "git", "", "print the subjects of commits, from a clone of HAProxy in `DIR`")
	fl.StringVarP(&o.format, "format", "f", "text", "output form: text, json")
	return cmd
}

// severityOrder are the severities, the worst last.
var severityOrder = []string{"", "MINOR", "MEDIUM", "MAJOR", "CRITICAL"}

func (p *program) affects(ctx context.Context, o affecting, args []string) error {
	least := slices.Index(severityOrder, strings.ToUpper(o.severity))
	if least < 0 {
		return usageError{fmt.Errorf("--severity %s: not known; take one of minor, medium, major, critical", o.severity)}
	}
	if o.format != "text" && o.format != "json" {
		return usageError{fmt.Errorf("--format %s: not known; take one of text, json", o.format)}
	}
	x, err := p.loadIndex()
	if err != nil {
		return err
	}
	build, err := p.build(o.features, args)
	if err != nil {
		return err
	}
	if more, ok := x.WithPackage(build.Version, packageChangelog(o.sysroot)); ok {
		x = more
	}
	judge, err := judgeOf(x, build)
	if err != nil {
		return err
	}
	all, err := x.Fixes()
	if err != nil {
		return err
	}
	head, day := x.Head()
	doc := affectsDocument{Version: build.Version.Raw, Fixes: []affectsFix{},
		Knowledge: fixKnowledge{head[:10], day.Format(time.DateOnly)}}
	if v := build.Version; !v.IsDev() && !v.BranchOnly() {
		doc.Page = "http://www.haproxy.org/bugs/bugs-" + v.String() + ".html"
	}
	for i := range all {
		f := &all[i]
		if !o.all && !f.Crash() || slices.Index(severityOrder, f.Severity) < least || o.subsystem != "" && !ofSubsystem(f, o.subsystem) {
			continue
		}
		s := judge.Standing(f)
		if s.Status != crash.Affected && s.Status != crash.VersionCannotTell {
			continue
		}
		if build.Lacks(f) != "" {
			doc.Counts.NotBuilt++
			continue
		}
		switch {
		case s.Status == crash.VersionCannotTell:
			doc.Counts.CannotTell++
			if !o.all {
				continue
			}
		case s.Estimated:
			doc.Counts.Estimated++
			fallthrough
		default:
			doc.Counts.Affected++
		}
		doc.Fixes = append(doc.Fixes, describeFix(f, s, build.Version))
	}
	slices.SortStableFunc(doc.Fixes, moreDangerous)
	if o.git != "" {
		if err := subjects(ctx, o.git, doc.Fixes); err != nil {
			return err
		}
	}
	if o.format == "json" {
		e := json.NewEncoder(p.stdout)
		e.SetIndent("", "  ")
		return e.Encode(doc)
	}
	return doc.print(p.stdout, build.Version, o.all)
}

// maxBuildText bounds the output of haproxy -vv, which has some 10 kB.
const maxBuildText = 1 << 20

// build is what is asked about: a version, with what -vv says of it.
func (p *program) build(name string, args []string) (fixes.Build, error) {
	var b fixes.Build
	if name != "" {
		text, err := p.read(name)
		if err != nil {
			return b, err
		}
		if b, err = fixes.ParseBuild(string(text)); err != nil {
			return b, fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(args) == 1 {
		v, err := haproxy.ParseVersion(args[0])
		if err != nil {
			return b, fmt.Errorf("bugs affects: %w", err)
		}
		if v.Raw != b.Version.Raw {
			b.Version, b.Day = v, time.Time{}
		}
	}
	if b.Version.Raw == "" {
		return b, usageError{errors.New("bugs affects: no version given; take one such as 2.8.3, or --features with the output of haproxy -vv")}
	}
	return b, nil
}

// read reads a small file, or stdin.
func (p *program) read(name string) ([]byte, error) {
	if name != "-" {
		return source.Small(name, maxBuildText)
	}
	text, err := io.ReadAll(io.LimitReader(p.stdin, maxBuildText))
	if err != nil {
		return nil, plain(err)
	}
	return text, nil
}

// judgeOf refuses versions of which nothing can be told, where a report could
// only say so.
func judgeOf(x *fixes.Index, b fixes.Build) (*fixes.Judge, error) {
	v := b.Version
	j := x.Judge(v, b.Day)
	if why := j.Lost(); why != "" {
		return nil, fmt.Errorf("bugs affects: version %s: %s", v.Raw, why)
	}
	tag := v
	if !v.IsDev() {
		tag.Patch = 0
	}
	if _, ok := x.Tag(tag); !ok {
		head, day := x.Head()
		return nil, fmt.Errorf("bugs affects: version %s is newer than the fix index, which ends at %s of %s; hacrash bugs update --git brings newer data",
			v.Raw, head[:10], day.Format(time.DateOnly))
	}
	if last, ok := x.Complete(v.Branch()); ok && v.Patch > 0 && v.Patch <= last.Patch {
		if _, ok := x.Release(v); !ok {
			return nil, fmt.Errorf("bugs affects: branch %s has no release %s; its last known one is %s", v.Branch(), v, last)
		}
	}
	var several *fixes.AmbiguousError
	if _, err := x.Build(v); v.IsDev() && errors.As(err, &several) {
		return nil, fmt.Errorf("bugs affects: version %s: %w", v.Raw, err)
	}
	return j, nil
}

// ofSubsystem: "quic" is quic and quic-be, "mux-h2" is mux_h2.
func ofSubsystem(f *fixes.Fix, name string) bool {
	flat := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }
	return slices.ContainsFunc(f.Subsystems, func(s string) bool {
		return flat(s) == flat(name) || strings.HasPrefix(flat(s), flat(name)+"-")
	})
}

func describeFix(f *fixes.Fix, s fixes.Standing, v haproxy.Version) affectsFix {
	out := affectsFix{
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

func moreDangerous(a, b affectsFix) int {
	severity := func(f affectsFix) int { return slices.Index(severityOrder, f.Severity) }
	unsure := func(f affectsFix) int {
		switch {
		case f.Status != crash.Affected:
			return 2
		case f.Estimated:
			return 1
		}
		return 0
	}
	return cmp.Or(severity(b)-severity(a), danger(a.Kinds)-danger(b.Kinds), unsure(a)-unsure(b),
		strings.Compare(b.Date, a.Date), strings.Compare(a.Commit, b.Commit))
}

// subjects fills in the subjects of commits from the user's clone, those that it
// has.
func subjects(ctx context.Context, dir string, list []affectsFix) error {
	clone, err := openSubjects(ctx, dir)
	if err != nil {
		return err
	}
	defer clone.Close()
	for i := range list {
		if list[i].Subject, err = clone.Of(list[i].Commit); err != nil {
			return noSubjects(dir, err)
		}
	}
	return nil
}

// print writes the document for people: two lines or three a fix.
func (d *affectsDocument) print(w io.Writer, v haproxy.Version, all bool) error {
	var b strings.Builder
	for _, f := range d.Fixes {
		what := strings.Join(slices.Concat([]string{strings.Join(f.Subsystems, "/")}, f.Kinds), " ")
		refs := strings.Join(slices.Concat(f.CVEs, strings.Fields(issues(f.Issues))), " ")
		fmt.Fprintf(&b, "%s  %s  %-8s  %s\n", f.Commit[:10], f.Date, f.Severity, strings.TrimSpace(strings.TrimSpace(what)+"  "+refs))
		if f.Subject != "" {
			fmt.Fprintf(&b, "    %s\n", report.Escape(f.Subject))
		}
		fmt.Fprintf(&b, "    %s\n", f.answer())
	}
	noun := "fixes of crashes"
	if d.Counts.Affected == 1 {
		noun = "fix of a crash"
	}
	if all {
		noun = "fixes"
	}
	if len(d.Fixes) > 0 {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "HAProxy %s lacks %d %s, %d of them by estimate; of %d it cannot be told", d.Version, d.Counts.Affected, noun, d.Counts.Estimated, d.Counts.CannotTell)
	if d.Counts.NotBuilt > 0 {
		fmt.Fprintf(&b, "; %d are left out, of features not built in", d.Counts.NotBuilt)
	}
	fmt.Fprintf(&b, ".\nKnown up to %s of %s.", d.Knowledge.Commit, d.Knowledge.Date)
	if d.Page != "" {
		fmt.Fprintf(&b, " HAProxy's own list: %s", d.Page)
	}
	b.WriteByte('\n')
	if v.Distro() {
		fmt.Fprintf(&b, "All of it is upstream's: your package (%s) may have patches of its own.\n", v.Suffix)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// answer words the standing, and where the fix is.
func (f *affectsFix) answer() string {
	s := "cannot tell"
	if f.Status == crash.Affected {
		s = "affected (" + f.Basis
		if f.Estimated {
			s += ", estimated"
		}
		s += ")"
	}
	s += ": " + f.Reason
	switch {
	case f.Upgrade != "" && strings.Contains(f.Reason, f.Upgrade):
		return s
	case f.Upgrade != "":
		return s + "; fixed in " + f.Upgrade
	case len(f.FixedIn) > 0:
		return s + "; first in " + f.FixedIn[0]
	}
	return s + "; in no release yet"
}
