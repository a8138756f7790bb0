package suspects

// Fitted are the weights that internal/eval -fit gives for all its queries.
func Fitted() Weights {
	return Weights{
		Parts: [Parts]float64{
			Changed: 1.35, Called: 3.48, Named: 1.19, Condition: 1.72,
			File: 0.42, Near: 2.63, Label: 2.35, Related: 2.61, Other: 1.82,
			SameKind: 1.91, AnyCrash: 0.49, Major: 0.81, Minor: -1.29, Leak: -1.24,
			Soon: 5.01, SoonDev: 2.76, Fresh: 0.86, Cited: 2.40,
		},
		None: 11.50,
	}
}

// StrongFrom is what Ranking.Sure must be for suspects to be strong. Cross-validated, the
// fix was then among the first five in at least nine of ten crashes; with the fix taken out
// of the history some still got there, so that strong means that one of the five is likely
// right, and not more.
const StrongFrom = 0.8
