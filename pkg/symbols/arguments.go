package symbols

import (
	std "debug/dwarf"
	"encoding/binary"
	"errors"

	"github.com/hacrash/hacrash/pkg/dwarf"
)

// maxArguments is how many arguments of one call are shown.
const maxArguments = 64

// What is shown where there is no value, in the words of gdb.
const (
	optimizedOut     = "<optimized out>"
	unavailable      = "<unavailable>"
	syntheticPointer = "<synthetic pointer>"
)

// arguments gives those of a function or an inlined one in frame i.
func (w *walk) arguments(i int, scope *dwarf.Entry) []Argument {
	p := &w.frames[i]
	v := viewpoint{w.s, p.function(), p.addr, w.context(i, nil)}
	if p.function().Entry != scope {
		return v.arguments(scope, nil)
	}
	return v.arguments(scope, func(g dwarf.Given) (uint64, error) { return w.entryValue(i, g, 0) })
}

// maxLocals is how many variables of one function are shown.
const maxLocals = 128

// locals gives the variables of a function or an inlined one in frame i.
func (w *walk) locals(i int, scope *dwarf.Entry) []Argument {
	if !w.s.locals {
		return nil
	}
	p := &w.frames[i]
	v := viewpoint{w.s, p.function(), p.addr, w.context(i, nil)}
	var out []Argument
	for _, e := range p.function().Variables(scope, p.addr) {
		if len(out) == maxLocals {
			break
		}
		out = append(out, Argument{Name: e.Name(), Value: v.argument(e)})
	}
	return out
}

// viewpoint is a place in a function from which its arguments are seen.
type viewpoint struct {
	s        *Symbolizer
	function *dwarf.Function
	addr     uint64 // link-time lookup address
	ctx      dwarf.Context
}

// arguments gives the arguments of scope: the function itself, or one that is
// inlined there. onEntry gives what the function was called with; nil if that
// is not to be shown.
func (v viewpoint) arguments(scope *dwarf.Entry, onEntry func(dwarf.Given) (uint64, error)) []Argument {
	var out []Argument
	for _, e := range scope.Parameters() {
		if len(out) == maxArguments {
			break
		}
		a := Argument{Name: e.Name(), Value: v.argument(e)}
		if onEntry != nil {
			a.Entry = v.onEntry(e, onEntry)
		}
		out = append(out, a)
	}
	return out
}

// argument gives the value of a parameter as text.
func (v viewpoint) argument(e *dwarf.Entry) string {
	t := e.Type()
	a := e.Attr(std.AttrLocation)
	if a == nil {
		if c := e.Attr(std.AttrConstValue); c != nil {
			return v.s.constant(c, t)
		}
		return optimizedOut
	}
	x, err := v.function.Unit.Expression(a, v.addr)
	if err != nil {
		return reason(err)
	}
	l, err := dwarf.Evaluate(x, v.ctx, v.function.Unit)
	if err != nil {
		return reason(err)
	}
	if l.Kind == dwarf.IsPointer {
		return syntheticPointer
	}
	if !t.Scalar() {
		return "..."
	}
	b, err := l.Read(t.Size, v.ctx)
	if err != nil {
		return reason(err)
	}
	return v.s.format(b, t)
}

// onEntry gives the value that a parameter had on entry to its function, as
// text; empty if it is not known. It is where the calling convention puts it: the
// register in which the parameter is at the function's first instruction.
func (v viewpoint) onEntry(e *dwarf.Entry, entry func(dwarf.Given) (uint64, error)) string {
	t := e.Type()
	a := e.Attr(std.AttrLocation)
	if a == nil || !t.Scalar() || t.Size > 8 {
		return ""
	}
	x, err := v.function.Unit.Expression(a, v.function.Low)
	if err != nil {
		return ""
	}
	r, ok := dwarf.IsRegister(x)
	if !ok {
		return ""
	}
	n, err := entry(dwarf.Given{Register: r})
	if err != nil {
		return ""
	}
	b := binary.LittleEndian.AppendUint64(nil, n)
	return v.s.format(b[:t.Size], t)
}

// reason says why there is no value.
func reason(err error) string {
	if errors.Is(err, dwarf.ErrOptimizedOut) {
		return optimizedOut
	}
	return unavailable
}
