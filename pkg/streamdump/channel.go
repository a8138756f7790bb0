package streamdump

import (
	"fmt"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// noRoom finds that a side waits for room in the channel that it fills: a connector
// says so itself since 2.6-dev12, its endpoint in earlier 2.6, a stream interface before.
func (x *side) noRoom() (*crash.Field, string) {
	return x.has("SC_FL_NEED_ROOM", "CS_EP_RXBLK_ROOM", "SI_FL_RXBLK_ROOM")
}

// empty says that the channel has a buffer with nothing in it.
func (ch *channel) empty() bool {
	size, ok := number(ch.size)
	return ok && size > 0 && zero(ch.output) && zero(ch.input)
}

func emptyBuffer(s *stream, say func(string, ...*crash.Field)) {
	s.sides(func(x *side) {
		if w, flag := x.noRoom(); w != nil && x.in.empty() {
			say(fmt.Sprintf("the %s side waits for room in the %s channel (%s), whose buffer of %s bytes is empty", x.name, x.in.name, flag, x.in.size.Value),
				w, x.in.output, x.in.input, x.in.size)
		}
	})
}

func bufferAtHand(s *stream, say func(string, ...*crash.Field)) {
	s.sides(func(x *side) {
		w, flag := x.has("SC_FL_NEED_BUFF", "CS_EP_RXBLK_BUFF", "SI_FL_RXBLK_BUFF")
		if size, ok := number(x.in.size); w != nil && ok && size > 0 {
			say(fmt.Sprintf("the %s side waits for a buffer for the %s channel (%s), which has one of %d bytes", x.name, x.in.name, flag, size), w, x.in.size)
		}
	})
}

func waitsForRoom(s *stream, say func(string, ...*crash.Field)) {
	s.sides(func(x *side) {
		w, flag := x.noRoom()
		if w == nil || x.in.empty() {
			return
		}
		text := fmt.Sprintf("the %s side waits for room in the %s channel (%s)", x.name, x.in.name, flag)
		fields := []*crash.Field{w}
		in, knownIn := number(x.in.input)
		out, knownOut := number(x.in.output)
		if size, ok := number(x.in.size); ok && knownIn && knownOut {
			text += fmt.Sprintf(", which holds %d of %d bytes", in+out, size)
			fields = append(fields, x.in.input, x.in.output, x.in.size)
		}
		if to := x.in.to; to.isApplet() {
			text += "; the " + to.who() + to.inState() + " makes room by reading"
			fields = append(fields, to.st0)
		}
		say(text, fields...)
	})
}

func inputNotTaken(s *stream, say func(string, ...*crash.Field)) {
	for _, ch := range []*channel{&s.request, &s.response} {
		n, ok := number(ch.input)
		if ok && n > 0 && zero(ch.analysers) && zero(ch.forward) {
			say(fmt.Sprintf("the %s channel holds %s that came in on the %s side, and nothing is left to analyse them (an=%s) or to forward them (tofwd=0)",
				ch.name, bytes(n), ch.from.name, ch.analysers.Value), ch.input, ch.analysers, ch.forward)
		}
	}
}

func endWithAnalysers(s *stream, say func(string, ...*crash.Field)) {
	s.sides(func(x *side) {
		pending := x.in.pending()
		if len(pending) == 0 {
			return
		}
		w, flag := x.has("SC_FL_EOS", "SE_FL_EOS", "CS_EP_EOS", "CS_FL_EOS")
		if w == nil {
			w, flag = x.in.has("CF_SHUTR")
		}
		if w == nil {
			w, flag = x.has("SC_FL_EOI", "SE_FL_EOI", "CS_EP_EOI", "CS_FL_EOI")
			pending = waiting(pending)
		}
		if w == nil || len(pending) == 0 {
			return
		}
		say(fmt.Sprintf("nothing more can come from the %s side (%s), and analysers of the %s are still to run: %s", x.name, flag, x.in.name, strings.Join(pending, ", ")),
			w, x.in.analysers)
	})
}

// waiting are the analysers that wait for more input. The end of a message is
// nothing special to others.
func waiting(analysers []string) []string {
	var list []string
	for _, a := range analysers {
		switch a {
		case "AN_REQ_INSPECT_FE", "AN_REQ_INSPECT_BE", "AN_REQ_WAIT_HTTP", "AN_REQ_WAIT_CLI", "AN_RES_INSPECT", "AN_RES_WAIT_HTTP", "AN_RES_WAIT_CLI":
			list = append(list, a)
		}
	}
	return list
}

func tarpit(s *stream, say func(string, ...*crash.Field)) {
	ch := &s.request
	if w, _ := has([]*crash.Field{ch.analysers}, "AN_REQ_HTTP_TARPIT"); w != nil {
		say("the request is held in a tarpit (AN_REQ_HTTP_TARPIT)", w)
	}
}

// filterAfterResponse sees a response that is whole while its filters keep it.
func filterAfterResponse(s *stream, say func(string, ...*crash.Field)) {
	state := s.any("txn.rsp.st", "txn.rsp")
	names := s.filters()
	if state == nil || len(names) == 0 || !strings.HasPrefix(state.Value, "MSG_DONE") && !strings.HasPrefix(state.Value, "MSG_CLOS") {
		return
	}
	why := "AN_RES_FLT_END is pending"
	w, _ := has([]*crash.Field{s.response.analysers}, "AN_RES_FLT_END")
	if w == nil {
		if w = s.fields["res.current_filter"]; w == nil {
			return
		}
		why = "one of them has the turn"
	}
	say(fmt.Sprintf("the response is done (%s), and its filters are not: %s (%s)", state.Value, why, strings.Join(names, ", ")), state, w, s.fields["filters"])
}

// filters are the names of those on the stream.
func (s *stream) filters() []string {
	const most = 4
	var names []string
	if f := s.fields["filters"]; f != nil {
		rest := f.Value
		for len(names) < most {
			var ok bool
			var name string
			if _, rest, ok = strings.Cut(rest, `="`); !ok {
				break
			}
			if name, rest, ok = strings.Cut(rest, `"`); !ok {
				break
			}
			names = append(names, name)
		}
	}
	for i := range s.crash.Objects {
		if o := &s.crash.Objects[i]; o.Role == "filter" && len(names) < most && s.fields["filters"] == nil {
			for _, f := range o.Fields {
				if f.Name == "filter.id" {
					names = append(names, f.Value)
				}
			}
		}
	}
	return names
}
