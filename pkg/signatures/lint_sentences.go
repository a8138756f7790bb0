package signatures

import (
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/fixes/sentences"
)

// Sentences checks the sentences that are part of the program: against the index that is, too, and,
// with subject, against the subjects of their commits.
func (l *Linter) Sentences(subject func(commit string) (string, error)) error {
	x, err := fixes.Load()
	if err != nil {
		return err
	}
	found, err := sentences.Check(sentences.All(), x, subject)
	for _, f := range found {
		l.findings = append(l.findings, Finding{File: "sentences", Problem: Problem{ID: f.Commit, Text: f.Text, Note: f.Note}})
	}
	return err
}
