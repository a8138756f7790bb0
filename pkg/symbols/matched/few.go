package matched

import "slices"

// maxRing is how many functions are looked at for those that are asked for.
const maxRing = 1200

// few are the rounds for some functions and their neighbours.
var few = [...]gate{rounds[0], rounds[3], rounds[6]}

// matchFew names functions with their neighbours, and with their rivals: those that have the
// neighbours which the likeliest name wants. A name that fits two functions is none, and both must
// be looked at.
func (m *matcher) matchFew(asked []int32) (found []guess) {
	r := ring{m: m, in: map[int32]bool{}}
	for _, k := range asked {
		r.add(k)
	}
	for _, k := range asked {
		for _, e := range m.p.edgesOf(k) {
			r.add(e.to)
		}
		if b, is := m.best(k); is {
			m.rivals(b.record, r.add)
		}
	}
	slices.Sort(r.list)
	found = m.match(r.list, few[:])
	n := len(r.list)
	for _, g := range found {
		if slices.Contains(asked, g.function) {
			m.rivals(g.record, r.add)
		}
	}
	for _, k := range r.list[n:] {
		if b, is := m.best(k); is {
			found = append(found, b)
		}
	}
	m.contest(found)
	return found
}

// ring is a list of functions that are looked at.
type ring struct {
	m    *matcher
	list []int32
	in   map[int32]bool
}

func (r *ring) add(k int32) {
	if r.m.p.functions[k].nameless() && !r.in[k] && len(r.list) < maxRing {
		r.in[k] = true
		r.list = append(r.list, k)
	}
}
