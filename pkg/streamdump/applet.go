package streamdump

import (
	"fmt"
	"strconv"
	"strings"
)

// endState is the state of an applet if it is its last, which all of HAProxy's applets
// call _END.
func (x *Side) endState() Fact {
	if f := x.AppletState.Flags(); len(f) == 1 && strings.HasSuffix(f[0], "_END") {
		return x.AppletState
	}
	return Fact{}
}

// ended gives what says that an applet is at its end: its state, or that its endpoint
// gives no more.
func (x *Side) ended() (Fact, string) {
	if x.endState().Known() {
		return x.AppletState, "is in its end state" + x.inState()
	}
	w, flag := has(x.words, "SE_FL_EOS", "CS_EP_EOS")
	return w, "has come to its end (" + flag + ")"
}

// isApplet says that a side ends in an applet.
func (x *Side) isApplet() bool { return x.Applet != "" || x.Object != 0 }

// who names the end of a side that is an applet.
func (x *Side) who() string {
	return strings.TrimSpace("applet "+x.Applet) + " on the " + x.Name + " side"
}

// inState is the state of an applet, by number and by name.
func (x *Side) inState() string {
	f := x.AppletState.Flags()
	switch {
	case !x.AppletState.Known():
		return ""
	case len(f) == 1 && !strings.HasSuffix(f[0], "?") && !strings.HasPrefix(f[0], "0x"):
		return " (st0=" + x.AppletState.Text() + ", " + f[0] + ")"
	}
	return " (st0=" + x.AppletState.Text() + ")"
}

// called says how often the spin guard counted calls of the side's applet.
func (x *Side) called() string {
	if x.rate <= 0 {
		return ""
	}
	return "; it was called " + thousands(x.rate) + " times per second"
}

func endedUnread(x *Side, say sayer) {
	n, _ := x.out.Output.number()
	end, how := x.ended()
	if !x.isApplet() || n <= 0 || !end.Known() {
		return
	}
	state := ""
	if x.State.Known() {
		state = " (" + x.State.Text() + ")"
	}
	say(fmt.Sprintf("the %s channel still holds %s for the %s%s, which %s and has not read them: data that stay there are a reason to wake it again%s",
		x.out.Name, bytes(n), x.who(), state, how, x.called()), x.out.Output, x.State, end)
}

func endedOpen(x *Side, say sayer) {
	n, _ := x.out.Output.number()
	if !x.isApplet() || !x.endState().Known() || !x.is("EST") || n > 0 {
		return
	}
	say(fmt.Sprintf("the %s is in its end state%s, but the side is still established (EST)%s", x.who(), x.inState(), x.called()), x.AppletState, x.State)
}

// unread sees one of the anomalies that make HAProxy count calls of an applet: it is
// there for data that are at hand already (src/applet.c, task_run_applet).
func unread(x *Side, say sayer) {
	n, _ := x.out.Output.number()
	end, _ := x.ended()
	if !x.spins || n <= 0 || end.Known() {
		return
	}
	say(fmt.Sprintf("the %s channel holds %s for the %s%s that it has not read%s", x.out.Name, bytes(n), x.who(), x.inState(), x.called()),
		x.out.Output, x.AppletState)
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
