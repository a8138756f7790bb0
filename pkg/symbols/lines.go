package symbols

import "runtime/debug"

// position is a line that is being looked up.
type position struct {
	image *Image
	addr  uint64
	file  string
	line  int
}

// place looks up the lines of all frames in another goroutine, for it takes as long
// as everything else that is known of them. The function it returns waits for them
// and hands them out; it must be called, whatever happens meanwhile.
func (w *walk) place() (wait func()) {
	var todo []position
	for i := range w.frames {
		p := &w.frames[i]
		if p.image == nil || p.image.lines == nil {
			continue
		}
		if c := p.image.memo[p.addr]; c == nil || !c.placed {
			todo = append(todo, position{image: p.image, addr: p.addr})
		}
	}
	if len(todo) == 0 {
		return func() {}
	}
	found := inParallel(func() {
		for i := range todo {
			p := &todo[i]
			p.file, p.line = p.image.line(p.addr)
		}
	})
	return func() {
		found()
		for _, p := range todo {
			c := p.image.code(p.addr)
			c.File, c.Line, c.placed = p.file, p.line, true
		}
	}
}

// inParallel runs f in another goroutine. The function it returns waits for its end,
// and panics as f did: files are mapped, and may be cut while they are read.
func inParallel(f func()) (wait func()) {
	wrong := make(chan any, 1)
	go func() {
		debug.SetPanicOnFault(true)
		defer func() { wrong <- recover() }()
		f()
	}()
	return func() {
		if r := <-wrong; r != nil {
			panic(r)
		}
	}
}
