package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/classify/suspects"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes/sentences"
)

// reached is a crash ranked among all fixes, and without those that the process cannot reach.
type reached struct {
	before, after outcome
	// left are the fixes that were left out, lost one of them that is the true one.
	left int
	lost bool
}

// parts are what a core or a configuration tells to be in use or not.
var parts = strings.Fields("quic h2 fcgi lua spop cache compression peers bwlim")

// reaching measures what it is worth to know what the process used: by the features that a
// report lists, by what the crash shows in use, and with a configuration that uses no more than
// that and what the bug needs: the least that one can be, and so the most that it can be worth.
func (e *evaluation) reaching(r *suspects.Ranker) error {
	for _, o := range e.cross {
		if o.q.unsure || o.q.of == nil || len(o.q.of.got) == 0 {
			continue
		}
		c := o.q.of.got[0]
		if c.Process != nil && len(c.Process.Features) > 0 {
			if err := e.reach(&e.listed, o, o.q.facts, r); err != nil {
				return err
			}
		}
		shown := classify.Evident(c)
		if err := e.reach(&e.seen, o, classify.QueryOf(using(c, shown)), r); err != nil {
			return err
		}
		for _, fix := range o.q.commits {
			said, _ := sentences.Of(fix)
			shown = append(shown, said.Needs...)
		}
		if err := e.reach(&e.configured, o, classify.QueryOf(using(c, shown)), r); err != nil {
			return err
		}
	}
	return nil
}

// using is the crash of a process that used no more than the needs.
func using(c *crash.Crash, needs []string) *crash.Crash {
	out, p := *c, crash.Process{}
	if c.Process != nil {
		p = *c.Process
	}
	p.Uses, p.Unused = nil, nil
	for _, need := range needs {
		p.Uses = append(p.Uses, strings.Split(need, "|")...)
	}
	for _, part := range parts {
		if !slices.Contains(p.Uses, part) {
			p.Unused = append(p.Unused, part)
		}
	}
	out.Process = &p
	return &out
}

func (e *evaluation) reach(to *[]reached, o outcome, with suspects.Query, r *suspects.Ranker) error {
	without := with
	without.Reach = nil
	x := reached{}
	var pools [2]*query
	for i, facts := range []suspects.Query{without, with} {
		q := &query{name: o.q.name, issue: o.q.issue, of: o.q.of, commits: o.q.commits, facts: facts}
		if err := q.gather(r); err != nil {
			return err
		}
		pools[i] = q
	}
	w := &e.weights[o.q.fold()]
	x.before, x.after = judge(pools[0], w), judge(pools[1], w)
	x.left = len(pools[0].pool) - len(pools[1].pool)
	x.lost = pools[0].inPool && !pools[1].inPool
	*to = append(*to, x)
	return nil
}

func (e *evaluation) printReached(w io.Writer) {
	fmt.Fprintf(w, "\nwhat the process used, cross-validated\tqueries\tnot known: first\tin top 5\tknown: first\tin top 5\tleft out\tof them true\n")
	for _, t := range []struct {
		name string
		list []reached
	}{{"cases that list the features built in", e.listed}, {"cases, by what they show", e.seen}, {"cases, and a configuration of that and what the bug needs", e.configured}} {
		var before, after []outcome
		left, pool, lost := 0, 0, 0
		for _, x := range t.list {
			before, after = append(before, x.before), append(after, x.after)
			left, pool = left+x.left, pool+len(x.before.q.pool)
			if x.lost {
				lost++
			}
		}
		a, b := sumUp(before, byRank), sumUp(after, byRank)
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%.0f %%\t%d\n", t.name, a.n, a.top1, a.top5, b.top1, b.top5, percent(left, pool), lost)
	}
}
