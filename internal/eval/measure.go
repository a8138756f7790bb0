package main

import (
	"math"
	"slices"
	"sync"

	"github.com/hacrash/hacrash/pkg/classify/suspects"
	"github.com/hacrash/hacrash/pkg/crash"
)

// outcome is how one query went.
type outcome struct {
	q *query
	// rank of the best true fix, 0 when it is not in the pool. Others of the same
	// score go first.
	rank int
	// shown is where a true fix stands in a report: signatures that fit come first.
	shown int
	// sure is the probability that the first five are said to have, and first that of the
	// first one; the others are the same when the true fixes are taken away.
	sure, without           float64
	first, firstWithoutTrue float64
}

func judge(q *query, w *suspects.Weights) outcome {
	o := outcome{q: q}
	best := math.Inf(-1)
	var all, wrong []float64
	for i := range q.pool {
		s := score(w, &q.pool[i])
		all = append(all, s)
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
	o.shown = shown(q, o.rank)
	o.sure, o.first = sure(all, w.None)
	o.without, o.firstWithoutTrue = sure(wrong, w.None)
	return o
}

// shown is the place of the fix among matches and then suspects.
func shown(q *query, rank int) int {
	if q.of == nil || len(q.of.got) == 0 {
		return rank
	}
	v := q.of.got[0].Verdict
	matches := slices.DeleteFunc(slices.Clone(v.Matches), func(m crash.Match) bool { return v.Status == crash.AlreadyFixed })
	for i := range matches {
		if names(matches[i:i+1], q.of.Fixes) {
			return i + 1
		}
	}
	if rank == 0 {
		return 0
	}
	return rank + len(matches)
}

func sure(scores []float64, none float64) (few, first float64) {
	slices.Sort(scores)
	slices.Reverse(scores)
	sum := math.Exp(none)
	for i, s := range scores {
		e := math.Exp(s)
		if sum += e; i < suspects.Few {
			few += e
		}
		if i == 0 {
			first = e
		}
	}
	return few / sum, first / sum
}

// crossValidate ranks each query with weights that were fitted without it and
// without the others of its fold. The weights are those of the folds.
func crossValidate(all []*query) ([]outcome, []suspects.Weights) {
	var parts [folds][]outcome
	weights := make([]suspects.Weights, folds)
	var wait sync.WaitGroup
	for f := range folds {
		wait.Go(func() {
			var train []*query
			for _, q := range all {
				if q.fold() != f {
					train = append(train, q)
				}
			}
			weights[f] = fit(train)
			for _, q := range all {
				if q.fold() == f {
					parts[f] = append(parts[f], judge(q, &weights[f]))
				}
			}
		})
	}
	wait.Wait()
	return slices.Concat(parts[:]...), weights
}

// spread is how much a weight differs between the folds: the standard deviation.
func spread(list []suspects.Weights, p suspects.Part) float64 {
	var sum, squares float64
	for i := range list {
		w := list[i].Parts[p]
		sum, squares = sum+w, squares+w*w
	}
	n := float64(len(list))
	return math.Sqrt(max(squares/n-sum/n*sum/n, 0))
}

// ranks sums up a ranking.
type ranks struct {
	n, top1, top5, top10 int
	mrr                  float64
}

func sumUp(list []outcome, place func(outcome) int) ranks {
	r := ranks{n: len(list)}
	for _, o := range list {
		at := place(o)
		if at == 0 {
			continue
		}
		r.mrr += 1 / float64(at) / float64(len(list))
		if at <= 1 {
			r.top1++
		}
		if at <= 5 {
			r.top5++
		}
		if at <= 10 {
			r.top10++
		}
	}
	return r
}

func byRank(o outcome) int  { return o.rank }
func asShown(o outcome) int { return o.shown }

func percent(part, of int) float64 { return 100 * float64(part) / float64(max(of, 1)) }

// claims counts what is said with some certainty.
type claims struct {
	// said is how often, first and five how often the fix was the first one, or
	// among the first five.
	said, first, five int
	// without is how often it is said when the fix is not there to be found.
	without int
	// predicted and came are, of all crashes with such a certainty, what was said and what
	// is true, the fix being there as often as in life.
	predicted, came float64
}

// claimed counts what is said with at least so much certainty, and less than below.
func claimed(list []outcome, least, below float64) (c claims) {
	weight := 0.0
	for _, o := range list {
		if o.sure >= least && o.sure < below {
			c.said++
			weight += fixed
			c.predicted += fixed * o.sure
			if o.rank == 1 {
				c.first++
			}
			if o.rank > 0 && o.rank <= suspects.Few {
				c.five++
			}
		}
		if o.without >= least && o.without < below {
			c.without++
			weight += 1 - fixed
			c.predicted += (1 - fixed) * o.without
		}
	}
	if weight > 0 {
		c.predicted, c.came = c.predicted/weight, fixed*float64(c.five)/weight
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
