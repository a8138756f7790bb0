package advice

import (
	"slices"
	"sync"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
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

	known  Knowledge
	mu     sync.Mutex
	places map[string]*place // by version
}

// New makes an adviser.
func New(k Knowledge) *Adviser { return &Adviser{known: k, places: map[string]*place{}} }

// Next says what to do about a crash that has its verdict, the most useful step first.
// There is always one.
func (a *Adviser) Next(c *crash.Crash) []crash.Step {
	s := a.situation(c)
	var steps []crash.Step
	for _, r := range s.rules(Most) {
		step, _ := s.step(r)
		steps = append(steps, step)
	}
	if steps == nil {
		steps = append(steps, fallback)
	}
	return steps
}

// rules are those that apply, the first of each topic.
func (s *situation) rules(most int) []*rule {
	var out []*rule
	for i := range rules {
		r := &rules[i]
		if len(out) == most {
			break
		}
		if !r.when.holds(s) || slices.ContainsFunc(out, func(o *rule) bool { return o.topic == r.topic }) {
			continue
		}
		if _, ok := s.step(r); ok {
			out = append(out, r)
		}
	}
	return out
}

// maxPlaces bounds the versions of which an answer is kept.
const maxPlaces = 64

// place is how a version stands in HAProxy's history, whatever the crash.
type place struct {
	facts  fact
	values values
	// fixes are those of crashes that the newest release of the branch brings, by number.
	fixes []int
}

// place finds out how a version stands, or remembers it.
func (a *Adviser) place(x *fixes.Index, v haproxy.Version) *place {
	a.mu.Lock()
	defer a.mu.Unlock()
	p, known := a.places[v.Raw]
	if !known {
		p = placeOf(x, v)
		if len(a.places) < maxPlaces {
			a.places[v.Raw] = p
		}
	}
	return p
}
