package suspects

// Fitted are the weights that internal/eval -fit gives for all its queries.
func Fitted() Weights {
	return Weights{
		Parts: [Parts]float64{
			Changed: 2.25, Called: 2.32, Named: 0.95, Condition: 1.62,
			File: 1.53, Near: 2.03, Label: 2.30, Related: 2.83, Other: 1.86,
			SameKind: 2.19, AnyCrash: 1.00, Major: 1.01, Minor: -1.06, Leak: -1.23,
			Soon: 5.56, SoonDev: 2.72, Fresh: 1.84, Cited: 2.40,
		},
		None: 12.00,
	}
}

// StrongFrom is what Ranking.Sure must be for suspects to be strong. Cross-validated, the
// fix was then among the first five in at least nine of ten crashes; with the fix taken out
// of the history some still got there, so that strong means that one of the five is likely
// right, and not more.
const StrongFrom = 0.8
