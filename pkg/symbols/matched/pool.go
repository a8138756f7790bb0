package matched

import (
	"cmp"
	"slices"
)

// pool is all that is known of the functions of one machine: each label, feature and record once,
// whatever releases have it.
type pool struct {
	versions []string
	labels   []Label
	features []feature
	records  []record
	sets     [][]int32 // of releases, in the order of versions
}

// feature is a Feature of the pool.
type feature struct {
	hash      uint32
	kind      uint8
	weight    uint8
	neighbour int32 // label
}

// record is a Record of the pool, and the set of releases that have it.
type record struct {
	label    int32
	set      int32
	size     uint8
	pointed  bool
	features []int32
}

// newPool puts releases of one machine together.
func newPool(releases []Release) *pool {
	b := poolBuilder{labels: map[Label]int32{}, features: map[Feature]int32{}, sets: map[string]int32{}, at: map[string]int{}}
	for _, r := range releases {
		b.versions = append(b.versions, r.Version)
		for i := range r.Records {
			b.label(r.Records[i].Label)
			for _, f := range r.Records[i].Features {
				if f.Kind != 0 {
					b.label(f.Neighbour)
				}
			}
		}
	}
	slices.SortFunc(b.pool.labels, compareLabels)
	for i, l := range b.pool.labels {
		b.labels[l.key()] = int32(i)
	}
	for i, r := range releases {
		for k := range r.Records {
			b.add(int32(i), &r.Records[k])
		}
	}
	b.finish()
	return &b.pool
}

type poolBuilder struct {
	pool
	labels   map[Label]int32
	features map[Feature]int32
	sets     map[string]int32
	at       map[string]int // records, by all that is in them
	of       [][]int32      // releases of each record
}

// key is a label without what does not tell it from others.
func (l Label) key() Label { l.Header = false; return l }

func (b *poolBuilder) label(l Label) {
	if _, is := b.labels[l.key()]; !is {
		b.labels[l.key()] = 0
		b.pool.labels = append(b.pool.labels, l)
	}
}

func (b *poolBuilder) add(release int32, r *Record) {
	c := record{label: b.labels[r.Label.key()], size: r.Size, pointed: r.Pointed}
	for _, f := range r.Features {
		c.features = append(c.features, b.feature(f))
	}
	slices.Sort(c.features)
	key := appendNumbers(nil, append([]int32{c.label, int32(c.size), int32(flag(c.pointed))}, c.features...))
	n, is := b.at[string(key)]
	if !is {
		n = len(b.records)
		b.at[string(key)] = n
		b.records = append(b.records, c)
		b.of = append(b.of, nil)
	}
	b.of[n] = append(b.of[n], release)
}

// feature gives the number of a feature. Of the weights that releases give it, the least is kept.
func (b *poolBuilder) feature(f Feature) int32 {
	key := f.key()
	key.Neighbour.Header = false
	n, is := b.features[key]
	if !is {
		n = int32(len(b.pool.features))
		b.features[key] = n
		b.pool.features = append(b.pool.features, feature{hash: f.Hash, kind: f.Kind, weight: f.Weight, neighbour: -1})
		if f.Kind != 0 {
			b.pool.features[n].neighbour = b.labels[f.Neighbour.key()]
		}
	}
	b.pool.features[n].weight = min(b.pool.features[n].weight, f.Weight)
	return n
}

// compare puts features into an order that only hangs on what they are.
func (p *pool) compare(a, b int32) int {
	x, y := &p.features[a], &p.features[b]
	return cmp.Or(cmp.Compare(x.kind, y.kind), cmp.Compare(x.hash, y.hash), cmp.Compare(x.neighbour, y.neighbour))
}

// finish gives the records their sets of releases, and sorts all, so that the same releases make
// the same table.
func (b *poolBuilder) finish() {
	for i := range b.records {
		b.of[i] = slices.Compact(b.of[i])
		key := string(appendNumbers(nil, b.of[i]))
		n, is := b.sets[key]
		if !is {
			n = int32(len(b.pool.sets))
			b.sets[key] = n
			b.pool.sets = append(b.pool.sets, b.of[i])
		}
		b.records[i].set = n
		slices.SortFunc(b.records[i].features, b.compare)
	}
	slices.SortStableFunc(b.records, func(x, y record) int {
		return cmp.Or(cmp.Compare(x.label, y.label), slices.Compare(b.pool.sets[x.set], b.pool.sets[y.set]),
			cmp.Compare(x.size, y.size), cmp.Compare(flag(x.pointed), flag(y.pointed)), slices.CompareFunc(x.features, y.features, b.compare))
	})
}

// releases gives the releases of a pool one by one.
func (p *pool) releases(machine uint16) []Release {
	out := make([]Release, len(p.versions))
	for i, v := range p.versions {
		out[i] = Release{Version: v, Machine: machine}
	}
	for _, c := range p.records {
		r := Record{Label: p.labels[c.label], Size: c.size, Pointed: c.pointed}
		for _, n := range c.features {
			f := p.features[n]
			g := Feature{Hash: f.hash, Kind: f.kind, Weight: f.weight}
			if f.neighbour >= 0 {
				g.Neighbour = p.labels[f.neighbour]
			}
			r.Features = append(r.Features, g)
		}
		slices.SortFunc(r.Features, compareFeatures)
		for _, n := range p.sets[c.set] {
			out[n].Records = append(out[n].Records, r)
		}
	}
	for i := range out {
		sortRecords(out[i].Records)
	}
	return out
}
