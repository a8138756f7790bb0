package backtrace

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/signals"
)

// shown is a value that gdb prints.
type shown struct {
	valueText
	local bool // a variable of a frame, else an expression
	frame int  // whose variable it is
}

// begin starts a value: a variable of the frame, or "$1" of an expression.
func (g *gdb) begin(name, text string, indented bool) {
	v := &g.value
	v.local, v.frame = name[0] != '$', g.frame.number
	if !indented {
		v.frame = g.level // of info locals; bt full indents them
	}
	if !v.local && g.expression != "" {
		name, g.expression = g.expression, ""
	}
	v.begin(name)
	g.more(text)
}

// message keeps a text in which HAProxy says why it dies.
func (g *gdb) message(row string) {
	if text := haproxyText(row); text != "" && len(g.Messages) < maxMessages && !slices.Contains(g.Messages, text) {
		g.Messages = append(g.Messages, text)
	}
}

// more takes a row of the value, and keeps the whole one where it belongs.
func (g *gdb) more(row string) {
	g.message(row)
	v := &g.value
	if !v.add(row, " ") {
		return
	}
	text := v.value()
	if !v.local {
		if fields := members(v.name, text, maxMembers); !g.siginfo(fields) {
			g.keepObject(v.name, typeOf(text), fields)
		}
	} else if f := g.at.find(v.frame); f != nil {
		g.keepLocals(&f.Frame, v.name, text)
	}
}

// typeOf reads the cast before a pointer: (struct stream *) 0x7f1230001000.
func typeOf(text string) string {
	if cast, _, ok := strings.Cut(text, " *) "); ok && strings.HasPrefix(cast, "(") {
		return cast[1:] + " *"
	}
	return "value"
}

// siginfo takes what $_siginfo holds: the signal's code, and the address of a fault or the
// process that sent it.
func (g *gdb) siginfo(fields []crash.Argument) bool {
	s := g.Signal
	if s == nil {
		s = &crash.Signal{}
	}
	is := false
	for _, a := range fields {
		n, _, isNumber := lex.Int(strings.TrimPrefix(a.Value, "-"))
		switch a.Name[strings.LastIndexByte(a.Name, '.')+1:] {
		case "si_signo":
			if f := fault(n); f != nil && (g.Signal == nil || g.Signal.Number == n) {
				is, s.Number, s.Name = true, f.Number, f.Name
			}
		case "si_code":
			if s.Code = n; strings.HasPrefix(a.Value, "-") {
				s.Code = -n
			}
			s.CodeName = signals.CodeName(s.Number, s.Code)
		case "si_addr":
			if at, _, ok := lex.Addr(a.Value); ok && signals.HasAddress(s.Number, cmp.Or(s.Code, 1)) {
				is, s.Address = true, &at
			}
		case "si_pid":
			if isNumber && signals.HasSender(s.Code) {
				s.SenderPID = n
			}
		}
	}
	if is {
		g.Signal = s
	}
	return is
}
