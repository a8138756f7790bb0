package symbols

import (
	"errors"
	"fmt"

	"github.com/hacrash/hacrash/pkg/dwarf"
)

// Bounds on the search for tail calls.
const (
	maxTailDepth   = 6
	maxTailVisits  = 200
	maxEntryLevels = 8
)

// call is how a physical frame was called: the call site in its caller, and the
// tail calls that led from there to it.
type call struct {
	site  *dwarf.CallSite
	image *Image // of the functions of links
	links []link
	err   error
}

// link is a function that was called and left again by a tail call.
type link struct {
	function *dwarf.Function
	site     dwarf.CallSite // of the tail call in it
}

// Why an entry value is not known. The place that the compiler left for the value
// is this indirect one only, so that without it the value is optimised out.
var (
	errNoCaller = fmt.Errorf("no caller: %w", dwarf.ErrOptimizedOut)
	errNoSite   = fmt.Errorf("the caller does not describe the call: %w", dwarf.ErrOptimizedOut)
	errIndirect = fmt.Errorf("call through a pointer that is lost: %w", dwarf.ErrOptimizedOut)
	errChains   = fmt.Errorf("several ways lead from the call to the function: %w", dwarf.ErrOptimizedOut)
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
	if !direct(caller) {
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
	c := call{site: site}
	if site.Origin == nil {
		c.err = w.indirect(i, site)
		return c
	}
	c.image, c.links, c.err = linkUp(site.Origin, caller, callee)
	return c
}

// direct tells whether a frame is the one that called the frame before it.
func direct(p *physical) bool { return p.Trust == "cfi" || p.Trust == "badpc" }

// indirect checks that a call through a pointer led to frame i: its target is
// known only if the pointer still is.
func (w *walk) indirect(i int, site *dwarf.CallSite) error {
	if site.Target == nil {
		return errIndirect
	}
	caller := &w.frames[i+1]
	l, err := dwarf.Evaluate(site.Target, w.context(i+1, nil), caller.function().Unit)
	if err != nil {
		return errIndirect
	}
	target := l.Address
	if l.Kind == dwarf.IsValue {
		target = l.Value
	}
	callee := &w.frames[i]
	if callee.code == nil || callee.code.Low == 0 || callee.Module.Runtime(callee.code.Low) != target {
		return errIndirect
	}
	return nil
}

// linkUp finds the unique way from a callee's DIE to the code of frame callee.
// Names do not do: aliases differ; the address of entry decides.
func linkUp(origin *dwarf.Entry, caller, callee *physical) (*Image, []link, error) {
	if callee.code == nil || callee.code.Low == 0 {
		return nil, nil, errNoSite
	}
	im := callee.image
	addr, name := origin.EntryAddress()
	if addr != 0 && im != caller.image {
		return nil, nil, errChains // it called into its own module first
	}
	if addr == 0 {
		if im.isEntry(callee.code.Low, name) {
			return im, nil, nil
		}
		addr = im.Entry(name)
	}
	if addr == 0 {
		return nil, nil, errNoSite
	}
	if addr == callee.code.Low {
		return im, nil, nil
	}
	links, err := im.tailChain(addr, callee.code.Low)
	return im, links, err
}

// tailChain finds the one chain of tail calls that leads from the function
// entered at from to the one entered at to, both link-time.
func (im *Image) tailChain(from, to uint64) ([]link, error) {
	s := tailSearch{image: im, to: to, open: map[uint64]bool{}}
	s.visit(from, nil)
	switch {
	case s.count == 1:
		return s.found, nil
	case s.count == 0 && s.visits < maxTailVisits:
		return nil, errNoSite
	}
	return nil, errChains
}

type tailSearch struct {
	image  *Image
	to     uint64
	open   map[uint64]bool // functions of the chain so far
	visits int
	count  int
	found  []link
}

func (s *tailSearch) visit(addr uint64, chain []link) {
	s.visits++
	if len(chain) >= maxTailDepth || s.count > 1 || s.visits > maxTailVisits || s.open[addr] {
		return
	}
	c := s.image.Code(addr)
	if c.function == nil || c.function.Low != addr {
		return
	}
	s.open[addr] = true
	defer delete(s.open, addr)
	for _, site := range c.function.TailCalls() {
		if site.Origin == nil {
			continue
		}
		next, name := site.Origin.EntryAddress()
		if next == 0 {
			next = s.image.Entry(name)
		}
		if next == 0 {
			continue
		}
		longer := append(chain[:len(chain):len(chain)], link{c.function, site})
		if next == s.to {
			s.count++
			s.found = longer
			continue
		}
		s.visit(next, longer)
	}
}

// entryValue gives a register as it was when frame i's function was entered: what
// its caller's call site says, computed in the caller's frame.
func (w *walk) entryValue(i int, register uint64, level int) (uint64, error) {
	if level > maxEntryLevels {
		return 0, errors.New("entry values lead through too many callers")
	}
	c := w.callChain(i)
	if c.err != nil {
		return 0, c.err
	}
	return w.linkValue(i, c, len(c.links), register, level)
}

// linkValue gives a register as it was when function n of the chain was
// entered; len(links) is the function of frame i itself.
//
// A function that has left the stack has no registers any more: what it passed
// on can only be told by what it was given itself.
func (w *walk) linkValue(i int, c call, n int, register uint64, level int) (uint64, error) {
	if n == 0 {
		x := c.site.Value(register)
		if x == nil {
			return 0, errNoSite
		}
		up := func(r uint64) (uint64, error) { return w.entryValue(i+1, r, level+1) }
		return value(x, w.context(i+1, up), w.frames[i+1].function().Unit)
	}
	l := c.links[n-1]
	x := l.site.Value(register)
	if x == nil {
		return 0, errNoSite
	}
	inner := func(r uint64) (uint64, error) { return w.linkValue(i, c, n-1, r, level) }
	return value(x, gone{w.frames[i].Module, inner}, l.function.Unit)
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
