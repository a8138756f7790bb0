package streamdump

import (
	"fmt"
	"slices"
)

// is says that a side is in a state.
func (x *Side) is(state string) bool { return x.State.Text() == state }

// other is the opposite side.
func (x *Side) other() *Side { return x.in.to }

func bothClosed(s *Stream, say sayer) {
	if s.Front.is("CLO") && s.Back.is("CLO") {
		say("both sides are closed (CLO), but the stream is still there", s.Front.State, s.Back.State)
	}
}

func halfClosed(x *Side, say sayer) {
	open := x.other()
	if !x.is("CLO") || !open.is("EST") {
		return
	}
	how := "CLO"
	w, flag := has(append(slices.Clip(x.words), x.out.flags), "SC_FL_SHUT_DONE", "SC_FL_SHUTW", "CF_SHUTW")
	if w.Known() {
		how += ", shut for writes: " + flag
	}
	say(fmt.Sprintf("the %s side is closed (%s), the %s side is still established (EST)", x.Name, how, open.Name), x.State, w, open.State)
}

// readShut gives what says that nothing more comes from a side. Up to 2.7 channels are shut.
func (x *Side) readShut() (Fact, string) {
	if w, flag := has([]Fact{x.in.flags}, "CF_SHUTR"); w.Known() {
		return w, flag
	}
	return has(x.words, "SC_FL_EOS", "SC_FL_ABRT_DONE", "SC_FL_SHUTR")
}

// writeShut gives what says that nothing more goes to a side.
func (x *Side) writeShut() (Fact, string) {
	if w, flag := has([]Fact{x.out.flags}, "CF_SHUTW"); w.Known() {
		return w, flag
	}
	return has(x.words, "SC_FL_SHUT_DONE", "SC_FL_SHUTW")
}

// channelShut sees a direction that is over while nobody is closed. Each side may be shut
// in one direction and live on in the other.
func channelShut(ch *Channel, say sayer) {
	if !ch.from.is("EST") || !ch.to.is("EST") {
		return
	}
	read, noMore := ch.from.readShut()
	written, shut := ch.to.writeShut()
	if read.Known() && written.Known() {
		say(fmt.Sprintf("the %s channel is shut at both ends (%s, %s), and both sides are still established (EST)", ch.Name, noMore, shut),
			read, written, ch.from.State, ch.to.State)
	}
}

// shutdowns are the flags of what is wanted, and of that it is done. Up to 2.7 channels
// have them: a channel is written by the side that empties it, and read by the one that
// fills it.
var shutdowns = [...]struct{ wanted, done, what string }{
	{"SC_FL_SHUT_WANTED", "SC_FL_SHUT_DONE", "a shutdown"},
	{"SC_FL_SHUTW_NOW", "SC_FL_SHUTW", "a shutdown"},
	{"CF_SHUTW_NOW", "CF_SHUTW", "a shutdown"},
	{"SC_FL_ABRT_WANTED", "SC_FL_ABRT_DONE", "an abort"},
	{"SC_FL_SHUTR_NOW", "SC_FL_SHUTR", "an abort"},
	{"CF_SHUTR_NOW", "CF_SHUTR", "an abort"},
}

func shutdownPending(x *Side, say sayer) {
	for _, k := range shutdowns {
		ch := x.out
		if k.what == "an abort" {
			ch = x.in
		}
		w, _ := has(append(slices.Clip(x.words), ch.flags), k.wanted)
		if !w.Known() || !w.lacks(k.done) {
			continue
		}
		text := fmt.Sprintf("%s of the %s side is wanted (%s) but not done (no %s)", k.what, x.Name, k.wanted, k.done)
		if n, _ := x.out.Output.number(); n > 0 && k.what == "a shutdown" {
			say(text+", with "+bytes(n)+" of the "+x.out.Name+" still to go", w, x.out.Output)
			continue
		}
		say(text, w)
	}
}

func errorOpen(x *Side, say sayer) {
	w, flag := has(x.words, "SC_FL_ERROR", "SE_FL_ERROR", "CS_EP_ERROR", "CS_FL_ERROR", "SI_FL_ERR", "CO_FL_ERROR")
	if w.Known() && x.is("EST") {
		say(fmt.Sprintf("the %s side has met an error (%s) and is still established (EST)", x.Name, flag), w, x.State)
	}
}

func activeAfterShutdown(x *Side, say sayer) {
	for _, k := range [...]struct{ shut, active, what string }{
		{"CO_FL_SOCK_RD_SH", "FD_EV_ACTIVE_R", "reading"}, {"CO_FL_SOCK_WR_SH", "FD_EV_ACTIVE_W", "writing"},
	} {
		w, _ := has(x.words, k.shut)
		if fd, _ := has([]Fact{x.fd}, k.active); w.Known() && fd.Known() {
			say(fmt.Sprintf("the connection of the %s side is shut for %s (%s), but its file descriptor is still watched for it (%s)", x.Name, k.what, k.shut, k.active), w, fd)
		}
	}
}

func handshake(x *Side, say sayer) {
	w, flag := has(x.words, "CO_FL_SSL_WAIT_HS", "CO_FL_WAIT_L6_CONN", "CO_FL_WAIT_L4_CONN", "CO_FL_ACCEPT_PROXY", "CO_FL_SEND_PROXY",
		"SE_FL_WAIT_FOR_HS", "CS_EP_WAIT_FOR_HS", "CS_FL_WAIT_FOR_HS")
	if w.Known() {
		say(fmt.Sprintf("the connection of the %s side is not ready yet: its handshake is not finished (%s)", x.Name, flag), w)
	}
}
