package lines

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Frame is a place in the source that a stack names.
type Frame struct {
	Function, File string
	Line           int
	// Callee is the function that was called from there; "" when that is not known.
	Callee string
}

// Assertion is one that printed its place and its condition.
type Assertion struct {
	Condition, File string
	Line            int
}

// Evidence is what a crash tells about its version, besides naming it.
type Evidence struct {
	Frames    []Frame
	Assertion Assertion // its Line is 0 when there is none
	// Day is that of the crash, since 1970; 0 when it is not known. What was released
	// later is not of the crash.
	Day int
}

// maxFrames bounds the frames of a crash that count: those of several threads are mostly
// the same.
const maxFrames = 100

// Of is what a crash tells: the frames of its stacks that have a line, each once, those of
// the faulty thread first.
func Of(c *crash.Crash) Evidence {
	e := Evidence{Day: dayOf(c.Time)}
	seen := map[Frame]bool{}
	for i := range c.Threads {
		e.stack(c.Threads[i].Frames, seen)
	}
	for i := range c.Stacks {
		e.stack(c.Stacks[i].Frames, seen)
	}
	if a := c.Assertion; a != nil && a.File != "" && a.Line > 0 {
		e.Assertion = Assertion{a.Condition, a.File, a.Line}
	}
	return e
}

func (e *Evidence) stack(frames []crash.Frame, seen map[Frame]bool) {
	callee := ""
	for i := range frames {
		f := &frames[i]
		if f.Signal || f.Trust == crash.TrustScan {
			callee = "" // what was called from here is not certain
		}
		frame := Frame{functionName(f.Function), f.File, f.Line, callee}
		callee = frame.Function
		if frame.Function == "" || f.File == "" || f.Line <= 0 || f.Trust == crash.TrustScan || seen[frame] {
			continue
		}
		if len(e.Frames) == maxFrames {
			return
		}
		seen[frame] = true
		e.Frames = append(e.Frames, frame)
	}
}

// functionName is the name in the source: compilers append what they did (.isra.0, .cold).
func functionName(s string) string {
	s, _, _ = strings.Cut(s, "@")
	if i := strings.IndexByte(s, '.'); i > 0 {
		s = s[:i]
	}
	if s == "??" || !haproxy.IsFunction(s) {
		return ""
	}
	return s
}

// filesOf are those of the table that a printed path may be: that which it ends in, or all of
// its name when it has no directory.
func (t *lineTable) filesOf(printed string) []entry {
	printed = path.Clean(printed)
	list := t.named(path.Base(printed))
	if !strings.Contains(printed, "/") {
		return list
	}
	return slices.DeleteFunc(list, func(e entry) bool { return printed != e.path && !strings.HasSuffix(printed, "/"+e.path) })
}

// dayOf is the day of a crash's time, since 1970; 0 when its year is not known.
func dayOf(s string) int {
	if len(s) < len(time.DateOnly) {
		return 0
	}
	t, err := time.Parse(time.DateOnly, s[:len(time.DateOnly)])
	if err != nil || t.Year() < 2017 {
		return 0
	}
	return int(t.Unix() / 86400)
}
