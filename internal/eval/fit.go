package main

import (
	"math"

	"github.com/hacrash/hacrash/pkg/classify/suspects"
)

// Constants of the fit.
const (
	steps    = 150
	rate     = 0.5
	momentum = 0.8
	// pull is how hard the weights are held at guess.
	pull = 0.002
	// lost is the probability below which a query says nothing about the weights:
	// its fix has nothing in common with the crash.
	lost = 0.005
	// fixed is how many crashes that are reported get a fix that says so: 63 %.
	fixed = 0.63
)

// guess is where the fit begins: the order of the parts by hand.
var guess = suspects.Weights{Parts: [suspects.Parts]float64{
	suspects.Changed: 4, suspects.Called: 2.5, suspects.Named: 1, suspects.Condition: 2,
	suspects.File: 1.5, suspects.Near: 1.5, suspects.Label: 3, suspects.Related: 2,
	suspects.SameKind: 1.5, suspects.AnyCrash: 1, suspects.Major: 0.5, suspects.Minor: -0.5, suspects.Leak: -0.5,
	suspects.Soon: 1, suspects.SoonDev: 0.5, suspects.Fresh: 0.5,
}}

type vector = [suspects.Parts]float64

// fit gives the weights under which the fixes of the queries are most probable.
func fit(train []*query) suspects.Weights {
	w := guess
	var speed vector
	for range steps {
		var slope vector
		n := 0.0
		for _, q := range train {
			if q.inPool && q.telling {
				climb(q, &w, &slope)
				n++
			}
		}
		for p := range slope {
			speed[p] = momentum*speed[p] + slope[p]/n - pull*(w.Parts[p]-guess.Parts[p])
			w.Parts[p] += rate * speed[p]
			if p <= int(suspects.Related) && w.Parts[p] < 0 {
				w.Parts[p], speed[p] = 0, 0
			}
		}
	}
	w.None = none(train, &w)
	return w
}

// climb adds the slope of the logarithm of one query's likelihood.
func climb(q *query, w *suspects.Weights, slope *vector) {
	scores, top := q.scores(w)
	var all, right float64
	var ofAll, ofRight vector
	for i, s := range scores {
		p := math.Exp(s - top)
		all += p
		if q.right[i] {
			right += p
		}
		if p < 1e-7 && !q.right[i] {
			continue
		}
		for k, v := range q.pool[i].Value {
			ofAll[k] += p * v
			if q.right[i] {
				ofRight[k] += p * v
			}
		}
	}
	weight := right / all / (right/all + lost)
	for k := range slope {
		slope[k] += weight * (ofRight[k]/right - ofAll[k]/all)
	}
}

func (q *query) scores(w *suspects.Weights) (scores []float64, top float64) {
	scores = make([]float64, len(q.pool))
	top = math.Inf(-1)
	for i := range q.pool {
		scores[i] = w.Score(&q.pool[i])
		top = max(top, scores[i])
	}
	return scores, top
}

// none is the score of "none of these" that fits best, when the fix is there as
// often as it is in life and else is missing.
func none(train []*query, w *suspects.Weights) float64 {
	best, at := math.Inf(1), 0.0
	for c := 0.0; c < 30; c += 0.25 {
		loss := 0.0
		for _, q := range train {
			if !q.inPool || !q.telling {
				continue
			}
			scores, _ := q.scores(w)
			var all, right float64
			for i, s := range scores {
				all += math.Exp(s)
				if q.right[i] {
					right += math.Exp(s)
				}
			}
			e := math.Exp(c)
			loss -= fixed*math.Log(right/(all+e)+1e-3) + (1-fixed)*math.Log(e/(all-right+e)+1e-3)
		}
		if loss < best {
			best, at = loss, c
		}
	}
	return at
}
