package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// WriteAffects writes which fixes a version lacks, as text or as json. All says that
// not only crashes were asked for.
func WriteAffects(w io.Writer, format string, d *fixes.Affects, v haproxy.Version, all bool) error {
	if format == "json" {
		return writeJSON(w, d)
	}
	_, err := io.WriteString(w, affectsText(d, v, all))
	return err
}

// affectsText is two lines or three a fix, and what they come to.
func affectsText(d *fixes.Affects, v haproxy.Version, all bool) string {
	var b strings.Builder
	for _, f := range d.Fixes {
		what := strings.Join(slices.Concat([]string{strings.Join(f.Subsystems, "/")}, f.Kinds), " ")
		refs := strings.Join(slices.Concat(f.CVEs, issueNumbers(f.Issues)), " ")
		line := fmt.Sprintf("%.10s  %s  %-8s  %s", f.Commit, f.Date, f.Severity, strings.TrimSpace(strings.TrimSpace(what)+"  "+refs))
		fmt.Fprintln(&b, strings.TrimRight(line, " "))
		if f.Subject != "" {
			fmt.Fprintf(&b, "    %s\n", Escape(f.Subject))
		}
		fmt.Fprintf(&b, "    %s\n", fixStanding(&f))
	}
	noun := "fixes of crashes"
	unknown := d.Counts.CannotTell > d.Counts.Affected
	if count := max(d.Counts.Affected, d.Counts.CannotTell); count == 1 || !unknown && d.Counts.Affected == 1 {
		noun = "fix of a crash"
	}
	if all {
		noun = "fixes"
	}
	if len(d.Fixes) > 0 {
		b.WriteByte('\n')
	}
	switch {
	case unknown && d.Counts.Affected == 0: // "lacks 0 fixes" would be good news
		fmt.Fprintf(&b, "Of %d %s it cannot be told whether HAProxy %s lacks them; of none it is known", d.Counts.CannotTell, noun, d.Version)
	case unknown:
		fmt.Fprintf(&b, "Of %d %s it cannot be told whether HAProxy %s lacks them; %d it lacks, %d of those by estimate",
			d.Counts.CannotTell, noun, d.Version, d.Counts.Affected, d.Counts.Estimated)
	default:
		fmt.Fprintf(&b, "HAProxy %s lacks %d %s, %d of them by estimate; of %d it cannot be told", d.Version, d.Counts.Affected, noun, d.Counts.Estimated, d.Counts.CannotTell)
	}
	if d.Counts.NotBuilt > 0 {
		fmt.Fprintf(&b, "; %d are left out, of features not built in", d.Counts.NotBuilt)
	}
	fmt.Fprintf(&b, ".\nKnown up to %s of %s", d.Knowledge.Commit, d.Knowledge.Date)
	if last, err := haproxy.ParseVersion(d.Knowledge.Branch); err == nil {
		fmt.Fprintf(&b, ", branch %s to %s", last.Branch(), last)
		if v.Patch > last.Patch {
			b.WriteString("; newer: estimated")
		}
	}
	b.WriteByte('.')
	if d.Page != "" {
		fmt.Fprintf(&b, " HAProxy's own list: %s", d.Page)
	}
	b.WriteByte('\n')
	if v.Distro() {
		fmt.Fprintf(&b, "All of it is upstream's: your package (%s) may have patches of its own.\n", v.Suffix)
	}
	return b.String()
}

// fixStanding words the standing, and where the fix is.
func fixStanding(f *fixes.AffectingFix) string {
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

// issueNumbers are issues of HAProxy as people write them.
func issueNumbers(ns []int) []string {
	var s []string
	for _, n := range ns {
		s = append(s, fmt.Sprintf("#%d", n))
	}
	return s
}
