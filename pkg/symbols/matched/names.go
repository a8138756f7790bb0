package matched

import (
	_ "embed"
	"slices"

	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/unwind"
)

//go:embed data/names.bin
var embedded []byte

// Namer names the functions of one executable. It is for one goroutine at a time.
type Namer struct {
	p     *Program
	t     *branch
	m     *matcher
	names map[int32]Match // of functions that were asked for; the zero Match is none
}

// New makes a Namer; nil if the executable is not HAProxy's, or of no branch of the table.
func New(f *elffile.File, frames *unwind.Table) *Namer { return newNamer(f, frames, embedded) }

// NewOf is New with another table.
func NewOf(table []byte, f *elffile.File, frames *unwind.Table) *Namer {
	return newNamer(f, frames, table)
}

func newNamer(f *elffile.File, frames *unwind.Table, table []byte) *Namer {
	v, ok := Version(f)
	if !ok {
		return nil
	}
	p := poolOf(table, f.Machine)
	if p == nil {
		return nil
	}
	t := p.branch(func(s string) bool {
		w, err := haproxy.ParseVersion(s)
		return err == nil && v.CompareBranch(w) == 0
	})
	if t == nil {
		return nil
	}
	program := Open(f, frames)
	if program == nil {
		return nil
	}
	n := &Namer{p: program, t: t, names: map[int32]Match{}}
	return n
}

// maxVersion is how long the version of an executable may be.
const maxVersion = 256

// Version reads the version that HAProxy exports of itself.
func Version(f *elffile.File) (v haproxy.Version, ok bool) {
	t := f.DynamicSymbols()
	if t.Len() > maxSymbols {
		return v, false
	}
	t.Named("haproxy_version", func(s elffile.Symbol) bool {
		if s.Defined && s.Type == elffile.SymObject {
			b := f.At(s.Address)
			b = b[:min(len(b), maxVersion)]
			if i := slices.Index(b, 0); i > 0 {
				var err error
				v, err = haproxy.ParseVersion(string(b[:i]))
				ok = err == nil
			}
		}
		return !ok
	})
	return v, ok
}

// Expect matches the functions that hold link-time addresses, together: what is found out of one
// helps the others.
func (n *Namer) Expect(addrs []uint64) {
	n.start()
	var asked []int32
	for _, a := range addrs {
		k := n.p.find(a)
		if k < 0 {
			continue
		}
		if k = n.p.whole(k); !n.p.functions[k].nameless() {
			continue
		}
		if _, known := n.names[k]; !known {
			n.names[k] = Match{}
			asked = append(asked, k)
		}
	}
	if len(asked) == 0 {
		return
	}
	found := n.m.matchFew(asked)
	n.keep(found, func(k int32) bool { _, is := n.names[k]; return is })
	n.m.forget()
}

func (n *Namer) start() {
	if n.m == nil {
		n.p.scan()
		n.m = newMatcher(n.p, n.t)
	}
}

// keep keeps what passes the gate.
func (n *Namer) keep(found []guess, wanted func(k int32) bool) {
	for _, g := range found {
		l := n.t.labels[n.t.own[g.record].label]
		if wanted(g.function) && !l.Header && g.similarity >= leastSimilarity && g.margin >= leastMargin && g.weight >= leastWeight {
			n.names[g.function] = Match{Name: l.Name, Unit: l.Unit, Similarity: g.similarity, Margin: g.margin}
		}
	}
}

// Name gives the name of the function, or of the one of a piece, that holds a link-time address.
func (n *Namer) Name(addr uint64) (Match, bool) {
	n.Expect([]uint64{addr})
	k := n.p.find(addr)
	if k < 0 {
		return Match{}, false
	}
	whole := n.p.whole(k)
	if f := &n.p.functions[whole]; f.symbol >= 0 {
		// A piece of an exported function, of which the symbol covers the rest.
		return Match{Name: n.p.symbolName(f.symbol), Similarity: 1, Margin: 1}, whole != k
	}
	m := n.names[whole]
	return m, m.Name != ""
}

// Static gives where the function, or the whole of a piece, begins that holds a link-time address,
// if it is not exported.
func (n *Namer) Static(addr uint64) (low uint64, ok bool) {
	n.start()
	k := n.p.find(addr)
	if k < 0 {
		return 0, false
	}
	f := &n.p.functions[n.p.whole(k)]
	return f.start, f.symbol < 0
}

// Function is a function of an executable that has no symbol.
type Function struct {
	Low, High uint64 // link-time
	// Piece: it is the part of another function that the compiler laid apart.
	Piece bool
	Match // without a name if none passes the gate
}

// All matches all functions of the executable, and gives those without a symbol by their address.
func (n *Namer) All() (out []Function) {
	n.start()
	var all []int32
	for k := range n.p.functions {
		if n.p.functions[k].nameless() {
			all = append(all, int32(k))
		}
	}
	n.keep(n.m.match(all, rounds[:]), func(int32) bool { return true })
	n.m.forget()
	for k := range n.p.functions {
		f := &n.p.functions[k]
		if f.symbol >= 0 {
			continue
		}
		g := Function{Low: f.start, High: f.end, Piece: f.parent >= 0, Match: n.names[n.p.whole(int32(k))]}
		if g.Piece && n.p.functions[f.parent].symbol >= 0 {
			g.Match = Match{Name: n.p.symbolName(n.p.functions[f.parent].symbol), Similarity: 1, Margin: 1}
		}
		out = append(out, g)
	}
	return out
}
