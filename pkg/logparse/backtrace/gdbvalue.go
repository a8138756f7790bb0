package backtrace

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/signals"
)

// What gdb shows of variables and expressions. Of values only numbers and names are kept: a
// string is what a client sent as often as not.

// shown is a value that is being read.
type shown struct {
	name  string
	text  strings.Builder
	depth int  // of braces
	local bool // a variable of a frame, else an expression
	frame int  // whose variable it is
}

// begin starts a value: a variable of the frame, or "$1" of an expression.
func (g *gdb) begin(name, text string, indented bool) {
	v := &g.value
	v.name, v.local, v.frame = name, name[0] != '$', g.frameNo
	if !indented {
		v.frame = g.level // of info locals; bt full indents them
	}
	if !v.local && g.expression != "" {
		v.name, g.expression = g.expression, ""
	}
	v.text.Reset()
	g.more(text)
}

// message keeps a text in which HAProxy says why it dies.
func (g *gdb) message(row string) {
	if text := haproxyText(row); text != "" && len(g.Messages) < maxMessages && !slices.Contains(g.Messages, text) {
		g.Messages = append(g.Messages, text)
	}
}

// more takes a row of the value.
func (g *gdb) more(row string) {
	g.message(row)
	v := &g.value
	for i := 0; i < len(row); i++ {
		switch row[i] {
		case '"', '\'':
			i = skipQuoted(row, i)
		case '{':
			v.depth = min(v.depth+1, 64)
		case '}':
			v.depth = max(v.depth-1, 0)
		}
	}
	if v.text.Len()+len(row) < maxValueText {
		v.text.WriteString(row)
		v.text.WriteByte(' ')
	}
	if v.depth == 0 {
		g.end()
	}
}

// end keeps the value where it belongs.
func (g *gdb) end() {
	v := &g.value
	text := strings.TrimSpace(v.text.String())
	switch {
	case v.name == "":
	case v.local && g.at != nil:
		if f := g.at.find(v.frame); f != nil {
			g.keepLocals(&f.Frame, members(v.name, text, min(maxLocals-len(f.Locals), maxAllLocals-g.locals)))
		}
	case !v.local:
		g.printed(v.name, text)
	}
	v.name = ""
}

// keepLocals adds variables, each once: bt full may follow another.
func (g *gdb) keepLocals(f *crash.Frame, list []crash.Argument) {
	for _, a := range list {
		if !slices.ContainsFunc(f.Locals, func(b crash.Argument) bool { return a.Name == b.Name }) {
			f.Locals = append(f.Locals, a)
			g.locals++
		}
	}
}

// printed keeps what print said of an expression.
func (g *gdb) printed(name, text string) {
	fields := members(name, text, maxMembers)
	if len(fields) == 0 || g.siginfo(fields) || len(g.Objects) >= maxObjects {
		return
	}
	o := crash.Object{Role: bounded(name, 64), Type: "value"}
	if cast, _, ok := strings.Cut(text, " *) "); ok && strings.HasPrefix(cast, "(") && len(cast) < 64 {
		o.Type = cast[1:] + " *"
	}
	for _, a := range fields {
		o.Fields = append(o.Fields, crash.Field{Name: a.Name, Value: a.Value})
	}
	g.Objects = append(g.Objects, o)
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
		n, _, isNumber := leadingInt(strings.TrimPrefix(a.Value, "-"))
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
			if at, _, ok := leadingHex(a.Value); ok && signals.HasAddress(s.Number, cmp.Or(s.Code, 1)) {
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

// members takes a value apart into the numbers and names in it, at most so many:
//
//	{state = 5, ctx = 0x55d0 <h2_ctx>, name = 0x7f "x", st = {type = QCS_CLT_UNI, id = 7}}
//
// What has no name of its own, elements of arrays, is left out: these may be a text.
func members(name, text string, most int) []crash.Argument {
	p := memberList{most: most}
	p.value(name, text, 0)
	return p.list
}

type memberList struct {
	list []crash.Argument
	most int
}

// value reads one value and gives what follows it.
func (p *memberList) value(name, s string, depth int) (rest string) {
	if !strings.HasPrefix(s, "{") || depth > 8 {
		end := valueEnd(s)
		if v, ok := scalar(strings.TrimSpace(s[:end])); ok && name != "" && len(p.list) < p.most {
			p.list = append(p.list, crash.Argument{Name: bounded(name, 128), Value: v})
		}
		return s[end:]
	}
	s = s[1:]
	for {
		s = strings.TrimLeft(s, " ,")
		if s == "" || s[0] == '}' || len(p.list) >= p.most {
			return strings.TrimPrefix(s, "}")
		}
		member := ""
		if n := identifier(s); n > 0 && strings.HasPrefix(s[n:], " = ") {
			if s, member = s[n+3:], s[:n]; name != "" {
				member = name + "." + member
			}
		}
		before := len(s)
		if s = p.value(member, s, depth+1); len(s) == before {
			return s // nothing that a value begins with
		}
	}
}

// valueEnd is where a value that is no structure ends: before a comma or brace that is not
// within something.
func valueEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"', '\'':
			i = skipQuoted(s, i)
		case '(', '[', '<', '{':
			depth++
		case ')', ']', '>':
			depth = max(0, depth-1)
		case '}':
			if depth == 0 {
				return i
			}
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

// scalar gives a value if it is a number, a pointer or a name: without the string that gdb
// prints behind a char*, and the character behind a number.
func scalar(s string) (string, bool) {
	if s, ok := strings.CutPrefix(s, "("); ok {
		cast, value, ok := strings.Cut(s, ") ")
		if ok && (strings.HasSuffix(cast, "*") || identifier(cast) == len(cast)) {
			return scalar(value)
		}
		flags, ok := strings.CutSuffix(s, ")") // (A | B)
		return s[:max(0, len(s)-1)], ok && flags != "" && strings.Trim(flags, upper+" |0123456789x") == ""
	}
	if _, rest, ok := leadingHex(s); ok {
		v := s[:len(s)-len(rest)]
		if symbol, is := strings.CutPrefix(rest, " <"); is {
			if name, after, closed := strings.Cut(symbol, ">"); closed && after == "" && identifier(name) > 0 {
				return bounded(s, 128), true
			}
		}
		return v, rest == "" || rest[0] == ' '
	}
	word := firstWord(s)
	if strings.Trim(word, "-+.e0123456789") == "" && strings.ContainsAny(word, "0123456789") {
		return word, len(word) < 32
	}
	return s, s != "" && len(s) < 64 && identifier(s) == len(s)
}

const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
