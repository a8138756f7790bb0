// Command eval measures what verdicts are worth: on public crash reports, how many are of
// the right kind, how many of the known bugs are recognised, how often a bug is called
// known that is another; and by cross-validation how often the fix of a crash is among the
// suspects, and whether what is said to be probable is. It knows what no other package
// does: the truth.
//
// With -fit it prints the weights that fit all the queries, to be put into
// pkg/classify/suspects/fitted.go; with -v where the fix of each query stands.
//
//	go run ./internal/eval [-fit] [-v]
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/classify/suspects"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
)

func main() {
	weights := flag.Bool("fit", false, "print the weights that fit all queries")
	verbose := flag.Bool("v", false, "print where the fix of each query stands")
	flag.Parse()
	e, err := evaluate(".")
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "eval:", err)
		os.Exit(1)
	case *weights:
		w := fit(e.queries)
		for p := range suspects.Parts {
			fmt.Printf("%s: %.2f,\n", p, w.Parts[p])
		}
		fmt.Printf("None: %.2f\n", w.None)
		return
	case *verbose:
		for _, o := range e.cross {
			fmt.Printf("%s\t%v\tof %d\trank %d\tshown %d\tsure %.2f\n", o.q.name, o.q.facts.Versions, len(o.q.pool), o.rank, o.shown, o.sure)
		}
	}
	e.print(os.Stdout)
}

// evaluation is all that is measured.
type evaluation struct {
	queries []*query
	cases   []publicCase
	// Of bugs that a signature can know, recognised are those that it names, and missed the
	// cases of the others. wrong are called known and are not.
	known, recognised, wrong int
	wrongKind, missed        []string
	// near are verdicts with signatures that lack facts, nearRight those with the right one.
	near, nearRight int
	cross, shipped  []outcome
	weights         []suspects.Weights
	// unstated are the cases whose lines tell releases, without the version that they state,
	// drawn the queries with places of testdata.
	unstated, drawn []withheld
	// listed are the cases that list the features of the build, seen all by what they show, and
	// configured all with a configuration; each ranked without and with it.
	listed, seen, configured []reached
}

func evaluate(root string) (*evaluation, error) {
	db := classify.Load()
	x, err := fixes.Load()
	if err != nil {
		return nil, err
	}
	e := &evaluation{}
	if e.cases, err = cases(root, db); err != nil {
		return nil, err
	}
	e.verdicts(db)
	ranker, err := suspects.NewRanker(x)
	if err != nil {
		return nil, err
	}
	if e.queries, err = queries(root, e.cases, ranker); err != nil {
		return nil, err
	}
	e.cross, e.weights = crossValidate(e.queries)
	if err := e.withholding(root, db, ranker); err != nil {
		return nil, err
	}
	if err := e.reaching(ranker); err != nil {
		return nil, err
	}
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
		kind := "none" // what the lines of a case hold may be nobody's
		if len(c.got) > 0 {
			kind = string(c.got[0].Kind)
		}
		if kind != c.Kind {
			e.wrongKind = append(e.wrongKind, c.ID+" "+kind)
		}
		can, right, near := false, false, false
		for _, f := range c.Fixes {
			can = can || covered[f[:10]]
		}
		for _, g := range c.got {
			named := names(g.Verdict.Matches, c.Fixes)
			right = right || named
			if g.Verdict.Status == crash.Known && !named {
				e.wrong++
			}
			near = near || len(g.Verdict.Near) > 0
			if names(g.Verdict.Near, c.Fixes) {
				e.nearRight++
			}
		}
		if near {
			e.near++
		}
		if !can {
			continue
		}
		if e.known++; right {
			e.recognised++
		} else {
			e.missed = append(e.missed, c.ID)
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
