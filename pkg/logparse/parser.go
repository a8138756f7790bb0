package logparse

import (
	"math"
	"slices"

	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
)

// parser sorts lines by who wrote them.
type parser struct {
	input string
	emit  func(join.Part) error
	err   error
	parts int
	// streams are those with something open.
	streams map[writer]*stream
	spare   *stream
	// ready are parts that wait, in the order of their lines, for what began
	// before them and is still open.
	ready []*join.Part
	// stale is after how many lines without one of its own a stream is ended.
	stale int64
	fed   int64
	// began says that the message at hand began with what is part of something, refused
	// that it began with somebody's words.
	began, refused bool
	words          Words
	behind         behind
	ship           shipper
	wrap           wrapped
	owners         owners
	// exit is what a master said last of a worker.
	exit lastExit
}

// writer is who wrote a line, as far as the envelope says.
type writer struct {
	host, ident string
	pid         int
}

func newParser(input string, emit func(join.Part) error) *parser {
	return &parser{input: input, emit: emit, streams: map[writer]*stream{}, stale: 2 * idleLines}
}

// open says whether something is open that later lines may add to.
func (p *parser) open() bool { return len(p.streams) > 0 }

// feed takes a line; it says whether the line was part of something.
func (p *parser) feed(raw envelope.Line) bool {
	if p.err != nil {
		return false
	}
	l, ok := p.unwrap(raw)
	if !ok {
		return false
	}
	if p.fed++; p.fed%64 == 0 {
		p.sweep(l.Number)
	}
	key := keyOf(&l)
	s, known := p.streamOf(key, l.Number)
	used := s.offer(l)
	p.begun(s, &l, used || l.trim == "" && s.busy()) // HAProxy's hint begins with an empty line
	if !used {
		if likeHead(l.text) {
			p.words.add(&l)
		}
		p.behind.add(&l)
	}
	switch {
	case !s.busy() && known:
		delete(p.streams, key)
	case !s.busy():
		p.spare = s
	case used:
		s.last, s.plain = l.Number, l.Format == envelope.Plain
	}
	if s.busy() && !known {
		if len(p.streams) >= maxStreams {
			p.evict()
		}
		p.streams[key] = s
	}
	p.release()
	return used
}

// unwrap takes off what stands around a line and puts it together with one that was
// wrapped; false when it is no evidence.
func (p *parser) unwrap(raw envelope.Line) (line, bool) {
	if s := p.streams[writer{}]; raw.Moved && s != nil && s.plain {
		// A dump on a console, between the lines of a log.
		if alone := newLine(raw.Alone()); alone.trim != "" && opensBody(alone) {
			raw = alone.Line
		}
	}
	if p.ship.filler(raw.Text) {
		return line{}, false
	}
	p.ship.unpack(&raw)
	l := newLine(raw)
	if !p.counts(&l) {
		return l, false
	}
	whole, ok := p.wrap.goOn(&l)
	if !ok {
		p.wrap.begins(&l)
		return l, true
	}
	// What was read of the first row alone is less than the same.
	if s := p.streams[keyOf(&whole)]; s != nil && s.fault != nil && s.fault.Seq == whole.Number {
		s.fault = nil
	}
	return whole, true
}

// streamOf gives a writer's stream; known is false for one that has nothing open.
func (p *parser) streamOf(key writer, number int64) (s *stream, known bool) {
	if s = p.streams[key]; s != nil && number-s.last <= p.stale {
		return s, true
	}
	if s != nil {
		s.end()
		delete(p.streams, key)
	}
	if s = p.spare; s == nil {
		s = &stream{}
	}
	p.spare = nil
	*s = stream{p: p}
	return s, false
}

// counts says whether a line can be evidence. What a traffic log or another program
// says is somebody's words.
//
// What follows a newline in a message is not at the beginning of one. It counts if the
// message began with something that does.
func (p *parser) counts(l *line) bool {
	if l.Part == envelope.First {
		p.began, p.refused = false, false
		l.traffic = l.ofTraffic()
	}
	if l.from != envelope.Stranger && !p.refused && (p.began || l.Part != envelope.Escaped) {
		return true
	}
	if likeHead(l.text) {
		p.words.add(l)
	}
	return false
}

// begun decides with the first line of a message about those that follow in it. That it
// is from HAProxy, and no traffic, is enough when the newlines are its own.
func (p *parser) begun(s *stream, l *line, used bool) {
	if l.Part != envelope.First {
		return
	}
	p.began = used && s.stack == nil // what a debugger shows is not the message
	if !used && l.trim != "" {
		p.refused = l.traffic || l.from != envelope.HAProxy && l.alert.level == ""
	}
}

// evict ends what is open in the stream that was quiet for longest, and gives its bytes.
func (p *parser) evict() (bytes int) {
	var oldest writer
	var found *stream
	for key, s := range p.streams {
		if found == nil || s.last < found.last || s.last == found.last && before(key, oldest) {
			oldest, found = key, s
		}
	}
	if found != nil {
		bytes = found.bytes()
		found.end()
		delete(p.streams, oldest)
	}
	return bytes
}

// sweep ends the streams that were quiet for long while others were not, and some more
// when all hold too much.
func (p *parser) sweep(number int64) {
	var quiet []writer
	open := 0
	for key, s := range p.streams {
		if number-s.last > p.stale {
			quiet = append(quiet, key)
		} else {
			open += s.bytes()
		}
	}
	for ; open > maxOpenBytes; open -= p.evict() {
	}
	slices.SortFunc(quiet, func(a, b writer) int {
		if before(a, b) {
			return -1
		}
		return 1
	})
	for _, key := range quiet {
		if s := p.streams[key]; s != nil {
			s.end()
			delete(p.streams, key)
		}
	}
}

// before orders writers, so that a run does the same each time.
func before(a, b writer) bool {
	switch {
	case a.host != b.host:
		return a.host < b.host
	case a.ident != b.ident:
		return a.ident < b.ident
	}
	return a.pid < b.pid
}

// endAll ends what is open, in the order in which it began.
func (p *parser) endAll() {
	for len(p.streams) > 0 {
		var first writer
		var found *stream
		for key, s := range p.streams {
			if found == nil || s.began() < found.began() || s.began() == found.began() && before(key, first) {
				first, found = key, s
			}
		}
		found.end()
		delete(p.streams, first)
	}
	p.release()
}

// send gives a part out, in its turn.
func (p *parser) send(part join.Part) {
	i := len(p.ready)
	for i > 0 && p.ready[i-1].Seq > part.Seq {
		i--
	}
	p.ready = slices.Insert(p.ready, i, &part)
}

// release emits the parts that nothing open precedes.
func (p *parser) release() {
	if len(p.ready) == 0 {
		return
	}
	first := int64(math.MaxInt64)
	for _, s := range p.streams {
		if first = min(first, s.began()); first <= p.ready[0].Seq && len(p.ready) <= maxQueued {
			return // all of them wait for this one
		}
	}
	n := 0
	for n < len(p.ready) && p.err == nil && (p.ready[n].Seq < first || len(p.ready)-n > maxQueued) {
		p.parts++
		p.err = p.emit(*p.ready[n])
		n++
	}
	p.ready = slices.Delete(p.ready, 0, n)
}
