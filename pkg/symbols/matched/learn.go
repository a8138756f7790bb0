package matched

import (
	"cmp"
	"math"
	"slices"
)

// Source is what the full symbol table and the debug data say of a function.
type Source struct {
	Name, Unit string
	Header     bool
}

// kept is how many of its features a record keeps, the rarest. Ten tell as much as all, but a large
// function also holds those of smaller ones that were inlined there, and must not pass for one of
// them.
func kept(features int) int { return min(features, max(10, min(features/2, mostFeatures))) }

const mostFeatures = 40

// keptReferring is how many of those who refer to a function are kept at least.
const keptReferring = 3

// stay is by how much more a feature counts that the release before kept: a table of few
// different records is small.
const stay = 1.0

// Learn makes the records of a release from its executable. name gives the source of a function
// by its link-time address; before has the records of an earlier release.
func (p *Program) Learn(name func(addr uint64) (Source, bool), before []Record) []Record {
	p.scan()
	l := learner{p: p, labels: make([]Label, len(p.functions)), seen: map[Feature]map[Label]bool{}, before: map[Label]map[Feature]bool{}}
	for _, r := range before {
		l.before[r.Label] = map[Feature]bool{}
		for _, f := range r.Features {
			l.before[r.Label][f.key()] = true
		}
	}
	for k := range p.functions {
		f := &p.functions[k]
		if f.symbol >= 0 {
			l.labels[k] = Label{Exported: hashName(p.symbolName(f.symbol))}
		} else if s, ok := name(f.start); ok {
			l.labels[k] = Label{Name: s.Name, Unit: s.Unit, Header: s.Header}
			if s.Header {
				l.labels[k].Unit = ""
			}
		}
	}
	return l.records()
}

type learner struct {
	p      *Program
	labels []Label
	seen   map[Feature]map[Label]bool // labels that have a feature
	before map[Label]map[Feature]bool
}

func (l *learner) records() (out []Record) {
	names := map[Label]bool{}
	for k := range l.p.functions {
		f := &l.p.functions[k]
		if !f.nameless() || l.labels[k].Name == "" {
			continue
		}
		r := Record{Label: l.labels[k], Size: f.logSize(), Pointed: l.p.pointed(int32(k)), Features: l.features(int32(k))}
		names[r.Label] = true
		for _, f := range r.Features {
			if l.seen[f] == nil {
				l.seen[f] = map[Label]bool{}
			}
			l.seen[f][r.Label] = true
		}
		out = append(out, r)
	}
	for i := range out {
		l.keep(&out[i], len(names))
	}
	out = slices.DeleteFunc(out, func(r Record) bool { return len(r.Features) == 0 })
	sortRecords(out)
	return slices.CompactFunc(out, func(a, b Record) bool {
		return a.Label == b.Label && a.Size == b.Size && a.Pointed == b.Pointed && slices.Equal(a.Features, b.Features)
	})
}

// features gives all that a function has, once each.
func (l *learner) features(k int32) (out []Feature) {
	for _, h := range l.p.featuresOf(k) {
		out = append(out, Feature{Hash: h})
	}
	for _, e := range l.p.edgesOf(k) {
		if n := l.labels[e.to]; n != (Label{}) {
			out = append(out, Feature{Kind: e.kind, Neighbour: n})
		}
	}
	slices.SortFunc(out, compareFeatures)
	return slices.Compact(out)
}

// keep leaves a record its rarest features.
func (l *learner) keep(r *Record, names int) {
	before := l.before[r.Label]
	value := func(f Feature) float64 {
		v := float64(f.Weight) / weightUnit
		if before[f.key()] {
			v += stay
		}
		return v
	}
	for i := range r.Features {
		f := &r.Features[i]
		w := math.Log(float64(names+1) / (float64(len(l.seen[*f])) + 0.5))
		f.Weight = uint8(max(1, min(255, math.Round(w*kindWeight(f.Kind)*weightUnit))))
	}
	slices.SortStableFunc(r.Features, func(a, b Feature) int { return cmp.Compare(value(b), value(a)) })
	n, referred := kept(len(r.Features)), 0
	for i, f := range r.Features {
		if referring(f.Kind) {
			if referred++; i >= n && referred <= keptReferring {
				r.Features[n] = f
				n++
			}
		}
	}
	r.Features = r.Features[:n]
	slices.SortFunc(r.Features, compareFeatures)
}

// kindWeight is how much an edge says, compared with a string of which there are as many.
func kindWeight(kind uint8) float64 {
	switch {
	case kind == 0:
		return 1
	case kind < tableBy:
		return 0.9
	}
	return 0.5
}
