package suspects

// Fitted are the weights that internal/eval -fit gives for all its queries.
func Fitted() Weights {
	return Weights{
		Parts: [Parts]float64{
			Changed: 1.53, Called: 3.50, Named: 1.21, Condition: 1.71,
			File: 0.49, Near: 2.73, Label: 2.37, Related: 2.45, Other: 1.79,
			SameKind: 1.96, AnyCrash: 0.48, Major: 0.90, Minor: -1.27, Leak: -1.29,
			Soon: 5.15, SoonDev: 2.16, Fresh: 0.92, Cited: 2.40,
		},
		None: 11.75,
	}
}

// StrongFrom is what Ranking.Sure must be for suspects to be strong. Cross-validated, the
// fix was then among the first five in at least nine of ten crashes; with the fix taken out
// of the history some still got there, so that strong means that one of the five is likely
// right, and not more.
const StrongFrom = 0.8
