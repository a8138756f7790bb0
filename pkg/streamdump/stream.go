package streamdump

import (
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Stream is what is known of a stream, whatever printed it.
type Stream struct {
	Front, Back       Side
	Request, Response Channel
	// Protocol is that of the connection in front; Rule the action that has the turn.
	Protocol, Rule, Frontend Fact
	// Filters are the names of those on the stream: empty when it has none, nil when
	// that is not known.
	Filters []string

	fields  map[string]*crash.Field
	order   []*crash.Field
	version string
	namer   *Namer // of words that nobody has named yet
}

// Side is one end of a stream.
type Side struct {
	Name string // front or back
	// State is that of the stream interface, conn-stream or connector.
	State           Fact
	Connection, Mux Fact
	// Applet is the name of the applet that the side ends in, "" when it ends in none or
	// in one that Lua registered; Object its address, AppletState its st0.
	Applet      string
	Object      crash.Addr
	AppletState Fact

	label Fact
	fd    Fact
	// words are all flags of this side: of the stream interface, conn-stream or connector,
	// of the endpoint and of the connection. Their names tell them apart.
	words []Fact
	// spins: the spin guard stopped the process because of this applet. rate is how
	// often a second it was called, 0 when that is not known.
	spins bool
	rate  int64
	// in is the channel that this side fills, out the one that it empties.
	in, out *Channel
}

// Channel is one direction.
type Channel struct {
	Name string // request or response
	// Message is the state of the HTTP message, Analysers the word of those still to run.
	Message, Analysers Fact
	// Output are bytes that are to go out, Input those that came in and were not
	// looked at yet, Size that of the buffer, 0 when there is none.
	Output, Input, Size Fact

	flags, forward Fact
	from, to       *Side
}

// Of gives the stream at fault: as it was printed, and of what the dump does not show
// what the core holds, if that is of the same stream.
func Of(c *crash.Crash) *Stream {
	dump := c.Stream
	if t := c.Faulty(); dump == nil && t != nil {
		dump = t.Stream
	}
	s := &Stream{version: c.Version(), fields: map[string]*crash.Field{}}
	if dump != nil {
		s.add(dump.Fields)
	}
	if dump == nil || dump.Address == 0 || sameStream(c.Objects, dump.Address) {
		s.objects(c.Objects)
	}
	s.read()
	if spin := c.Spin; spin != nil && spin.Object == "APPCTX" && spin.Address != 0 {
		for _, x := range s.Sides() {
			if x.spins = x.Object == spin.Address; x.spins {
				x.rate = spin.Rate
			}
		}
	}
	return s
}

// Printed gives a stream as a dump alone shows it.
func Printed(dump *crash.Stream) *Stream {
	s := &Stream{fields: make(map[string]*crash.Field, len(dump.Fields))}
	s.add(dump.Fields)
	s.read()
	return s
}

// sameStream says that objects are of the stream that was dumped.
func sameStream(objects []crash.Object, a crash.Addr) bool {
	return slices.ContainsFunc(objects, func(o crash.Object) bool { return o.Role == "strm" && o.Address == a })
}

// add takes fields; what is there already stays.
func (s *Stream) add(fields []crash.Field) {
	for i := range fields {
		f := &fields[i]
		if f.Unavailable == "" && s.fields[f.Name] == nil {
			s.fields[f.Name] = f
			s.order = append(s.order, f)
		}
	}
}

// objects takes those of a core. What a dump calls a structure is its address.
func (s *Stream) objects(list []crash.Object) {
	for i := range list {
		o := &list[i]
		if o.Role != "" && o.Address != 0 {
			s.add([]crash.Field{{Name: o.Role, Value: o.Address.String()}})
		}
		s.add(o.Fields)
		for _, f := range o.Fields {
			if f.Name == "filter.id" && f.Unavailable == "" && len(s.Filters) < maxFilters {
				s.Filters = append(s.Filters, f.Value)
			}
		}
	}
}

// read finds the facts under the names that they have.
func (s *Stream) read() {
	s.Front, s.Back = s.side(0), s.side(1)
	s.Request, s.Response = s.channel(0), s.channel(1)
	s.Front.in, s.Front.out = &s.Request, &s.Response
	s.Back.in, s.Back.out = &s.Response, &s.Request
	s.Request.from, s.Request.to = &s.Front, &s.Back
	s.Response.from, s.Response.to = &s.Back, &s.Front
	s.Protocol = s.any("stream.proto", "strm.proto", "proto", "co0.ctrl", "cof.ctrl")
	s.Rule = s.any("current_rule")
	s.Frontend = s.any("frontend", "fe")
	if f := s.any("filters"); f.Known() {
		s.Filters = quoted(f.Text())
	}
}

func (s *Stream) side(i int) Side {
	n := &sideNames[i]
	x := Side{Name: n.name, State: s.any(n.state...), Connection: s.any(n.connection...), Mux: s.any(n.mux...), label: s.any(n.label...), fd: s.word(n.fd)}
	for _, word := range n.words {
		if w := s.word(word); w.Known() {
			x.words = append(x.words, w)
		}
	}
	x.Applet, _ = haproxy.AppletName(x.label.Text())
	for _, object := range n.applet {
		at := s.any(object)
		// The form on one line prints a state also where there is no applet.
		if state := s.word(object + ".st0"); at.address() != 0 || !at.Known() && state.Known() {
			x.Object, x.AppletState = at.address(), state
		}
	}
	return x
}

func (s *Stream) channel(i int) Channel {
	n := &channelNames[i]
	return Channel{
		Name: n.name, Message: s.any(n.message...), Analysers: s.word(n.analysers...), Output: s.any(n.output), Input: s.any(n.input), Size: s.any(n.size),
		flags: s.word(n.flags...), forward: s.any(n.forward),
	}
}

// any gives the first of the names that has a value, or flags.
func (s *Stream) any(names ...string) Fact {
	for _, n := range names {
		if f := s.fields[n]; f != nil && (f.Value != "" || f.Flags != nil) {
			return Fact{f}
		}
	}
	return Fact{}
}

// word is any for what holds flags.
func (s *Stream) word(names ...string) Fact {
	f := s.any(names...)
	if !f.Known() || f.field.Flags != nil {
		return f
	}
	if s.namer == nil {
		v, _ := haproxy.ParseVersion(s.version)
		s.namer = NewNamer(v)
	}
	named := *f.field
	s.namer.field(&named)
	return Fact{&named}
}

// maxFilters bounds how many are told.
const maxFilters = 64

// quoted reads the names of {0x55ae00="trace filter" [1]}; never nil.
func quoted(s string) []string {
	names := []string{}
	parts := strings.Split(s, `"`)
	for i := 1; i+1 < len(parts) && len(names) < maxFilters; i += 2 {
		names = append(names, parts[i])
	}
	return names
}

// Sides are both, the front first.
func (s *Stream) Sides() [2]*Side { return [...]*Side{&s.Front, &s.Back} }

// Channels are both, the request first.
func (s *Stream) Channels() [2]*Channel { return [...]*Channel{&s.Request, &s.Response} }

// MuxState is that of the connection behind of a mux that has one. A dump of one that
// the front has too, or none behind, tells which it is.
func (s *Stream) MuxState() Fact {
	if s.Front.Mux.Text() == "H2" {
		return s.any("co1.h2c.st0")
	}
	return s.any("co1.h2c.st0", "h2c.st0")
}

// AppletAt gives the name of the applet at an address, "" when the stream does not say.
func (s *Stream) AppletAt(object crash.Addr) string {
	for _, x := range s.Sides() {
		label := x.label.Text()
		switch {
		case object == 0 || x.Object != object:
		case x.Applet != "":
			return x.Applet
		case label != "unknown" && !strings.HasPrefix(label, "<"):
			return label // a Lua service has the name that it was registered by
		}
	}
	// A dump that was cut before the pointers may have a label.
	if s.Front.Object|s.Back.Object == 0 && (s.Front.Applet == "" || s.Back.Applet == "") {
		return s.Front.Applet + s.Back.Applet
	}
	return ""
}

// Pending are the analysers that are surely still to run.
func (ch *Channel) Pending() []string {
	return slices.DeleteFunc(slices.Clone(ch.Analysers.Flags()), func(f string) bool {
		return !strings.HasPrefix(f, "AN_") || strings.HasSuffix(f, "?")
	})
}
