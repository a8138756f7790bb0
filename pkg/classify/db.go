package classify

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haconf"
	"github.com/hacrash/hacrash/pkg/signatures"
	"github.com/hacrash/hacrash/pkg/signatures/bugs"
)

// DB is a set of signatures, and the history that says what they mean for a
// version. The zero DB has none and the history that is part of the program.
type DB struct {
	sigs   []signatures.Signature
	source map[string]string // file that a signature was added from, by its ID
	given  *fixes.Index
	base   struct { // opened when it is first needed
		sync.Once
		*history
		err error
	}
	own   packaged     // what the host's package tells besides
	setup haconf.Setup // what is known of the HAProxy that crashed
}

// Load gives the signatures that the program was built with. It reads no YAML.
func Load() *DB { return &DB{sigs: bugs.All()} }

// Use takes another history than that which is part of the program, such as one
// that the user imported. It must be called before the first crash is classified.
func (db *DB) Use(x *fixes.Index) { db.given = x }

// UseSetup tells what is known of the HAProxy whose crashes are classified: its configuration, its
// build. Fixes whose bugs need something else are no suspects. It must be called before the first
// crash is classified.
func (db *DB) UseSetup(s haconf.Setup) { db.setup = s }

// open gives the history, not what a package tells besides.
func (db *DB) open() (*history, error) {
	b := &db.base
	b.Do(func() {
		x := db.given
		if x == nil {
			x, b.err = fixes.Load()
		}
		if b.err == nil {
			b.history = newHistory(x)
		}
	})
	return b.history, b.err
}

// Add adds the signatures of a YAML file, all of them or none. An ID that the DB
// has already replaces the old one, so that a user can correct what was built in.
func (db *DB) Add(yaml []byte, name string) error {
	entries, problems := signatures.Read(yaml)
	if len(problems) > 0 {
		p := problems[0]
		return fmt.Errorf("%s:%d:%d: %s; \"hacrash bugs lint\" lists all", name, p.Line, p.Col, p.Text)
	}
	if len(entries) == 0 {
		return fmt.Errorf("%s: no signatures in it", name)
	}
	if db.source == nil {
		db.source = map[string]string{}
	}
	for i := range entries {
		s := entries[i].Signature
		db.source[s.ID] = name
		if i := slices.IndexFunc(db.sigs, func(o signatures.Signature) bool { return o.ID == s.ID }); i >= 0 {
			db.sigs[i] = s
			continue
		}
		db.sigs = append(db.sigs, s)
	}
	return nil
}

// Signatures lists the signatures. The caller must not change them.
func (db *DB) Signatures() []signatures.Signature { return db.sigs }

// Get finds a signature by its ID.
func (db *DB) Get(id string) (signatures.Signature, bool) {
	i := slices.IndexFunc(db.sigs, func(s signatures.Signature) bool { return s.ID == id })
	if i < 0 {
		return signatures.Signature{}, false
	}
	return db.sigs[i], true
}

// Source is the name of the file that a signature was added from; empty if it was
// built in.
func (db *DB) Source(id string) string { return db.source[id] }

// Knowledge says how much the DB knows, and of what date.
func (db *DB) Knowledge() crash.Knowledge {
	commits := map[string]bool{}
	for _, s := range db.sigs {
		for _, c := range append([]string{s.Fix}, s.Related...) {
			commits[c] = true
		}
	}
	k := crash.Knowledge{Signatures: len(db.sigs), Fixes: len(commits)}
	if h, err := db.open(); err == nil {
		head, day := h.Head()
		k.Commit, k.Date = head[:10], day.Format(time.DateOnly)
	}
	return k
}
