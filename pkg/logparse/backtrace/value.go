package backtrace

import (
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// What a debugger shows of variables and expressions. Of values only numbers and names are
// kept: a string is what a client sent as often as not.

// valueText is a value that is being read, until its braces are balanced.
type valueText struct {
	name  string
	text  strings.Builder
	depth int // of braces
}

func (v *valueText) begin(name string) {
	v.name, v.depth = name, 0
	v.text.Reset()
}

// add takes a row; whole is true when it was the last one. lldb has no commas between rows.
func (v *valueText) add(row, separator string) (whole bool) {
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
		v.text.WriteString(separator)
	}
	return v.depth == 0
}

func (v *valueText) value() string { return strings.TrimRight(v.text.String(), " ,") }

// keepLocals adds variables to a frame, each once: bt full may follow another.
func (r *reading) keepLocals(f *crash.Frame, name, text string) {
	for _, a := range members(name, text, min(maxLocals-len(f.Locals), maxAllLocals-r.locals)) {
		if !slices.ContainsFunc(f.Locals, func(b crash.Argument) bool { return a.Name == b.Name }) {
			f.Locals = append(f.Locals, a)
			r.locals++
		}
	}
}

// keepObject keeps what was printed of an expression.
func (r *reading) keepObject(expression, kind string, fields []crash.Argument) {
	if len(fields) == 0 || len(r.Objects) >= maxObjects {
		return
	}
	o := crash.Object{Role: lex.Clip(expression, 64), Type: lex.Clip(kind, 64)}
	for _, a := range fields {
		o.Fields = append(o.Fields, crash.Field{Name: a.Name, Value: a.Value})
	}
	r.Objects = append(r.Objects, o)
}

// keepRegister keeps a register of a thread.
func (s *stack) keepRegister(name string, v crash.Addr) {
	if len(s.registers) < maxRegisters && !slices.ContainsFunc(s.registers, func(r crash.Register) bool { return r.Name == name }) {
		s.registers = append(s.registers, crash.Register{Name: name, Value: v})
	}
}

// keepInstruction keeps the one at which the innermost frame stands.
func (s *stack) keepInstruction(at crash.Addr, text string) {
	if f := s.find(0); f != nil && (f.Address == 0 || f.Address == at) {
		f.Address, f.Instruction = at, strings.Join(strings.Fields(lex.Clip(text, 256)), " ")
	}
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
			p.list = append(p.list, crash.Argument{Name: lex.Clip(name, 128), Value: v})
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
		if n := lex.Identifier(s); n > 0 && strings.HasPrefix(s[n:], " = ") {
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
		if ok && (strings.HasSuffix(cast, "*") || strings.HasPrefix(value, "0x") || lex.Identifier(cast) == len(cast)) {
			return scalar(value)
		}
		flags, ok := strings.CutSuffix(s, ")") // (A | B)
		return s[:max(0, len(s)-1)], ok && flags != "" && strings.Trim(flags, letters+" |:0123456789") == ""
	}
	if _, rest, ok := lex.Addr(s); ok {
		v := s[:len(s)-len(rest)]
		if symbol, is := strings.CutPrefix(rest, " <"); is {
			if name, after, closed := strings.Cut(symbol, ">"); closed && after == "" && lex.Identifier(name) > 0 {
				return lex.Clip(s, 128), true
			}
		}
		return v, rest == "" || rest[0] == ' '
	}
	word := lex.FirstWord(s)
	if strings.Trim(word, "-+.e0123456789") == "" && strings.ContainsAny(word, "0123456789") {
		return word, len(word) < 32
	}
	return s, s != "" && len(s) < 64 && lex.Identifier(s) == len(s)
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
