package symbols

import (
	"errors"
	"fmt"

	"github.com/hacrash/hacrash/pkg/dwarf"
	"github.com/hacrash/hacrash/pkg/module"
)

// Bounds on the search for tail calls.
const (
	maxTailDepth   = 6
	maxTailVisits  = 500 // calls that are followed
	maxTailChains  = 32
	maxEntryLevels = 8
)

// call is how a physical frame was called: the call site in its caller, and the
// functions that led from there to it and left the stack.
type call struct {
	site  *dwarf.CallSite
	links []link
	// gap is how many of the links were called for sure one after the other,
	// counted from the site; between them and the rest there are several ways.
	// It is len(links) if the chain is whole.
	gap int
	err error // there is no site, or it does not lead to the frame
}

// link is a function that was called and left again by a tail call.
type link struct {
	place
	function *dwarf.Function
	site     dwarf.CallSite // of the tail call in it
}

// place is a module whose code is named.
type place struct {
	module *module.Module
	image  *Image
}

// Why an entry value is not known. The place that the compiler left for the value
// is this indirect one only, so that without it the value is optimised out.
var (
	errNoCaller = fmt.Errorf("no caller: %w", dwarf.ErrOptimizedOut)
	errNoSite   = fmt.Errorf("the caller does not describe the call: %w", dwarf.ErrOptimizedOut)
	errIndirect = fmt.Errorf("call through a pointer that is lost: %w", dwarf.ErrOptimizedOut)
	errChains   = fmt.Errorf("several ways lead from the call to the function: %w", dwarf.ErrOptimizedOut)
	errLevels   = errors.New("entry values lead through too many callers")
)

// callChain finds how frame i was called, once.
func (w *walk) callChain(i int) call {
	c := w.calls[i]
	if c == nil {
		c = new(call)
		*c = w.findCall(i)
		w.calls[i] = c
	}
	return *c
}

func (w *walk) findCall(i int) call {
	if i+1 >= len(w.frames) || w.frames[i].Signal || w.frames[i+1].Signal {
		return call{err: errNoCaller}
	}
	callee, caller := &w.frames[i], &w.frames[i+1]
	// A frame that was found by looking around may have skipped its caller.
	if !caller.Direct {
		return call{err: errNoCaller}
	}
	f := caller.function()
	if f == nil {
		return call{err: errNoSite}
	}
	site := f.CallSite(caller.Module.LinkTime(caller.PC))
	if site == nil {
		return call{err: errNoSite}
	}
	if site.Origin == nil {
		return call{site: site, err: w.indirect(i, site)}
	}
	if callee.code == nil || callee.code.Low == 0 {
		return call{site: site, err: errNoSite}
	}
	s := tailSearch{to: callee, open: map[entryPoint]bool{}}
	s.call(place{caller.Module, caller.image}, site.Origin, nil)
	c := s.result()
	c.site = site
	return c
}

// indirect checks that a call through a pointer led to frame i: its target is
// known only if the pointer still is.
func (w *walk) indirect(i int, site *dwarf.CallSite) error {
	if site.Target == nil {
		return errIndirect
	}
	target, err := value(site.Target, w.context(i+1, nil), w.frames[i+1].function().Unit)
	if err != nil {
		return errIndirect
	}
	callee := &w.frames[i]
	if callee.code == nil || callee.code.Low == 0 || callee.Module.Runtime(callee.code.Low) != target {
		return errIndirect
	}
	return nil
}

// tailSearch finds all chains of tail calls that lead from a call to the code of
// a frame.
type tailSearch struct {
	to     *physical
	open   map[entryPoint]bool // functions of the chain so far
	visits int
	chains [][]link
}

// entryPoint is a function, by where it is entered, link-time.
type entryPoint struct {
	image *Image
	addr  uint64
}

