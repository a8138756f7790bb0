package backtrace

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// numbered is a frame with the number that the tool gives it.
type numbered struct {
	number int
	crash.Frame
}

// stack is the list of one thread's frames.
type stack struct {
	number, lwp int // the tool's number, the kernel's thread id
	id, name    string
	listed      bool   // stands under a heading of its own
	role        string // of a stack that is no thread: "freed by thread T3"
	frames      []numbered
	registers   []crash.Register
	stopped     string // why the tool shows no more of them
}

// search finds the place of the frame of that number.
func (s *stack) search(n int) (at int, found bool) {
	return slices.BinarySearchFunc(s.frames, n, func(f numbered, n int) int { return cmp.Compare(f.number, n) })
}

// find gives the frame of that number.
func (s *stack) find(n int) *numbered {
	if s == nil {
		return nil
	}
	if i, found := s.search(n); found {
		return &s.frames[i]
	}
	return nil
}

// learn fills in what a heading says.
func (s *stack) learn(h heading) {
	s.number, s.lwp = cmp.Or(s.number, h.number), cmp.Or(s.lwp, h.lwp)
	s.id, s.name = cmp.Or(s.id, h.id), cmp.Or(s.name, h.name)
}

// stacks are the threads of a backtrace, in the order of the text.
type stacks struct {
	all    []*stack
	frames int
	kept   int    // bytes of them
	tool   string // whose numbers the threads have
}

// drop leaves out the threads without frames.
func (s *stacks) drop() {
	s.all = slices.DeleteFunc(s.all, func(t *stack) bool { return len(t.frames) == 0 })
}

// dying finds the thread that stands in a function that ends the process.
func (s *stacks) dying() *stack {
	for _, t := range s.all {
		if t.dies() {
			return t
		}
	}
	return nil
}

// first finds the culprit where a tool lists the threads in the order of the
// core's notes: the one that died is the first, unless it was not pasted.
func (s *stacks) first() *stack {
	if t := s.dying(); t != nil {
		return t
	}
	if len(s.all) > 0 && !s.all[0].idle() && s.all[0].frames[0].number == 0 {
		return s.all[0]
	}
	return nil
}

// add appends a thread, or gives nil when there are too many.
func (s *stacks) add(t *stack) *stack {
	if len(s.all) >= maxThreads {
		return nil
	}
	s.all = append(s.all, t)
	return t
}

// put stores a frame at its place. One that is there already stays, unless the
// new one says more of the same place (bt full after bt). Those of a thread over
// the cap, which is nil, are left out.
func (s *stacks) put(t *stack, n int, f crash.Frame) {
	if t == nil {
		return
	}
	at, found := t.search(n)
	if found {
		if old := t.frames[at].Frame; sameFrame(old, f) && weight(f) > weight(old) {
			t.frames[at].Frame = f
		}
		return
	}
	if len(t.frames) >= maxFrames || s.frames >= maxAllFrames {
		return
	}
	size := frameBytes(&f)
	if s.kept+size > maxKept {
		f.Arguments = nil
		size = frameBytes(&f)
	}
	if s.kept+size > maxKept {
		return
	}
	s.kept += size
	s.frames++
	t.frames = slices.Insert(t.frames, at, numbered{n, f})
}

// About what a frame, and an argument, take of memory without their strings.
const (
	frameSize    = 320
	argumentSize = 32
)

// frameBytes is about what a frame takes of memory.
func frameBytes(f *crash.Frame) int {
	n := frameSize + len(f.Symbol) + len(f.Module) + len(f.File)
	for _, a := range f.Arguments {
		n += argumentSize + len(a.Name) + len(a.Value)
	}
	return n
}

// append adds a frame behind the others, for tools whose numbers say nothing.
func (s *stacks) append(t *stack, f crash.Frame) {
	n := 0
	if t != nil && len(t.frames) > 0 {
		n = t.frames[len(t.frames)-1].number + 1
	}
	s.put(t, n, f)
}

