package backtrace

import (
	"cmp"
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// Frames as the front ends of gdb, and drgn, print them, which people paste as they are:
//
//	[#0] 0x55d0f1a3b2c1 → h2_snd_buf(sc=0x55d0f2f3f3f0)      GEF
//	 ► 0   0x55d0f1a3b2c1 h2_snd_buf+1233                    pwndbg
//	   1   0x55d0f1a4c111 sc_conn_send+129
//	#0  h2_snd_buf (src/mux_h2.c:7512:9)                     drgn

// asGDB writes such a frame as gdb itself does; any other line stays as it is.
func asGDB(text string) string {
	t := strings.TrimLeft(text, " \t")
	if t == "" {
		return text
	}
	var frame string
	var ok bool
	switch c := t[0]; {
	case c == '[':
		frame, ok = gefFrame(t)
	case c == '#':
		frame, ok = drgnFrame(t)
	case c >= '0' && c <= '9' && t != text, strings.HasPrefix(t, "► "):
		frame, ok = pwndbgFrame(strings.TrimPrefix(t, "► "))
	}
	if ok {
		return frame
	}
	return text
}

func gefFrame(t string) (string, bool) {
	rest, ok := strings.CutPrefix(t, "[#")
	number, rest, closed := strings.Cut(rest, "] ")
	if !ok || !closed || !lex.Digits(number) {
		return "", false
	}
	address, call, ok := strings.Cut(rest, " → ")
	if !ok {
		address, call, ok = strings.Cut(rest, " -> ")
	}
	if _, after, isAddr := lex.Addr(address); !ok || !isAddr || after != "" {
		return "", false
	}
	n := lex.Identifier(call)
	if n == 0 || n < len(call) && call[n] != '(' {
		return "", false
	}
	return "#" + number + "  " + address + " in " + call[:n] + " " + cmp.Or(call[n:], "()"), true
}

// pwndbgFrame reads a row of its section BACKTRACE; one without a name says None.
func pwndbgFrame(t string) (string, bool) {
	fields := strings.Fields(t)
	if len(fields) != 3 || !lex.Digits(fields[0]) || len(fields[1]) < 8 {
		return "", false
	}
	if _, after, ok := lex.Addr(fields[1]); !ok || after != "" {
		return "", false
	}
	name, offset, _ := strings.Cut(fields[2], "+")
	switch {
	case name == "None":
		name = "??"
	case lex.Identifier(name) != len(name) || offset != "" && !lex.Digits(offset):
		return "", false
	}
	return "#" + fields[0] + "  " + fields[1] + " in " + name + " ()", true
}

// drgnFrame reads a frame with its place in parentheses: file, line and column.
func drgnFrame(t string) (string, bool) {
	n, rest, ok := frameNumber(t)
	name, place, open := strings.Cut(rest, " (")
	place, closed := strings.CutSuffix(place, ")")
	if !ok || n > 1<<16 || !open || !closed || name == "" || lex.Identifier(name) != len(name) || strings.ContainsAny(place, " =,()") {
		return "", false
	}
	file, _, numbered := lastNumber(place)
	if _, _, twice := lastNumber(file); !numbered || !twice {
		return "", false
	}
	return t[:len(t)-len(rest)] + name + " () at " + file, true
}
