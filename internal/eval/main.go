package main

import (
	"fmt"
	"os"

	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/fixes"
	"text/tabwriter"
)

func main() {
	db, err := classify.Load()
	if err != nil {
		panic(err)
	}
	x, err := fixes.Load()
	if err != nil {
		panic(err)
	}
	list, err := cases(".", db)
	if err != nil {
		panic(err)
	}
	qs, err := queries(".", list, x)
	if err != nil {
		panic(err)
	}
	cv := crossValidate(qs)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	sumUp(only(cv, func(q *query) bool { return q.report })).print(w, "reports cv")
	sumUp(only(cv, func(q *query) bool { return !q.report && q.telling })).print(w, "cases cv")
	ww := fit(qs)
	var all []outcome
	for _, q := range qs {
		all = append(all, judge(q, &ww))
	}
	sumUp(only(all, func(q *query) bool { return q.report })).print(w, "reports fit")
	w.Flush()
	for _, t := range []float64{.2, .3, .4, .5, .6, .7, .75, .8, .85, .9, .95} {
		n, r, wo := said(only(cv, func(q *query) bool { return q.telling }), t, 2)
		n2, r2, wo2 := said(only(cv, func(q *query) bool { return q.telling && q.facts.Version.Raw != "" }), t, 2)
		fmt.Println(t, n, r, wo, "  with version", n2, r2, wo2)
	}
	fmt.Printf("%.2f\n", ww)
}
