package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
)

// report is one crash text of HAProxy: a headline and what follows, in whatever
// order and completeness it came.
type report struct {
	draft
	headline *haproxy.Headline // nil where the report begins in the middle
	lines    int
	bytes    int

	// threads in the order of the text; at is where lines go to, nil before
	// the first.
	threads []*thread
	at      *thread
	// dump is the stream's that follows a spin, outside of any thread.
	dump *dump
	// message may be the line that follows a BUG_ON's.
	message *line
	last    int64 // number of the last line taken
	// Sections that go on over lines without a shape of their own.
	inLua, inNote, inHint, inWarning, inInfo bool
	hint                                     bool
	hex, recorded                            bool   // dump of a pool's item; who used it last comes next
	panicking                                int    // number of the thread that panicked
	envelope                                 bool   // the first line stood in an envelope
	format                                   string // of that line
	headed                                   bool   // a pool's headline was seen
	death                                    int    // the signal by which a worker died right behind the text, as its master says
}

// reading is how the texts of a kind are read, as far as they differ from others.
type reading struct {
	// head reads what follows the words that a headline begins with; false when the line is
	// none. The report is open.
	head func(r *report, l *line, rest string) bool
	// again says whether a headline belongs to the report that is open.
	again func(r *report, l *line) bool
	end   func(r *report)
}

// readings are by the kind of the headline. A kind without one needs no more than its row in
// haproxy.Headlines: its line, call trace and threads are read in any case.
var readings = map[crash.Kind]reading{
	crash.Spinning:       {head: (*report).spin, end: (*report).endSpin},
	crash.BugOn:          {head: (*report).bug},
	crash.WarnOn:         {head: (*report).bug},
	crash.Watchdog:       {head: (*report).panic, again: (*report).panicAgain, end: (*report).endPanic},
	crash.BlockedTraffic: {head: (*report).warning, end: (*report).endWarning},
	crash.PoolCorruption: {head: (*report).pool, again: (*report).poolAgain},
}

// newReport opens a report when l is a headline: all of the message, and not a part of
// it, for in the middle of a line it is somebody's words.
func newReport(input string, l line) *report {
	if !l.mayPrint() {
		return nil
	}
	h := haproxy.HeadlineOf(l.trim)
	if h == nil {
		return nil
	}
	r := &report{headline: h}
	role := join.Head
	if h.Kind == crash.WarnOn || h.Kind == crash.BlockedTraffic {
		role = join.Warning
	}
	r.opens(input, &l, role, h.Kind)
	if head := readings[h.Kind].head; head != nil && !head(r, &l, l.trim[len(h.Begins):]) {
		return nil
	}
	if len(r.part.Crash.Evidence) == 0 {
		r.note("crash message", &l)
	}
	r.took(&l)
	return r
}

// IsHeadline says whether a line is one of HAProxy's headlines, whole or cut.
func IsHeadline(text string) bool { return newReport("", newLine(envelope.Line{Text: text})) != nil }

// of says whether the report began with a headline of a kind.
func (r *report) of(k crash.Kind) bool { return r.headline != nil && r.headline.Kind == k }

// alone says that the report is of one thread: only panics and warnings of blocked traffic
// dump others.
func (r *report) alone() bool {
	return r.headline != nil && !r.of(crash.Watchdog) && !r.of(crash.BlockedTraffic)
}

// opens prepares the draft.
func (r *report) opens(input string, l *line, role join.Role, kind crash.Kind) {
	r.draft = newDraft(input, l, role, kind)
	r.envelope, r.format = l.Ident != "" || l.PID != 0, l.Format
	r.part.Crash.Fatal = role != join.Warning
}

// took counts a line that belongs to the report.
func (r *report) took(l *line) {
	r.keep(l)
	r.lines++
	r.bytes += len(l.Text)
	r.last = l.Number
}

// full says that the report is as large as it may be.
func (r *report) full() bool {
	return r.lines >= maxReportLines || r.bytes >= maxReportBytes
}

// blank takes an empty line: sections end at it.
func (r *report) blank() {
	r.inLua, r.inNote, r.inInfo, r.hex = false, false, false, false
}

// absorbs says whether a headline belongs to the report that is open.
func (r *report) absorbs(l line) bool {
	again := (*report).poolAgain
	if r.headline != nil {
		again = readings[r.headline.Kind].again
	} else if r.part.Crash.Pool == nil {
		return false
	}
	if again == nil || !again(r, &l) {
		return false
	}
	r.took(&l)
	return true
}

// line takes a line that is no headline.
func (r *report) line(l line) bool {
	if l.alert.level != "" {
		return false
	}
	if !r.known(&l) {
		return r.perhaps(&l)
	}
	r.confirm()
	r.took(&l)
	return true
}

// known takes a line by its shape.
func (r *report) known(l *line) bool {
	t := l.trim
	switch {
	case t[0] == '|':
		f, ok := traceFrame(t)
		if ok {
			f.Where = lex.Where(l.Number)
			r.frame(f)
		}
		return ok
	case traceHeader(t):
		return r.trace()
	case r.threadHead(l):
		return true
	case r.threadLine(l):
		return true
	case r.hints(l), r.info(l), r.poolLine(l):
		return true
	case r.dumpLine(l):
		return true
	}
	return r.section(l)
}