// byHeading finds the thread a heading speaks of.
func (s *stacks) byHeading(h heading) *stack {
	for _, t := range s.all {
		switch {
		case h.lwp != 0 && t.lwp != 0:
			if h.lwp == t.lwp {
				return t
			}
		case h.id != "" && t.id != "":
			if h.id == t.id {
				return t
			}
		case h.number != 0 && h.number == t.number:
			return t
		}
	}
	return nil
}

// sameFrame says whether two prints can be of the same place.
func sameFrame(a, b crash.Frame) bool {
	if a.Signal || b.Signal {
		return a.Signal == b.Signal
	}
	if a.Address != 0 && b.Address != 0 && a.Address != b.Address {
		return false
	}
	return a.Function == b.Function
}

// sameArguments says whether no argument that both show has two values.
func sameArguments(a, b crash.Frame) bool {
	for _, x := range a.Arguments {
		for _, y := range b.Arguments {
			if x.Name == y.Name && x.Value != y.Value && x.Value != "..." && y.Value != "..." {
				return false
			}
		}
	}
	return true
}

// weight says how much a frame tells.
func weight(f crash.Frame) int {
	w := len(f.Arguments)
	if f.File != "" || f.Module != "" {
		w += 2
	}
	if f.Address != 0 {
		w++
	}
	return w
}

// threads gives the stacks as the model has them, the faulty one first; faulty
// may be nil.
func (s *stacks) threads(faulty *stack) []crash.Thread {
	var out []crash.Thread
	for _, t := range s.all {
		if len(t.frames) == 0 && t != faulty || t.role != "" {
			continue
		}
		c := crash.Thread{LWP: t.lwp, Name: t.name, Faulty: t == faulty}
		if t.number > 0 || s.tool == toolMacOS && t.listed {
			c.Fields = append(c.Fields, crash.Field{Name: s.tool, Value: strconv.Itoa(t.number)})
		}
		if t.id != "" {
			c.Fields = append(c.Fields, crash.Field{Name: "id", Value: t.id})
		}
		c.Frames, c.Broken = t.shown()
		c.Lock, c.Registers = t.lock(), t.registers
		at := len(out)
		if t == faulty {
			at = 0
		}
		out = slices.Insert(out, at, c)
	}
	return out
}

// shown gives the frames, and says which are missing between them.
func (s *stack) shown() (frames []crash.Frame, broken string) {
	var gaps []string
	next := 0
	for _, f := range s.frames {
		switch missing := f.number - next; {
		case missing == 1:
			gaps = append(gaps, "frame "+strconv.Itoa(next))
		case missing > 1:
			gaps = append(gaps, "frames "+strconv.Itoa(next)+" to "+strconv.Itoa(f.number-1))
		}
		if next = f.number + 1; len(gaps) > 0 {
			f.Number = f.number
		}
		frames = append(frames, f.Frame)
	}
	switch n := len(gaps); {
	case n == 1 && !strings.HasPrefix(gaps[0], "frames"):
		broken = gaps[0] + " is not in the text"
	case n > 3:
		broken = fmt.Sprintf("%s and %d more gaps are not in the text", strings.Join(gaps[:3], ", "), n-3)
	case n > 0:
		broken = strings.Join(gaps, ", ") + " are not in the text"
	}
	if broken != "" && s.stopped != "" {
		broken += "; "
	}
	return frames, broken + s.stopped
}

// named gives the stacks that are no threads.
func (s *stacks) named() (out []crash.NamedStack) {
	for _, t := range s.all {
		if t.role == "" || len(t.frames) == 0 || len(out) == maxRoles {
			continue
		}
		n := crash.NamedStack{Role: t.role}
		for _, f := range t.frames {
			n.Frames = append(n.Frames, f.Frame)
		}
		out = append(out, n)
	}
	return out
}
