package advice

import (
	"slices"
	"sync"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/fixes/sentences"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/signatures"
)

// Most is how many steps a crash gets.
const Most = 5

// Knowledge is what is known of HAProxy's bugs and history.
type Knowledge interface {
	// Get finds a signature by its ID.
	Get(id string) (signatures.Signature, bool)
	// History is the one that tells most of a version.
	History(haproxy.Version) (*fixes.Index, error)
}

// Adviser gives advice. It is safe for concurrent use.
type Adviser struct {
	// System is the distribution of the machine at hand, as its os-release names it; it
	// counts for crashes of a program that this machine has.
	System string

	known    Knowledge
	mu       sync.Mutex
	upgrades map[string]*fixes.Upgrade // by version; nil where nothing can be told
}

// New makes an adviser.
func New(k Knowledge) *Adviser { return &Adviser{known: k, upgrades: map[string]*fixes.Upgrade{}} }

// Next says what to do about a crash that has its verdict, the most useful step first.
// There is always one.
func (a *Adviser) Next(c *crash.Crash) []crash.Step {
	s := a.situation(c)
	var steps []crash.Step
	var said []topic
	for i := range rules {
		r := &rules[i]
		if len(steps) == Most {
			break
		}
		if slices.Contains(said, r.topic) || !r.when.holds(s) {
			continue
		}
		if step, ok := s.step(r); ok {
			steps, said = append(steps, step), append(said, r.topic)
		}
	}
	if steps == nil {
		steps = append(steps, fallback)
	}
	return steps
}

// maxUpgrades bounds the versions of which an answer is kept.
const maxUpgrades = 64

// upgrade is what the newest release of a version's branch brings, nil if that cannot be
// told.
func (a *Adviser) upgrade(x *fixes.Index, v haproxy.Version) *fixes.Upgrade {
	a.mu.Lock()
	defer a.mu.Unlock()
	up, known := a.upgrades[v.Raw]
	if known {
		return up
	}
	up, err := x.Upgrade(v, sentences.Crash)
	if err != nil {
		up = nil
	}
	if len(a.upgrades) < maxUpgrades {
		a.upgrades[v.Raw] = up
	}
	return up
}
