package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/hacrash/hacrash/pkg/affects"
)

// affectsMarkdown is a table of the fixes, below what they come to.
func affectsMarkdown(d *affects.Result) string {
	var b strings.Builder
	for _, line := range affectsSays(d) {
		fmt.Fprintf(&b, "%s\n\n", mdProse(line))
	}
	if len(d.Fixes) == 0 {
		return b.String()
	}
	b.WriteString("| Severity | Fix | What happens | Why it matters here | Closed by |\n|---|---|---|---|---|\n")
	for i := range d.Fixes {
		f := &d.Fixes[i]
		what := cmp.Or(f.Sentence, strings.Join(f.Kinds, ", "))
		if f.Workaround != "" {
			what += " Until then: " + f.Workaround
		}
		fix := fmt.Sprintf("[%.10s](%s)", f.Commit, commitURL(f.Commit))
		for _, n := range f.Issues {
			fix += " " + issueURL(n)
		}
		cells := []string{strings.ToLower(f.Severity), fix, mdProse(what), mdProse(concern(f, d.Configuration != nil)), cmp.Or(f.Upgrade, strings.Join(f.FixedIn, ", "))}
		for k, c := range cells {
			cells[k] = strings.ReplaceAll(c, "|", `\|`)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	return b.String()
}

// commitURL is where a commit of HAProxy can be read.
func commitURL(commit string) string { return "https://github.com/haproxy/haproxy/commit/" + commit }
