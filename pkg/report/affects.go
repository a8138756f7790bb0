package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/affects"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// AffectsFormats are the forms in which WriteAffects writes.
func AffectsFormats() []string { return []string{"text", "json", "markdown", "sarif"} }

// WriteAffects writes which fixes a version lacks. Tool is the version of this program.
func WriteAffects(w io.Writer, format, tool string, d *affects.Result) error {
	switch format {
	case "json":
		return writeJSON(w, d)
	case "sarif":
		return writeJSON(w, affectsSARIF(d, tool))
	case "markdown":
		_, err := io.WriteString(w, affectsMarkdown(d))
		return err
	}
	_, err := io.WriteString(w, affectsText(d))
	return err
}

// affectsText is a few lines a fix, and what they come to.
func affectsText(d *affects.Result) string {
	var b strings.Builder
	for i := range d.Fixes {
		f := &d.Fixes[i]
		what := strings.Join(slices.Concat([]string{strings.Join(f.Subsystems, "/")}, f.Kinds), " ")
		refs := strings.Join(slices.Concat(f.CVEs, issueNumbers(f.Issues)), " ")
		line := fmt.Sprintf("%.10s  %s  %-8s  %s", f.Commit, f.Date, f.Severity, strings.TrimSpace(strings.TrimSpace(what)+"  "+refs))
		fmt.Fprintln(&b, strings.TrimRight(line, " "))
		for _, s := range []string{f.Subject, f.Sentence, concern(f, d.Configuration != nil), fixStanding(f)} {
			if s != "" {
				fmt.Fprintf(&b, "    %s\n", Escape(s))
			}
		}
		if f.Workaround != "" {
			fmt.Fprintf(&b, "    until then: %s\n", f.Workaround)
		}
	}
	if len(d.Fixes) > 0 {
		b.WriteByte('\n')
	}
	for _, line := range affectsSays(d) {
		fmt.Fprintln(&b, Escape(line))
	}
	return b.String()
}

// concern says what of a bug's needs is in use. Without a configuration it names the needs.
func concern(f *affects.Fix, configured bool) string {
	if len(f.Because) == 0 {
		return ""
	}
	var list []string
	for _, r := range f.Because {
		need := needWords(r.Need)
		if configured {
			need += ": " + r.Why
		}
		list = append(list, need)
	}
	switch all := strings.Join(list, "; "); {
	case !configured:
		return "needs " + all
	case f.Touches == "used":
		return "in use: " + all
	default:
		return "possible: " + all
	}
}

// needWords is a need as a reader says it.
func needWords(need string) string {
	return strings.ReplaceAll(strings.ReplaceAll(need, "word:", ""), "|", " or ")
}

// affectsSays are the lines of what the fixes come to.
func affectsSays(d *affects.Result) []string {
	sum := affectsSum(d)
	if d.Counts.NotBuilt > 0 {
		sum += fmt.Sprintf("; %d of features that are not built in are left out", d.Counts.NotBuilt)
	}
	sum += "."
	if s := closes(d); s != "" {
		sum += " " + s
	}
	out := []string{sum}
	if d.Note != "" {
		out = append(out, d.Note+".")
	}
	if c := d.Configuration; c != nil {
		out = append(out, configurationSays(c)...)
	}
	known := fmt.Sprintf("Known up to %s of %s", d.Knowledge.Commit, d.Knowledge.Date)
	v, _ := haproxy.ParseVersion(d.Version)
	if last, err := haproxy.ParseVersion(d.Knowledge.Branch); err == nil {
		known += fmt.Sprintf(", branch %s to %s", last.Branch(), last)
		if v.Patch > last.Patch {
			known += "; newer: estimated"
		}
	}
	known += "."
	if d.Page != "" {
		known += " HAProxy's own list: " + d.Page
	}
	out = append(out, known)
	if d.Configuration == nil && len(d.Fixes) > 0 {
		out = append(out, "With --config FILE only what that configuration can reach is listed.")
	}
	if v.Distro() {
		out = append(out, fmt.Sprintf("This is about upstream: your package (%s) may have patches of its own.", v.Suffix))
	}
	return out
}

// configurationSays is what a reader must know of how the configuration was read.
func configurationSays(c *affects.Configuration) []string {
	var out []string
	if c.Conditional > 0 {
		out = append(out, plural(c.Conditional, "statement")+" between .if and .endif: conditions are not evaluated, all of them count as possible.")
	}
	if n := c.Broken + c.Unknown; n > 0 {
		out = append(out, fmt.Sprintf("%s not understood (%s); what they may say counts as possible.", plural(n, "line"), strings.Join(c.Where, "; ")))
	}
	return out
}

// affectsSum is what the fixes come to. Where most are unknown that comes first: "lacks 0
// fixes" would be good news.
func affectsSum(d *affects.Result) string {
	count := func(n int) string {
		if d.All {
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
	}
	sum := fmt.Sprintf("HAProxy %s lacks %s%s", d.Version, count(n.Affected), estimated)
	if d.Configuration != nil {
		sum = fmt.Sprintf("Of %s that HAProxy %s lacks, %d touch what this configuration uses: %d for certain, %d possibly%s",
			count(n.Affected), d.Version, n.Touching, n.Certain, n.Possible, estimated)
	}
	if n.CannotTell > 0 {
		sum += fmt.Sprintf("; for %d more it is unknown", n.CannotTell)
	}
	return sum
}

// closes names the releases to go to.
func closes(d *affects.Result) string {
	all := 0
	for i := range d.Fixes {
		if d.Fixes[i].Status == crash.Affected {
			all++
		}
	}
	var list []string
	for i, c := range d.Best {
		switch {
		case c.Fixes == all && i > 0:
			list = append(list, c.Release+" all")
		case c.Fixes == all:
			list = append(list, c.Release+" closes all of them")
		case i > 0:
			list = append(list, fmt.Sprintf("%s %d", c.Release, c.Fixes))
		default:
			list = append(list, fmt.Sprintf("%s closes %d of them", c.Release, c.Fixes))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return strings.Join(list, ", ") + "."
}

// fixStanding words the standing, and where the fix is.
func fixStanding(f *affects.Fix) string {
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
