package suspects

// Fitted are the weights that internal/eval -fit gives for all its queries.
func Fitted() Weights {
	return Weights{
		Parts: [Parts]float64{
			Changed: 2.58, Called: 2.84, Named: 0.98, Condition: 2.30,
			File: 1.46, Near: 5.02, Label: 4.45, Related: 1.87,
			SameKind: 3.01, AnyCrash: 0.58, Major: 1.40, Minor: -1.65, Leak: -0.83,
			Soon: 7.62, SoonDev: 3.15, Fresh: 3.49,
		},
		None: 15,
	}
}

// What Ranking.Sure must be for suspects to be strong, and to be said at all.
//
// From 0.9 on, the fix was among the first five in all of the 20 cross-validated
// crashes of which it was said; but with the fix taken out of the history, 7 still got
// there. So strong means that one of the five is likely right, and not more.
const (
	StrongFrom = 0.9
	WeakFrom   = 0.3
)
