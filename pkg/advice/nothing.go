package advice

import (
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/logparse"
)

// without are the steps for inputs that hold no crash of HAProxy, by what they hold instead;
// the last one is for those that hold nothing.
var without = []struct {
	kind logparse.OtherKind
	step crash.Step
}{
	{logparse.OtherLeak, crash.Step{
		Do:      "if memory grows without end, watch which pool grows",
		Why:     "memory that is not freed at the end of a process is no crash",
		Command: "echo 'show pools' | socat stdio /run/haproxy/admin.sock",
	}},
	{logparse.OtherPrefix, crash.Step{
		Do:      "take the lines from where HAProxy wrote them",
		Why:     "what stands before the lines is not known",
		Command: "journalctl -u haproxy --since yesterday -o short-iso | hacrash analyze",
	}},
	{logparse.OtherWords, crash.Step{
		Do:      "look into HAProxy's own log, and not into what others wrote",
		Why:     "anybody may write such a text into a request, and others log it",
		Command: "journalctl -u haproxy --since yesterday -o short-iso | hacrash analyze",
	}},
	{logparse.OtherProgram, crash.Step{
		Do:      "give what HAProxy left, if it ended too",
		Why:     "what was given is of another program",
		Command: "coredumpctl list haproxy; journalctl -u haproxy --since yesterday -o short-iso | hacrash analyze",
	}},
}

// nothing is the step for inputs in which nothing was seen.
var nothing = crash.Step{
	Do:      "give HAProxy's log of the time at which it ended, and its core",
	Why:     "systemd and the kernel tell of an end too",
	Command: "journalctl --since yesterday -o short-iso | hacrash analyze",
}

// WithoutCrash says what to do about inputs without a crash of HAProxy, by what was seen in
// them.
func WithoutCrash(seen []logparse.OtherKind) []crash.Step {
	var steps []crash.Step
	for i := range without {
		if slices.Contains(seen, without[i].kind) {
			steps = append(steps, without[i].step)
		}
	}
	if steps == nil {
		steps = append(steps, nothing)
	}
	return steps
}
