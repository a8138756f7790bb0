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
	// temper is how far the weights go at last: crashes that they are not fitted on are
	// less clear. Cross-validated, what is said is most probable with this.
	temper = 0.8
	// cited is where Cited is held. The truths are known because their fixes name the
	// report, so that a fit of it (4.7) says more than is true of a crash that comes in.
	cited = 3
)

// guess is where the fit begins: the order of the parts by hand.
var guess = suspects.Weights{Parts: [suspects.Parts]float64{
	suspects.Changed: 4, suspects.Called: 2.5, suspects.Named: 1, suspects.Condition: 2,
	suspects.File: 1.5, suspects.Near: 1.5, suspects.Label: 3, suspects.Related: 2, suspects.Other: 1,
	suspects.SameKind: 1.5, suspects.AnyCrash: 1, suspects.Major: 0.5, suspects.Minor: -0.5, suspects.Leak: -0.5,
	suspects.Soon: 1, suspects.SoonDev: 0.5, suspects.Fresh: 0.5, suspects.Cited: cited,
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
			if p == int(suspects.Cited) {
				continue
			}
			speed[p] = momentum*speed[p] + slope[p]/n - pull*(w.Parts[p]-guess.Parts[p])
			w.Parts[p] += rate * speed[p]
			if p <= int(suspects.Other) && w.Parts[p] < 0 {
				w.Parts[p], speed[p] = 0, 0
			}
		}
	}
	for p := range w.Parts {
		w.Parts[p] *= temper
	}
	w.None = none(train, &w)
	return w
}

func score(w *suspects.Weights, e *suspects.Gathered) float64 {
	s, _ := w.Settle(e)
	return s
}

// climb adds the slope of the logarithm of one query's likelihood.
func climb(q *query, w *suspects.Weights, slope *vector) {
	top := math.Inf(-1)
	scores, values := make([]float64, len(q.close)), make([]vector, len(q.close))
	for k, i := range q.close {
		scores[k], values[k] = w.Settle(&q.pool[i])
		top = max(top, scores[k])
	}
	var all, right float64
	var ofAll, ofRight vector
	for k, i := range q.close {
		p := math.Exp(scores[k] - top)
		all += p
		if q.right[i] {
			right += p
		}
		if p < 1e-7 && !q.right[i] {
			continue
		}
		for part, v := range values[k] {
			ofAll[part] += p * v
			if q.right[i] {
				ofRight[part] += p * v
			}
		}
	}
	weight := right / all / (right/all + lost)
	for k := range slope {
		slope[k] += weight * (ofRight[k]/right - ofAll[k]/all)
	}
}

// none is the score of "none of these" that fits best, when the fix is there as
// often as it is in life and else is missing.
func none(train []*query, w *suspects.Weights) float64 {
	type sums struct{ all, right float64 }
	var list []sums
	for _, q := range train {
		if !q.inPool || !q.telling {
			continue
		}
		var s sums
		for i := range q.pool {
			e := math.Exp(score(w, &q.pool[i]))
			s.all += e
			if q.right[i] {
				s.right += e
			}
		}
		list = append(list, s)
	}
	best, at := math.Inf(1), 0.0
	for c := 0.0; c < 30; c += 0.25 {
		loss, e := 0.0, math.Exp(c)
		for _, s := range list {
			loss -= fixed*math.Log(s.right/(s.all+e)+1e-3) + (1-fixed)*math.Log(e/(s.all-s.right+e)+1e-3)
		}
		if loss < best {
			best, at = loss, c
		}
	}
	return at
}
