package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/hacrash/hacrash/pkg/classify/suspects"
)

// The columns "before" are the ranking by hand, with which the work began: weights by
// judgement and some search, and scores instead of probabilities. It was measured on 63
// queries, many but not all of them those of testdata/queries.yaml, so the columns say
// which way is better and not for which crash. Of verdicts there is no such figure.

// row is a line of the table of suspects before, in percent.
type row struct {
	queries           string
	top1, top5, top10 float64
	mrr               float64
}

// band is a range of certainty, and what was said in it before: there the bounds were
// scores, 25 and 15.
type band struct {
	name         string
	least, below float64
	before       claims
}

func bands() []band {
	return []band{
		{"strong", suspects.StrongFrom, 2, claims{said: 25, first: 19, five: 23, without: 7}},
		{"weak", suspects.WeakFrom, suspects.StrongFrom, claims{said: 23, first: 8, five: 13, without: 31}},
		{"nothing", 0, suspects.WeakFrom, claims{said: 15, first: 3, five: 5, without: 25}},
	}
}

// beforeOf is how many queries claims of before were counted on.
const beforeOf = 63

func (e *evaluation) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	e.printVerdicts(w)
	e.printRanks(w)
	e.printClaims(w)
	_ = w.Flush()
}

func (e *evaluation) printVerdicts(w io.Writer) {
	line := func(name string, of, n int, note string) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%.0f %%\tnot measured\t%s\n", name, of, n, percent(n, of), note)
	}
	fmt.Fprintf(w, "verdicts on public reports\tof\tcases\t\tbefore\n")
	line("kind is right", len(e.cases), e.rightKind, "")
	note := ""
	if len(e.missed) > 0 {
		note = "not named: " + strings.Join(e.missed, ", ")
	}
	line("bugs with a signature: named", e.known, e.recognised, note)
	line("called known, and another bug", len(e.cases), e.wrong, "")
}

func (e *evaluation) printRanks(w io.Writer) {
	fmt.Fprintf(w, "\nsuspects\tqueries\ttop 1\ttop 5\ttop 10\tMRR\tbefore, by hand\ttop 1\ttop 5\ttop 10\tMRR\n")
	line := func(name string, list []outcome, was *row) {
		r := sumUp(list)
		fmt.Fprintf(w, "%s\t%d\t%.0f %%\t%.0f %%\t%.0f %%\t%.2f\t", name, r.n, percent(r.top1, r.n), percent(r.top5, r.n), percent(r.top10, r.n), r.mrr)
		if was == nil {
			fmt.Fprintf(w, "not measured\t\t\t\t\n")
			return
		}
		fmt.Fprintf(w, "%s\t%.0f %%\t%.0f %%\t%.0f %%\t%.2f\n", was.queries, was.top1, was.top5, was.top10, was.mrr)
	}
	line("reports, cross-validated", only(e.cross, isReport), &row{"31, held out", 52, 68, 71, 0.59})
	line("reports, weights as shipped (fitted on them)", only(e.shipped, isReport), &row{"32, tuned on them", 44, 62, 66, 0.52})
	line("cases that tell anything, cross-validated", only(e.cross, isTellingCase), nil)
	line("both, cross-validated", only(e.cross, isEither), &row{"63, both", 48, 65, 68, 0.55})
}

func (e *evaluation) printClaims(w io.Writer) {
	all := only(e.cross, hasVersion)
	fmt.Fprintf(w, "\nwhat is said, cross-validated\tof\tsaid\tright: first\tin top 5\t\tsaid when the fix is not there\tbefore: of\tsaid\tfirst\tin top 5\tfix not there\n")
	for _, b := range bands() {
		c := claimed(all, b.least, b.below)
		fmt.Fprintf(w, "%s (%.2f and more)\t%d\t%d\t%d\t%d\t%.0f %%\t%d\t%d\t%d\t%d\t%d\t%d\n",
			b.name, b.least, len(all), c.said, c.first, c.five, percent(c.five, c.said), c.without,
			beforeOf, b.before.said, b.before.first, b.before.five, b.before.without)
	}
}
