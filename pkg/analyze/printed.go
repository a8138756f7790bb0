package analyze

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/symbols"
)

// program names the frames of traces that HAProxy printed itself, by the
// executable the user gave.
//
// HAProxy knows no names but the dynamic symbols: it prints a static function as
// the nearest one before it, main+0x127b5e. The address tells the function, once it
// is known where the executable lay, and that follows from the very same line.
type program struct {
	module *module.Module
	match  bool           // functions without a name may have one by likeness
	image  *symbols.Image // nil until it is needed: for cores never
}

func openProgram(ctx context.Context, o module.Options, match bool) (*program, error) {
	m, err := module.Program(ctx, o)
	if err != nil {
		return nil, err
	}
	return &program{module: m, match: match}, nil
}

// load reads the symbols when they are needed first.
func (p *program) load() {
	if p.image == nil {
		p.image = symbols.OfModule(p.module)
		if p.match {
			p.image.MatchNames()
		}
	}
}

// name names the printed frames of a crash. Executables that left other traces
// are found out: then a line of Missing says so.
func (p *program) name(c *crash.Crash) {
	p.refuse(c, p.nameMapped(c), "the instruction that the kernel printed has no name")
	if !printed(c) {
		return
	}
	p.load()
	bias, ok, why := p.bias(c)
	p.refuse(c, why, "the printed traces keep the names that HAProxy printed")
	if !ok {
		return
	}
	p.expect(c, bias)
	for i := range c.Threads {
		c.Threads[i].Frames = p.frames(c.Threads[i].Frames, bias)
	}
	if s := c.Spin; s != nil && s.Handler == "" && s.HandlerAddress != 0 {
		link := uint64(s.HandlerAddress) - bias
		if s.Handler = p.image.EntryName(link); s.Handler == "" {
			s.HandlerMatched = likely(p.image.EntryMatch(link))
		}
	}
}

// expect tells the image which functions it will be asked for.
func (p *program) expect(c *crash.Crash, bias uint64) {
	var addrs []uint64
	for i := range c.Threads {
		for k := range c.Threads[i].Frames {
			if link := uint64(c.Threads[i].Frames[k].Address) - bias; p.module.File().Executable(link - 1) {
				addrs = append(addrs, link-1)
			}
		}
	}
	p.image.Expect(addrs)
}

// refuse says why the executable gives no names.
func (p *program) refuse(c *crash.Crash, why, effect string) {
	if why != "" {
		c.Missing = append(c.Missing, crash.Missing{
			ID: crash.LacksExecutable, What: p.module.Path + ": " + why, Effect: effect, Remedy: "pass the executable that ran with --exe",
		})
	}
}

// anotherBuild says that what was printed is not of the executable.
func anotherBuild(because string) string { return because + ": it is another build" }

// printed tells whether a crash has anything that can be named.
func printed(c *crash.Crash) bool {
	for i := range c.Threads {
		if slices.ContainsFunc(c.Threads[i].Frames, func(f crash.Frame) bool { return f.Trust == crash.TrustPrinted }) {
			return true
		}
	}
	return false
}

// namePrinted gives a crash the names that the executable at hand has for it.
func (j *judging) namePrinted(c *crash.Crash) {
	if j.program == nil {
		return
	}
	m := j.program.module
	if m.Cut() || m.Guard(func() { j.program.name(c) }) != nil {
		c.Missing = append(c.Missing, crash.Missing{
			ID:     crash.LacksExecutable,
			What:   m.Path + ": " + elffile.ErrCut.Error(),
			Effect: "the printed traces keep the names that HAProxy printed",
			Remedy: "copy it to where nobody changes it, and pass the copy with --exe",
		})
	}
}

// bias finds where the executable lay: every frame whose symbol it has must say
// the same, and the code bytes printed with frames must be its own. One frame alone
// proves something only by its bytes.
func (p *program) bias(c *crash.Crash) (bias uint64, ok bool, why string) {
	agree, proven := 0, false
	for i := range c.Threads {
		for k := range c.Threads[i].Frames {
			f := &c.Threads[i].Frames[k]
			link, known := p.link(f)
			if !known {
				continue
			}
			b := uint64(f.Address) - link
			if agree > 0 && b != bias || b&0xfff != 0 {
				return 0, false, anotherBuild("its functions do not lie as in the printed trace")
			}
			bias = b
			agree++
			same, printed := p.sameBytes(f, link)
			if printed && !same {
				return 0, false, anotherBuild("its code is not that of the printed trace")
			}
			proven = proven || same
		}
	}
	return bias, proven || agree > 1, ""
}

// link gives the link-time address of a printed frame by its symbol: name+0x12, or
// name+0x12/0x345 with the size of the symbol.
func (p *program) link(f *crash.Frame) (uint64, bool) {
	if f.Trust != crash.TrustPrinted || f.Address == 0 {
		return 0, false
	}
	name, rest, ok := strings.Cut(f.Symbol, "+")
	if !ok || name == "" || strings.ContainsAny(name, ": ") {
		return 0, false
	}
	rest, _, _ = strings.Cut(rest, "/")
	off, err := strconv.ParseUint(rest, 0, 64)
	if err != nil {
		return 0, false
	}
	entry := p.image.Entry(name)
	return entry + off, entry != 0
}

// sameBytes compares the code bytes printed with a frame.
func (p *program) sameBytes(f *crash.Frame, link uint64) (same, printed bool) {
	want, err := hex.DecodeString(strings.ReplaceAll(f.Bytes, " ", ""))
	if err != nil || len(want) < 4 {
		return false, false
	}
	return bytes.HasPrefix(p.module.File().At(link), want), true
}

// frames gives the frames with names, lines and the calls that were inlined.
func (p *program) frames(frames []crash.Frame, bias uint64) []crash.Frame {
	var out []crash.Frame
	for _, f := range frames {
		link := uint64(f.Address) - bias
		if f.Trust != crash.TrustPrinted || f.Address == 0 || !p.module.File().Executable(link-1) {
			out = append(out, f)
			continue
		}
		code := p.image.Code(link - 1) // they are return addresses
		if code.Name == "" {
			out = append(out, f)
			continue
		}
		out = append(out, p.named(f, code, link)...)
	}
	return out
}

// named gives a frame its name and line, and before it the calls that were inlined.
func (p *program) named(f crash.Frame, code *symbols.Code, link uint64) (out []crash.Frame) {
	f.Module, f.ModuleOffset = p.module.Path, crash.Addr(link)
	file, line := code.File, code.Line
	for k := len(code.Inlines) - 1; k >= 0; k-- {
		in := code.Inlines[k]
		out = append(out, crash.Frame{
			Address: f.Address, Function: in.Entry.Name(), Module: f.Module, ModuleOffset: f.ModuleOffset,
			File: file, Line: line, Inlined: true, Trust: f.Trust, Where: f.Where,
		})
		file, line = in.File, in.Line
	}
	f.File, f.Line = file, line
	if code.Named {
		f.Function, f.Offset = code.Name, link-code.Low
	} else {
		f.Function, f.Symbol = "", fmt.Sprintf("%s+%#x", code.Name, link-code.Low)
		f.Matched = likely(code.Matched)
	}
	return append(out, f)
}
