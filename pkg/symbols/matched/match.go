package matched

import (
	"cmp"
	"math"
	"slices"
)

// Match is a name that a function was given for its likeness.
type Match struct {
	Name, Unit string
	// Similarity is 1 if all that is known of the named function is found in this one, and
	// nothing else. Margin is how much less similar the next name is, or the next function
	// that the name would fit.
	Similarity, Margin float64
}

// The gate: what a name must have at the end.
const (
	leastSimilarity = 0.30
	leastMargin     = 0.2
	leastWeight     = 6
)

// gate is what a match must have in a round.
type gate struct{ similarity, margin, weight float64 }

// rounds: strict at first, for what is named leads to its neighbours; every round names anew.
var rounds = [...]gate{
	{0.6, 0.25, 8}, {0.5, 0.2, 7}, {0.45, 0.15, 6}, {0.4, 0.12, 5}, {0.35, 0.1, 4}, {0.3, 0.08, 3.5}, {0.3, 0.08, 3.5}, {0.25, 0.06, 3},
}

// common is how many records may have a feature that is looked up.
const common = 150

// guess is the best record for a function in a round.
type guess struct {
	function, record           int32
	similarity, margin, weight float64
}

// matcher gives functions of a program the names of a table.
type matcher struct {
	p      *Program
	t      *branch
	label  []int32   // of each function: exported, or named in the last round; -1
	known  []int32   // how often a label is in label
	holder []int32   // the function that had a label last
	fixed  [][]int32 // features of each function that do not change
	scores []float64 // by record
	rest   []float64 // weight of a record's features that can be found; -1: not counted yet
}

func newMatcher(p *Program, t *branch) *matcher {
	m := &matcher{p: p, t: t, label: make([]int32, len(p.functions)), known: make([]int32, len(t.labels)), holder: make([]int32, len(t.labels)), fixed: make([][]int32, len(p.functions)),
		scores: make([]float64, len(t.own)), rest: make([]float64, len(t.own))}
	for k := range p.functions {
		m.label[k] = -1
		if s := p.functions[k].symbol; s >= 0 {
			if l, is := t.exported[hashName(p.symbolName(s))]; is {
				m.setLabel(int32(k), l)
			}
		}
	}
	return m
}

// match names functions, which are nameless, in so many rounds.
func (m *matcher) match(functions []int32, rounds []gate) []guess {
	var named []guess
	for _, g := range rounds {
		for r := range m.rest {
			m.rest[r] = -1
		}
		var all []guess
		for _, k := range functions {
			if b, is := m.best(k); is {
				all = append(all, b)
			}
		}
		m.contest(all)
		for _, b := range named {
			m.setLabel(b.function, -1)
		}
		named = all[:0]
		for _, b := range all {
			if b.similarity >= g.similarity && b.margin >= g.margin && b.weight >= g.weight && !m.stranger(&b) {
				named = append(named, b)
			}
		}
		for _, b := range named {
			m.setLabel(b.function, m.t.own[b.record].label)
		}
	}
	return named
}

// forget takes back what was named, so that the next answer does not hang on the one before.
func (m *matcher) forget() {
	for k := range m.label {
		if m.p.functions[k].symbol < 0 && m.label[k] >= 0 {
			m.setLabel(int32(k), -1)
		}
	}
}

func (m *matcher) setLabel(k, label int32) {
	if old := m.label[k]; old >= 0 {
		m.known[old]--
	}
	m.label[k] = label
	if label >= 0 {
		m.known[label]++
		m.holder[label] = k
	}
}

