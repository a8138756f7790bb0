package classify

import (
	"io"
	"sync"

	"github.com/hacrash/hacrash/pkg/classify/suspects"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// history is HAProxy's, and what ranks the fixes in it.
type history struct {
	*fixes.Index
	ranker func() (*suspects.Ranker, error)
}

func newHistory(x *fixes.Index) *history {
	return &history{x, sync.OnceValues(func() (*suspects.Ranker, error) { return suspects.NewRanker(x) })}
}

// packaged is what a changelog tells of the branch that it is of.
type packaged struct {
	open func() (io.ReadCloser, error)
	mu   sync.Mutex
	// tried are the branches that it was opened for; nil where it tells nothing.
	tried map[string]*history
}

// UseChangelog lets the changelog of a package tell what the history does not: which
// fixes the newest releases of a branch have. It is opened when a release is met
// that it may tell of, once for each branch; any error means that there is none.
func (db *DB) UseChangelog(open func() (io.ReadCloser, error)) { db.own.open = open }

// History is the index that tells most of a version. The caller must not change it.
func (db *DB) History(v haproxy.Version) (*fixes.Index, error) {
	h, err := db.historyOf(v)
	if err != nil {
		return nil, err
	}
	return h.Index, nil
}

// historyOf is the history that tells most of a version.
func (db *DB) historyOf(v haproxy.Version) (*history, error) {
	h, err := db.open()
	if err != nil || db.own.open == nil || !h.Beyond(v) {
		return h, err
	}
	own := &db.own
	own.mu.Lock()
	defer own.mu.Unlock()
	better, ok := own.tried[v.Branch()]
	if !ok {
		if x, found := h.WithPackage(v, own.open); found {
			better = newHistory(x)
		}
		if own.tried == nil {
			own.tried = map[string]*history{}
		}
		own.tried[v.Branch()] = better
	}
	if better == nil {
		return h, nil
	}
	return better, nil
}
