package suspects

import (
	"math"

	"github.com/hacrash/hacrash/pkg/fixes"
)

// Most is how many suspects a ranking names, and Few of how many it says how sure it is.
const (
	Most = 10
	Few  = 5
)

// A Suspect is a fix that the version lacks, or may lack.
type Suspect struct {
	Evidence
	Score float64
	// Probability that it is the one.
	Probability float64
	Standing    fixes.Standing
}

// Ranking is the best suspects, the first one first.
type Ranking struct {
	Suspects []Suspect
	// Sure is the probability that the fix is one of the first Few.
	Sure float64
	// LeftOut are fixes that would be among the suspects if the process had used what their
	// bugs need.
	LeftOut int
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
	p := picker{r: r, q: q, w: w, about: circumstancesOf(q), shared: room.shared, all: room.all[:0]}
	x := r.builds(q)
	p.clock = newClock(x)
	if x.judge != nil {
		p.judge = x.judge.First(len(q.Versions)) // without the snapshots
	}
	for i := range room.shared {
		if r.inProgram[i] {
			brief := r.x.Brief(i)
			v := p.values(i, brief)
			p.all = append(p.all, scored{number: i, score: w.score(&v) + p.clock.hope(w, brief)})
		}
	}
	out, err := p.pick()
	if err != nil {
		return Ranking{}, err
	}
	numbers := make([]int, len(out.Suspects))
	for i := range out.Suspects {
		numbers[i] = r.x.After(out.Suspects[i].Fix.Position)
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

// To say how a version stands to every fix takes longer than all the rest. So no more are
// looked at when what is left is negligible, or when enough were: of those that are left
// the version is taken to lack as large a part as of those.
const (
	negligible = 0.01
	enough     = 128
	// Of several versions each fix takes as much longer.
	enoughOfSeveral = 96
)

// scored is a fix with its score, or before it is exact with the most that it can be.
type scored struct {
	number int
	score  float64
	exact  bool
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

func (h *byScore) push(s scored) {
	*h = append(*h, s)
	for i := len(*h) - 1; i > 0 && (*h)[i].before((*h)[(i-1)/2]); i = (i - 1) / 2 {
		(*h)[i], (*h)[(i-1)/2] = (*h)[(i-1)/2], (*h)[i]
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

// picker takes the best fixes off a heap, and asks only then which builds lack them.
type picker struct {
	r      *Ranker
	q      *Query
	w      *Weights
	about  *circumstances
	clock  *clock
	judge  *fixes.Any // of the versions, nil where nothing is known of them
	shared []shares
	all    byScore
}

// values are the parts of a fix without those of its days.
func (p *picker) values(number int, b fixes.Brief) [Parts]float64 {
	v := p.about.values(b)
	p.shared[number].fill(&v)
	return v
}

// pick takes the first ones that a build lacks, and says how probable each is.
func (p *picker) pick() (Ranking, error) {
	rest := 0.0
	for i := range p.all {
		rest += math.Exp(p.all[i].score)
	}
	p.all.build()
	none := math.Exp(p.w.None)
	all, lacked := rest, 0.0
	var out Ranking
	most := enough
	if len(p.clock.list) > 1 {
		most = enoughOfSeveral
	}
	for looked := 0; len(p.all) > 0 && (rest >= negligible*(none+lacked) && looked < most || len(out.Suspects) < Most); looked++ {
		next := p.all.pop()
		rest -= math.Exp(next.score)
		brief := p.r.x.Brief(next.number)
		v := p.values(next.number, brief)
		days, err := p.clock.of(next.number, brief)
		if err != nil {
			return out, err
		}
		if days == nil {
			continue
		}
		few := p.w.settle(days, &v)
		if score := p.w.score(&v) + few; !next.exact && score < next.score {
			rest += math.Exp(score)
			p.all.push(scored{next.number, score, true})
			continue
		}
		switch barred, err := p.bars(next.number, &out); {
		case err != nil:
			return out, err
		case barred:
			continue
		}
		lacked += math.Exp(next.score)
		if len(out.Suspects) < Most {
			if err := p.add(&out, next, few, &v); err != nil {
				return out, err
			}
		}
	}
	if seen := all - rest; seen > 0 {
		lacked += max(rest, 0) * lacked / seen
	}
	out.weigh(none + lacked)
	return out, nil
}

// weigh makes probabilities of scores, of which sum is the whole.
func (out *Ranking) weigh(sum float64) {
	for i := range out.Suspects {
		s := &out.Suspects[i]
		if s.Probability = math.Exp(s.Score) / sum; i < Few {
			out.Sure += s.Probability
		}
	}
}

// bars says that a fix cannot be of the crash, and counts it if it would be a suspect.
func (p *picker) bars(number int, out *Ranking) (bool, error) {
	if p.q.Reach == nil {
		return false, nil
	}
	f, err := p.r.x.Number(number)
	if err != nil || !p.q.Reach.Out(f) {
		return false, err
	}
	if len(out.Suspects) < Most {
		out.LeftOut++
	}
	return true, nil
}

func (p *picker) add(out *Ranking, next scored, few float64, v *[Parts]float64) error {
	f, err := p.r.x.Number(next.number)
	if err != nil {
		return err
	}
	s := Suspect{Evidence: Evidence{Fix: f, Value: *v, Few: few}, Score: next.score}
	switch {
	case p.judge == nil:
	case len(p.clock.list) == 1:
		s.Standing = p.judge.One().Standing(f)
	default:
		s.Standing = p.judge.Standing(f)
	}
	out.Suspects = append(out.Suspects, s)
	return nil
}

// Settle gives the score of gathered evidence, and its parts with those of its days.
func (w *Weights) Settle(e *Gathered) (score float64, value [Parts]float64) {
	value = e.Value
	few := w.settle(e.days, &value)
	return w.score(&value) + few, value
}

func (w *Weights) score(values *[Parts]float64) float64 {
	s := 0.0
	for p, v := range values {
		s += w.Parts[p] * v
	}
	return s
}
