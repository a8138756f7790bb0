package suspects

import (
	"fmt"
	"sync"
)

// maxMemo bounds the rankings that are remembered.
const maxMemo = 256

// memo remembers rankings: a fleet crashes thousands of times in one place.
type memo struct {
	sync.Mutex
	rankings map[string]Ranking
}

func key(q *Query, w *Weights) string {
	return fmt.Sprintf("%v %v %s %d %q %v %q %q %q %q %v %s", q.Versions, q.Inferred, q.Since, q.Day.Unix()/86400, q.Kind, q.useful(), q.Others, q.Files, q.Conditions, q.Labels, *w, q.reach())
}

func (m *memo) get(key string) (Ranking, bool) {
	m.Lock()
	defer m.Unlock()
	r, ok := m.rankings[key]
	return r, ok
}

// put remembers a ranking; when there are too many all are forgotten, which costs
// no more than they did.
func (m *memo) put(key string, r Ranking) {
	m.Lock()
	defer m.Unlock()
	if m.rankings == nil || len(m.rankings) >= maxMemo {
		m.rankings = map[string]Ranking{}
	}
	m.rankings[key] = r
}
