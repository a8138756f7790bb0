package report

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes/sentences"
	"github.com/hacrash/hacrash/pkg/redact"
	"github.com/hacrash/hacrash/pkg/signatures"
)

// WriteSignatures lists the signatures of a DB.
func WriteSignatures(w io.Writer, db *classify.DB) error {
	var rows [][]string
	for _, s := range db.Signatures() {
		from := cmp.Or(Escape(db.Source(s.ID)), "built in")
		said, _ := sentences.Of(s.Fix)
		rows = append(rows, []string{s.ID, kindAsked(s), s.Versions.Fixed.Of("master"), s.Fix, strings.Join(issueNumbers(s.Issues), " "), said.Text, from})
	}
	return plainTable(w, []string{"ID", "kind", "fixed in", "fix", "issues", "what happens", "from"}, rows)
}

// kindAsked is the kind of crash that a signature asks for.
func kindAsked(s signatures.Signature) string {
	for _, t := range s.Require {
		if t.Key == "kind" {
			return strings.Join(t.Values, " ")
		}
	}
	return ""
}

// WriteSignature writes all that a signature says, a line a fact; long texts are
// broken.
func WriteSignature(w io.Writer, s signatures.Signature) error {
	return writeRows(w, signatureRows(&s))
}

// signatureRows are names and values; what the signature does not say is empty.
func signatureRows(s *signatures.Signature) [][2]string {
	rows := [][2]string{{"id", s.ID}, {"title", s.Title}, {"facts", s.Facts}, {"advice", s.Advice}, {"fix", s.Fix}}
	add := func(name, value string) { rows = append(rows, [2]string{name, value}) }
	if said, ok := sentences.Of(s.Fix); ok {
		add("sentence", said.Text)
		for _, need := range said.Needs {
			add("needs", needWords(need))
		}
		add("until then", said.Workaround)
	}
	add("related", strings.Join(s.Related, ", "))
	add("exposed by", strings.Join(s.ExposedBy, ", "))
	add("introduced by", strings.Join(s.IntroducedBy, ", "))
	for _, n := range s.Issues {
		add("issue", issueURL(n))
	}
	add("cve", strings.Join(s.CVEs, ", "))
	for _, r := range s.Versions.Introduced {
		add("introduced in", r.Version)
	}
	for _, r := range s.Versions.Fixed {
		add("fixed in", r.Version)
	}
	add("backport", s.Versions.Floor)
	for _, t := range s.Require {
		add("requires", demand(t))
	}
	for _, group := range s.AnyOf {
		var words []string
		for _, t := range group {
			words = append(words, demand(t))
		}
		add("any of", strings.Join(words, " and "))
	}
	for _, t := range s.Forbid {
		add("forbids", demand(t))
	}
	for _, t := range s.Support {
		add("supports", demand(t))
	}
	add("unique", map[bool]string{true: "yes: it can be called known", false: "no: never better than probable"}[s.Unique])
	for _, group := range s.Decisive {
		var words []string
		for _, t := range group {
			words = append(words, demand(t))
		}
		add("unique with", strings.Join(words, " and "))
	}
	add("lookalikes", strings.Join(s.Lookalikes, ", "))
	add("evidence", s.Evidence)
	add("references", strings.Join(s.References, ", "))
	return rows
}

// demand is what a signature asks of a fact.
func demand(t signatures.Test) string { return t.Key + ": " + strings.Join(t.Values, " or ") }

// WriteComparison writes how a crash compares with a signature, a line a demand.
func WriteComparison(w io.Writer, s signatures.Signature, c *crash.Crash, e classify.Explanation) error {
	result := "does not match"
	switch {
	case e.Matches && e.Exact:
		result = "matches exactly, " + strconv.Itoa(e.Score) + " points"
	case e.Matches:
		result = "matches, " + strconv.Itoa(e.Score) + " points"
	}
	if _, err := fmt.Fprintf(w, "%s (%s): %s\n", s.ID, Escape(string(c.Kind)), result); err != nil {
		return err
	}
	var rows [][]string
	for _, step := range e.Steps {
		rows = append(rows, []string{Escape(step.String()), string(step.Outcome), fromCrash(strings.Join(step.Found, ", "))})
	}
	if err := plainTable(w, []string{"demand", "holds", "the crash says"}, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, " version: %s (%s)\n\n", strings.ReplaceAll(string(e.Standing), "_", " "), fromCrash(e.Basis))
	return err
}

// fromCrash is text of a crash that was not redacted.
func fromCrash(s string) string { return Escape(redact.Text(s, redact.Options{})) }

// WriteFindings writes what lint found, a line each, and counts the problems: a note is
// none.
func WriteFindings(w io.Writer, findings []signatures.Finding) (problems int, err error) {
	for _, f := range findings {
		if !f.Note {
			problems++
		}
		if _, err := fmt.Fprintln(w, Escape(f.String())); err != nil {
			return problems, err
		}
	}
	return problems, nil
}
