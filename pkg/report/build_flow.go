package report

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/streamdump"
)

// flow makes the stream at fault fit for a drawing; nil when nothing is known of it.
func flow(c *crash.Crash) *Flow {
	s := streamdump.Of(c)
	if s.Empty() {
		return nil
	}
	f := &Flow{
		Client: end(&s.Front, s.Protocol), Front: connector(&s.Front), Request: channel(&s.Request),
		Response: channel(&s.Response), Back: connector(&s.Back), Server: end(&s.Back, streamdump.Fact{}),
		Notes: notes(c),
	}
	if !slices.ContainsFunc(f.parts(), func(p *Part) bool { return len(p.Rows) > 0 || len(p.Flags) > 0 }) {
		return nil
	}
	if c.Stream != nil && c.Stream.Address != 0 {
		f.About = Text(c.Stream.Address.String())
	}
	if s.Frontend.Known() {
		f.About = Text(strings.TrimPrefix(string(f.About)+", frontend "+data(s.Frontend.Text()), ", "))
	}
	f.blame(c, s)
	f.number(c, s)
	return f
}

// parts are all boxes, in the order of the way from client to server.
func (f *Flow) parts() []*Part {
	return []*Part{&f.Client, &f.Front, &f.Request, &f.Response, &f.Back, &f.Server}
}

// end is what a connector ends in: a client, a server or an applet.
func end(x *streamdump.Side, protocol streamdump.Fact) Part {
	p := Part{Title: "Client"}
	if x.Name == "back" {
		p.Title = "Server"
	}
	r := (*rows)(&p.Rows)
	if x.IsApplet() {
		p.Title = "Applet"
		r.addData("name", x.Applet)
		r.addData("state", strings.Join(append([]string{x.AppletState.Text()}, x.AppletState.Flags()...), " "))
		return p
	}
	if x.Connection.Known() && x.Connection.Null() {
		r.add("connection", "none")
		return p
	}
	r.addData("protocol", protocol.Text())
	r.addData("mux", x.Mux.Text())
	_, p.Flags = x.Flags()
	return p
}

func connector(x *streamdump.Side) Part {
	p := Part{Title: capital(x.Name) + " connector"}
	r := (*rows)(&p.Rows)
	r.addData("state", x.State.Text())
	p.Flags, _ = x.Flags()
	p.ReadShut, p.WriteShut = x.Shut()
	return p
}

func channel(ch *streamdump.Channel) Part {
	p := Part{Title: capital(ch.Name), Flags: slices.Concat(ch.Flags(), ch.Analysers.Flags())}
	r := (*rows)(&p.Rows)
	if ch.Message.Word() != "" {
		r.addData("message", ch.Message.Text())
	}
	p.Output, p.Input, p.Size = count(ch.Output), count(ch.Input), count(ch.Size)
	left := func(label string, f streamdump.Fact, n int64) {
		if f.Known() {
			r.add(label, number(n)+" bytes")
		}
	}
	left("to send", ch.Output, p.Output)
	left("to analyse", ch.Input, p.Input)
	if ch.Size.Known() {
		r.add("buffer", number(p.Size)+" bytes")
	}
	return p
}

// count reads a number that a dump has; 0 when it is none.
func count(f streamdump.Fact) int64 {
	n, _ := strconv.ParseInt(f.Text(), 10, 64)
	return max(n, 0)
}

// blame marks what spins: the stream, or the applet that the guard named.
func (f *Flow) blame(c *crash.Crash, s *streamdump.Stream) {
	spin := c.Spin
	if spin == nil {
		return
	}
	text := "spins"
	if spin.Rate > 0 {
		text += ": " + number(spin.Rate) + " calls/s"
	}
	if spin.Object == "STREAM" && (spin.Address == 0 || c.Stream == nil || c.Stream.Address == 0 || c.Stream.Address == spin.Address) {
		f.Fault = text
		return
	}
	front, back := s.Front.Spins(), s.Back.Spins()
	if !front && !back && spin.Applet != "" { // a text without addresses has the name
		front, back = s.Front.Applet == spin.Applet, s.Back.Applet == spin.Applet
	}
	switch {
	case front && back: // which of the two is not known
	case front:
		f.Client.Fault = text
	case back:
		f.Server.Fault = text
	}
}

// number says which parts each note is about.
func (f *Flow) number(c *crash.Crash, s *streamdump.Stream) {
	of := map[string]*Part{"front": &f.Front, "back": &f.Back, "request": &f.Request, "response": &f.Response}
	for i := range f.Notes {
		for _, field := range c.Observations[i].Fields {
			p := of[s.Part(field)]
			if strings.HasSuffix(field, ".st0") && p == &f.Back {
				p = &f.Server
			} else if strings.HasSuffix(field, ".st0") && p == &f.Front {
				p = &f.Client
			}
			if p != nil && !slices.Contains(p.Notes, i+1) {
				p.Notes = append(p.Notes, i+1)
			}
		}
	}
}
