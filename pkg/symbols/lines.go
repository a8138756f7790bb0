package symbols

import "github.com/hacrash/hacrash/pkg/fault"

// position is a line that is being looked up.
type position struct {
	image *Image
	addr  uint64
	file  string
	line  int
}

// place looks up the lines of all frames in another goroutine, for it takes as long
// as everything else that is known of them. The task is nil if there is nothing to do.
func (w *walk) place() *fault.Task[[]position] {
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
		return nil
	}
	return fault.Go(func() []position {
		for i := range todo {
			p := &todo[i]
			p.file, p.line = p.image.line(p.addr)
		}
		return todo
	})
}
