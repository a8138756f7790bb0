package streamdump

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// stream is what is known of a stream, whatever generation its dump is of.
type stream struct {
	crash  *crash.Crash
	fields map[string]*crash.Field
	order  []*crash.Field

	front, back       side
	request, response channel
}

// side is one end of a stream.
type side struct {
	name  string
	state *crash.Field
	// words are all flags of this side: those of the stream interface, conn-stream
	// or connector, of the endpoint and of the connection. Their names tell them apart.
	words []*crash.Field
	fd    *crash.Field
	// applet is the name without brackets, "" when the end is none; object its address.
	applet string
	object string
	st0    *crash.Field
	// in is the channel that this side fills, out the one that it empties.
	in, out *channel
}

// channel is one direction.
type channel struct {
	name      string
	flags     *crash.Field
	analysers *crash.Field
	// output are bytes that are to go out, input those that came in and were not
	// looked at yet, size that of the buffer, 0 when there is none; nil when not known.
	output, input, size *crash.Field
	forward, expiry     *crash.Field
	from, to            *side
}

// Sources of the names: HAProxy src/stream.c from 2.0 to 3.5-dev5, stream_dump() of
// the forms on one line (sif, csf, scf; rqf) and __strm_dump_to_buffer() of the form
// over several lines (scf, co0, app0; req.f).
func streamOf(c *crash.Crash) *stream {
	s := &stream{crash: c, fields: map[string]*crash.Field{}}
	dump := c.Stream
	if dump == nil && len(c.Threads) > 0 && c.Threads[0].Faulty {
		dump = c.Threads[0].Stream
	}
	if dump != nil {
		s.add(dump.Fields)
	}
	if dump == nil || dump.Address == 0 || sameStream(c.Objects, dump.Address) {
		for i := range c.Objects {
			s.add(c.Objects[i].Fields)
		}
	}
	s.front = s.side("front", "f", "0", "af")
	s.back = s.side("back", "b", "1", "sab", "ab")
	s.request = s.channel("request", "req", "rq")
	s.response = s.channel("response", "res", "rp")
	s.front.in, s.front.out = &s.request, &s.response
	s.back.in, s.back.out = &s.response, &s.request
	s.request.from, s.request.to = &s.front, &s.back
	s.response.from, s.response.to = &s.back, &s.front
	s.applets()
	return s
}

// sameStream says that objects are of the stream that was dumped.
func sameStream(objects []crash.Object, a crash.Addr) bool {
	return slices.ContainsFunc(objects, func(o crash.Object) bool { return o.Role == "strm" && o.Address == a })
}

// add takes fields; what is there already stays.
func (s *stream) add(fields []crash.Field) {
	for i := range fields {
		f := &fields[i]
		if f.Unavailable == "" && s.fields[f.Name] == nil {
			s.fields[f.Name] = f
			s.order = append(s.order, f)
		}
	}
}

func (s *stream) any(names ...string) *crash.Field {
	for _, n := range names {
		if f := s.fields[n]; f != nil {
			return f
		}
	}
	return nil
}

func (s *stream) side(name, letter, digit string, applets ...string) side {
	x := side{name: name, state: s.any("sc"+letter+".state", "cs"+letter+".state", "si"+letter+".state"), fd: s.any("co" + digit + ".fd.state")}
	for _, n := range []string{
		"si" + letter + ".flags", "cs" + letter + ".flags", "sc" + letter + ".flags", "cs" + letter + ".endp.flags", "sc" + letter + ".endp.flags",
		"co" + letter + ".flags", "co" + digit + ".flags",
	} {
		if f := s.fields[n]; f != nil {
			x.words = append(x.words, f)
		}
	}
	for _, n := range append(applets, "app"+digit) {
		f := s.fields[n]
		if f == nil || f.Value == "(nil)" || strings.Trim(f.Value, "0x") == "" {
			continue
		}
		x.object, x.st0 = f.Value, s.fields[n+".st0"]
	}
	for i := range s.crash.Objects { // these have their address elsewhere
		if o := &s.crash.Objects[i]; o.Role == "app"+digit && x.object == "" && s.fields["app"+digit+".st0"] != nil {
			x.object, x.st0 = o.Address.String(), s.fields["app"+digit+".st0"]
		}
	}
	return x
}

// applets names the applets of both sides.
func (s *stream) applets() {
	name := func(fields ...string) string {
		f := s.any(fields...)
		if f == nil {
			return ""
		}
		n, _ := haproxy.AppletName(f.Value)
		return n
	}
	// src and dst name an applet where there is no peer's address, and no server.
	s.front.applet = name("app0.applet")
	if s.front.applet == "" && s.front.object != "" {
		s.front.applet = name("src")
	}
	s.back.applet = name("app1.applet")
	if s.back.applet == "" && s.back.object != "" {
		s.back.applet = name("dst")
	}
}

func (s *stream) channel(name, long, short string) channel {
	return channel{
		name: name, flags: s.any(long+".f", short+"f"), analysers: s.any(long+".an", short+"a"),
		output: s.fields[long+".o"], input: s.fields[long+".i"], size: s.fields[long+".size"],
		forward: s.fields[long+".tofwd"], expiry: s.fields[long+".an_exp"],
	}
}

// spins says that the spin guard stopped the process because of the applet of a side.
func (s *stream) spins(x *side) bool {
	spin := s.crash.Spin
	return spin != nil && spin.Object == "APPCTX" && spin.Address != 0 && spin.Address.String() == x.object
}

// spinsAny says that HAProxy found a stream or an applet to be called without end.
func (s *stream) spinsAny() bool { return s.crash.Kind == crash.Spinning }

// is says that a state is one of some.
func (x *side) is(states ...string) bool {
	return x.state != nil && slices.Contains(states, x.state.Value)
}

// has finds the first word of the side that surely has one of the flags.
func (x *side) has(flags ...string) (*crash.Field, string) { return has(x.words, flags...) }

func (ch *channel) has(flags ...string) (*crash.Field, string) {
	return has([]*crash.Field{ch.flags}, flags...)
}

func has(words []*crash.Field, flags ...string) (*crash.Field, string) {
	for _, name := range flags {
		for _, w := range words {
			if w != nil && slices.Contains(w.Flags, name) {
				return w, name
			}
		}
	}
	return nil, ""
}

// lacks says that a word, of which one flag is known, surely has not another one.
func lacks(w *crash.Field, flag string) bool {
	return !slices.Contains(w.Flags, flag) && !slices.Contains(w.Flags, flag+"?")
}

// pending are the analysers that are surely still to run.
func (ch *channel) pending() []string {
	if ch.analysers == nil {
		return nil
	}
	var names []string
	for _, f := range ch.analysers.Flags {
		if strings.HasPrefix(f, "AN_") && !strings.HasSuffix(f, "?") {
			names = append(names, f)
		}
	}
	return names
}

// number reads a count.
func number(f *crash.Field) (int64, bool) {
	if f == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(f.Value, 10, 64)
	return n, err == nil
}

// zero says that a word or a count is there and is nothing.
func zero(f *crash.Field) bool {
	if f == nil {
		return false
	}
	n, err := strconv.ParseUint(f.Value, 0, 64)
	return err == nil && n == 0
}
