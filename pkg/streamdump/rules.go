package streamdump

import (
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Rule is a combination of facts that stands out.
type Rule struct {
	// ID is stable.
	ID string
	// Needs says in words which facts it looks at.
	Needs string
	// On are the kinds of crash in which it stands out; nil is all.
	On []crash.Kind

	see func(*Stream, sayer)
}

// sayer takes what a rule saw, and the facts that it rests on.
type sayer func(text string, facts ...Fact)

// Rules are all rules, in the order of what they say: what explains most comes first.
func Rules() []Rule {
	// Every stream passes through some states. They stand out only when HAProxy found
	// that this one does not get on, others only when it found a spin: any stream that
	// lasts has them, or one whose thread was stuck for seconds.
	spin := []crash.Kind{crash.Spinning}
	loop := []crash.Kind{crash.Spinning, crash.Watchdog, crash.BlockedTraffic}
	return []Rule{
		{"applet-ended-unread", "bytes to go to an applet, and its end state or its end of stream", nil, sides(endedUnread)},
		{"applet-ended-open", "an applet's end state, and an established side", nil, sides(endedOpen)},
		{"applet-unread", "bytes to go to the applet that spins", nil, sides(unread)},
		{"room-in-empty-buffer", "a side that waits for room, and an empty buffer", nil, sides(emptyBuffer)},
		{"buffer-at-hand", "a side that waits for a buffer, and a buffer", nil, sides(bufferAtHand)},
		{"waits-for-room", "a side that waits for room", loop, sides(waitsForRoom)},
		{"input-not-taken", "bytes that came in, no analyser, nothing to forward", nil, channels(inputNotTaken)},
		{"passes", "the counters of passes, since 3.1", spin, passes},
		{"date-in-past", "a date that is <PAST> in a spin", spin, pastDates},
		{"error-open", "an error of a side, and its state", nil, sides(errorOpen)},
		{"shutdown-pending", "a shutdown that is wanted, and whether it is done", nil, sides(shutdownPending)},
		{"both-closed", "both states", nil, bothClosed},
		{"half-closed", "both states", loop, sides(halfClosed)},
		{"channel-shut", "that a channel is shut at both ends, and both states", loop, channels(channelShut)},
		{"timeout-struck", "the timeouts that a channel notes", loop, channels(timeoutStruck)},
		{"end-with-analysers", "the end of a side's input, and pending analysers", loop, sides(endWithAnalysers)},
		{"fd-active-after-shutdown", "the state of a file descriptor, and flags of its connection", nil, sides(activeAfterShutdown)},
		{"filter-after-response", "filters, a response that is done, and what waits for the filters' end", nil, filterAfterResponse},
		{"tarpit", "the analyser of the tarpit", loop, tarpit},
		{"handshake", "flags of a connection or endpoint", loop, sides(handshake)},
	}
}

// sides makes a rule of what is seen of one side, channels of one channel.
func sides(see func(*Side, sayer)) func(*Stream, sayer) {
	return func(s *Stream, say sayer) {
		see(&s.Front, say)
		see(&s.Back, say)
	}
}

func channels(see func(*Channel, sayer)) func(*Stream, sayer) {
	return func(s *Stream, say sayer) {
		see(&s.Request, say)
		see(&s.Response, say)
	}
}

// Observe gives what stands out in the stream at fault. The sentences hold names out
// of the input: they are not escaped.
func Observe(c *crash.Crash) []crash.Observation {
	s := Of(c)
	if len(s.fields) == 0 {
		return nil
	}
	var out []crash.Observation
	for _, r := range Rules() {
		if r.On != nil && !slices.Contains(r.On, c.Kind) {
			continue
		}
		r.see(s, func(text string, facts ...Fact) {
			o := crash.Observation{ID: r.ID, Text: text}
			for _, f := range slices.DeleteFunc(facts, func(f Fact) bool { return !f.Known() }) {
				o.Fields = append(o.Fields, f.field.Name)
			}
			out = append(out, o)
		})
	}
	return out
}
