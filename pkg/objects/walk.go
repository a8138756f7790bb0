package objects

import (
	"context"
	"fmt"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/value"
)

// Sink takes one object after the other; false ends the walk.
type Sink func(crash.Object) bool

// Break is a place where a list, chain or tree does not hold together.
type Break struct {
	// Of says which: "streams of thread 3".
	Of  string
	Err error
}

func (b Break) String() string { return b.Of + ": " + b.Err.Error() }

// maxWalk bounds each list: what a process of that many objects would need is
// hundreds of gigabytes.
const maxWalk = 50_000_000

// walk is a pass over many objects.
type walk struct {
	ctx    context.Context
	p      *Process
	sink   Sink
	done   bool
	breaks []Break
}

// give hands on an object.
func (w *walk) give(r *record) bool {
	if !w.sink(r.object) || w.ctx.Err() != nil {
		w.done = true
	}
	return !w.done
}

// broke notes where a walk had to end.
func (w *walk) broke(err error, of string, args ...any) {
	if err != nil {
		w.breaks = append(w.breaks, Break{fmt.Sprintf(of, args...), err})
	}
}

// run ends a walk; the error is that of the context.
func (w *walk) run(f func()) ([]Break, error) {
	f()
	return w.breaks, w.ctx.Err()
}

// structAt is a variable whose structure is known by name, when the unit at hand
// does not declare the variable.
func (p *Process) structAt(symbol, tag string) value.Value {
	addr, ok := p.symbol(symbol)
	t, known := p.space.Struct(tag)
	if !ok || !known {
		return value.Value{}
	}
	return p.space.Of(t, p.main.Runtime(addr))
}

// Streams gives all streams: a list a thread since 2.4, one for all before.
func (p *Process) Streams(ctx context.Context, sink Sink) ([]Break, error) {
	w := &walk{ctx: ctx, p: p, sink: sink}
	return w.run(func() {
		if head := p.structAt("streams", "list"); head.Exists() {
			w.streams(head, "streams", 0)
			return
		}
		for n := 1; n <= int(p.threads()) && !w.done; n++ {
			head := p.thread(n).Field("streams")
			if !head.Exists() {
				head = p.threadInfo(n).Field("streams")
			}
			w.streams(head, fmt.Sprintf("streams of thread %d", n), n)
		}
	})
}

func (w *walk) streams(head value.Value, of string, thread int) {
	err := head.List("stream", "list", maxWalk, func(v value.Value) bool {
		return w.give(w.p.streamRow(v.Load(), thread))
	})
	w.broke(err, "%s", of)
}

// streamRow is a stream in a list of many.
func (p *Process) streamRow(v value.Value, thread int) *record {
	r := p.record("strm", "stream", v)
	if thread > 0 {
		r.put("thread", fmt.Sprint(thread), nil)
	}
	r.dec("id", v.Field("uniq_id"))
	r.hex("flags", v.Field("flags"), 0)
	sess := v.Field("sess").Deref()
	r.text("frontend", sess.Field("fe").Deref().Field("id"), "?")
	if be := v.Field("be"); backend(be) {
		r.text("backend", be.Deref().Field("id"), "<NONE>")
	}
	r.server("server", v.Field("target"))
	r.pointer("task", v.Field("task"))
	for i, side := range sides(v) {
		p.ends(r, i, side.v)
	}
	return r
}

// ends adds what is at one end of a stream, in a word.
func (p *Process) ends(r *record, i int, side value.Value) {
	c := &collector{p: p}
	name := [...]string{"front", "back"}[i&1]
	if side.Type() != nil && side.Has("end") { // a stream interface
		end := side.Field("end").Deref()
		if kind, err := end.Enum(); err == nil && kind == "OBJ_TYPE_APPCTX" {
			r.text(name, end.As("appctx").Field("applet").Deref().Field("name"), "?")
		}
		r.put(name+".state", p.interfaceState(side.Field("state")), side.Field("state").Err())
		return
	}
	sc := side.Deref()
	switch kind, end := c.endpoint(sc.First("sedesc", "endp").Deref()); kind {
	case "APPCTX":
		r.text(name, end.Field("applet").Deref().Field("name"), "?")
	case "CONN":
		r.text(name, end.Field("mux").Deref().Field("name"), "NONE")
	}
	r.state(name+".state", sc.Field("state"))
}

// threadInfo is the constant part of a thread's context.
func (p *Process) threadInfo(number int) value.Value {
	addr, ok := p.symbol("ha_thread_info")
	t, known := p.space.Struct("thread_info")
	if !ok || !known || number < 1 || uint64(number) > p.threads() {
		return value.Value{}
	}
	return p.space.Of(t, p.main.Runtime(addr)+uint64(number-1)*t.Size)
}

// Threads gives the context of every thread.
func (p *Process) Threads(ctx context.Context, sink Sink) ([]Break, error) {
	w := &walk{ctx: ctx, p: p, sink: sink}
	return w.run(func() {
		for n := 1; n <= int(p.threads()) && !w.done; n++ {
			r := p.threadRecord(p.thread(n))
			r.put("number", fmt.Sprint(n), nil)
			r.hex("pthread", p.threadInfo(n).First("pth_id", "pthread"), 0)
			r.pointer("stack_top", p.threadInfo(n).Field("stack_top"))
			w.give(r)
		}
	})
}
