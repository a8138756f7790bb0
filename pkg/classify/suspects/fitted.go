package suspects

// Fitted are the weights that internal/eval -fit gives for all its queries.
func Fitted() Weights {
	return Weights{
		Parts: [Parts]float64{
			Changed: 1.58, Called: 3.48, Named: 1.22, Condition: 1.71,
			File: 0.50, Near: 2.71, Label: 2.34, Related: 2.49, Other: 1.80,
			SameKind: 1.92, AnyCrash: 0.41, Major: 0.86, Minor: -1.25, Leak: -1.30,
			Soon: 5.12, SoonDev: 2.15, Fresh: 1.06, Cited: 2.40,
		},
		None: 11.75,
	}
}

// StrongFrom is what Ranking.Sure must be for suspects to be strong. Cross-validated, the
// fix was then among the first five in at least nine of ten crashes; with the fix taken out
// of the history some still got there, so that strong means that one of the five is likely
// right, and not more.
const StrongFrom = 0.8
