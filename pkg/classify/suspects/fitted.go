package suspects

// Fitted are the weights that internal/eval -fit gives for all its queries.
func Fitted() Weights {
	return Weights{
		Parts: [Parts]float64{
			Changed: 2.44, Called: 2.80, Named: 1.02, Condition: 2.35,
			File: 1.01, Near: 4.60, Label: 4.03, Related: 2.41,
			SameKind: 2.87, AnyCrash: 0.82, Major: 1.45, Minor: -1.77, Leak: -0.88,
			Soon: 7.70, SoonDev: 3.03, Fresh: 3.19,
		},
		None: 14.50,
	}
}

// What Ranking.Sure must be for suspects to be strong, and to be said at all.
//
// From 0.9 on, the fix was among the first five in all of the 20 cross-validated
// crashes of which it was said; but with the fix taken out of the history, 6 still got
// there. So strong means that one of the five is likely right, and not more.
const (
	StrongFrom = 0.9
	WeakFrom   = 0.3
)
