package dwarf

import (
	std "debug/dwarf"
)

// Tags of call sites that gcc wrote before DWARF 5.
const (
	tagGNUCallSite          std.Tag = 0x4109
	tagGNUCallSiteParameter std.Tag = 0x410a
)

// maxSites is how many tail calls of one function are looked at.
const maxSites = 1 << 10

// CallSite is a call within a function, and what its caller knows of it (DWARF
// 5, 3.4).
type CallSite struct {
	// Entry is the DIE; Origin that of the function which is called, nil for a
	// call through a pointer.
	Entry, Origin *Entry
	// Target is the expression for the address called, when there is no Origin.
	Target []byte
	// Return is the link-time address behind the call; not told for a tail call
	// by all compilers.
	Return uint64
	Tail   bool
}

// isSite makes a CallSite of a DIE, or says that it is none.
func isSite(e *Entry) (CallSite, bool) {
	s := CallSite{Entry: e}
	switch e.Tag {
	case std.TagCallSite:
		if a := e.Attr(std.AttrCallReturnPC); a != nil {
			s.Return, _ = e.Unit.address(a)
		}
	case tagGNUCallSite:
		if a := e.Attr(std.AttrLowpc); a != nil {
			s.Return, _ = e.Unit.address(a)
		}
	default:
		return s, false
	}
	s.Tail = e.Attr(std.AttrCallTailCall) != nil || e.Attr(attrGNUTailCall) != nil
	return s, true
}

// complete follows the reference to the callee.
func (s *CallSite) complete() {
	e := s.Entry
	if s.Origin = e.refer(std.AttrCallOrigin); s.Origin == nil {
		s.Origin = e.refer(std.AttrAbstractOrigin)
	}
	for _, name := range []std.Attr{std.AttrCallTarget, attrGNUCallTarget} {
		if a := e.Attr(name); a != nil && a.isBlock() {
			s.Target = a.Block
		}
	}
}

// CallSite finds the call that returns to a link-time address; nil if the
// debug data has none.
func (f *Function) CallSite(ret uint64) *CallSite {
	var found *CallSite
	eachSite(f.Entry, func(s CallSite) bool {
		if s.Return == ret && !s.Tail {
			found = &s
		}
		return found == nil
	})
	if found != nil {
		found.complete()
	}
	return found
}

// TailCalls gives the calls of a function that leave it for good.
func (f *Function) TailCalls() []CallSite {
	var out []CallSite
	eachSite(f.Entry, func(s CallSite) bool {
		if s.Tail {
			s.complete()
			out = append(out, s)
		}
		return len(out) < maxSites
	})
	return out
}

// eachSite gives the call sites of a function and of what is inlined in it.
func eachSite(e *Entry, yield func(CallSite) bool) bool {
	if !e.Unit.data.spend(len(e.Children)) {
		return false
	}
	for _, c := range e.Children {
		if s, ok := isSite(c); ok {
			if !yield(s) {
				return false
			}
			continue
		}
		if c.Tag == std.TagInlinedSubroutine || c.Tag == std.TagLexDwarfBlock {
			if !eachSite(c, yield) {
				return false
			}
		}
	}
	return true
}

// Given names what a caller passes: in a register, or as a parameter that was
// optimised away.
type Given struct {
	// Register is a DWARF register number.
	Register uint64
	// Parameter is the offset of the parameter's DIE; 0 for what is in a register.
	Parameter uint64
}

// Value gives the expression that computes, in the caller, what is passed as
// the call is made; nil if the call site does not tell.
func (s *CallSite) Value(g Given) []byte {
	if !s.Entry.Unit.data.spend(len(s.Entry.Children)) {
		return nil
	}
	for _, p := range s.Entry.Children {
		if p.Tag != std.TagCallSiteParameter && p.Tag != tagGNUCallSiteParameter || !p.passes(g) {
			continue
		}
		for _, name := range []std.Attr{std.AttrCallValue, attrGNUCallSiteValue} {
			if a := p.Attr(name); a != nil && a.isBlock() {
				return a.Block
			}
		}
	}
	return nil
}

// passes tells whether a call site's parameter is the one that is asked for.
func (e *Entry) passes(g Given) bool {
	if g.Parameter == 0 {
		a := e.Attr(std.AttrLocation)
		if a == nil {
			return false
		}
		r, ok := IsRegister(a.Block)
		return ok && r == g.Register
	}
	for _, name := range []std.Attr{std.AttrCallParameter, std.AttrAbstractOrigin} {
		if a := e.Attr(name); a != nil && a.Block == nil {
			return a.Form == formRefAddr && a.Value == g.Parameter || a.Form != formRefAddr && e.Unit.offset+a.Value == g.Parameter
		}
	}
	return false
}

// EntryAddress gives the link-time address at which the function of a DIE is
// entered, and its name in the symbol table for when that lies elsewhere: in
// another unit, or another module. The address is 0 when this unit has no
// code of it.
func (e *Entry) EntryAddress() (addr uint64, name string) {
	name = e.linkageName()
	if name == "" {
		name = e.Name()
	}
	if low, ok := e.low(); ok {
		return low, name
	}
	if e.Attr(std.AttrDeclaration) != nil {
		return 0, name
	}
	// An abstract instance: its code has a DIE of its own in the same unit.
	return e.Unit.functions().entered[e.Offset], name
}
