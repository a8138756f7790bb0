package logparse

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
)

// Many tools show the newest message first: journalctl -r, Kibana, Loki, CloudWatch. A dump
// is then read from its end, which gives a trace whose caller comes first. The stamps tell;
// where all are of one second, the lines of a dump do: frames stand below "call trace".

// order is how the messages of a text follow one another.
type order int

const (
	oldestFirst order = iota
	unsure
	newestFirst
)

// Of how many messages, and bytes, at the start of an input the order is guessed.
const (
	headMessages = 64
	headBytes    = 64 << 10
	// maxHeldLines are kept until their order is known.
	maxHeldLines = 1 << 18
)

// survey counts what speaks for an order.
type survey struct {
	first, stamped int // messages, and those with a time
	up, down       int // steps of the time
	below, above   int // traces whose frames stand below, or above, their heading, or count up, or down
	head, exit     int // number of the first headline, and of the first exit that a master tells
	last           envelope.Stamp
	format         string // of the line that it was of
	header, frame  bool   // what the line before was
	number         int    // of its frame, counted from 1, if frames are numbered
	under          bool   // it was a heading below a frame
}

// add takes a line.
func (s *survey) add(l *envelope.Line) {
	text := strings.TrimLeft(l.Text, " \t")
	if l.Part != envelope.First || text == "" || l.Format == envelope.Plain && strings.IndexByte(`{}[]"`, text[0]) >= 0 {
		return // the last are what is around the records of a document
	}
	s.first++
	s.steps(l.Time, l.Format)
	line := newLine(*l)
	if line.traffic = line.ofTraffic(); line.traffic {
		return // somebody's words say nothing of an order
	}
	text = line.trim
	s.count(text)
	if !line.mayPrint() {
		return
	}
	switch {
	case s.exit == 0 && line.alert.level != "" && leaving(text):
		s.exit = s.first
	case s.head == 0 && likeHead(text) && newReport("", line) != nil:
		s.head = s.first
	}
	s.trace(text)
}

// count looks which way the numbers of frames go.
func (s *survey) count(text string) {
	number := 0
	if rest, ok := strings.CutPrefix(text, "#"); ok {
		if n, _, ok := lex.Int(rest); ok {
			number = n + 1
		}
	}
	switch {
	case number == 0 || s.number == 0:
	case number == s.number+1:
		s.below++
	case number == s.number-1:
		s.above++
	}
	s.number = number
}

// trace counts headings of call traces by what stands below them.
func (s *survey) trace(text string) {
	header := traceHeader(text)
	frame := false
	if !header && strings.Contains(text[:min(len(text), 8)], "0x") {
		_, frame = traceFrame(text)
	}
	switch {
	case s.header && frame:
		s.below++
	case s.header && s.under: // frames above it, and none below
		s.above++
	}
	s.under = header && s.frame
	s.header, s.frame = header, frame
}

// leaving knows a master's line of an end.
func leaving(t string) bool {
	_, ok := exitLine(t)
	return ok
}

// steps compares times of one format; those of several files in one text do not go on.
func (s *survey) steps(t envelope.Stamp, format string) {
	if t.IsZero() && t.Uptime < 0 {
		return
	}
	s.stamped++
	if format == s.format && t.IsZero() == s.last.IsZero() && t.NoYear == s.last.NoYear {
		step := t.Compare(s.last.Time)
		if t.IsZero() {
			step = int(1e6 * (t.Uptime - s.last.Uptime))
		}
		switch {
		case step > 0:
			s.up++
		case step < 0:
			s.down++
		}
	}
	s.last, s.format = t, format
}

// order judges. Lines without a time are taken as they stand.
func (s *survey) order() order {
	switch {
	case s.below > s.above && s.above == 0:
		return oldestFirst
	case 2*s.stamped >= s.first && s.up == 0 && s.down >= 3:
		return newestFirst
	case 2*s.stamped < s.first || s.below > s.above || s.up > 0 && 4*s.up >= s.down:
		return oldestFirst
	case s.down > 1 || s.above > s.below || s.exit > 0 && s.exit < s.head:
		return newestFirst
	}
	return unsure
}

