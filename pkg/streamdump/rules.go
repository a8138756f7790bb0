package streamdump

import (
	"github.com/hacrash/hacrash/pkg/crash"
)

// Rule is a combination of facts that stands out.
type Rule struct {
	// ID is stable.
	ID string
	// Needs says in words which facts it looks at.
	Needs string
	// Loop: what it sees is a state through which every stream passes, and
	// stands out only when HAProxy found that this one does not get on: a spin, a thread
	// without progress.
	Loop bool

	see func(*stream, func(text string, fields ...*crash.Field))
}

// Rules are all rules, in the order of what they say: what explains most comes first.
func Rules() []Rule {
	return []Rule{
		{ID: "applet-ended-unread", Needs: "bytes to go to an applet, and its end state or its end of stream", see: endedUnread},
		{ID: "applet-ended-open", Needs: "an applet's end state, and an established side", see: endedOpen},
		{ID: "applet-unread", Needs: "bytes to go to the applet that spins", see: unread},
		{ID: "room-in-empty-buffer", Needs: "a side that waits for room, and an empty buffer", see: emptyBuffer},
		{ID: "buffer-at-hand", Needs: "a side that waits for a buffer, and a buffer", see: bufferAtHand},
		{ID: "waits-for-room", Needs: "a side that waits for room", Loop: true, see: waitsForRoom},
		{ID: "input-not-taken", Needs: "bytes that came in, no analyser, nothing to forward", see: inputNotTaken},
		{ID: "passes", Needs: "the counters of passes, since 3.1", see: passes},
		{ID: "date-in-past", Needs: "a date that is <PAST> in a spin", see: pastDates},
		{ID: "error-open", Needs: "an error of a side, and its state", see: errorOpen},
		{ID: "shutdown-pending", Needs: "a shutdown that is wanted, and whether it is done", see: shutdownPending},
		{ID: "both-closed", Needs: "both states", see: bothClosed},
		{ID: "half-closed", Needs: "both states", Loop: true, see: halfClosed},
		{ID: "channel-shut", Needs: "that a channel is shut at both ends, and both states", Loop: true, see: channelShut},
		{ID: "timeout-struck", Needs: "the timeouts that a channel notes", Loop: true, see: timeoutStruck},
		{ID: "end-with-analysers", Needs: "the end of a side's input, and pending analysers", Loop: true, see: endWithAnalysers},
		{ID: "fd-active-after-shutdown", Needs: "the state of a file descriptor, and flags of its connection", see: activeAfterShutdown},
		{ID: "filter-after-response", Needs: "filters, a response that is done, and what waits for the filters' end", see: filterAfterResponse},
		{ID: "tarpit", Needs: "the analyser of the tarpit", Loop: true, see: tarpit},
		{ID: "handshake", Needs: "flags of a connection or endpoint", Loop: true, see: handshake},
	}
}

// Observe gives what stands out in the stream at fault. The flags of c must have
// their names. The sentences hold names out of the input: they are not escaped.
func Observe(c *crash.Crash) []crash.Observation {
	s := streamOf(c)
	if len(s.fields) == 0 {
		return nil
	}
	var out []crash.Observation
	for _, r := range Rules() {
		if r.Loop && !loops(c) {
			continue
		}
		r.see(s, func(text string, fields ...*crash.Field) {
			o := crash.Observation{ID: r.ID, Text: text}
			for _, f := range fields {
				if f != nil {
					o.Fields = append(o.Fields, f.Name)
				}
			}
			out = append(out, o)
		})
	}
	return out
}

func loops(c *crash.Crash) bool {
	return c.Kind == crash.Spinning || c.Kind == crash.Watchdog || c.Kind == crash.BlockedTraffic
}

// sides calls f for both.
func (s *stream) sides(f func(*side)) {
	f(&s.front)
	f(&s.back)
}
