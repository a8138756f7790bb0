package backtrace

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// samples reads profiles of a living process: perf script, perf report, and bpftrace's counts
// of stacks.
//
//	haproxy  5011 [001] 12345.678901:     250000 cpu-clock:pppH:
//		    55d0c0a1b2c3 process_stream+0x123 (/usr/sbin/haproxy)
//
//	    45.20%  haproxy  haproxy            [.] stktable_lookup_key
//
//	@[
//	    process_stream+1234
//	]: 1204
//
// Equal stacks are counted; the most frequent ones are what the process does. They are no
// threads.
type samples struct {
	reading
	at    *sampled
	index map[string]*sampled
	list  []*sampled
	total int
	share bool // perf report's percentages
}

// sampled is a stack and how often it was met.
type sampled struct {
	frames []crash.Frame
	count  int
	share  string
}

// maxSampled are different stacks.
const maxSampled = 4096

// perfEvent reads the line above a stack of perf script.
func perfEvent(t string) (comm string, pid int, ok bool) {
	m := perfHead().FindStringSubmatch(t[:min(len(t), 257)])
	if m == nil || len(t) > 256 {
		return "", 0, false
	}
	pid, _, ok = lex.Int(m[2])
	return m[1], pid, ok
}

var perfHead = lex.Pattern(`^(\S+)\s+(\d+)(?:/\S*)?\s+(?:\[\S*\s+)?[\d:]*\.[\d.:]*:\s.*:$`)

// perfFrame reads a frame of perf script.
func perfFrame(t string) (f crash.Frame, ok bool) {
	word := lex.FirstWord(t)
	address, after, isHex := lex.Hex(word)
	if !isHex || after != "" || len(word) < 4 {
		return f, false
	}
	symbol, module, ok := strings.Cut(strings.TrimSpace(t[len(word):]), " (")
	module, closed := strings.CutSuffix(module, ")")
	if !ok || !closed || symbol == "" {
		return f, false
	}
	f = printed(address)
	name, offset, _ := strings.Cut(symbol, "+")
	if v, _, ok := lex.Addr(offset); ok {
		f.Offset = uint64(v)
	}
	if symbol != "[unknown]" {
		setName(&f, name)
	}
	if !strings.HasPrefix(module, "[") {
		f.Module = lex.Clip(module, maxName)
	}
	return f, true
}

// perfShare reads a row of perf report.
func perfShare(t string) (share, comm string, f crash.Frame, ok bool) {
	m := perfRow().FindStringSubmatch(t)
	if m == nil {
		return "", "", f, false
	}
	f = printed(0)
	f.Module = lex.Clip(m[3], maxName)
	setName(&f, m[4])
	return m[1], m[2], f, lex.Identifier(m[4]) > 0
}

var perfRow = lex.Pattern(`^([\d.]*)%\s*(\S+)(?:\s+\S+)*?\s+(\S+)\s+\[\.\]\s+(\S+)`)

// opensSamples says whether a line begins a profile of HAProxy. bpftrace does not say of
// which program its stacks are.
func opensSamples(t string) bool {
	if t == "@[" {
		return true
	}
	if comm, _, ok := perfEvent(t); ok {
		return haproxy.IsProgram(comm)
	}
	_, comm, _, ok := perfShare(t)
	return ok && haproxy.IsProgram(comm)
}

func (s *samples) line(text string, number int64) verdict {
	t := strings.TrimSpace(text)
	if t == "" {
		s.close(1, "")
		return blank
	}
	if comm, pid, ok := perfEvent(t); ok {
		s.close(1, "")
		if s.PID != 0 && s.PID != pid {
			return member // another thread or process: its stack is none of ours
		}
		s.PID, s.Heads, s.names, s.at = pid, true, append(s.names[:0], comm), &sampled{}
		return member
	}
	if share, comm, f, ok := perfShare(t); ok {
		if s.names = append(s.names[:0], comm); haproxy.IsProgram(comm) {
			f.Where, s.share = lex.Where(number), true
			s.at = &sampled{frames: []crash.Frame{f}}
			s.close(1, share)
		}
		return member
	}
	if t == "@[" {
		s.at = &sampled{}
		return member
	}
	if names, count, ok := strings.Cut(t, "]: "); ok && s.at != nil {
		n, _, _ := lex.Int(count)
		if _, comm, has := strings.Cut(names, ", "); has {
			s.names = append(s.names[:0], comm)
		}
		s.close(n, "")
		return member
	}
	if f, ok := s.frame(t); ok {
		if f.Where = lex.Where(number); s.at != nil && len(s.at.frames) < maxFrames {
			s.at.frames = append(s.at.frames, f)
		}
		return member
	}
	if s.share && (t[0] == '#' || strings.Contains(t, "%")) {
		return member
	}
	return otherwise(text)
}

// frame reads a frame of perf, or of bpftrace: process_stream+1234.
func (s *samples) frame(t string) (crash.Frame, bool) {
	if f, ok := perfFrame(t); ok {
		return f, true
	}
	if address, after, ok := lex.Addr(t); ok && after == "" {
		return printed(address), s.at != nil
	}
	f := printed(0)
	name, offset, _ := strings.Cut(t, "+")
	v, after, isNumber := lex.Int(offset)
	if lex.Identifier(name) != len(name) || name == "" || offset != "" && (!isNumber || after != "") {
		return f, false
	}
	setName(&f, name)
	f.Offset = uint64(v)
	return f, s.at != nil
}

// close counts the stack that was read.
func (s *samples) close(count int, share string) {
	at := s.at
	if s.at = nil; at == nil || len(at.frames) == 0 {
		return
	}
	s.total += count
	var key strings.Builder
	for i := range at.frames {
		key.WriteString(at.frames[i].Function)
		key.WriteByte(' ')
	}
	if known := s.index[key.String()]; known != nil {
		known.count += count
		return
	}
	if len(s.list) >= maxSampled {
		return
	}
	if s.index == nil {
		s.index = map[string]*sampled{}
	}
	at.count, at.share = count, share
	s.index[key.String()] = at
	s.list = append(s.list, at)
}

func (s *samples) finish() *stack {
	s.close(1, "")
	s.Live, s.Kind = true, crash.Snapshot
	slices.SortStableFunc(s.list, func(a, b *sampled) int { return cmp.Compare(b.count, a.count) })
	for _, x := range s.list[:min(len(s.list), maxRoles)] {
		role := strconv.Itoa(x.count) + " of " + strconv.Itoa(s.total) + " samples"
		if s.share {
			whole, _, _ := strings.Cut(x.share, ".")
			role = whole + " percent of the samples"
		}
		t := s.add(&stack{role: role})
		for _, f := range x.frames {
			s.append(t, f)
		}
	}
	return nil
}
