package signatures

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/source"
)

// Linter checks signatures: their form, what they say of HAProxy's history
// against the fix index, each pair of them for overlap and, with a Source, the
// names of functions and files that they ask for.
//
// It compares what is written with what is known; whether a signature tells its
// bug from others is for its author to judge and for tests to show.
type Linter struct {
	index    *fixes.Index
	entries  []*linted
	findings []Finding
}

// linted is a signature under the lint. Those that are only there to be compared
// with have no complaints of their own.
type linted struct {
	Entry
	file     string
	compared bool
	fix      known // of the signature; ok is false when the commit is not known
}

// NewLinter makes a linter that asks an index.
func NewLinter(x *fixes.Index) *Linter { return &Linter{index: x} }

// Add adds a file of signatures. Those with problems of form are complained about,
// and not checked further.
func (l *Linter) Add(yaml []byte, name string) {
	entries, problems := Read(yaml)
	for _, p := range problems {
		l.findings = append(l.findings, Finding{File: name, Problem: p})
	}
	for i := range entries {
		e := &linted{Entry: entries[i], file: name}
		if j := slices.IndexFunc(l.entries, func(o *linted) bool { return o.ID == e.ID }); j >= 0 {
			l.complain(e, "id", "stands in %s too; give one of them another", l.entries[j].file)
			continue
		}
		l.entries = append(l.entries, e)
	}
}

// AddFile is Add for a file.
func (l *Linter) AddFile(name string) error {
	text, err := source.Small(name, MaxFile)
	if err != nil {
		return err
	}
	l.Add(text, name)
	return nil
}

// AddBuiltIn adds the signatures that are part of the program: to be checked, or
// only to be compared with those of files. One with the ID of another that was
// added before is left out, for that one replaces it.
func (l *Linter) AddBuiltIn(list []Signature, compared bool) {
	for _, s := range list {
		if !slices.ContainsFunc(l.entries, func(o *linted) bool { return o.ID == s.ID }) {
			l.entries = append(l.entries, &linted{Entry: Entry{Signature: s}, file: "built-in", compared: compared})
		}
	}
}

// Check checks what was added and gives the findings, by file and line; source may
// be nil. The error says that source or the index could not be read.
func (l *Linter) Check(ctx context.Context, source Source) ([]Finding, error) {
	for _, e := range l.entries {
		if e.compared {
			continue
		}
		if err := l.history(ctx, e, source); err != nil {
			return nil, err
		}
	}
	l.overlaps()
	if source != nil {
		if err := l.names(ctx, source); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(l.findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Col-b.Col)
	})
	return l.findings, nil
}

// complain adds a problem with the key at a path.
func (l *Linter) complain(e *linted, path, format string, args ...any) {
	l.find(e, path, false, format, args...)
}

// note adds something that is worth a look, but may well be right.
func (l *Linter) note(e *linted, path, format string, args ...any) {
	l.find(e, path, true, format, args...)
}

func (l *Linter) find(e *linted, path string, note bool, format string, args ...any) {
	at := e.at(path)
	text := path + ": " + fmt.Sprintf(format, args...)
	l.findings = append(l.findings, Finding{File: e.file,
		Problem: Problem{Line: at.Line, Col: at.Col, ID: e.ID, Text: text, Note: note}})
}
