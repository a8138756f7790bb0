package objects

import (
	"encoding/binary"
	"fmt"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/value"
)

// Task reads a task.
func (p *Process) Task(addr uint64) []crash.Object {
	c := &collector{p: p, seen: map[uint64]bool{}}
	c.task("task", p.space.At("task", addr))
	return c.all
}

func (c *collector) task(role string, v value.Value) {
	if !c.visit(v) {
		return
	}
	r := c.p.record(role, "task", v)
	c.p.taskFields(r, v)
	c.add(r)
}

// taskFields adds what a task, or a tasklet, is.
func (p *Process) taskFields(r *record, v value.Value) {
	r.flags("state", "task", v.Field("state"))
	r.decs(v, "nice", "calls", "tid")
	r.expiry("exp", v.Field("expire"))
	r.function("process", v.Field("process"))
	r.pointer("context", v.Field("context"))
}

// clock is the time of the process in milliseconds, in which all its dates are. Each
// thread has a clock of its own, which lags behind this one by what it was busy.
func (p *Process) clock() (int64, bool) {
	if p.now == nil {
		n := p.readClock()
		p.now = &n
	}
	return *p.now, *p.now != 0
}

// readClock reads the clock that all threads share, 0 when it is not found: a
// number (2.4 on), behind a pointer since it may lie in memory that several processes
// share (3.3 on).
func (p *Process) readClock() int64 {
	addr, ok := p.symbol("global_now_ms")
	if !ok {
		return 0
	}
	addr = p.main.Runtime(addr)
	if _, pointer := p.symbol("_global_now_ms"); pointer {
		var b [8]byte
		if n, err := p.space.Memory.ReadMemory(b[:], addr); err != nil || n < len(b) {
			return 0
		}
		addr = binary.LittleEndian.Uint64(b[:])
	}
	var b [4]byte
	if n, err := p.space.Memory.ReadMemory(b[:], addr); err != nil || n < len(b) {
		return 0
	}
	return int64(binary.LittleEndian.Uint32(b[:]))
}

// expiry adds a date as the dump does: when it comes, from now on. Dates are of 32 bits
// and wrap; 0 is never (include/haproxy/ticks.h).
func (r *record) expiry(name string, v value.Value) {
	n, err := v.Uint()
	if err != nil || n == 0 {
		r.put(name, "<NEVER>", err)
		return
	}
	now, ok := r.p.clock()
	if !ok {
		r.put(name, fmt.Sprintf("tick %d", uint32(n)), nil)
		return
	}
	left := int32(uint32(n) - uint32(now))
	if left <= 0 {
		r.put(name, "<PAST>", nil)
		return
	}
	r.put(name, span(int64(left)), nil)
}

// time adds a span in milliseconds.
func (r *record) time(name string, v value.Value) {
	n, err := v.Uint()
	if err == nil && n == 0 {
		r.put(name, "<NEVER>", nil)
		return
	}
	r.put(name, span(int64(n)), err)
}

// span words milliseconds with two units at most, as HAProxy does.
func span(ms int64) string {
	s := ms / 1000
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%ds", s/60, s%60)
	case s < 86400:
		return fmt.Sprintf("%dh%dm", s/3600, s/60%60)
	}
	return fmt.Sprintf("%dd%dh", s/86400, s/3600%24)
}
