package streamdump

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// ended gives what says that an applet is at its end: its state, or that its endpoint
// gives no more.
func (x *side) ended() (*crash.Field, string) {
	if x.st0 != nil && len(x.st0.Flags) == 1 && strings.HasSuffix(x.st0.Flags[0], "_END") {
		return x.st0, "is in its end state (st0=" + x.st0.Value + ", " + x.st0.Flags[0] + ")"
	}
	if w, flag := x.has("SE_FL_EOS", "CS_EP_EOS"); w != nil {
		return w, "has come to its end (" + flag + ")"
	}
	return nil, ""
}

// isApplet says that a side ends in an applet.
func (x *side) isApplet() bool { return x.applet != "" || x.object != "" }

// who names the end of a side that is an applet.
func (x *side) who() string {
	return strings.TrimSpace("applet "+x.applet) + " on the " + x.name + " side"
}

// called says how often the spin guard counted calls of the side's applet.
func (s *stream) called(x *side) string {
	if !s.spins(x) || s.crash.Spin.Rate <= 0 {
		return ""
	}
	return "; it was called " + thousands(s.crash.Spin.Rate) + " times per second"
}

func endedUnread(s *stream, say func(string, ...*crash.Field)) {
	s.sides(func(x *side) {
		n, ok := number(x.out.output)
		if !x.isApplet() || !ok || n <= 0 {
			return
		}
		end, how := x.ended()
		if end == nil {
			return
		}
		state := ""
		if x.state != nil {
			state = " (" + x.state.Value + ")"
		}
		say(fmt.Sprintf("the %s channel still holds %s for the %s%s, which %s and has not read them: data that stay there are a reason to wake it again%s",
			x.out.name, bytes(n), x.who(), state, how, s.called(x)), x.out.output, x.state, end)
	})
}

func endedOpen(s *stream, say func(string, ...*crash.Field)) {
	s.sides(func(x *side) {
		n, known := number(x.out.output)
		end, how := x.ended()
		if !x.isApplet() || end != x.st0 || end == nil || !x.is("EST") || known && n > 0 {
			return
		}
		say(fmt.Sprintf("the %s %s, but the side is still established (EST)%s", x.who(), how, s.called(x)), end, x.state)
	})
}

// unread sees one of the anomalies that make HAProxy count calls of an applet: it is
// there for data that are at hand already (src/applet.c, task_run_applet).
func unread(s *stream, say func(string, ...*crash.Field)) {
	s.sides(func(x *side) {
		n, ok := number(x.out.output)
		end, _ := x.ended()
		if !s.spins(x) || !ok || n <= 0 || end != nil {
			return
		}
		say(fmt.Sprintf("the %s channel holds %s for the %s%s that it has not read%s", x.out.name, bytes(n), x.who(), x.inState(), s.called(x)),
			x.out.output, x.st0)
	})
}

// inState is the state of an applet, by number and by name.
func (x *side) inState() string {
	switch {
	case x.st0 == nil:
		return ""
	case len(x.st0.Flags) == 1 && !strings.HasSuffix(x.st0.Flags[0], "?") && !strings.HasPrefix(x.st0.Flags[0], "0x"):
		return " (st0=" + x.st0.Value + ", " + x.st0.Flags[0] + ")"
	}
	return " (st0=" + x.st0.Value + ")"
}

func bytes(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	return strconv.FormatInt(n, 10) + " bytes"
}

func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