// section takes lines that have no shape but stand in a section.
func (r *report) section(l *line) bool {
	indented := l.text[0] == ' ' || l.text[0] == '\t'
	switch {
	case r.inLua && r.luaLine(l):
		return true
	case r.inNote && indented:
		return true
	case r.inHint && indented:
		return true
	case r.inWarning && r.warningLine(l, indented):
		return true
	}
	r.inHint = r.inHint && indented
	return false
}

// trace opens a call trace. A report other than a dump of threads has one trace;
// another one is a report of its own.
//
// Folklore: until 3.4 CHECK_IF prints its line once but the trace each time, so
// traces without a line before them are normal (HAProxy include/haproxy/bug.h).
func (r *report) trace() bool {
	r.inLua = false
	if r.at != nil && (len(r.at.Frames) > 0 || r.at.traced) && !r.of(crash.Watchdog) && !r.at.block {
		return false
	}
	if r.at == nil || len(r.at.Frames) > 0 {
		r.newThread(&thread{})
	}
	if r.at != nil {
		r.at.traced = true
	}
	return true
}

// frame adds a frame to the trace at hand.
func (r *report) frame(f crash.Frame) {
	if r.at == nil {
		r.newThread(&thread{traced: true})
	}
	if r.at != nil && len(r.at.Frames) < maxFrames {
		r.at.Frames = append(r.at.Frames, f)
	}
}

// dumpLine takes a line of a stream's dump.
func (r *report) dumpLine(l *line) bool {
	is, certain := isDumpLine(l.trim)
	if !is {
		return false
	}
	d := &r.dump
	if r.at != nil && r.at.block {
		d = &r.at.dump
	}
	if *d == nil {
		if !certain {
			return false
		}
		*d = newDump()
		r.note("stream", l)
	}
	(*d).line(l.trim)
	if r.of(crash.Spinning) && (strings.HasPrefix(l.trim, "app0=") || strings.HasPrefix(l.trim, "app1=")) {
		r.note("applet", l)
	}
	return true
}

// hints takes HAProxy's advice on what to report.
func (r *report) hints(l *line) bool {
	switch {
	case strings.HasPrefix(l.trim, "Hint: when reporting this bug"):
		r.inHint, r.hint = true, true
	case strings.HasPrefix(l.trim, "### Note: "):
		r.inNote = true
	case r.hint && (strings.HasPrefix(l.trim, "produced, open it with 'gdb'") || strings.HasPrefix(l.trim, "current thread only, then join it") ||
		strings.HasPrefix(l.trim, "output does not contain sensitive") || strings.HasPrefix(l.trim, "For more info, please see https://github.com/haproxy")):
		// the leading blanks were eaten
	default:
		return false
	}
	return true
}

// info takes the block that a panic prints before its threads since 3.3.
func (r *report) info(l *line) bool {
	if !r.of(crash.Watchdog) {
		return false
	}
	switch l.trim {
	case "HAProxy info:", "Operating system info:":
		r.inInfo = true
		return true
	}
	key, value, ok := strings.Cut(l.trim, ": ")
	if !r.inInfo || !ok {
		return false
	}
	p := r.process()
	switch key {
	case "version":
		p.Version, p.VersionSource = lex.Clip(value, maxValue), "log line"
		r.note("version", l)
	case "features":
		p.Features = features(value)
	case "kernel":
		p.System = joined(p.System, lex.Clip(value, maxValue))
	case "userland":
		p.System = joined(p.System, lex.Clip(value, maxValue))
	case "virtual machine", "container":
		if value != "no" {
			p.System = joined(p.System, key+": "+lex.Clip(value, maxValue))
		}
	default:
		return false
	}
	return true
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + ", " + b
}

// finish gives the part; false when there is nothing worth one.
func (r *report) finish() (join.Part, bool) {
	r.message = nil
	if r.headline == nil {
		if !r.endBody() {
			return join.Part{}, false
		}
	} else if end := readings[r.headline.Kind].end; end != nil {
		end(r)
	}
	r.settle()
	return r.done(), true
}

// settle moves threads and dumps into the crash.
func (r *report) settle() {
	c := &r.part.Crash
	if r.dump != nil {
		c.Stream = &r.dump.stream
		r.points(c.Stream.Address)
	}
	for _, t := range r.threads {
		markSignal(t.Frames)
		if t.dump != nil {
			t.Stream = &t.dump.stream
			if t.Faulty {
				r.points(t.Stream.Address)
				if c.Stream == nil {
					c.Stream = t.Stream
				}
			}
		}
		if t.lua.Len() > 0 {
			t.Lua = t.lua.String()
		}
		if t.Faulty {
			c.Threads = append(c.Threads, t.Thread)
		}
	}
	for _, t := range r.threads {
		if !t.Faulty {
			c.Threads = append(c.Threads, t.Thread)
		}
	}
}
