package suspects

import (
	"math"
	"time"

	"github.com/hacrash/hacrash/pkg/fixes"
)

// Most is how many suspects a ranking names.
const Most = 5

// A Suspect is a fix that the version lacks, or may lack.
type Suspect struct {
	Evidence
	Score    float64
	Standing fixes.Standing
}

// Ranking is the best suspects, the first one first.
type Ranking struct {
	Suspects []Suspect
	// Sure is the probability that the fix is one of them.
	Sure float64
}

// Rank ranks the fixes of the history that the version lacks. Without a version all
// of them are ranked. The caller must not change what it gets.
func (r *Ranker) Rank(q *Query, w *Weights) (Ranking, error) {
	k := key(q, w)
	if known, ok := r.memo.get(k); ok {
		return known, nil
	}
	out, err := r.rank(q, w)
	if err == nil {
		r.memo.put(k, out)
	}
	return out, err
}

func (r *Ranker) rank(q *Query, w *Weights) (Ranking, error) {
	s := r.search(q)
	room := r.borrow()
	defer r.rooms.Put(room)
	s.shares(room.shared)
	shared, about := room.shared, r.circumstances(q)
	all := room.all[:0]
	for i := range shared {
		if r.inProgram[i] {
			v := about.values(r.x.Brief(i))
			shared[i].fill(&v)
			all = append(all, scored{i, w.score(&v)})
		}
	}
	lacks := func(int) (bool, error) { return true, nil }
	var judge interface {
		Lacks(number int) (bool, error)
		Standing(f *fixes.Fix) fixes.Standing
	}
	switch {
	case len(q.Candidates) > 0:
		judge = r.x.JudgeAny(q.Candidates)
		lacks = judge.Lacks
	case q.Version.Raw != "":
		judge = r.x.Judge(q.Version, time.Time{})
		lacks = judge.Lacks
	}
	best, sure, err := pick(all, w.None, lacks)
	if err != nil {
		return Ranking{}, err
	}
	out := Ranking{Sure: sure}
	var numbers []int
	for _, b := range best {
		e, err := r.evidence(b.number, &shared[b.number], about)
		if err != nil {
			return Ranking{}, err
		}
		suspect := Suspect{Evidence: e, Score: b.score}
		if judge != nil {
			suspect.Standing = judge.Standing(e.Fix)
		}
		out.Suspects = append(out.Suspects, suspect)
		numbers = append(numbers, b.number)
	}
	s.name(numbers, func(k int) *Evidence { return &out.Suspects[k].Evidence })
	return out, nil
}

// room is what a ranking needs while it is made, half a megabyte.
type room struct {
	shared []shares
	all    byScore
}

func (r *Ranker) borrow() *room {
	if room, ok := r.rooms.Get().(*room); ok {
		clear(room.shared)
		return room
	}
	return &room{make([]shares, r.x.Count()), make(byScore, 0, r.ranked)}
}

// negligible is the part of the probability that need not be looked at: to say how
// a version stands to every fix takes longer than all the rest.
const negligible = 0.01

// scored is a fix with its score.
type scored struct {
	number int
	score  float64
}

// before says that a goes first: the better one, of equals the older.
func (a scored) before(b scored) bool {
	return a.score > b.score || a.score == b.score && a.number < b.number
}

// byScore is a heap with the best one on top. It is our own since that of the
// standard library puts each into an interface, which takes half of the time.
type byScore []scored

func (h byScore) build() {
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.sink(i)
	}
}

func (h byScore) sink(i int) {
	for {
		best := i
		for _, k := range [...]int{2*i + 1, 2*i + 2} {
			if k < len(h) && h[k].before(h[best]) {
				best = k
			}
		}
		if best == i {
			return
		}
		h[i], h[best] = h[best], h[i]
		i = best
	}
}

func (h *byScore) pop() scored {
	top := (*h)[0]
	last := len(*h) - 1
	(*h)[0] = (*h)[last]
	*h = (*h)[:last]
	h.sink(0)
	return top
}

// pick takes the first ones that the version lacks, and says how probable it is
// that the fix is one of them.
func pick(all byScore, none float64, lacks func(number int) (bool, error)) (best []scored, sure float64, err error) {
	rest := 0.0
	for i := range all {
		rest += math.Exp(all[i].score)
	}
	all.build()
	sum, first := math.Exp(none), 0.0
	for len(all) > 0 && (rest >= negligible*sum || len(best) < Most) {
		next := all.pop()
		p := math.Exp(next.score)
		rest -= p
		ok, err := lacks(next.number)
		if err != nil {
			return nil, 0, err
		}
		if !ok {
			continue
		}
		sum += p
		if len(best) < Most {
			best = append(best, next)
			first += p
		}
	}
	return best, first / sum, nil
}

// Score is the sum of all parts.
func (w *Weights) Score(e *Evidence) float64 { return w.score(&e.Value) }

func (w *Weights) score(values *[Parts]float64) float64 {
	s := 0.0
	for p, v := range values {
		s += w.Parts[p] * v
	}
	return s
}
