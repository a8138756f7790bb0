package objects

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/hacrash/hacrash/pkg/value"
)

func decimal(n int) string { return strconv.Itoa(n) }

// Pools gives the memory pools, with how much of each is in use.
func (p *Process) Pools(ctx context.Context, sink Sink) ([]Break, error) {
	w := &walk{ctx: ctx, p: p, sink: sink}
	return w.run(func() {
		head := p.structAt("pools", "list")
		err := head.List("pool_head", "list", maxConfigured, func(v value.Value) bool { return w.give(p.poolRow(v.Load())) })
		w.broke(err, "pools")
	})
}

func (p *Process) poolRow(v value.Value) *record {
	r := p.record("pool", "pool_head", v)
	r.text("name", v.Field("name"), "?")
	size, err := v.Field("size").Uint()
	r.put("size", fmt.Sprint(size), err)
	allocated, used := counts(v)
	r.put("allocated", fmt.Sprint(allocated), nil)
	r.put("used", fmt.Sprint(used), nil)
	r.put("bytes", fmt.Sprint(allocated*size), err)
	r.flags("flags", "pool", v.Field("flags"))
	r.dec("users", v.Field("users"))
	r.sumOf("failed", v)
	return r
}

// counts sums up the buckets of a pool: from 2.9 on threads count in several.
func counts(v value.Value) (allocated, used uint64) {
	buckets := v.Field("buckets")
	if !buckets.Exists() {
		a, _ := v.Field("allocated").Uint()
		u, _ := v.Field("used").Uint()
		return a, u
	}
	for i := range min(buckets.Len(), 1024) {
		a, _ := buckets.Index(i).Field("allocated").Uint()
		u, _ := buckets.Index(i).Field("used").Uint()
		allocated, used = allocated+a, used+u
	}
	return allocated, used
}

// sumOf adds a number that is a pool's own, or spread over its buckets.
func (r *record) sumOf(name string, v value.Value) {
	if v.Has(name) {
		r.dec(name, v.Field(name))
		return
	}
	buckets, sum := v.Field("buckets"), uint64(0)
	if !buckets.Exists() || !buckets.Index(0).Has(name) {
		return
	}
	for i := range min(buckets.Len(), 1024) {
		n, _ := buckets.Index(i).Field(name).Uint()
		sum += n
	}
	r.put(name, fmt.Sprint(sum), nil)
}

// Memprof gives what memory profiling counted, by the place that asked for memory
// (2.4 on, when "profiling.memory" was on).
func (p *Process) Memprof(ctx context.Context, sink Sink) ([]Break, error) {
	w := &walk{ctx: ctx, p: p, sink: sink}
	return w.run(func() {
		table, ok := p.main.Symbol("memprof_stats")
		t, known := p.space.Struct("memprof_stats")
		if !ok || !known || t.Size == 0 {
			w.broke(value.ErrNoField, "memprof_stats")
			return
		}
		for i := uint64(0); i < table.Size/t.Size && !w.done; i++ {
			v := p.space.Of(t, p.main.Runtime(table.Address)+i*t.Size).Load()
			allocated, err := v.Field("alloc_calls").Uint()
			if err != nil {
				w.broke(err, "memprof_stats")
				return
			}
			freed, _ := v.Field("free_calls").Uint()
			if allocated == 0 && freed == 0 {
				continue
			}
			r := p.record("memprof", "memprof_stats", v)
			r.function("caller", v.Field("caller"))
			r.state("method", v.Field("method"))
			r.decs(v, "alloc_calls", "free_calls", "alloc_tot", "free_tot")
			w.give(r)
		}
	})
}

// maxFDs is more file descriptors than a process can have.
const maxFDs = 1 << 26

// FDs gives the file descriptors that have an owner.
func (p *Process) FDs(ctx context.Context, sink Sink) ([]Break, error) {
	w := &walk{ctx: ctx, p: p, sink: sink}
	return w.run(func() {
		last, err := p.structAt("global", "global").Field("maxsock").Uint()
		if err != nil || last > maxFDs {
			w.broke(fmt.Errorf("how many there are cannot be read: %w", value.ErrUnavailable), "fdtab")
			return
		}
		tables := p.fdTables()
		if len(tables) == 0 {
			w.broke(value.ErrNoField, "fdtab")
		}
		for i, at := range tables {
			group := 0
			if len(tables) > 1 {
				group = i + 1
			}
			w.fds(at, last, group)
		}
	})
}

// fdTables are the addresses of the tables of file descriptors: one, or from
// 3.5 on as many as groups of threads do not share it.
func (p *Process) fdTables() []uint64 {
	if addr, ok := p.symbol("fdtab"); ok {
		at, err := p.pointerAt(p.main.Runtime(addr))
		if err != nil {
			return nil
		}
		return []uint64{at}
	}
	var tables []uint64
	for i := range p.groups() {
		at, err := p.group(i).Field("fdtab").Pointer()
		if err == nil && at != 0 && !slices.Contains(tables, at) {
			tables = append(tables, at)
		}
	}
	return tables
}

