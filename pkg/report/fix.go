package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/fixes/sentences"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// WriteBug writes the signature of an ID; or the signatures, and every fix, of an issue of HAProxy's,
// a CVE or a commit.
func WriteBug(w io.Writer, db *classify.DB, x *fixes.Index, name string) error {
	if s, ok := db.Get(name); ok {
		return WriteSignature(w, s)
	}
	ref, ok := fixes.ParseReference(name)
	if !ok {
		return fmt.Errorf("no signature %s; hacrash bugs list names them", name)
	}
	found, err := x.Refers(ref)
	if err != nil {
		return err
	}
	sigs := db.Refers(ref)
	if len(found)+len(sigs) == 0 {
		return fmt.Errorf("%s: neither a signature nor a fix that the index knows names it", name)
	}
	for i, s := range sigs {
		if err := apart(w, i); err != nil {
			return err
		}
		if err := WriteSignature(w, s); err != nil {
			return err
		}
	}
	for i, f := range found {
		if err := apart(w, i+len(sigs)); err != nil {
			return err
		}
		if err := writeFix(w, f, x.FixedIn(f)); err != nil {
			return err
		}
	}
	return nil
}

// apart puts an empty line between entries.
func apart(w io.Writer, before int) error {
	if before == 0 {
		return nil
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// writeFix writes what is known of a fix, a line a fact; releases are those that have it.
func writeFix(w io.Writer, f *fixes.Fix, releases []haproxy.Version) error {
	rows := [][2]string{{"fix", f.Commit}}
	add := func(name, value string) { rows = append(rows, [2]string{name, value}) }
	said, _ := sentences.Of(f.Commit)
	add("sentence", said.Text)
	for _, need := range said.Needs {
		add("needs", needWords(need))
	}
	add("until then", said.Workaround)
	add("date", f.Date.Format(time.DateOnly))
	add("severity", f.Severity)
	add("subsystem", strings.Join(f.Subsystems, ", "))
	kinds := strings.Join(f.Kinds, ", ")
	if said.NotCrash && f.Crash() {
		kinds += " (in the message; the fix is of no crash)"
	}
	add("speaks of", kinds)
	for _, n := range f.Issues {
		add("issue", issueURL(n))
	}
	add("cve", strings.Join(f.CVEs, ", "))
	add("introduced by", strings.Join(f.Introduced, ", "))
	add("exposed by", strings.Join(f.Exposed, ", "))
	add("takes back", f.Revert)
	add("files", strings.Join(f.Files, ", "))
	add("backport", backport(&f.Backport))
	for _, v := range releases {
		add("fixed in", v.String())
	}
	add("commit", commitURL(f.Commit))
	return writeRows(w, rows)
}

// backport is what a fix asks for the maintained branches.
func backport(c *fixes.Clause) string {
	switch c.Kind {
	case fixes.Floor:
		return "down to " + c.Floor
	case fixes.SameAs:
		return "where " + c.Same + " is"
	case fixes.Silent:
		return ""
	}
	return c.Kind.String()
}

// writeRows writes names and values; what has no value is left out.
func writeRows(w io.Writer, rows [][2]string) error {
	var b strings.Builder
	for _, r := range rows {
		if r[1] == "" {
			continue
		}
		name := r[0]
		for _, line := range wrap(Escape(r[1]), 62) {
			fmt.Fprintf(&b, "%-14s%s\n", name, line)
			name = ""
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
