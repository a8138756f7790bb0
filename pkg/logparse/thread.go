package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/streamdump"
)

// thread is a block of a thread dump in the making (HAProxy src/debug.c,
// ha_thread_dump):
//
//	*>Thread 1 : id=0x7f0000000700 act=1 glob=0 wq=1 rq=0 tl=0 tlsz=0 rqsz=0
//	      1/1    loops=3 ctxsw=7 stuck=1 prof=0 harmless=0 isolated=0 locks=0
//	             cpu_ns: poll=8092201 now=2008110398 diff=2000018197
//	             curr_task=0x55aa10 (task) calls=2 last=0
//	               fct=0x556610(task_run_applet) ctx=0x55aa50(<PEER>)
//	             strm=… or stream=… lines, Lua's traceback, lock_hist, call trace
//
// '*' marks the thread that asked for the dump, '>' one that is stuck.
type thread struct {
	crash.Thread
	block bool // it is a block, and not a trace alone
	asked bool // '*'
	// stuckKnown says that the text tells whether it is stuck.
	stuckKnown bool
	traced     bool
	deep       bool  // the trace is indented as those of thread dumps are
	diff       int64 // CPU time since the last poll, in ns
	dump       *dump
	lua        strings.Builder
}

// threadHead takes the first line of a block.
func (r *report) threadHead(l *line) bool {
	t, ok := threadHeader(l.trim)
	if !ok {
		return false
	}
	r.inLua, r.inNote, r.inInfo = false, false, false
	if t.asked && r.headline != nil {
		t.Faulty = true
	}
	r.newThread(t)
	if t.asked || t.Stuck {
		r.note("thread "+number(t.Number), l)
	}
	return true
}

func (r *report) newThread(t *thread) {
	if len(r.threads) >= maxThreads {
		r.at = &thread{} // what follows is dropped
		return
	}
	if r.alone() {
		t.Faulty = true
		if p := r.part.Crash.Pool; p != nil && t.Number == 0 {
			t.Number = p.Thread
		}
	}
	r.threads = append(r.threads, t)
	r.at = t
}

// threadHeader reads a block's first line. Transports eat leading blanks, so
// that "*>", " >" and "*" may all be there or not; id= is there since 2.2.
func threadHeader(s string) (*thread, bool) {
	rest, asked := strings.CutPrefix(s, "*")
	rest = strings.TrimLeft(rest, " ")
	rest, stuck := strings.CutPrefix(rest, ">")
	rest, ok := strings.CutPrefix(rest, "Thread ")
	if !ok {
		return nil, false
	}
	n, rest, ok := lex.Int(rest)
	if !ok {
		return nil, false
	}
	rest, ok = strings.CutPrefix(strings.TrimLeft(rest, " "), ":")
	rest = strings.TrimLeft(rest, " ")
	if !ok || !strings.HasPrefix(rest, "id=0x") && !strings.HasPrefix(rest, "act=") {
		return nil, false
	}
	t := &thread{block: true, asked: asked}
	t.Number, t.Stuck = n, stuck
	t.stuckKnown = stuck
	if tail := t.pairs("", rest); strings.ContainsAny(tail, notSymbol) {
		return nil, false // more than the line
	}
	if n := len(t.Fields); n > 0 && strings.ContainsAny(t.Fields[n-1].Value, notSymbol) {
		return nil, false
	}
	return t, true
}

// add appends a field of the block.
func (t *thread) add(name, value string) {
	if len(t.Fields) < maxFields {
		t.Fields = append(t.Fields, crash.Field{Name: strings.Clone(name), Value: strings.Clone(lex.Clip(value, maxValue))})
	}
}

// pairs takes "key=value" pairs and gives what is left when none follows.
func (t *thread) pairs(prefix, s string) string {
	for range maxFields {
		s = strings.TrimLeft(s, " ,")
		key, value, rest, ok := pair(s)
		if !ok {
			break
		}
		s = rest
		t.add(prefix+key, value)
	}
	return s
}

// threadLine takes the lines of a block that are not its first one. They may
// open a block of which the start is missing.
func (r *report) threadLine(l *line) bool {
	kind := threadShape(l.trim)
	if kind == noShape {
		return false
	}
	r.inLua = false
	if r.at == nil || !r.at.block {
		if r.alone() {
			return false // these print no threads
		}
		r.newThread(&thread{block: true})
	}
	r.at.take(kind, l.trim)
	if kind == luaShape {
		r.inLua = true
	}
	return true
}

type threadLineShape int

const (
	noShape threadLineShape = iota
	stateShape
	cpuShape
	callShape
	contextShape
	taskShape
	functionShape
	locksShape
	luaShape
)

// threadShape knows the lines of a block.
func threadShape(t string) threadLineShape {
	switch {
	case strings.HasPrefix(t, "cpu_ns: poll="):
		return cpuShape
	case strings.HasPrefix(t, "curr_task=0"):
		return taskShape
	case strings.HasPrefix(t, "fct=0x") && strings.Contains(t, " ctx="):
		return functionShape
	case strings.HasPrefix(t, "lock_hist: "):
		return locksShape
	case strings.HasPrefix(t, "exec_ctx: "):
		return contextShape
	case strings.HasPrefix(t, "current call: "):
		return callShape
	case strings.HasPrefix(t, "Current executing "):
		return luaShape
	case stateLine(t):
		return stateShape
	}
	return noShape
}

