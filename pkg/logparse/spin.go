package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/streamdump"
)

// spin reads the headline of the spin guard (HAProxy src/stream.c,
// stream_dump_and_crash, since 2.0-dev3):
//
//	A bogus APPCTX [0x7f53dc05c5b0] is spinning at 3620630 calls per second and refuses to die, aborting now! … developers [strm=…]
//	A bogus STREAM [0x…] is spinning at … developers:        since 2.9-dev7, the dump in lines of its own
//	A bogus STREAM [0x…] halted the whole thread for at least 2000000 microseconds …   2.0-dev3 alone
//
// HAProxy prints it twice, to stderr and to its loggers; the second is cut at
// the logger's len, 1024 bytes by default.
func (r *report) spin(l *line, rest string) bool {
	object, rest, ok := strings.Cut(rest, " [")
	if !ok || !isObject(object) {
		return false
	}
	address, rest, ok := lex.Pointer(rest)
	if !ok {
		return false
	}
	s := &crash.Spin{Object: object, Address: address}
	switch {
	case strings.HasPrefix(rest, "] is spinning at "):
		rate, tail, ok := lex.Int64(rest[len("] is spinning at "):])
		if !ok {
			return false
		}
		if s.Rate, rest, ok = rate, tail, spinTail(tail); !ok {
			return false
		}
	case strings.HasPrefix(rest, "] halted the whole thread for at least "):
	default:
		return false
	}
	r.part.Crash.Spin = s
	r.died(l.alert.pid) // the worker prints its own pid
	r.points(address)
	r.note("spin rate and object address", l)
	if _, dump, ok := strings.Cut(rest, "to developers ["); ok {
		r.dump = newDump()
		r.dump.fields(dump)
	}
	return true
}

// spinTail says that what follows the rate is what HAProxy prints there, whole or cut.
func spinTail(t string) bool {
	const whole = " calls per second and refuses to die, aborting now! Please report this error to developers"
	rest, ok := strings.CutPrefix(t, whole)
	if !ok {
		return strings.HasPrefix(whole, t)
	}
	if dump, ok := strings.CutPrefix(rest, " ["); ok {
		return dumpEnds(dump)
	}
	return rest == "" || rest == ":" || rest == "."
}

// dumpEnds says that nothing follows the bracket that ends a dump, if it has come. Names
// of filters stand in quotes and may hold brackets.
func dumpEnds(dump string) bool {
	depth := 0
	for i := 0; i < len(dump); i++ {
		switch dump[i] {
		case '"':
			n := strings.IndexByte(dump[i+1:], '"')
			if n < 0 {
				return true // cut
			}
			i += n + 1
		case '[':
			depth++
		case ']':
			if depth == 0 {
				return i == len(dump)-1
			}
			depth--
		}
	}
	return true
}

// isObject says that s is the name of an object type (HAProxy include/haproxy/obj_type.h).
func isObject(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'A' || c > 'Z') && c != '_' && c != '!' {
			return false
		}
	}
	return s != "" && len(s) <= 16
}

// endSpin takes out of the dump what it says of the object that spins.
func (r *report) endSpin() {
	s := r.part.Crash.Spin
	if r.dump == nil {
		r.missing("stream dump", "the spinning applet and the stream's state are not known", "look for the copy of the message on stderr (journal) or in syslog, and raise the log line's len")
		return
	}
	if s.Object == "APPCTX" {
		s.Applet = streamdump.Printed(&r.dump.stream).AppletAt(s.Address)
	}
	s.AppletAddress, _ = resolved(r.dump.get("applet"))
	s.HandlerAddress, s.Handler = resolved(r.dump.get("handler"))
	if s.Applet != "" && r.dump.get("app0")+r.dump.get("app1") == "" {
		e := r.part.Crash.Evidence[0] // the dump is in the headline
		e.Fact = "applet"
		r.part.Crash.Evidence = append(r.part.Crash.Evidence, e)
	}
	for i := range r.threads {
		r.threads[i].Faulty = true
	}
}

// resolved reads P(SYM): an address and the function there, if it is certain.
func resolved(v string) (crash.Addr, string) {
	a, rest, ok := lex.Pointer(v)
	if !ok {
		return 0, ""
	}
	sym, ok := strings.CutPrefix(rest, "(")
	if !ok {
		return a, ""
	}
	y := symbol(strings.TrimSuffix(sym, ")"))
	if !y.exact || y.offset != 0 || y.module != "" {
		return a, ""
	}
	return a, y.name
}