// groups is how many groups of threads there are; 0 before there were any.
func (p *Process) groups() uint64 {
	n, err := p.structAt("global", "global").Field("nbtgroups").Uint()
	if err != nil || n > maxThreads {
		return 0
	}
	return n
}

// group is what the threads of a group share (2.7 on); i counts from 0.
func (p *Process) group(i uint64) value.Value {
	first := p.structAt("ha_tgroup_ctx", "tgroup_ctx")
	if !first.Exists() {
		return first
	}
	return p.space.Of(first.Type(), first.Address()+i*first.Type().Size)
}

func (w *walk) fds(table, n uint64, group int) {
	t, ok := w.p.space.Struct("fdtab")
	if !ok || t.Size == 0 {
		return
	}
	for fd := uint64(0); fd < n && !w.done; fd++ {
		v := w.p.space.Of(t, table+fd*t.Size)
		owner, err := v.Field("owner").Pointer()
		if err != nil {
			w.broke(err, "file descriptor %d", fd)
			return
		}
		if owner == 0 {
			continue
		}
		r := w.p.fdRow(v.Load(), fd)
		if group > 0 {
			r.put("group", decimal(group), nil)
		}
		w.give(r)
	}
}

func (p *Process) fdRow(v value.Value, fd uint64) *record {
	r := p.record("fd", "fdtab", v)
	r.put("fd", fmt.Sprint(fd), nil)
	r.flags("state", "fd", v.Field("state"))
	r.hex("running_mask", v.Field("running_mask"), 0)
	r.hex("thread_mask", v.Field("thread_mask"), 0)
	r.hex("update_mask", v.Field("update_mask"), 0)
	r.hex("refc_tgid", v.Field("refc_tgid"), 0)
	r.decs(v, "nb_takeover", "generation")
	r.function("iocb", v.Field("iocb"))
	r.pointer("owner", v.Field("owner"))
	owner, _ := v.Field("owner").Pointer()
	switch p.callback(v) {
	case "sock_conn_iocb", "conn_fd_handler":
		conn := p.space.At("connection", owner)
		r.hex("conn.flags", conn.Field("flags"), 0)
		r.dec("conn.err", conn.Field("err_code"))
		r.text("conn.mux", conn.Field("mux").Deref().Field("name"), "NONE")
		r.text("conn.xprt", conn.Field("xprt").Deref().Field("name"), "NONE")
		r.target("conn.target", conn.Field("target"))
	case "sock_accept_iocb", "listener_accept":
		l := p.space.At("listener", owner)
		r.text("li.name", l.Field("name"), "?")
		r.flags("li.flags", "li", l.Field("flags"))
		r.state("li.state", l.Field("state"))
		r.text("li.frontend", l.Field("bind_conf").Deref().Field("frontend").Deref().Field("id"), "?")
	}
	return r
}

func (p *Process) callback(fd value.Value) string {
	code, err := fd.Field("iocb").Pointer()
	if err != nil {
		return ""
	}
	return p.resolve(code)
}

// Tasks gives all tasks that wait for a time or for their turn, and tasklets that
// wait for theirs.
func (p *Process) Tasks(ctx context.Context, sink Sink) ([]Break, error) {
	w := &walk{ctx: ctx, p: p, sink: sink}
	return w.run(func() {
		for n := 1; n <= int(p.threads()) && !w.done; n++ {
			ctx := p.thread(n)
			w.tree(ctx.Field("timers"), "wq", "timers", n)
			w.tree(ctx.Field("rqueue"), "rq", "run queue", n)
			w.tree(ctx.Field("rqueue_shared"), "rq", "shared run queue", n)
			lists := ctx.Field("tasklets")
			for i := range lists.Len() {
				w.tasklets(lists.Index(i), fmt.Sprintf("tasklets %d", i), n)
			}
			w.tasklets(ctx.Field("shared_tasklet_list"), "shared tasklets", n)
		}
		w.tree(p.structAt("timers", "eb_root"), "wq", "shared timers", 0)
		w.tree(p.structAt("rqueue", "eb_root"), "rq", "shared run queue", 0)
		for i := range p.groups() {
			w.tree(p.group(i).Field("timers"), "wq", fmt.Sprintf("timers of group %d", i+1), 0)
		}
	})
}

func (w *walk) tree(root value.Value, member, queue string, thread int) {
	if !root.Exists() || w.done {
		return
	}
	err := root.Tree("task", member, maxWalk, func(v value.Value) bool { return w.give(w.p.taskRow(v, queue, thread)) })
	w.broke(err, "%s of thread %d", queue, thread)
}

func (w *walk) tasklets(head value.Value, queue string, thread int) {
	if !head.Exists() || w.done {
		return
	}
	err := head.List("tasklet", "list", maxWalk, func(v value.Value) bool { return w.give(w.p.taskRow(v, queue, thread)) })
	w.broke(err, "%s of thread %d", queue, thread)
}

func (p *Process) taskRow(v value.Value, queue string, thread int) *record {
	r := p.record("task", v.Type().Tag, v)
	if thread > 0 {
		r.put("thread", decimal(thread), nil)
	}
	r.put("queue", queue, nil)
	p.taskFields(r, v)
	return r
}
