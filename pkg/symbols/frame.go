package symbols

import (
	"slices"

	"github.com/hacrash/hacrash/pkg/dwarf"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/symbols/matched"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// Options of a Symbolizer.
type Options struct {
	// LibraryDebug reads the DWARF data of libraries as well; else they are named by
	// symbol tables alone, which is twenty times faster.
	LibraryDebug bool
	// Strings shows what arguments of type char* point to. It may hold secrets.
	Strings bool
	// Locals shows variables beside arguments; see Symbolizer.ShowLocals.
	Locals bool
	// NoMatches leaves functions that have no name without one that is a guess.
	NoMatches bool
	// Used, when not nil, is told the values of registers that places of variables name.
	Used func(value uint64)
}

// Frame is a call as the source has it: a physical frame is one, and each call
// that was inlined in it, and each that left by a tail call before it.
type Frame struct {
	// Address is the pc of the physical frame; 0 for a tail call, of which only
	// the name is known.
	Address uint64
	// Function is empty if nothing names it. Offset is that of Address in it, in
	// bytes; 0 for calls that were inlined.
	Function string
	Offset   uint64
	// MadeUp: the name is sub_ and the start of the function's bounds. Matched is then the
	// one that it has by its likeness, or nil.
	MadeUp  bool
	Matched *matched.Match
	File    string
	Line    int
	// Inlined: this call was inlined into the next frame. Tail: the function has
	// left the stack by a tail call to the frame before.
	Inlined, Tail bool
	Signal        bool
	Module        *module.Module
	Trust         unwind.Trust
	Arguments     []Argument
	// Locals are the variables of the function, those of the innermost block first.
	Locals []Argument
	// Values are the registers of the physical frame; nil for the others.
	Registers *unwind.Registers
}

// Argument is one argument of a call.
type Argument struct {
	Name string
	// Value is shown as gdb does; Entry is the value on entry to the function,
	// empty if it is not known.
	Value, Entry string
}

// Symbolizer names the frames of one core. It is for one goroutine at a time.
type Symbolizer struct {
	core    *elfcore.Core
	modules *module.Set
	o       Options
	images  map[*module.Module]*Image
	locals  bool // variables are shown
	shown   int  // frames that were given so far
}

// ShowLocals says whether the stacks that follow show variables, where the options ask for them.
func (s *Symbolizer) ShowLocals(yes bool) { s.locals = yes && s.o.Locals }

// New makes a Symbolizer.
func New(core *elfcore.Core, modules *module.Set, o Options) *Symbolizer {
	return &Symbolizer{core: core, modules: modules, o: o, images: map[*module.Module]*Image{}, locals: o.Locals}
}

// Image gives what names a module's addresses; nil without its file, or when that was
// cut while it was read.
func (s *Symbolizer) Image(m *module.Module) (im *Image) {
	if m == nil || m.Cut() {
		return nil
	}
	im, ok := s.images[m]
	if ok {
		return im
	}
	if s.modules.Guard(func() { im = s.open(m) }) != nil {
		return nil
	}
	s.images[m] = im
	return im
}

// open opens a module's image.
func (s *Symbolizer) open(m *module.Module) *Image {
	if m.File() == nil {
		return nil
	}
	im := bareImage(m)
	if m.Main || s.o.LibraryDebug {
		im.dwarf = m.DWARF()
	}
	if m.Main && !s.o.NoMatches {
		im.MatchNames()
	}
	return im
}

// Function names the function that begins at a runtime address; empty if none is
// known to.
func (s *Symbolizer) Function(addr uint64) (name string) {
	m := s.modules.Find(addr)
	im := s.Image(m)
	if im == nil || s.modules.Guard(func() { name = im.EntryName(m.LinkTime(addr)) }) != nil {
		return ""
	}
	return name
}

// Match is Function by likeness, for one that has no name; nil if none passes.
func (s *Symbolizer) Match(addr uint64) (found *matched.Match) {
	m := s.modules.Find(addr)
	im := s.Image(m)
	if im == nil || s.modules.Guard(func() { found = im.EntryMatch(m.LinkTime(addr)) }) != nil {
		return nil
	}
	return found
}

// Expect says which stacks will be named: their functions without a name are matched together.
func (s *Symbolizer) Expect(stacks []unwind.Stack) {
	main := s.modules.Main()
	im := s.Image(main)
	if im == nil || im.namer == nil {
		return
	}
	var addrs []uint64
	for _, st := range stacks {
		for i := range st.Frames {
			if f := &st.Frames[i]; f.Module == main {
				addrs = append(addrs, main.LinkTime(f.Lookup))
			}
		}
	}
	slices.Sort(addrs)
	// A file that is cut meanwhile is found out when its names are asked for.
	_ = s.modules.Guard(func() { im.Expect(slices.Compact(addrs)) })
}

// physical is a physical frame with what is known of its code.
type physical struct {
	*unwind.Frame
	image *Image
	code  *Code
	// addr is the lookup address, link-time.
	addr uint64
}

func (p *physical) function() *dwarf.Function {
	if p.code == nil {
		return nil
	}
	return p.code.function
}

// Stack names the frames of a stack, from the innermost outwards. When a file is cut
// meanwhile, the frames in it keep their addresses, and the others their names.
func (s *Symbolizer) Stack(st unwind.Stack) (out []Frame) {
	// Each time one file more is left out.
	for range len(s.modules.Modules) {
		if s.modules.Guard(func() { out = s.stack(st) }) == nil {
			s.shown += len(out)
			return out
		}
	}
	return s.bareStack(st)
}

// bareStack gives the frames by their addresses alone.
func (s *Symbolizer) bareStack(st unwind.Stack) (out []Frame) {
	for i := range st.Frames {
		f := &st.Frames[i]
		out = append(out, Frame{Address: f.PC, Module: f.Module, Trust: f.Trust, Signal: f.Signal, Registers: &f.Registers})
	}
	return out
}

func (s *Symbolizer) stack(st unwind.Stack) []Frame {
	w := walk{s: s, frames: make([]physical, len(st.Frames)), calls: make([]*call, len(st.Frames))}
	for i := range st.Frames {
		p := &w.frames[i]
		p.Frame = &st.Frames[i]
		if p.image = s.Image(p.Module); p.image != nil {
			p.addr = p.Module.LinkTime(p.Lookup)
			p.code = p.image.Code(p.addr)
		}
	}
	var out []Frame
	for i := range w.frames {
		out = w.frame(out, i)
	}
	return out
}

// maxDetailed is after how many frames of a core no more inlined calls, tail calls
// and arguments are looked for. HAProxy's largest have some ten thousand.
const maxDetailed = 1 << 16

// walk is the work on one stack.
type walk struct {
	s      *Symbolizer
	frames []physical
	calls  []*call // how each frame was called; nil until it is asked for
}

// frame appends physical frame i: what was inlined in it first, then itself,
// then what left the stack between it and its caller.
func (w *walk) frame(out []Frame, i int) []Frame {
	p := &w.frames[i]
	f := Frame{Address: p.PC, Module: p.Module, Trust: p.Trust, Signal: p.Signal}
	if p.code == nil {
		f.Registers = &p.Registers
		return append(out, f)
	}
	c := p.code
	f.File, f.Line = c.File, c.Line
	if w.s.shown+len(out) > maxDetailed {
		return append(out, w.bare(f, p))
	}
	for k := len(c.Inlines) - 1; k >= 0; k-- {
		in := c.Inlines[k]
		g := f
		g.Inlined = true
		g.Function = in.Entry.Name()
		g.Arguments, g.Locals = w.arguments(i, in.Entry), w.locals(i, in.Entry)
		out = append(out, g)
		f.File, f.Line = in.File, in.Line
	}
	f = w.bare(f, p)
	if c.function != nil {
		f.Arguments, f.Locals = w.arguments(i, c.function.Entry), w.locals(i, c.function.Entry)
	}
	return w.tailCalls(append(out, f), i)
}

// bare completes f to the frame of p itself, without arguments.
func (w *walk) bare(f Frame, p *physical) Frame {
	f.Registers = &p.Registers
	f.Function, f.MadeUp, f.Matched = p.code.Name, !p.code.Named, p.code.Matched
	if p.code.Name != "" {
		f.Offset = p.Module.LinkTime(p.PC) - p.code.Low
	}
	return f
}

// tailCalls appends the functions that left the stack between frame i and its
// caller, as gdb does: the innermost first, each by the name of what was inlined at
// its last call.
func (w *walk) tailCalls(out []Frame, i int) []Frame {
	c := w.callChain(i)
	for n := len(c.links) - 1; n >= 0; n-- {
		l := c.links[n]
		f := Frame{Module: l.module, Trust: w.frames[i].Trust, Tail: true, Function: l.function.Entry.Name()}
		scope, onEntry := l.function.Entry, func(g dwarf.Given) (uint64, error) { return w.linkValue(i, c, n, g, 0) }
		addr := l.function.Low
		if l.site.Return != 0 {
			f.Address = l.module.Runtime(l.site.Return)
			addr = l.site.Return - 1
			f.File, f.Line = l.image.line(addr)
		}
		if in := l.function.Inlines(addr); len(in) > 0 {
			scope, onEntry = in[len(in)-1].Entry, nil
			f.Function = scope.Name()
		}
		f.Arguments = viewpoint{w.s, l.function, addr, w.gone(i, c, n, 0)}.arguments(scope, onEntry)
		out = append(out, f)
	}
	return out
}
