package suspects

// Fitted are the weights that internal/eval -fit gives for all its queries.
func Fitted() Weights {
	return Weights{
		Parts: [Parts]float64{
			Changed: 1.26, Called: 3.09, Named: 1.33, Condition: 1.68,
			File: 0.49, Near: 2.84, Label: 2.40, Related: 2.59, Other: 1.80,
			SameKind: 1.99, AnyCrash: 0.46, Major: 0.96, Minor: -1.22, Leak: -1.33,
			Soon: 5.20, SoonDev: 2.27, Fresh: 0.51, Cited: 2.40,
		},
		None: 12.00,
	}
}

// StrongFrom is what Ranking.Sure must be for suspects to be strong. Cross-validated, the
// fix was then among the first five in at least nine of ten crashes; with the fix taken out
// of the history some still got there, so that strong means that one of the five is likely
// right, and not more.
const StrongFrom = 0.8
