package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/hacrash/hacrash/pkg/classify/suspects"
)

// before are figures of the program that this one replaced, on the same crashes: weights
// of 39 reports and 25 cases, and nothing said without a version, which 48 of them tell.
type before struct{ top1, top5 float64 }

func (e *evaluation) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	e.printVerdicts(w)
	e.printRanks(w)
	e.printWithheld(w)
	e.printReached(w)
	e.printClaims(w)
	e.printWeights(w)
	_ = w.Flush()
}

func (e *evaluation) printVerdicts(w io.Writer) {
	line := func(name string, of, n int, note string) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%.0f %%\t%s\n", name, of, n, percent(n, of), note)
	}
	list := func(what string, ids []string) string {
		if len(ids) == 0 {
			return ""
		}
		return what + ": " + strings.Join(ids, ", ")
	}
	fmt.Fprintf(w, "verdicts on public reports\tof\tcases\t\n")
	line("kind is right", len(e.cases), len(e.cases)-len(e.wrongKind), list("not", e.wrongKind))
	line("bugs with a signature: named", e.known, e.recognised, list("not", e.missed))
	line("near: a signature of the bug", e.near, e.nearRight, "of the verdicts that have any")
	line("called known, and another bug", len(e.cases), e.wrong, "")
}

func (e *evaluation) printRanks(w io.Writer) {
	fmt.Fprintf(w, "\nsuspects, cross-validated\tqueries\ttop 1\ttop 5\ttop 10\tMRR\tbefore: top 1\ttop 5\n")
	line := func(name string, list []outcome, place func(outcome) int, was *before) {
		r := sumUp(list, place)
		fmt.Fprintf(w, "%s\t%d\t%.0f %%\t%.0f %%\t%.0f %%\t%.2f\t", name, r.n, percent(r.top1, r.n), percent(r.top5, r.n), percent(r.top10, r.n), r.mrr)
		if was == nil {
			fmt.Fprintf(w, "\t\n")
			return
		}
		fmt.Fprintf(w, "%.0f %%\t%.0f %%\n", was.top1, was.top5)
	}
	line("reports", only(e.cross, isReport), byRank, nil)
	line("cases", only(e.cross, isCase), byRank, nil)
	line("cases with a version", only(e.cross, isVersionedCase), byRank, nil)
	line("all", only(e.cross, isSolid), byRank, nil)
	line("all with a version", only(e.cross, isVersioned), byRank, nil)
	line("cases, signatures first, as shown", only(e.cross, isCase), asShown, &before{32, 34})
	line("cases with a version, as shown", only(e.cross, isVersionedCase), asShown, &before{52, 56})
	line("all, weights as shipped (fitted on them)", only(e.shipped, isSolid), byRank, nil)
}

func (e *evaluation) printWithheld(w io.Writer) {
	fmt.Fprintf(w, "\nthe version, cross-validated\tqueries\tstated: first\tin top 5\ttold by lines: first\tin top 5\n")
	line := func(name string, list []withheld) {
		with, without := inFive(list)
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\n", name, with.n, with.top1, with.top5, without.top1, without.top5)
	}
	few := func(least, most int) []withheld {
		return slices.DeleteFunc(slices.Clone(e.drawn), func(x withheld) bool { return x.releases < least || x.releases > most })
	}
	line("cases that state it, and have lines", e.unstated)
	line("queries with lines that were drawn", e.drawn)
	line("  that fit up to 5 releases", few(1, 5))
	line("  6 to 25", few(6, 25))
	line("  26 to 200", few(26, 200))
}

func (e *evaluation) printClaims(w io.Writer) {
	all := only(e.cross, isTelling)
	fmt.Fprintf(w, "\nwhat is said, cross-validated\tof\tsaid\tright: first\tin top 5\t\tsaid when the fix is not there\tprobability said\tand true\n")
	below := 2.0
	for _, least := range []float64{0.9, suspects.StrongFrom, 0.6, 0.4, 0.2, 0} {
		c := claimed(all, least, below)
		name := "weak"
		if least >= suspects.StrongFrom {
			name = "strong"
		}
		fmt.Fprintf(w, "%s (%.2f and more)\t%d\t%d\t%d\t%d\t%.0f %%\t%d\t%.2f\t%.2f\n",
			name, least, len(all), c.said, c.first, c.five, percent(c.five, c.said), c.without, c.predicted, c.came)
		below = least
	}
}

// printWeights shows how far the weights depend on the crashes that they are fitted on.
func (e *evaluation) printWeights(w io.Writer) {
	f := suspects.Fitted()
	fmt.Fprintf(w, "\nweight\tshipped\tstandard deviation over the folds\n")
	for p := range suspects.Parts {
		fmt.Fprintf(w, "%s\t%.2f\t%.2f\n", p, f.Parts[p], spread(e.weights, p))
	}
}
