package matched

import (
	"slices"
)

// branch is the part of a pool for the releases of one branch, ready to be looked up.
type branch struct {
	*pool
	own        []record         // of the branch
	hashed     map[uint32]int32 // features by what is referred to
	edges      map[edgeKey]int32
	exported   map[uint32]int32 // labels by hashName
	inverted   []int32          // records that have a feature, by feature
	invertedAt []int32
}

type edgeKey struct {
	kind  uint8
	label int32
}

// name is that of a record.
func (t *branch) name(r int32) string { return t.labels[t.own[r].label].Name }

// weight is that of a feature.
func (t *branch) weight(f int32) float64 { return float64(t.features[f].weight) / weightUnit }

// holders are the records that have a feature.
func (t *branch) holders(f int32) []int32 { return t.inverted[t.invertedAt[f]:t.invertedAt[f+1]] }

// branch gives the releases that are wanted; nil if the pool has none.
func (p *pool) branch(wanted func(version string) bool) *branch {
	t := &branch{pool: p, hashed: map[uint32]int32{}, edges: map[edgeKey]int32{}, exported: map[uint32]int32{}}
	in := make([]bool, len(p.sets))
	for i, set := range p.sets {
		in[i] = slices.ContainsFunc(set, func(r int32) bool { return wanted(p.versions[r]) })
	}
	for _, r := range p.records {
		if in[r.set] {
			t.own = append(t.own, r)
		}
	}
	if len(t.own) == 0 {
		return nil
	}
	t.invert()
	for n, f := range p.features {
		if t.invertedAt[n] == t.invertedAt[n+1] {
			continue
		}
		if f.kind == 0 {
			t.hashed[f.hash] = int32(n)
			continue
		}
		t.edges[edgeKey{f.kind, f.neighbour}] = int32(n)
		if l := p.labels[f.neighbour]; l.Exported != 0 {
			t.exported[l.Exported] = f.neighbour
		}
	}
	return t
}

func (t *branch) invert() {
	t.invertedAt = make([]int32, len(t.features)+1)
	for _, r := range t.own {
		for _, f := range r.features {
			t.invertedAt[f+1]++
		}
	}
	for f := range t.features {
		t.invertedAt[f+1] += t.invertedAt[f]
	}
	t.inverted = make([]int32, t.invertedAt[len(t.features)])
	next := slices.Clone(t.invertedAt)
	for i, r := range t.own {
		for _, f := range r.features {
			t.inverted[next[f]] = int32(i)
			next[f]++
		}
	}
}
