package objects

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/value"
)

// maxThreads is MAX_THREADS times MAX_TGROUPS of the largest builds.
const maxThreads = 4096

// threadContexts is the table of what each thread is at, and how many rows it
// has: ha_thread_ctx since 2.5, what the scheduler has of a thread before.
func (p *Process) threadContexts() (rows value.Value, n uint64) {
	for _, c := range [...]struct{ symbol, tag string }{{"ha_thread_ctx", "thread_ctx"}, {"task_per_thread", "task_per_thread"}} {
		addr, ok := p.symbol(c.symbol)
		t, known := p.space.Struct(c.tag)
		if ok && known && t.Size > 0 {
			return p.space.Of(t, p.main.Runtime(addr)), p.threads()
		}
	}
	return value.Value{}, 0
}

// threads is how many threads were configured; 1 when that is not known.
func (p *Process) threads() uint64 {
	g, ok := p.space.Struct("global")
	addr, found := p.symbol("global")
	if !ok || !found {
		return 1
	}
	n, err := p.space.Of(g, p.main.Runtime(addr)).Field("nbthread").Uint()
	if err != nil || n < 1 || n > maxThreads {
		return 1
	}
	return n
}

// ThreadOf is the number, from 1, of the thread that the C library knows by a
// pointer (pthread_self, on x86-64 the base of fs); 0 when none is. Threads keep it
// in their thread_info, but for 2.5 and 2.6, which have a table of their own.
func (p *Process) ThreadOf(self uint64) int {
	if self == 0 {
		return 0
	}
	if addr, ok := p.symbol("ha_pthread_id"); ok {
		return p.threadIn(p.main.Runtime(addr), 8, self)
	}
	addr, ok := p.symbol("ha_thread_info")
	t, known := p.space.Struct("thread_info")
	if !ok || !known || t.Size == 0 {
		return 0
	}
	for _, name := range [...]string{"pth_id", "pthread"} {
		if f, ok := t.Field(name); ok {
			return p.threadIn(p.main.Runtime(addr)+f.Offset, t.Size, self)
		}
	}
	return 0
}

// threadIn looks for a word in a table whose rows have a size in bytes.
func (p *Process) threadIn(table, size, want uint64) int {
	var b [8]byte
	for i := range p.threads() {
		if n, err := p.space.Memory.ReadMemory(b[:], table+i*size); err == nil && n == len(b) && binary.LittleEndian.Uint64(b[:]) == want {
			return int(i) + 1
		}
	}
	return 0
}

// Thread reads what a thread was at; number counts from 1.
func (p *Process) Thread(number int) []crash.Object {
	c := &collector{p: p, seen: map[uint64]bool{}}
	if v := p.thread(number); v.Exists() {
		c.thread(v)
	}
	return c.all
}

func (p *Process) thread(number int) value.Value {
	rows, n := p.threadContexts()
	if number < 1 || uint64(number) > n || !rows.Exists() {
		return value.Value{}
	}
	t := rows.Type()
	return p.space.Of(t, rows.Address()+uint64(number-1)*t.Size)
}

func (c *collector) thread(v value.Value) {
	if c.visit(v) {
		c.add(c.p.threadRecord(v))
	}
}

func (p *Process) threadRecord(v value.Value) *record {
	r := p.record("thread", "thread_ctx", v)
	r.flags("flags", "thread", v.Field("flags"))
	r.pointer("current", v.Field("current"))
	r.decs(v, "current_queue", "nb_tasks", "rq_total", "tasks_in_list")
	r.hex("tl_class_mask", v.Field("tl_class_mask"), 2)
	r.decs(v, "stream_cnt", "total_streams", "idle_pct", "lock_level")
	r.locks("lock_hist", v.Field("lock_history"))
	r.execution("exec_ctx", v.Field("exec_ctx"))
	return r
}