// call follows a call to the function of a DIE that stands in from.
//
// Names do not do: aliases differ; the address of entry decides. A function that
// the calling module does not define is one of the module where the chain must
// end, or the chain is not found.
func (s *tailSearch) call(from place, origin *dwarf.Entry, chain []link) {
	if s.visits++; s.visits > maxTailVisits {
		return
	}
	addr, name := origin.EntryAddress()
	if addr == 0 {
		if from.image == s.to.image && from.image.isEntry(s.to.code.Low, name) {
			addr = s.to.code.Low
		} else {
			addr = from.image.Entry(name)
		}
	}
	if addr == 0 && from.image != s.to.image {
		from = place{s.to.Module, s.to.image}
		addr = from.image.Entry(name)
	}
	if addr == 0 {
		return
	}
	if from.image == s.to.image && addr == s.to.code.Low {
		s.chains = append(s.chains, chain)
		return
	}
	s.visit(from, addr, chain)
}

// visit follows the tail calls of the function that is entered at addr.
func (s *tailSearch) visit(at place, addr uint64, chain []link) {
	e := entryPoint{at.image, addr}
	if len(chain) >= maxTailDepth || len(s.chains) > maxTailChains || s.open[e] {
		return
	}
	f := at.image.code(addr).function
	if f == nil || f.Low != addr {
		return
	}
	s.open[e] = true
	defer delete(s.open, e)
	for _, site := range f.TailCalls() {
		if site.Origin != nil {
			s.call(at, site.Origin, append(chain[:len(chain):len(chain)], link{at, f, site}))
		}
	}
}

// result is what all chains have in common: how they begin and how they end.
func (s *tailSearch) result() call {
	if s.visits > maxTailVisits || len(s.chains) > maxTailChains {
		return call{err: errChains}
	}
	if len(s.chains) == 0 {
		return call{err: errNoSite}
	}
	first := s.chains[0]
	head, tail := len(first), len(first)
	for _, c := range s.chains[1:] {
		n := 0
		for n < min(head, len(c)) && first[n].site.Entry == c[n].site.Entry {
			n++
		}
		m := 0
		for m < min(tail, len(c)) && first[len(first)-1-m].site.Entry == c[len(c)-1-m].site.Entry {
			m++
		}
		head, tail = n, m
	}
	if len(s.chains) == 1 {
		return call{links: first, gap: len(first)}
	}
	// The shortest chain may overlap itself.
	for _, c := range s.chains {
		tail = min(tail, len(c)-head)
	}
	links := append(first[:head:head], first[len(first)-tail:]...)
	return call{links: links, gap: head}
}

// entryValue gives what frame i's function was given when it was entered: what
// its caller's call site says, computed in the caller's frame.
func (w *walk) entryValue(i int, g dwarf.Given, level int) (uint64, error) {
	if level > maxEntryLevels {
		return 0, errLevels
	}
	c := w.callChain(i)
	if c.err != nil {
		return 0, c.err
	}
	return w.linkValue(i, c, len(c.links), g, level)
}

// linkValue gives what function n of the chain was given; len(links) is the
// function of frame i itself.
//
// A function that has left the stack has no registers any more: what it passed
// on can only be told by what it was given itself.
func (w *walk) linkValue(i int, c call, n int, g dwarf.Given, level int) (uint64, error) {
	if n == c.gap && n < len(c.links) {
		return 0, errChains
	}
	if n == 0 {
		x := c.site.Value(g)
		if x == nil {
			return 0, errNoSite
		}
		up := func(g dwarf.Given) (uint64, error) { return w.entryValue(i+1, g, level+1) }
		return value(x, w.context(i+1, up), w.frames[i+1].function().Unit)
	}
	l := c.links[n-1]
	x := l.site.Value(g)
	if x == nil {
		return 0, errNoSite
	}
	return value(x, w.gone(i, c, n-1, level), l.function.Unit)
}

// gone is the context of function n of a chain.
func (w *walk) gone(i int, c call, n int, level int) gone {
	return gone{c.links[n].module, func(g dwarf.Given) (uint64, error) { return w.linkValue(i, c, n, g, level) }}
}

// value runs an expression that computes a value, not a place.
func value(x []byte, ctx dwarf.Context, u *dwarf.Unit) (uint64, error) {
	l, err := dwarf.Evaluate(x, ctx, u)
	if err != nil {
		return 0, err
	}
	switch l.Kind {
	case dwarf.InMemory: // what is on the stack is the value
		return l.Address, nil
	case dwarf.IsValue:
		return l.Value, nil
	case dwarf.InRegister:
		return ctx.Register(l.Register)
	}
	return 0, dwarf.ErrUnavailable
}
