package main

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// integer is a C integer: its bits, sign-extended or zero-extended to 64, and
// what its type is (C11 6.3.1, LP64: int has 32 bits, long 64).
type integer struct {
	v        uint64
	unsigned bool
	long     bool
}

// fit gives v the width of its type.
func (n integer) fit() integer {
	switch {
	case n.long:
	case n.unsigned:
		n.v = uint64(uint32(n.v))
	default:
		n.v = uint64(int32(uint32(n.v)))
	}
	return n
}

// bits are the value's own bits: an int of -1 has 32 of them.
func (n integer) bits() uint64 {
	if n.long {
		return n.v
	}
	return uint64(uint32(n.v))
}

func truth(b bool) integer {
	if b {
		return integer{v: 1}
	}
	return integer{}
}

const (
	maxDepth = 60
	maxSteps = 20000
)

// evaluator computes constants; lookup gives the definition of a name.
type evaluator struct {
	lookup func(name string) (constant, bool)
	steps  int
	depth  int
}

// value computes the constant of a name.
func (e *evaluator) value(name string) (integer, error) {
	c, ok := e.lookup(name)
	if !ok {
		return integer{}, fmt.Errorf("%s: not a constant that was seen", name)
	}
	if e.depth++; e.depth > maxDepth {
		return integer{}, fmt.Errorf("%s: definitions nest deeper than %d", name, maxDepth)
	}
	defer func() { e.depth-- }()
	if len(c.tokens) == 0 {
		return integer{v: c.plus}, nil // an enum's, from 0
	}
	p := parser{e: e, t: c.tokens}
	n, err := p.binary(0)
	if err != nil {
		return integer{}, fmt.Errorf("%s: %w", name, err)
	}
	if p.i != len(p.t) {
		return integer{}, fmt.Errorf("%s: %q after the expression", name, p.t[p.i].text)
	}
	n.v += c.plus
	if c.plus > 0 && !n.long && !n.unsigned && n.v == 1<<31 {
		n.unsigned = true
	}
	return n.fit(), nil
}

// parser climbs precedences over one definition.
type parser struct {
	e *evaluator
	t []token
	i int
}

// precedence of C's binary operators (C11 6.5), 0 for what is none.
func precedence(op string) int {
	switch op {
	case "||":
		return 1
	case "&&":
		return 2
	case "|":
		return 3
	case "^":
		return 4
	case "&":
		return 5
	case "==", "!=":
		return 6
	case "<", ">", "<=", ">=":
		return 7
	case "<<", ">>":
		return 8
	case "+", "-":
		return 9
	case "*", "/", "%":
		return 10
	}
	return 0
}

func (p *parser) peek() token {
	if p.i < len(p.t) {
		return p.t[p.i]
	}
	return token{kind: operator}
}

func (p *parser) binary(above int) (integer, error) {
	if p.e.depth++; p.e.depth > maxDepth {
		return integer{}, fmt.Errorf("nests deeper than %d", maxDepth)
	}
	defer func() { p.e.depth-- }()
	left, err := p.unary()
	for err == nil {
		op := p.peek()
		rank := precedence(op.text)
		if op.kind != operator || rank <= above {
			return left, nil
		}
		p.i++
		var right integer
		if right, err = p.binary(rank); err == nil {
			left, err = apply(op.text, left, right)
		}
	}
	return integer{}, err
}

func apply(op string, a, b integer) (integer, error) {
	if op == "<<" || op == ">>" { // of the type of its left side
		if b.v >= 64 || !a.long && b.v >= 32 {
			return integer{}, fmt.Errorf("shift by %d", int64(b.v))
		}
		switch {
		case op == "<<":
			a.v <<= b.v
		case a.unsigned:
			a.v >>= b.v
		default:
			a.v = uint64(int64(a.v) >> b.v)
		}
		return a.fit(), nil
	}
	a, b = balance(a, b)
	out := a
	less := a.v < b.v
	if !a.unsigned {
		less = int64(a.v) < int64(b.v)
	}
	switch op {
	case "||":
		return truth(a.v != 0 || b.v != 0), nil
	case "&&":
		return truth(a.v != 0 && b.v != 0), nil
	case "==":
		return truth(a.v == b.v), nil
	case "!=":
		return truth(a.v != b.v), nil
	case "<":
		return truth(less), nil
	case ">=":
		return truth(!less), nil
	case ">":
		return truth(!less && a.v != b.v), nil
	case "<=":
		return truth(less || a.v == b.v), nil
	case "|":
		out.v = a.v | b.v
	case "^":
		out.v = a.v ^ b.v
	case "&":
		out.v = a.v & b.v
	case "+":
		out.v = a.v + b.v
	case "-":
		out.v = a.v - b.v
	case "*":
		out.v = a.v * b.v
	case "/", "%":
		return divide(op, a, b)
	}
	return out.fit(), nil
}