// stateLine knows "1/1    loops=3 ctxsw=7 stuck=1 prof=0 …" and its shorter, older forms.
func stateLine(t string) bool {
	if i := strings.IndexByte(t, '/'); i > 0 && i < 4 && lex.Digits(t[:i]) {
		n, rest, ok := lex.Int(t[i+1:])
		if !ok || n > maxThreads {
			return false
		}
		t = strings.TrimLeft(rest, " ")
	}
	return (strings.HasPrefix(t, "stuck=") || strings.HasPrefix(t, "loops=")) && strings.Contains(t, " prof=")
}

func (t *thread) take(kind threadLineShape, s string) {
	switch kind {
	case stateShape:
		// "1/1    loops=3 …": thread group and number in it, since 2.5.
		if i := strings.IndexByte(s, ' '); i > 0 && !strings.Contains(s[:i], "=") {
			t.add("group", s[:i])
			s = s[i:]
		}
		t.pairs("", s)
		for _, f := range t.Fields {
			if f.Name == "stuck" {
				t.stuckKnown = true
				t.Stuck = t.Stuck || f.Value == "1"
			}
		}
	case cpuShape:
		t.pairs("cpu_ns.", strings.TrimPrefix(s, "cpu_ns:"))
		if _, d, ok := strings.Cut(s, "diff="); ok {
			t.diff, _, _ = lex.Int64(d)
		}
	case callShape:
		for _, word := range [...]string{"wake", "call"} {
			if _, v, ok := strings.Cut(s, word+"="); ok {
				v, _, _ = strings.Cut(v, ",")
				t.add("current_call."+word, v)
			}
		}
	case contextShape:
		t.add("exec_ctx", strings.TrimPrefix(s, "exec_ctx: "))
	case locksShape:
		t.add("lock_hist", strings.TrimPrefix(s, "lock_hist: "))
	case taskShape:
		t.task(strings.TrimPrefix(s, "curr_task="))
	case functionShape:
		t.function(s)
	case luaShape:
		t.lua.WriteString(lex.Clip(s, maxValue))
	}
}

// task reads "0", or "0x55aa10 (task) calls=2 last=0 ns ago".
func (t *thread) task(s string) {
	a, rest, ok := lex.Pointer(s)
	if !ok || a == 0 {
		return
	}
	t.Task = &crash.Task{Address: a}
	if kind, _, ok := lex.Between(rest, "(", ")"); ok && len(kind) < 16 {
		t.Task.Type = kind
	}
	if _, calls, ok := strings.Cut(rest, "calls="); ok {
		t.Task.Calls, _, _ = lex.Int64(calls)
	}
}

// function reads the task's function and context:
//
//	fct=0x556610(task_run_applet) ctx=0x55aa50(<PEER>)   since 2.2-dev4
//	fct=0x556610 (task_run_applet) ctx=0x55aa50          before; "?" when not known
func (t *thread) function(s string) {
	if t.Task == nil {
		t.Task = &crash.Task{}
	}
	_, rest, ok := lex.Pointer(strings.TrimPrefix(s, "fct="))
	if !ok {
		return
	}
	rest = strings.TrimLeft(rest, " ")
	i := strings.LastIndex(rest, ") ctx=")
	if !strings.HasPrefix(rest, "(") || i < 0 {
		return
	}
	y := symbol(rest[1:i])
	if y.exact && y.offset == 0 {
		t.Task.Function = y.name
	}
	t.add("fct", rest[1:i])
	context := rest[i+len(") ctx="):]
	t.Task.Context, rest, ok = lex.Pointer(context)
	if label, has := strings.CutPrefix(rest, "("); ok && has {
		t.Task.Applet = strings.Trim(strings.TrimSuffix(strings.TrimSpace(label), ")"), "<>")
	}
}

// luaLine takes a line of Lua's traceback: "[C]: in …", "/etc/x.lua:12: in
// function …", or whatever is indented below it.
func (r *report) luaLine(l *line) bool {
	if r.at == nil {
		return false
	}
	deep := strings.HasPrefix(l.text, "                 ") || strings.HasPrefix(l.trim, "\t")
	if !deep && !strings.Contains(l.trim, ": in ") && l.trim != "stack traceback:" && !strings.HasPrefix(l.trim, "...") && !strings.HasPrefix(l.trim, "(...") {
		return false
	}
	if room := maxLuaBytes - r.at.lua.Len(); room > len(l.trim)+1 {
		r.at.lua.WriteString("\n" + l.trim)
	}
	return true
}

// mentions says that a frame, or what one calls, is a function.
func (t *thread) mentions(function string) bool {
	for i := range t.Frames {
		f := &t.Frames[i]
		if f.Function == function || exactName(f.Target) == function {
			return true
		}
	}
	return false
}

// onCLI says that the thread was running the CLI.
func (t *thread) onCLI() bool {
	for i := range t.Frames {
		if f := t.Frames[i].Function; f == "cli_io_handler" || f == "cli_parse_request" {
			return true
		}
	}
	if t.Task != nil && t.Task.Applet == "CLI" {
		return true
	}
	return t.dump != nil && streamdump.Printed(&t.dump.stream).Back.Applet == "CLI"
}

func number(n int) string {
	if n == 0 {
		return "without number"
	}
	return strings.TrimPrefix(lex.Where(int64(n)), "line ")
}
