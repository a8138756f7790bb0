package signatures

import (
	"slices"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// maxShapes bounds the made-up crashes of one signature: some ten times as many as
// signatures had that people wrote, and 10 s for a file that was written to take long.
const maxShapes = 128

// sole is a signature that says that it fits one bug only.
type sole struct {
	*linted
	crashes  []Facts
	affected []bool // by release, in the order of Linter.versions
}

// overlaps finds pairs of unique signatures of which one crash fits both, in one
// version: neither can then be called by its name there, so that one of them claims
// too much.
//
// For each unique signature A crashes are made up that have exactly the facts that
// A requires: one value of each demand, with one group of any_of, in every
// combination. Such a crash is given to the matcher with every other unique
// signature B. If B holds, whatever B requires follows from what A requires, and a
// release is looked for in which the bug of neither is fixed or absent, by the same
// judgement as that of a verdict.
//
// What that proves: a crash with no more facts than A asks for is not told from B
// in that release. What it does not prove: that pairs without a complaint never
// meet. A real crash has facts that neither asks for, and may have all that both
// do (two functions of one stack); bugs of a shape that no signature describes are
// not known here. A pattern is taken as a text of its own, which only a pattern
// that is as wide fits; facts that are derived from others while a crash is read
// (the applet from its handler) count where implied says so. Releases that are not
// in the index are not looked at, nor more than maxShapes combinations.
func (l *Linter) overlaps() {
	var list []sole
	for _, e := range l.entries {
		if e.Unique {
			list = append(list, sole{linted: e, crashes: shapes(&e.Signature)})
		}
	}
	if len(list) < 2 {
		return
	}
	versions := l.versions()
	for _, v := range versions {
		judge := l.index.Judge(v, time.Time{})
		for i := range list {
			b := &list[i]
			b.affected = append(b.affected, judge.Bug(&b.Bug).Status == crash.Affected && judge.LacksAny(b.Lookalikes) == "")
		}
	}
	for i := range list {
		for j := range list[:i] {
			a, b := &list[j], &list[i] // a was added first
			at := a.sharesRelease(b)
			if at < 0 || a.compared && b.compared {
				continue
			}
			switch {
			case b.fits(a.crashes):
				l.overlap(a.linted, b.linted, versions[at])
			case a.fits(b.crashes):
				l.overlap(b.linted, a.linted, versions[at])
			}
		}
	}
}

// overlap complains that b fits what a requires; of a built-in signature that is
// only compared with, about the other.
func (l *Linter) overlap(a, b *linted, v haproxy.Version) {
	const what = "all that %s requires fits %s too, and %s has both bugs; ask for what tells them apart, or take unique out"
	if a.compared {
		l.complain(b, "unique", what, a.ID, "this one", v)
	} else {
		l.complain(a, "unique", what, "this one", b.ID, v)
	}
}

// sharesRelease is the first release that has both bugs, -1 when there is none.
func (s *sole) sharesRelease(o *sole) int {
	for i := range s.affected {
		if s.affected[i] && o.affected[i] {
			return i
		}
	}
	return -1
}

// fits says that the signature fits one of the crashes. Its points are not looked
// at: what a unique signature must ask for makes a probable match at least.
func (s *sole) fits(crashes []Facts) bool {
	return slices.ContainsFunc(crashes, func(f Facts) bool {
		lacks := func(t Test) bool { _, result := f.Test(t); return result != fixes.Yes }
		// Most pairs end here; Try takes its time to word what it finds.
		return !slices.ContainsFunc(s.Require, lacks) && f.Decides(&s.Signature) && f.Try(&s.Signature).Holds
	})
}

// shapes makes up the crashes that have just what a signature needs to be unique.
func shapes(s *Signature) []Facts {
	groups := func(g [][]Test) [][]Test {
		if len(g) == 0 {
			return [][]Test{nil}
		}
		return g
	}
	var out []Facts
	for _, a := range groups(s.AnyOf) {
		for _, d := range groups(s.Decisive) {
			for _, f := range combinations(narrowed(slices.Concat(s.Require, a), d), maxShapes-len(out)) {
				f.implied()
				if f.Try(s).Holds { // else it forbids what it requires
					out = append(out, f)
				}
			}
		}
	}
	return out
}

// narrowed are tests with those of more, which replace one of the same fact.
func narrowed(tests, more []Test) []Test {
	tests = slices.DeleteFunc(tests, func(t Test) bool {
		return slices.ContainsFunc(more, func(m Test) bool { return m.Key == t.Key })
	})
	return append(tests, more...)
}

// combinations takes one value of each demand, in every way, most at most.
func combinations(tests []Test, most int) []Facts {
	if most <= 0 {
		return nil
	}
	list := []Facts{{}}
	for _, t := range tests {
		var next []Facts
		for _, values := range list {
			for _, v := range t.Values {
				if len(next) == most {
					break
				}
				more := Facts{t.Key: slices.Concat(values[t.Key], []string{v})}
				for key, have := range values {
					if key != t.Key {
						more[key] = have
					}
				}
				next = append(next, more)
			}
		}
		list = next
	}
	return list
}

// implied adds the facts that a crash with the others has as well.
func (f Facts) implied() {
	for _, i := range [...]struct{ from, to string }{
		{"condition", "condition_part"}, {"top", "function"}, {"front_mux", "mux"}, {"back_mux", "mux"},
	} {
		f.Add(i.to, f[i.from]...) // without values it stays unknown, which is not the same as none
	}
	f.Applet()
}