func divide(op string, a, b integer) (integer, error) {
	if b.v == 0 {
		return integer{}, fmt.Errorf("division by zero")
	}
	out := a
	switch {
	case a.unsigned && op == "/":
		out.v = a.v / b.v
	case a.unsigned:
		out.v = a.v % b.v
	case int64(b.v) == -1: // the one division that overflows
		out.v = -a.v
		if op == "%" {
			out.v = 0
		}
	case op == "/":
		out.v = uint64(int64(a.v) / int64(b.v))
	default:
		out.v = uint64(int64(a.v) % int64(b.v))
	}
	return out.fit(), nil
}

// balance gives both sides the wider type, and the unsigned one of that width.
func balance(a, b integer) (integer, integer) {
	common := integer{long: a.long || b.long}
	common.unsigned = a.unsigned && a.long == common.long || b.unsigned && b.long == common.long
	a.long, a.unsigned = common.long, common.unsigned
	b.long, b.unsigned = common.long, common.unsigned
	return a.fit(), b.fit()
}

func (p *parser) unary() (integer, error) {
	if p.e.steps++; p.e.steps > maxSteps {
		return integer{}, fmt.Errorf("more than %d steps", maxSteps)
	}
	t := p.peek()
	p.i++
	switch {
	case t.kind == number:
		return literal(t.text)
	case t.kind == word:
		return p.e.value(t.text)
	case t.text == "(":
		if k, ok := cast(p.t[p.i:]); ok {
			p.i += k.tokens
			n, err := p.operand()
			n.unsigned, n.long = k.unsigned, k.long
			return n.fit(), err
		}
		n, err := p.binary(0)
		if err == nil && p.peek().text != ")" {
			err = fmt.Errorf("no ) before %q", p.peek().text)
		}
		p.i++
		return n, err
	case t.text == "~" || t.text == "-" || t.text == "+" || t.text == "!":
		n, err := p.operand()
		switch t.text {
		case "~":
			n.v = ^n.v
		case "-":
			n.v = -n.v
		case "!":
			return truth(n.v == 0), err
		}
		return n.fit(), err
	}
	return integer{}, fmt.Errorf("%q is no value", t.text)
}

// operand is what a prefix stands before.
func (p *parser) operand() (integer, error) {
	if p.e.depth++; p.e.depth > maxDepth {
		return integer{}, fmt.Errorf("nests deeper than %d", maxDepth)
	}
	defer func() { p.e.depth-- }()
	return p.unary()
}

// castType is a type in parentheses.
type castType struct {
	tokens         int
	unsigned, long bool
}

// cast recognises "unsigned int)", "uint)", "uint64_t)" and the like.
func cast(t []token) (castType, bool) {
	var c castType
	for c.tokens < len(t) && t[c.tokens].kind == word {
		switch t[c.tokens].text {
		case "unsigned", "uint", "uint32_t", "uchar", "ushort":
			c.unsigned = true
		case "uint64_t", "ullong", "ulong", "size_t":
			c.unsigned, c.long = true, true
		case "long", "int64_t", "llong":
			c.long = true
		case "int", "signed", "int32_t":
		default:
			return castType{}, false
		}
		c.tokens++
	}
	if c.tokens == 0 || c.tokens >= len(t) || t[c.tokens].text != ")" {
		return castType{}, false
	}
	c.tokens++
	return c, true
}

// literal reads a number with its suffixes (C11 6.4.4.1).
func literal(s string) (integer, error) {
	digits := strings.TrimRight(strings.ToLower(s), "ul")
	suffix := strings.ToLower(s[len(digits):])
	v, err := strconv.ParseUint(digits, 0, 64)
	if err != nil || strings.Contains(digits, "_") {
		return integer{}, fmt.Errorf("%q is no number", s)
	}
	n := integer{v: v, unsigned: strings.Contains(suffix, "u"), long: strings.Contains(suffix, "l")}
	size := bits.Len64(v)
	n.long = n.long || size > 32 || size == 32 && !n.unsigned && digits[0] != '0'
	// Hexadecimal and octal numbers may be unsigned without saying so.
	n.unsigned = n.unsigned || digits[0] == '0' && (size == 32 && !n.long || size == 64)
	return n, nil
}
