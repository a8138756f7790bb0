package main

import (
	"math"
	"slices"
	"sync"

	"github.com/hacrash/hacrash/pkg/classify/suspects"
)

// outcome is how one query went.
type outcome struct {
	q *query
	// rank of the best true fix, 0 when it is not in the pool. Others of the same
	// score go first.
	rank int
	// sure is the probability that the first five are said to have; without is
	// the same when the true fixes are taken away.
	sure, without float64
}

func judge(q *query, w *suspects.Weights) outcome {
	o := outcome{q: q}
	scores, _ := q.scores(w)
	best := math.Inf(-1)
	var wrong []float64
	for i, s := range scores {
		if q.right[i] {
			best = max(best, s)
		} else {
			wrong = append(wrong, s)
		}
	}
	if q.inPool {
		o.rank = 1
		for _, s := range wrong {
			if s >= best {
				o.rank++
			}
		}
	}
	o.sure, o.without = sure(scores, w.None), sure(wrong, w.None)
	return o
}

func sure(scores []float64, none float64) float64 {
	scores = slices.Clone(scores)
	slices.Sort(scores)
	slices.Reverse(scores)
	first, sum := 0.0, math.Exp(none)
	for i, s := range scores {
		sum += math.Exp(s)
		if i < suspects.Most {
			first += math.Exp(s)
		}
	}
	return first / sum
}

// crossValidate ranks each query with weights that were fitted without it and
// without the others of its fold.
func crossValidate(all []*query) []outcome {
	var parts [folds][]outcome
	var wait sync.WaitGroup
	for f := range folds {
		wait.Go(func() {
			var train []*query
			for _, q := range all {
				if q.fold() != f {
					train = append(train, q)
				}
			}
			w := fit(train)
			for _, q := range all {
				if q.fold() == f {
					parts[f] = append(parts[f], judge(q, &w))
				}
			}
		})
	}
	wait.Wait()
	return slices.Concat(parts[:]...)
}

// ranks sums up a ranking.
type ranks struct {
	n, top1, top5, top10 int
	mrr                  float64
}

func sumUp(list []outcome) ranks {
	r := ranks{n: len(list)}
	for _, o := range list {
		if o.rank == 0 {
			continue
		}
		r.mrr += 1 / float64(o.rank) / float64(len(list))
		if o.rank <= 1 {
			r.top1++
		}
		if o.rank <= 5 {
			r.top5++
		}
		if o.rank <= 10 {
			r.top10++
		}
	}
	return r
}

func percent(part, of int) float64 { return 100 * float64(part) / float64(max(of, 1)) }

// claims counts what is said with some certainty.
type claims struct {
	// said is how often, first and five how often the fix was the first one, or
	// among the first five.
	said, first, five int
	// without is how often it is said when the fix is not there to be found.
	without int
}

// claimed counts what is said with at least so much certainty, and less than below.
func claimed(list []outcome, least, below float64) (c claims) {
	for _, o := range list {
		if o.sure >= least && o.sure < below {
			c.said++
			if o.rank == 1 {
				c.first++
			}
			if o.rank > 0 && o.rank <= suspects.Most {
				c.five++
			}
		}
		if o.without >= least && o.without < below {
			c.without++
		}
	}
	return c
}

func only(list []outcome, want func(*query) bool) []outcome {
	var out []outcome
	for _, o := range list {
		if want(o.q) {
			out = append(out, o)
		}
	}
	return out
}
