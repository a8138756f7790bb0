package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
)

// pool reads the lines that begin what HAProxy's pool checks say (HAProxy
// src/pool.c, pool_inspect_item, since 2.9-dev6):
//
//	FATAL: pool inconsistency detected in thread 1: tag mismatch on free().
//	Contents around first corrupted address relative to pool item:.
//
// Folklore: since 3.0-dev8 the second overwrites the first in the buffer, so that
// a cache corruption has no headline. And the line of the tag may come before
// the headline, when several writers share the log (issue 2626).
func (r *report) pool(l *line, rest string) bool {
	p := &crash.Pool{}
	r.part.Crash.Pool = p
	switch {
	case announcesPool(r.headline):
		return r.poolHead(l, rest)
	case !poolTail(r.headline, rest):
		return false
	case strings.HasPrefix(l.trim, "Contents "):
		p.Error = "cache corruption detected"
	}
	r.poolLine(l)
	r.note("pool", l)
	return true
}

// poolTail says that no more follows the words that a line begins with than HAProxy prints.
func poolTail(h *haproxy.Headline, rest string) bool {
	switch h.Begins[0] {
	case 'C':
		return lex.IsPart(rest, "", " relative to pool item:.")
	case 'p': // pool: 0x17c0200 ('h2s', size 200, real 208, users 2)
		i := strings.IndexByte(rest, ')')
		return i < 0 || i == len(rest)-1
	case 'R':
		rest = strings.TrimSuffix(strings.TrimSuffix(rest, " (no match)."), "':")
		return rest == "" || !strings.ContainsAny(rest, notSymbol)
	}
	return true
}

// poolBody knows the line that stands between the headline and the rest:
//
//	caller: 0x4a1c20 (stksess_free+0x40/0x90)
func poolBody(t string) bool {
	rest, ok := strings.CutPrefix(t, "caller: 0x")
	if !ok {
		return false
	}
	address, symbol, ok := strings.Cut(rest, " (")
	symbol, closed := strings.CutSuffix(symbol, ")")
	return ok && closed && lex.HexDigits(address) && !strings.ContainsAny(symbol, notSymbol)
}

// endPool is for a text whose headline did not come; false if it is none.
func (r *report) endPool() bool {
	if p := r.part.Crash.Pool; p.Name == "" && p.Origin == "" {
		return false
	}
	r.part.Crash.Kind, r.part.Crash.Fatal = crash.PoolCorruption, true
	r.missing("the line before the pool's data", "what the check found is not known", "get the lines before it from the journal or stderr")
	return true
}

// announcesPool tells the headline from the lines that stand below it, or for it.
func announcesPool(h *haproxy.Headline) bool { return strings.HasPrefix(h.Begins, "FATAL: ") }

// poolHead reads "1: tag mismatch on free().", whole or cut. The reason is words, brackets
// and a full stop.
func (r *report) poolHead(l *line, rest string) bool {
	_, reason, _ := strings.Cut(rest, ": ")
	reason, _, ended := strings.Cut(reason, ".")
	if len(reason) > 128 || ended && !strings.HasSuffix(rest, ".") {
		return false
	}
	p := r.part.Crash.Pool
	r.headed = true
	if n, rest, ok := lex.Int(rest); ok {
		p.Thread = n
		p.Error = lex.Clip(strings.TrimSuffix(strings.TrimPrefix(rest, ": "), "."), maxValue)
	}
	r.note("pool error", l)
	return true
}

// poolAgain takes a headline of the report that is open.
func (r *report) poolAgain(l *line) bool {
	h := haproxy.HeadlineOf(l.trim)
	switch {
	case h == nil || h.Kind != crash.PoolCorruption:
		return false
	case announcesPool(h):
		if r.headed || !r.poolHead(l, l.trim[len(h.Begins):]) {
			return false
		}
		r.headline, r.part.Role = h, join.Head
		r.part.Crash.Kind, r.part.Crash.Fatal = h.Kind, true
		return true
	case !poolTail(h, l.trim[len(h.Begins):]):
		return false
	}
	return r.at == nil && r.poolLine(l)
}

// poolLine takes what follows.
func (r *report) poolLine(l *line) bool {
	p := r.part.Crash.Pool
	if p == nil {
		return false
	}
	t := l.trim
	switch {
	case strings.HasPrefix(t, "caller: 0x"):
		a, rest, _ := lex.Pointer(t[len("caller: "):])
		p.Caller = a
		if sym, _, ok := lex.Between(rest, "(", ")"); ok {
			p.CallerFunction = exactName(sym)
		}
		r.note("pool caller", l)
	case strings.HasPrefix(t, "item: 0x"):
		p.Item, _, _ = lex.Pointer(t[len("item: "):])
		r.points(p.Item)
	case strings.HasPrefix(t, "pool: 0x"):
		r.poolNamed(t)
		r.note("pool", l)
	case strings.HasPrefix(t, "Tag "):
		r.hex = true
	case strings.HasPrefix(t, "Resolving the tag as a pool_free() location: "):
		if at := strings.TrimSpace(strings.TrimPrefix(t, "Resolving the tag as a pool_free() location: ")); at != "(no match)." {
			p.Origin = "freed at " + lex.Clip(at, maxValue)
			r.note("pool origin", l)
		}
	case strings.HasPrefix(t, "tag: @0x"):
		if name, _, ok := lex.Between(t, "(", ")"); ok {
			p.Origin = joined(p.Origin, "pool "+lex.Clip(name, maxValue))
			r.note("pool origin", l)
		}
	case strings.HasPrefix(t, "Recorded caller if pool '"):
		r.hex, r.recorded = true, true
	case strings.HasPrefix(t, "Contents around "), strings.HasPrefix(t, "Possible origin pool(s):"), strings.HasPrefix(t, "Other possible callers:"):
		r.hex = true
	case r.recorded && strings.HasPrefix(t, "@0x"): // @0x7f11ae00 (+1032) = 0x4a0f00 (stream_free+0x30/0x210)
		r.recorded = false
		if _, at, ok := strings.Cut(t, " = 0x"); ok {
			if sym, _, ok := lex.Between(at, "(", ")"); ok {
				p.Origin = joined(p.Origin, "last allocated or freed in "+lex.Clip(sym, maxValue))
				r.note("pool origin", l)
			}
		}
	case r.hex && (strings.HasPrefix(t, "0x") || strings.HasPrefix(t, "@0x")):
	default:
		return false
	}
	return true
}

// poolNamed reads "pool: 0x17c0200 ('h2s', size 200, real 208, users 2)", which
// may be cut.
func (r *report) poolNamed(t string) {
	p := r.part.Crash.Pool
	_, rest, ok := strings.Cut(t, "('")
	if !ok {
		return
	}
	name, rest, ok := strings.Cut(rest, "'")
	if !ok {
		return
	}
	p.Name = lex.Clip(name, maxValue)
	if _, size, ok := strings.Cut(rest, "size "); ok {
		p.Size, _, _ = lex.Int64(size)
	}
}
