package streamdump

import (
	"fmt"

	"github.com/hacrash/hacrash/pkg/crash"
)

func bothClosed(s *stream, say func(string, ...*crash.Field)) {
	if s.front.is("CLO") && s.back.is("CLO") {
		say("both sides are closed (CLO), but the stream is still there", s.front.state, s.back.state)
	}
}

func halfClosed(s *stream, say func(string, ...*crash.Field)) {
	for _, x := range [...]struct{ closed, open *side }{{&s.front, &s.back}, {&s.back, &s.front}} {
		if !x.closed.is("CLO") || !x.open.is("EST") {
			continue
		}
		how := "CLO"
		w, flag := x.closed.has("SC_FL_SHUT_DONE", "SC_FL_SHUTW")
		if w == nil {
			w, flag = x.closed.out.has("CF_SHUTW")
		}
		if w != nil {
			how += ", shut for writes: " + flag
		}
		say(fmt.Sprintf("the %s side is closed (%s), the %s side is still established (EST)", x.closed.name, how, x.open.name), x.closed.state, w, x.open.state)
	}
}

// channelShut sees a direction that is over while nobody is closed. Each side may be shut
// in one direction and live on in the other.
func channelShut(s *stream, say func(string, ...*crash.Field)) {
	for _, ch := range []*channel{&s.request, &s.response} {
		if !ch.from.is("EST") || !ch.to.is("EST") {
			continue
		}
		read, noMore := ch.has("CF_SHUTR")
		written, shut := ch.has("CF_SHUTW")
		if read == nil {
			read, noMore = ch.from.has("SC_FL_EOS", "SC_FL_ABRT_DONE", "SC_FL_SHUTR")
			written, shut = ch.to.has("SC_FL_SHUT_DONE", "SC_FL_SHUTW")
		}
		if read != nil && written != nil {
			say(fmt.Sprintf("the %s channel is shut at both ends (%s, %s), and both sides are still established (EST)", ch.name, noMore, shut),
				read, written, ch.from.state, ch.to.state)
		}
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

func shutdownPending(s *stream, say func(string, ...*crash.Field)) {
	s.sides(func(x *side) {
		for _, k := range shutdowns {
			words := append([]*crash.Field{}, x.words...)
			if k.what == "a shutdown" {
				words = append(words, x.out.flags)
			} else {
				words = append(words, x.in.flags)
			}
			w, _ := has(words, k.wanted)
			if w == nil || !lacks(w, k.done) {
				continue
			}
			text := fmt.Sprintf("%s of the %s side is wanted (%s) but not done (no %s)", k.what, x.name, k.wanted, k.done)
			fields := []*crash.Field{w}
			if n, ok := number(x.out.output); ok && n > 0 && k.what == "a shutdown" {
				text += ", with " + bytes(n) + " of the " + x.out.name + " still to go"
				fields = append(fields, x.out.output)
			}
			say(text, fields...)
		}
	})
}

func errorOpen(s *stream, say func(string, ...*crash.Field)) {
	s.sides(func(x *side) {
		w, flag := x.has("SC_FL_ERROR", "SE_FL_ERROR", "CS_EP_ERROR", "CS_FL_ERROR", "SI_FL_ERR", "CO_FL_ERROR")
		if w != nil && x.is("EST") {
			say(fmt.Sprintf("the %s side has met an error (%s) and is still established (EST)", x.name, flag), w, x.state)
		}
	})
}

func activeAfterShutdown(s *stream, say func(string, ...*crash.Field)) {
	s.sides(func(x *side) {
		if x.fd == nil {
			return
		}
		for _, k := range [...]struct{ shut, active, what string }{
			{"CO_FL_SOCK_RD_SH", "FD_EV_ACTIVE_R", "reading"}, {"CO_FL_SOCK_WR_SH", "FD_EV_ACTIVE_W", "writing"},
		} {
			w, _ := x.has(k.shut)
			if fd, _ := has([]*crash.Field{x.fd}, k.active); w != nil && fd != nil {
				say(fmt.Sprintf("the connection of the %s side is shut for %s (%s), but its file descriptor is still watched for it (%s)", x.name, k.what, k.shut, k.active), w, fd)
			}
		}
	})
}

func handshake(s *stream, say func(string, ...*crash.Field)) {
	s.sides(func(x *side) {
		w, flag := x.has("CO_FL_SSL_WAIT_HS", "CO_FL_WAIT_L6_CONN", "CO_FL_WAIT_L4_CONN", "CO_FL_ACCEPT_PROXY", "CO_FL_SEND_PROXY",
			"SE_FL_WAIT_FOR_HS", "CS_EP_WAIT_FOR_HS", "CS_FL_WAIT_FOR_HS")
		if w != nil {
			say(fmt.Sprintf("the connection of the %s side is not ready yet: its handshake is not finished (%s)", x.name, flag), w)
		}
	})
}
