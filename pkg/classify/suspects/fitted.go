package suspects

// Fitted are the weights that internal/eval -fit gives for all its queries.
func Fitted() Weights {
	return Weights{
		Parts: [Parts]float64{
			Changed: 1.48, Called: 3.48, Named: 1.33, Condition: 1.71,
			File: 0.42, Near: 2.75, Label: 2.37, Related: 2.42, Other: 1.78,
			SameKind: 1.93, AnyCrash: 0.39, Major: 0.92, Minor: -1.25, Leak: -1.33,
			Soon: 5.12, SoonDev: 2.48, Fresh: 0.57, Cited: 2.40,
		},
		None: 12.00,
	}
}

// StrongFrom is what Ranking.Sure must be for suspects to be strong. Cross-validated, the
// fix was then among the first five in at least nine of ten crashes; with the fix taken out
// of the history some still got there, so that strong means that one of the five is likely
// right, and not more.
const StrongFrom = 0.8
