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
	// On says in which kinds of crash it is looked for.
	On Occasion

	see func(*Stream, sayer)
}

// Occasion is when a combination stands out.
type Occasion int

// The occasions.
const (
	Always Occasion = iota
	// Loop: every stream passes through such a state. It stands out only when HAProxy
	// found that this one does not get on: a spin, a thread without progress.
	Loop
	// Spin: it is so of any stream that lasts, or whose thread was stuck for seconds.
	Spin
)

// in says whether a crash is such an occasion.
func (o Occasion) in(kind crash.Kind) bool {
	switch o {
	case Loop:
		return kind == crash.Spinning || kind == crash.Watchdog || kind == crash.BlockedTraffic
	case Spin:
		return kind == crash.Spinning
	}
	return true
}

// sayer takes what a rule saw, and the facts that it rests on.
type sayer func(text string, facts ...Fact)

// Rules are all rules, in the order of what they say: what explains most comes first.
func Rules() []Rule {
	return []Rule{
		{"applet-ended-unread", "bytes to go to an applet, and its end state or its end of stream", Always, sides(endedUnread)},
		{"applet-ended-open", "an applet's end state, and an established side", Always, sides(endedOpen)},
		{"applet-unread", "bytes to go to the applet that spins", Always, sides(unread)},
		{"room-in-empty-buffer", "a side that waits for room, and an empty buffer", Always, sides(emptyBuffer)},
		{"buffer-at-hand", "a side that waits for a buffer, and a buffer", Always, sides(bufferAtHand)},
		{"waits-for-room", "a side that waits for room", Loop, sides(waitsForRoom)},
		{"input-not-taken", "bytes that came in, no analyser, nothing to forward", Always, channels(inputNotTaken)},
		{"passes", "the counters of passes, since 3.1", Spin, passes},
		{"date-in-past", "a date that is <PAST> in a spin", Spin, pastDates},
		{"error-open", "an error of a side, and its state", Always, sides(errorOpen)},
		{"shutdown-pending", "a shutdown that is wanted, and whether it is done", Always, sides(shutdownPending)},
		{"both-closed", "both states", Always, bothClosed},
		{"half-closed", "both states", Loop, sides(halfClosed)},
		{"channel-shut", "that a channel is shut at both ends, and both states", Loop, channels(channelShut)},
		{"timeout-struck", "the timeouts that a channel notes", Loop, channels(timeoutStruck)},
		{"end-with-analysers", "the end of a side's input, and pending analysers", Loop, sides(endWithAnalysers)},
		{"fd-active-after-shutdown", "the state of a file descriptor, and flags of its connection", Always, sides(activeAfterShutdown)},
		{"filter-after-response", "filters, a response that is done, and what waits for the filters' end", Always, filterAfterResponse},
		{"tarpit", "the analyser of the tarpit", Loop, tarpit},
		{"handshake", "flags of a connection or endpoint", Loop, sides(handshake)},
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
		if !r.On.in(c.Kind) {
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