// orderOf guesses from the first lines of an input.
func orderOf(head []byte, columns *listing) order {
	var s survey
	dec := envelope.NewDecoder()
	var lines []envelope.Line
	number := int64(0)
	head = head[:min(len(head), headBytes)]
	for raw := range bytes.Lines(head) {
		if number++; s.first > headMessages {
			break
		}
		lines = dec.Decode(columns.strip(bytes.TrimSuffix(raw, newline)), number, lines[:0])
		for i := range lines {
			s.add(&lines[i])
		}
	}
	lines = dec.Flush(lines[:0])
	for i := range lines {
		s.add(&lines[i])
	}
	o := s.order()
	if o == oldestFirst && s.up == 0 && s.first < headMessages/2 {
		return unsure
	}
	return o
}

// heldLine is a line whose turn comes when the order is known.
type heldLine struct {
	envelope.Line
	number, off int64
}

// settle gives the lines that were held to the parser, the oldest first.
func (r *reader) settle() error {
	held := r.held
	r.held = nil
	var s survey
	for i := range held {
		s.add(&held[i].Line)
	}
	o := s.order()
	if o == unsure {
		o = r.order
	}
	if o == newestFirst {
		turn(held)
	}
	if r.order == unsure {
		r.order = o
	}
	if o == newestFirst || r.order == newestFirst {
		return r.turned(held)
	}
	for i := range held {
		h := &held[i]
		if r.p.open() && r.far(h.number, h.off) {
			r.p.endAll()
		}
		if r.p.feed(h.Line) {
			r.markLine, r.markOff = h.number, h.off
		}
	}
	return r.p.err
}

// turn reverses messages, not the lines within them.
func turn(held []heldLine) {
	slices.Reverse(held)
	for from := 0; from < len(held); {
		to := from
		for to < len(held)-1 && held[to].Part != envelope.First {
			to++
		}
		slices.Reverse(held[from : to+1])
		from = to + 1
	}
}

// turned feeds lines in the order of time. They are numbered in that order for the parser and
// for join, which ask what came before what; what people are told is the line of the input.
func (r *reader) turned(held []heldLine) error {
	if slices.ContainsFunc(held, func(h heldLine) bool { return h.Format == envelope.JSON }) {
		// What stands before the first text is not behind the last one.
		held = slices.DeleteFunc(held, func(h heldLine) bool { return h.Frame })
	}
	base := int64(len(r.places))
	for i := range held {
		r.places = append(r.places, held[i].Number)
	}
	mark := base
	for i := range held {
		h := &held[i]
		h.Number = base + int64(i) + 1
		if r.p.open() && h.Number-mark > idleLines {
			r.p.endAll()
		}
		if r.p.feed(h.Line) {
			mark = h.Number
		}
	}
	r.p.endAll()
	return r.p.err
}

// placed names the lines of the input in a part of a text that was turned.
func (r *reader) placed(p *join.Part) {
	if len(r.places) == 0 {
		return
	}
	for i := range p.Crash.Evidence {
		r.place(&p.Crash.Evidence[i].Where)
	}
	for i := range p.Crash.Threads {
		r.placeFrames(p.Crash.Threads[i].Frames)
	}
}

func (r *reader) placeFrames(frames []crash.Frame) {
	for i := range frames {
		r.place(&frames[i].Where)
	}
}

func (r *reader) place(where *string) {
	number, ok := strings.CutPrefix(*where, "line ")
	n, err := strconv.ParseInt(number, 10, 64)
	if ok && err == nil && n > 0 && n <= int64(len(r.places)) {
		*where = "line " + strconv.FormatInt(r.places[n-1], 10)
	}
}

// placeOthers does the same for what is told beside the parts.
func (r *reader) placeOthers() {
	inInput := func(n *int64) {
		if *n > 0 && *n <= int64(len(r.places)) {
			*n = r.places[*n-1]
		}
	}
	for i := range r.sum.Others {
		inInput(&r.sum.Others[i].Line)
	}
	inInput(&r.sum.Words.First)
}
