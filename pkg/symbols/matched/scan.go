package matched

import (
	"cmp"
	"slices"
)

// scan reads all code for who calls whom, once. Who refers to a function cannot be told
// without; a third of a percent of the names would be lost without what it finds.
func (p *Program) scan() {
	if p.scanned {
		return
	}
	p.scanned = true
	p.readRelocations()
	reached := make([]bool, len(p.functions))
	jumps := p.scanCode(reached)
	p.addTables()
	p.findPieces(jumps, reached)
	p.sortEdges()
}

// jump is one out of a function to another, or into the middle of one.
type jump struct {
	from, to int32
	middle   bool
}

// scanCode finds the edges, the jumps, and the functions that something other than a jump reaches.
func (p *Program) scanCode(reached []bool) (jumps []jump) {
	for k := range p.functions {
		f := &p.functions[k]
		if !p.spend(int(f.end-f.start)) || len(p.edges)+len(jumps) > maxEdges {
			break // they overlap
		}
		p.decode.edges(p, int32(k), func(to uint64, how reference) {
			n := p.find(to)
			if n < 0 || n == int32(k) {
				return
			}
			kind := uint8(calls)
			if how == taken {
				kind = takes
			}
			entry := p.functions[n].start == to
			if how == jumped {
				jumps = append(jumps, jump{int32(k), n, !entry})
			}
			if entry {
				reached[n] = reached[n] || how != jumped
				p.edges = append(p.edges, edge{int32(k), n, kind})
			}
		})
	}
	return jumps
}

// maxApart is how far from each other two pointers of one table may lie, in bytes.
const maxApart = 64

// addTables joins functions that stand in one table.
func (p *Program) addTables() {
	for _, s := range p.slots {
		at := p.pointers[s.pointer].at
		for i := int(s.pointer) - 1; i >= 0 && at-p.pointers[i].at <= maxApart && len(p.edges) < maxEdges; i-- {
			if _, is := p.got[p.pointers[i].at]; is {
				continue
			}
			if k := p.entry(p.pointers[i].to); k >= 0 && k != s.function {
				p.edges = append(p.edges, edge{s.function, k, tableBy + uint8((at-p.pointers[i].at)/8)})
			}
		}
	}
}

// farAway: a piece that no table and no call leads to and that lies so far from who jumps there
// is of the part of the code that the linker keeps for what hardly ever runs.
const farAway = 128 << 10

// findPieces finds the pieces that compilers cut off functions (.cold, .part of one caller): only
// jumped to, from one function, and either back into it, or into the middle, or from far away.
func (p *Program) findPieces(jumps []jump, reached []bool) {
	for _, s := range p.slots {
		reached[s.function] = true
	}
	type way struct{ from, to int32 }
	ways := map[way]bool{}
	for _, j := range jumps {
		ways[way{j.from, j.to}] = true
	}
	slices.SortStableFunc(jumps, func(a, b jump) int { return cmp.Compare(a.to, b.to) })
	for len(jumps) > 0 {
		to := jumps[0].to
		n := slices.IndexFunc(jumps, func(j jump) bool { return j.to != to })
		if n < 0 {
			n = len(jumps)
		}
		into := jumps[:n]
		jumps = jumps[n:]
		from, f := into[0].from, &p.functions[to]
		if reached[to] || f.symbol >= 0 || slices.ContainsFunc(into, func(j jump) bool { return j.from != from }) {
			continue
		}
		back := ways[way{to, from}]
		middle := slices.ContainsFunc(into, func(j jump) bool { return j.middle })
		apart := max(f.start, p.functions[from].start) - min(f.start, p.functions[from].start)
		if back || middle || apart > farAway {
			f.parent = from
		}
	}
	p.settlePieces()
}

// settlePieces gives pieces of pieces to the whole, and makes wholes of two that would be each
// other's.
func (p *Program) settlePieces() {
	for k := range p.functions {
		f := &p.functions[k]
		for range 4 {
			if f.parent >= 0 && p.functions[f.parent].parent >= 0 {
				f.parent = p.functions[f.parent].parent
			}
		}
		if f.parent == int32(k) || f.parent >= 0 && p.functions[f.parent].parent >= 0 {
			f.parent = -1
		}
	}
	p.cut = map[int32][]int32{}
	for k := range p.functions {
		if q := p.functions[k].parent; q >= 0 {
			p.cut[q] = append(p.cut[q], int32(k))
		}
	}
}

// whole is the function that k is a piece of, or k.
func (p *Program) whole(k int32) int32 {
	if q := p.functions[k].parent; q >= 0 {
		return q
	}
	return k
}

// sortEdges gives pieces' edges to the whole, adds the way back, and puts them in order: those of a
// function together.
func (p *Program) sortEdges() {
	all := p.edges
	at := make([]int32, len(p.functions)+1)
	for i := range all {
		e := &all[i]
		e.from, e.to = p.whole(e.from), p.whole(e.to)
		at[e.from+1]++
		at[e.to+1]++
	}
	for k := range p.functions {
		at[k+1] += at[k]
	}
	p.edges = make([]edge, 2*len(all))
	next := slices.Clone(at)
	put := func(e edge) {
		p.edges[next[e.from]] = e
		next[e.from]++
	}
	for _, e := range all {
		put(e)
		put(edge{e.to, e.from, opposite(e.kind)})
	}
	kept := int32(0) // each once, and none to itself
	for k := range p.functions {
		own := p.edges[at[k]:at[k+1]]
		at[k] = kept
		slices.SortFunc(own, func(a, b edge) int { return cmp.Or(cmp.Compare(a.to, b.to), cmp.Compare(a.kind, b.kind)) })
		for _, e := range own {
			if e.from != e.to && (kept == at[k] || e != p.edges[kept-1]) {
				p.edges[kept] = e
				kept++
			}
		}
	}
	at[len(p.functions)] = kept
	p.edges, p.edgesAt = p.edges[:kept], at
}

// edgesOf are the edges of a function.
func (p *Program) edgesOf(k int32) []edge { return p.edges[p.edgesAt[k]:p.edgesAt[k+1]] }
