package symbols

import (
	std "debug/dwarf"
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
	var out []Argument
	for _, e := range scope.Parameters() {
		if len(out) == maxArguments {
			break
		}
		a := Argument{Name: e.Name(), Value: w.argument(i, e)}
		if p.code.function.Entry == scope {
			a.Entry = w.onEntry(e, p.code.function, func(r uint64) (uint64, error) { return w.entryValue(i, r, 0) })
		}
		out = append(out, a)
	}
	return out
}

// argument gives the value of a parameter in frame i as text.
func (w *walk) argument(i int, e *dwarf.Entry) string {
	p := &w.frames[i]
	t := e.Type()
	a := e.Attr(std.AttrLocation)
	if a == nil {
		if c := e.Attr(std.AttrConstValue); c != nil {
			return w.s.constant(c, t)
		}
		return optimizedOut
	}
	x, err := p.function().Unit.Expression(a, p.addr)
	if err != nil {
		return reason(err)
	}
	ctx := w.context(i, nil)
	l, err := dwarf.Evaluate(x, ctx, p.function().Unit)
	if err != nil {
		return reason(err)
	}
	if l.Kind == dwarf.IsPointer {
		return syntheticPointer
	}
	if !t.Scalar() {
		return "..."
	}
	b, err := l.Read(t.Size, ctx)
	if err != nil {
		return reason(err)
	}
	return w.s.format(b, t)
}

// onEntry gives the value that a parameter had on entry to its function, as
// text; empty if it is not known. It is where the calling convention puts it: the
// register in which the parameter is at the function's first instruction.
func (w *walk) onEntry(e *dwarf.Entry, f *dwarf.Function, entry func(uint64) (uint64, error)) string {
	t := e.Type()
	a := e.Attr(std.AttrLocation)
	if a == nil || !t.Scalar() || t.Size > 8 {
		return ""
	}
	x, err := f.Unit.Expression(a, f.Low)
	if err != nil {
		return ""
	}
	r, ok := dwarf.IsRegister(x)
	if !ok {
		return ""
	}
	v, err := entry(r)
	if err != nil {
		return ""
	}
	b := make([]byte, 8)
	for i := range b {
		b[i] = byte(v >> (8 * i))
	}
	return w.s.format(b[:t.Size], t)
}

// tailArguments gives those of a function that has left the stack. Its places
// are gone, only what it was entered with may be known.
func (w *walk) tailArguments(i int, c call, n int) []Argument {
	f := c.links[n].function
	var out []Argument
	for _, e := range f.Entry.Parameters() {
		if len(out) == maxArguments {
			break
		}
		a := Argument{Name: e.Name(), Value: optimizedOut}
		a.Entry = w.onEntry(e, f, func(r uint64) (uint64, error) { return w.linkValue(i, c, n, r, 0) })
		if k := e.Attr(std.AttrConstValue); k != nil && e.Attr(std.AttrLocation) == nil {
			a.Value = w.s.constant(k, e.Type())
		}
		out = append(out, a)
	}
	return out
}

// reason says why there is no value.
func reason(err error) string {
	if errors.Is(err, dwarf.ErrOptimizedOut) {
		return optimizedOut
	}
	return unavailable
}
