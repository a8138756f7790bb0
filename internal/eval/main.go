// Command eval measures what verdicts are worth: on public crash reports, how
// many are of the right kind, how many of the known bugs are recognised, how often a
// bug is called known that is another; and by cross-validation how often the fix of a
// crash is among the suspects, beside the figures of the ranking by hand with which
// the work began. It knows what no other package does: the truth.
//
// With -fit it prints the weights that fit all the queries, to be put into
// pkg/classify/suspects/fitted.go.
//
//	go run ./internal/eval [-fit]
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/classify/suspects"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
)

func main() {
	weights := flag.Bool("fit", false, "print the weights that fit all queries")
	flag.Parse()
	e, err := evaluate(".")
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "eval:", err)
		os.Exit(1)
	case *weights:
		w := fit(e.queries)
		for p, v := range w.Parts {
			fmt.Printf("%.2f, // %d\n", v, p)
		}
		fmt.Printf("None: %.2f\n", w.None)
	default:
		e.print(os.Stdout)
	}
}

// evaluation is all that is measured.
type evaluation struct {
	queries []*query
	cases   []publicCase
	// rightKind are cases of the right kind. Of bugs that a signature can know,
	// recognised are those that it names. wrong are called known and are not.
	rightKind, known, recognised, wrong int
	cross                               []outcome
	shipped                             []outcome
}

func evaluate(root string) (*evaluation, error) {
	db, err := classify.Load()
	if err != nil {
		return nil, err
	}
	x, err := fixes.Load()
	if err != nil {
		return nil, err
	}
	e := &evaluation{}
	if e.cases, err = cases(root, db); err != nil {
		return nil, err
	}
	e.verdicts(db)
	if e.queries, err = queries(root, e.cases, x); err != nil {
		return nil, err
	}
	e.cross = crossValidate(e.queries)
	w := suspects.Fitted()
	for _, q := range e.queries {
		e.shipped = append(e.shipped, judge(q, &w))
	}
	return e, nil
}

// verdicts compares the verdicts on the cases with the truth.
func (e *evaluation) verdicts(db *classify.DB) {
	covered := map[string]bool{}
	for _, s := range db.Signatures() {
		for _, c := range append([]string{s.Fix}, s.Related...) {
			covered[c[:10]] = true
		}
	}
	for _, c := range e.cases {
		if len(c.got) > 0 && string(c.got[0].Kind) == c.Kind {
			e.rightKind++
		}
		can := false
		for _, f := range c.Fixes {
			can = can || covered[f[:10]]
		}
		if can {
			e.known++
		}
		right := false
		for _, g := range c.got {
			named := names(g.Verdict.Matches, c.Fixes)
			right = right || named
			if g.Verdict.Status == crash.Known && !named {
				e.wrong++
			}
		}
		if can && right {
			e.recognised++
		}
	}
}

func names(matches []crash.Match, commits []string) bool {
	for _, m := range matches {
		for _, have := range m.Fixes {
			for _, c := range commits {
				if have[:10] == c[:10] {
					return true
				}
			}
		}
	}
	return false
}

// strong and weak are the bounds of what is said.
func (e *evaluation) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "verdicts on public reports\tof\tright\t\n")
	fmt.Fprintf(w, "kind\t%d\t%d\t%.0f %%\n", len(e.cases), e.rightKind, percent(e.rightKind, len(e.cases)))
	fmt.Fprintf(w, "bugs with a signature: named\t%d\t%d\t%.0f %%\n", e.known, e.recognised, percent(e.recognised, e.known))
	fmt.Fprintf(w, "called known, and another bug\t%d\t%d\t%.0f %%\n", len(e.cases), e.wrong, percent(e.wrong, len(e.cases)))
	fmt.Fprintf(w, "\nsuspects\tqueries\ttop 1\ttop 5\ttop 10\tMRR\n")
	fmt.Fprintf(w, "by hand, before: tuned on\t32\t44 %%\t62 %%\t66 %%\t0.52\n")
	fmt.Fprintf(w, "by hand, before: held out\t31\t52 %%\t68 %%\t71 %%\t0.59\n")
	fmt.Fprintf(w, "by hand, before: all\t63\t48 %%\t65 %%\t68 %%\t0.55\n")
	sumUp(only(e.cross, isReport)).print(w, "reports, cross-validated")
	sumUp(only(e.shipped, isReport)).print(w, "reports, weights as shipped (fitted on them)")
	sumUp(only(e.cross, isTellingCase)).print(w, "cases that tell anything, cross-validated")
	fmt.Fprintf(w, "\nwhat is said, cross-validated\tof\tsaid\tright in top 5\t\tsaid when the fix is not there\n")
	all := only(e.cross, hasVersion)
	for _, c := range bands() {
		n, right, without := said(all, c.least, c.below)
		fmt.Fprintf(w, "%s (%.2f and more)\t%d\t%d\t%d\t%.0f %%\t%d\n", c.name, c.least, len(all), n, right, percent(right, n), without)
	}
	_ = w.Flush()
}

type band struct {
	name         string
	least, below float64
}

func bands() []band {
	return []band{
		{"strong", suspects.StrongFrom, 2},
		{"weak", suspects.WeakFrom, suspects.StrongFrom},
		{"nothing", 0, suspects.WeakFrom},
	}
}

func isReport(q *query) bool      { return q.report }
func isTellingCase(q *query) bool { return !q.report && q.telling }
func hasVersion(q *query) bool    { return q.facts.Version.Raw != "" && q.telling }
