package classify

import (
	"fmt"
	"slices"

	"github.com/hacrash/hacrash/pkg/classify/internal/sig"
	"github.com/hacrash/hacrash/pkg/crash"
)

// Signature is one known bug and how to recognise it; docs/signatures.md
// describes the fields.
type Signature = sig.Signature

// Problem is a complaint about a file of signatures. Line and Col count from 1.
type Problem = sig.Problem

// DB is a set of signatures.
type DB struct{ sigs []Signature }

// HAProxy's history up to this commit was read for the signatures.
const (
	knowledgeDate   = "2026-08-21"
	knowledgeCommit = "50872daa6a"
)

// Load gives the signatures that the program was built with. It reads no YAML.
func Load() (*DB, error) {
	sigs := compiled()
	if len(sigs) == 0 {
		return nil, fmt.Errorf("no signatures were compiled in: run go generate ./pkg/classify")
	}
	return &DB{sigs: sigs}, nil
}

// Add adds the signatures of a YAML file. An ID that the DB has already replaces
// the old one, so that a user can correct what was built in.
func (db *DB) Add(yaml []byte, name string) error {
	sigs, problems := sig.Parse(yaml)
	if len(problems) > 0 {
		p := problems[0]
		return fmt.Errorf("%s:%d:%d: %s; \"hacrash bugs lint\" lists all", name, p.Line, p.Col, p.Text)
	}
	if len(sigs) == 0 {
		return fmt.Errorf("%s: no signatures in it", name)
	}
	for _, s := range sigs {
		if i := slices.IndexFunc(db.sigs, func(o Signature) bool { return o.ID == s.ID }); i >= 0 {
			db.sigs[i] = s
			continue
		}
		db.sigs = append(db.sigs, s)
	}
	return nil
}

// Lint says what is wrong with a file of signatures.
func Lint(yaml []byte, name string) []Problem {
	sigs, problems := sig.Parse(yaml)
	seen := map[string]bool{}
	for _, s := range sigs {
		if seen[s.ID] {
			problems = append(problems, Problem{Line: 1, Col: 1, ID: s.ID, Text: "id stands twice in " + name})
		}
		seen[s.ID] = true
	}
	return problems
}

// Signatures lists the signatures. The caller must not change them.
func (db *DB) Signatures() []Signature { return db.sigs }

// Get finds a signature by its ID.
func (db *DB) Get(id string) (Signature, bool) {
	i := slices.IndexFunc(db.sigs, func(s Signature) bool { return s.ID == id })
	if i < 0 {
		return Signature{}, false
	}
	return db.sigs[i], true
}

// Knowledge says how much the DB knows, and of what date.
func (db *DB) Knowledge() crash.Knowledge {
	fixes := map[string]bool{}
	for _, s := range db.sigs {
		for _, c := range append([]string{s.Fix}, s.Related...) {
			fixes[c] = true
		}
	}
	return crash.Knowledge{Date: knowledgeDate, Commit: knowledgeCommit, Signatures: len(db.sigs), Fixes: len(fixes)}
}
