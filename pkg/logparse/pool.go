package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
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
func (r *report) pool(input string, l *line) bool {
	p := &crash.Pool{}
	if rest, ok := poolHeadline(l.trim); ok {
		r.opens(input, l, poolHeading, join.Head, crash.PoolCorruption)
		r.part.Crash.Pool = p
		r.poolHead(l, rest)
		return true
	}
	switch {
	case firstCorrupted(l.trim):
		p.Error = "cache corruption detected"
	case strings.HasPrefix(l.trim, "Tag does not match (0x"), strings.HasPrefix(l.trim, "Tag not accessible. "):
	default:
		return false
	}
	r.opens(input, l, poolHeading, join.Head, crash.PoolCorruption)
	r.part.Crash.Pool = p
	r.poolLine(l)
	r.note("pool", l)
	return true
}

// firstCorrupted knows the line that announces the damaged bytes, whole or cut.
func firstCorrupted(t string) bool {
	const first, rest = "Contents around first corrupted address", " relative to pool item:."
	return lex.IsPart(t, first, rest)
}

// poolHeadline gives what follows the beginning of the headline: "1: tag mismatch on free().",
// whole or cut. The reason is words, brackets and a full stop (HAProxy src/pool.c).
func poolHeadline(t string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(t, "FATAL: pool inconsistency detected in thread ")
	if !ok {
		return "", false
	}
	_, reason, _ := strings.Cut(rest, ": ")
	reason, _, ended := strings.Cut(reason, ".")
	return rest, len(reason) <= 128 && (!ended || strings.HasSuffix(rest, "."))
}

func (r *report) poolHead(l *line, rest string) {
	p := r.part.Crash.Pool
	r.headed = true
	n, rest, ok := lex.Int(rest)
	if ok {
		p.Thread = n
		p.Error = lex.Clip(strings.TrimSuffix(strings.TrimPrefix(rest, ": "), "."), maxValue)
	}
	r.note("pool error", l)
}

// poolAgain takes a headline of the report that is open.
func (r *report) poolAgain(l *line) bool {
	if rest, ok := poolHeadline(l.trim); ok {
		if r.headed {
			return false
		}
		r.poolHead(l, rest)
		return true
	}
	if firstCorrupted(l.trim) {
		return r.at == nil && r.poolLine(l)
	}
	return (strings.HasPrefix(l.trim, "Tag does not match (0x") || strings.HasPrefix(l.trim, "Tag not accessible. ")) && r.at == nil && r.poolLine(l)
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
	case strings.HasPrefix(t, "Contents around "), strings.HasPrefix(t, "Possible origin pool(s):"),
		strings.HasPrefix(t, "Recorded caller if pool '"), strings.HasPrefix(t, "Other possible callers:"):
		r.hex = true
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