// locks adds the last operations on locks, as a thread dump does (3.1 on): a byte
// each, the newest lowest, of which the two lowest bits are the operation and the
// rest the label of the lock plus one (include/haproxy/thread.h).
func (r *record) locks(name string, v value.Value) {
	history, err := v.Uint()
	if err != nil {
		r.put(name, "", err)
		return
	}
	labels := map[uint64]string{}
	for _, e := range r.p.space.EnumNames("lock_label") {
		labels[uint64(e.Value)] = strings.TrimSuffix(e.Name, "_LOCK")
	}
	var words []string
	for shift := 56; shift >= 0; shift -= 8 {
		b := history >> shift & 0xff
		if b>>2 == 0 {
			continue
		}
		label, ok := labels[b>>2-1]
		if !ok {
			label = fmt.Sprint(b>>2 - 1)
		}
		words = append(words, string("URSW"[b&3])+":"+label)
	}
	if len(words) > 0 {
		r.put(name, strings.Join(words, " "), nil)
	}
}

// execution adds what HAProxy noted of the code that runs (3.4 on): an applet, a
// task, a function, a mux.
func (r *record) execution(name string, v value.Value) {
	kind, err := v.Field("type").Enum()
	if err != nil {
		r.put(name, "", err)
		return
	}
	kind = strings.TrimPrefix(kind, "TH_EX_CTX_")
	what := value.Value{}
	switch kind {
	case "NONE":
		return
	case "APPLET":
		what = v.Field("applet").Deref().Field("name")
	case "MUX":
		what = v.Field("mux_ops").Deref().Field("name")
	case "FLT":
		what = v.Field("flt_conf").Deref().Field("id")
	}
	if text, err := what.Text(); err == nil {
		r.put(name, kind+" "+text, nil)
		return
	}
	at, err := v.Field("pointer").Pointer()
	text := address(at)
	if f := r.p.resolve(at); f != "" {
		text = f
	}
	r.put(name, kind+" "+text, err)
}

// Current is what the thread was running: the stream or the applet of its task, else
// the task alone.
func (p *Process) Current(number int) []crash.Object {
	task := p.thread(number).Field("current").Deref()
	if !task.Exists() {
		return nil
	}
	context, err := task.Field("context").Pointer()
	process, errProcess := task.Field("process").Pointer()
	if err != nil || errProcess != nil {
		return p.Task(task.Address())
	}
	switch p.resolve(process) {
	case "process_stream":
		return p.Stream(context)
	case "task_run_applet", "task_process_applet":
		return p.Applet(context)
	}
	return p.Task(task.Address())
}

// Globals reads what concerns the whole process: how it is set up, whether it is
// being stopped, and what makes it doubtful.
func (p *Process) Globals() []crash.Object {
	g := p.structAt("global", "global")
	if !g.Exists() {
		return nil
	}
	r := p.record("process", "global", g)
	r.decs(g, "nbthread", "nbtgroups", "maxsock", "maxconn")
	r.word("stopping", "stopping", "")
	r.word("jobs", "jobs", "")
	// tainted: an experimental directive, a shared library, a warning that fired
	// (include/haproxy/bug.h, 2.4 on).
	r.word("tainted", "tainted", "tainted")
	return []crash.Object{r.object}
}

// word adds a variable of four bytes, when the program has it: a word of flags of a
// family, or a number.
func (r *record) word(name, symbol, family string) {
	addr, ok := r.p.symbol(symbol)
	if !ok {
		return
	}
	var b [4]byte
	if n, err := r.p.space.Memory.ReadMemory(b[:], r.p.main.Runtime(addr)); err != nil || n < len(b) {
		r.put(name, "", value.ErrUnavailable)
		return
	}
	n := binary.LittleEndian.Uint32(b[:])
	if family == "" {
		r.put(name, decimal(int(int32(n))), nil)
		return
	}
	r.put(name, fmt.Sprintf("%#x", n), nil)
	r.kind(name, family)
}
