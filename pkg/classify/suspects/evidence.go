package suspects

import (
	"math"
	"slices"

	"github.com/hacrash/hacrash/pkg/fixes"
)

// Evidence is what speaks for one fix, and against it.
type Evidence struct {
	Fix   *fixes.Fix
	Value [Parts]float64
	// Few is what is taken off since only some of the releases lack the fix or are of its
	// time, of those that the crash may be of: 0 where there is one.
	Few float64
	// Name is the name that gave most of each part that is made of names.
	Name [Other + 1]string
}

// Gathered is evidence before there are weights, on which it depends what its days are worth.
type Gathered struct {
	Evidence
	days []dated // of the builds that lack the fix
}

// shares are the parts of a fix that are made of names.
type shares [Other + 1]float64

// Gather finds what speaks for each fix that the version lacks, in the order of the history.
// Fixes of documents, tests and tools are left out. It reads all of the history; Rank does
// not.
func (r *Ranker) Gather(q *Query) ([]Gathered, error) {
	s := r.search(q)
	shared, about := make([]shares, r.x.Count()), circumstancesOf(q)
	clock := newClock(r.builds(q))
	s.shares(shared)
	out := make([]Gathered, 0, r.ranked)
	var numbers []int
	for i := range shared {
		if !r.inProgram[i] {
			continue
		}
		brief := r.x.Brief(i)
		v := about.values(brief)
		shared[i].fill(&v)
		days, err := clock.of(i, brief)
		if err != nil {
			return nil, err
		}
		if days == nil {
			continue
		}
		f, err := r.x.Number(i)
		if err != nil {
			return nil, err
		}
		if q.Reach != nil && q.Reach.Out(f) {
			continue
		}
		out = append(out, Gathered{Evidence{Fix: f, Value: v}, slices.Clone(days)})
		numbers = append(numbers, i)
	}
	s.name(numbers, func(k int) *Evidence { return &out[k].Evidence })
	return out, nil
}

// shares sums up what each fix and the crash share, in room for one a fix.
func (s *search) shares(all []shares) {
	s.each(func(fix int, p Part, value float64, _ string) { all[fix][p] += value })
}

// fill puts the parts that are made of names where they belong.
func (v *shares) fill(out *[Parts]float64) {
	for p, sum := range v {
		if sum > 0 {
			out[p] = math.Sqrt(sum)
		}
	}
}

// name finds the names that gave most of the parts of some fixes; at gives the
// evidence of the kth.
func (s *search) name(numbers []int, at func(k int) *Evidence) {
	where := make(map[int]int, len(numbers))
	for k, n := range numbers {
		where[n] = k
	}
	most := make([]shares, len(numbers))
	s.each(func(fix int, p Part, value float64, name string) {
		k, ok := where[fix]
		if !ok {
			return
		}
		// Equal ones by name, so that reports are stable.
		if e := at(k); value > most[k][p] || value == most[k][p] && name < e.Name[p] {
			most[k][p], e.Name[p] = value, name
		}
	})
}
