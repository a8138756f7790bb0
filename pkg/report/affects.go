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
	if len(d.Fixes) > 0 {
		b.WriteByte('\n')
	}
	b.WriteString(affectsSum(d, all))
	if d.Counts.NotBuilt > 0 {
		fmt.Fprintf(&b, "; %d of features that are not built in are left out", d.Counts.NotBuilt)
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
		fmt.Fprintf(&b, "This is about upstream: your package (%s) may have patches of its own.\n", v.Suffix)
	}
	return b.String()
}

// affectsSum is what the fixes come to. Where most are unknown that comes first: "lacks 0
// fixes" would be good news.
func affectsSum(d *fixes.Affects, all bool) string {
	count := func(n int) string {
		if all {
			return plural(n, "fix")
		}
		return plural(n, "crash fix")
	}
	n := d.Counts
	estimated := ""
	if n.Estimated > 0 {
		estimated = fmt.Sprintf(" (%d estimated)", n.Estimated)
	}
	switch {
	case n.CannotTell > n.Affected && n.Affected == 0:
		return fmt.Sprintf("Whether HAProxy %s needs %s is unknown; none is known to be missing", d.Version, count(n.CannotTell))
	case n.CannotTell > n.Affected:
		return fmt.Sprintf("Whether HAProxy %s needs %s is unknown; it lacks %d more%s", d.Version, count(n.CannotTell), n.Affected, estimated)
	case n.CannotTell > 0:
		return fmt.Sprintf("HAProxy %s lacks %s%s; for %d more it is unknown", d.Version, count(n.Affected), estimated, n.CannotTell)
	}
	return fmt.Sprintf("HAProxy %s lacks %s%s", d.Version, count(n.Affected), estimated)
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