// featuresOf gives the table's numbers of the features of a function, each once.
func (m *matcher) featuresOf(k int32) []int32 {
	if m.fixed[k] == nil {
		m.fixed[k] = make([]int32, 0, 8)
		for _, h := range m.p.featuresOf(k) {
			if f, is := m.t.hashed[h]; is {
				m.fixed[k] = append(m.fixed[k], f)
			}
		}
	}
	out := slices.Clone(m.fixed[k])
	for _, e := range m.p.edgesOf(k) {
		if l := m.label[e.to]; l >= 0 {
			if f, is := m.t.edges[edgeKey{e.kind, l}]; is {
				out = append(out, f)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// best finds the record that is most like a function.
func (m *matcher) best(k int32) (b guess, is bool) {
	var touched []int32
	var total float64
	for _, f := range m.featuresOf(k) {
		list := m.t.holders(f)
		if len(list) > common || !m.p.spend(len(list)) {
			continue
		}
		w := m.t.weight(f)
		total += w
		for _, r := range list {
			if m.scores[r] == 0 {
				touched = append(touched, r)
			}
			m.scores[r] += w
		}
	}
	b = guess{function: k, record: -1}
	second, size := 0.0, float64(m.p.functions[k].logSize())/16
	for _, r := range touched {
		x := m.scores[r]
		m.scores[r] = 0
		s := x / (x + max(total-x, 0)/2 + max(m.findable(r)-x, 0)/2)
		s *= 1 - min(0.35, 0.12*math.Abs(size-float64(m.t.own[r].size)/16))
		other := b.record >= 0 && m.t.own[b.record].label != m.t.own[r].label && m.t.name(b.record) != m.t.name(r)
		switch {
		case b.record < 0 || s > b.similarity || s == b.similarity && r < b.record:
			if other {
				second = b.similarity
			}
			b.record, b.similarity, b.weight = r, s, x
		case other && s > second:
			second = s
		}
	}
	b.margin = b.similarity - second
	return b, b.record >= 0
}

// stranger says that of all who refer to the named function nobody refers to this one: it holds
// what the compiler of the table inlined there, and is a part of it.
//
// Folklore: clang calls h2_process_demux, which gcc makes a part of h2_process. The one has nearly
// all that is known of the other, but it is not called by h2_io_cb. And of h1_snd_buf and its part
// h1_process_mux only the one is called through a pointer.
func (m *matcher) stranger(b *guess) bool {
	r := &m.t.own[b.record]
	if m.p.pointed(b.function) != r.pointed {
		return true
	}
	features, found := m.featuresOf(b.function), false
	for _, n := range r.features {
		f := m.t.features[n]
		if !referring(f.kind) || m.known[f.neighbour] == 0 {
			continue
		}
		if _, is := slices.BinarySearch(features, n); is {
			return false
		}
		found = true
	}
	return found
}

// pointed says that something holds or takes the address of a function.
func (p *Program) pointed(k int32) bool {
	return len(p.slotsOf(k)) > 0 || slices.ContainsFunc(p.edgesOf(k), func(e edge) bool { return e.kind == takenBy })
}

// referring says that an edge is one from a function that refers to this one, or that stands in a
// table with it.
func referring(kind uint8) bool { return kind == calledBy || kind == takenBy || kind >= tableBy }

// rivals gives the functions that have a neighbour which a record has.
func (m *matcher) rivals(r int32, yield func(k int32)) {
	for _, n := range m.t.own[r].features {
		f := m.t.features[n]
		if f.neighbour < 0 || m.known[f.neighbour] == 0 {
			continue
		}
		for _, e := range m.p.edgesOf(m.holder[f.neighbour]) {
			if e.kind == opposite(f.kind) {
				yield(e.to)
			}
		}
	}
}

// opposite is the kind of an edge the other way.
func opposite(kind uint8) uint8 {
	switch {
	case kind >= inTable:
		return kind - inTable + tableBy
	case kind >= tableBy:
		return kind - tableBy + inTable
	case kind == calls, kind == takes:
		return kind + 1
	}
	return kind - 1
}

// findable is the weight of what of a record could be found: edges to neighbours that the program
// has not, or that are not named yet, could not.
func (m *matcher) findable(r int32) float64 {
	if m.rest[r] < 0 {
		m.rest[r] = 0
		for _, f := range m.t.own[r].features {
			if n := m.t.features[f].neighbour; n < 0 || m.known[n] > 0 {
				m.rest[r] += m.t.weight(f)
			}
		}
	}
	return m.rest[r]
}

// contest lowers the margin of functions that want the same name.
func (m *matcher) contest(all []guess) {
	by := make([]int, len(all))
	for i := range by {
		by[i] = i
	}
	label := func(i int) int32 { return m.t.own[all[i].record].label }
	slices.SortStableFunc(by, func(i, j int) int {
		return cmp.Or(cmp.Compare(label(i), label(j)), cmp.Compare(all[j].similarity, all[i].similarity))
	})
	for len(by) > 0 {
		n := slices.IndexFunc(by, func(i int) bool { return label(i) != label(by[0]) })
		if n < 0 {
			n = len(by)
		}
		if n > 1 && !m.t.labels[label(by[0])].Header {
			first, second := all[by[0]].similarity, all[by[1]].similarity
			all[by[0]].margin = min(all[by[0]].margin, first-second)
			for _, i := range by[1:n] {
				all[i].margin = min(all[i].margin, all[i].similarity-first)
			}
		}
		by = by[n:]
	}
}
