package streamdump

import (
	"fmt"
	"slices"
	"strings"
)

// noRoom finds that a side waits for room in the channel that it fills: a connector
// says so itself since 2.6-dev12, its endpoint in earlier 2.6, a stream interface before.
func (x *Side) noRoom() (Fact, string) {
	return has(x.words, "SC_FL_NEED_ROOM", "CS_EP_RXBLK_ROOM", "SI_FL_RXBLK_ROOM")
}

// empty says that the channel has a buffer with nothing in it.
func (ch *Channel) empty() bool {
	size, _ := ch.Size.number()
	return size > 0 && ch.Output.zero() && ch.Input.zero()
}

func emptyBuffer(x *Side, say sayer) {
	if w, flag := x.noRoom(); w.Known() && x.in.empty() {
		say(fmt.Sprintf("the %s side waits for room in the %s channel (%s), whose buffer of %s bytes is empty", x.Name, x.in.Name, flag, x.in.Size.Text()),
			w, x.in.Output, x.in.Input, x.in.Size)
	}
}

func bufferAtHand(x *Side, say sayer) {
	w, flag := has(x.words, "SC_FL_NEED_BUFF", "CS_EP_RXBLK_BUFF", "SI_FL_RXBLK_BUFF")
	if size, _ := x.in.Size.number(); w.Known() && size > 0 {
		say(fmt.Sprintf("the %s side waits for a buffer for the %s channel (%s), which has one of %d bytes", x.Name, x.in.Name, flag, size), w, x.in.Size)
	}
}

func waitsForRoom(x *Side, say sayer) {
	w, flag := x.noRoom()
	if !w.Known() || x.in.empty() {
		return
	}
	text := fmt.Sprintf("the %s side waits for room in the %s channel (%s)", x.Name, x.in.Name, flag)
	facts := []Fact{w}
	in, knownIn := x.in.Input.number()
	out, knownOut := x.in.Output.number()
	if size, ok := x.in.Size.number(); ok && knownIn && knownOut {
		text += fmt.Sprintf(", which holds %d of %d bytes", in+out, size)
		facts = append(facts, x.in.Input, x.in.Output, x.in.Size)
	}
	if to := x.in.to; to.isApplet() {
		text += "; the " + to.who() + to.inState() + " makes room by reading"
		facts = append(facts, to.AppletState)
	}
	say(text, facts...)
}

func inputNotTaken(ch *Channel, say sayer) {
	if n, _ := ch.Input.number(); n > 0 && ch.Analysers.zero() && ch.forward.zero() {
		say(fmt.Sprintf("the %s channel holds %s that came in on the %s side, and nothing is left to analyse them (an=%s) or to forward them (tofwd=0)",
			ch.Name, bytes(n), ch.from.Name, ch.Analysers.Text()), ch.Input, ch.Analysers, ch.forward)
	}
}

func endWithAnalysers(x *Side, say sayer) {
	pending := x.in.Pending()
	w, flag := has(x.words, "SC_FL_EOS", "SE_FL_EOS", "CS_EP_EOS", "CS_FL_EOS")
	if !w.Known() {
		w, flag = has([]Fact{x.in.flags}, "CF_SHUTR")
	}
	if !w.Known() {
		w, flag = has(x.words, "SC_FL_EOI", "SE_FL_EOI", "CS_EP_EOI", "CS_FL_EOI")
		pending = slices.DeleteFunc(pending, func(a string) bool { return !awaitsInput(a) })
	}
	if w.Known() && len(pending) > 0 {
		say(fmt.Sprintf("nothing more can come from the %s side (%s), and analysers of the %s are still to run: %s", x.Name, flag, x.in.Name, strings.Join(pending, ", ")),
			w, x.in.Analysers)
	}
}

// awaitsInput says that an analyser waits for more input. The end of a message is
// nothing special to others.
func awaitsInput(analyser string) bool {
	switch analyser {
	case "AN_REQ_INSPECT_FE", "AN_REQ_INSPECT_BE", "AN_REQ_WAIT_HTTP", "AN_REQ_WAIT_CLI", "AN_RES_INSPECT", "AN_RES_WAIT_HTTP", "AN_RES_WAIT_CLI":
		return true
	}
	return false
}

func tarpit(s *Stream, say sayer) {
	if slices.Contains(s.Request.Pending(), "AN_REQ_HTTP_TARPIT") {
		say("the request is held in a tarpit (AN_REQ_HTTP_TARPIT)", s.Request.Analysers)
	}
}

// filterAfterResponse sees a response that is whole while its filters keep it.
func filterAfterResponse(s *Stream, say sayer) {
	state := s.Response.Message
	if len(s.Filters) == 0 || !strings.HasPrefix(state.Text(), "MSG_DONE") && !strings.HasPrefix(state.Text(), "MSG_CLOS") {
		return
	}
	why, w := "AN_RES_FLT_END is pending", s.Response.Analysers
	if !slices.Contains(s.Response.Pending(), "AN_RES_FLT_END") {
		why, w = "one of them has the turn", s.any("res.current_filter")
	}
	if w.Known() {
		say(fmt.Sprintf("the response is done (%s), and its filters are not: %s (%s)", state.Text(), why, s.fewFilters()), state, w, s.any("filters"))
	}
}

// fewFilters names the first of them, "" if there are none.
func (s *Stream) fewFilters() string {
	const most = 4
	return strings.Join(s.Filters[:min(len(s.Filters), most)], ", ")
}
