package signatures

import (
	"github.com/hacrash/hacrash/pkg/fixes/sentences"
)

// Sentences checks the sentences that are part of the program: against the index and, with
// subject, against the subjects of their commits.
func (l *Linter) Sentences(subject func(commit string) (string, error)) error {
	found, err := sentences.Check(sentences.All(), l.index, subject)
	for _, f := range found {
		l.findings = append(l.findings, Finding{File: "sentences", Problem: Problem{ID: f.Commit, Text: f.Text, Note: f.Note}})
	}
	return err
}
