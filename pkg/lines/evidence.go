package lines

import (
	"path"
	"strings"

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
const maxFrames = 200

// Of is what a crash tells: the frames of all threads that have a line, each once, those
// of the faulty thread first.
func Of(c *crash.Crash) Evidence {
	e := Evidence{Day: dayOf(c.Time)}
	seen := map[Frame]bool{}
	for i := range c.Threads {
		callee := ""
		for _, f := range c.Threads[i].Frames {
			name := functionName(f.Function)
			if f.Signal || f.Trust == crash.TrustScan || f.Tail {
				callee = "" // who called whom is not certain here
			}
			frame := Frame{name, f.File, f.Line, callee}
			callee = name
			if name == "" || f.File == "" || f.Line <= 0 || f.Trust == crash.TrustScan || seen[frame] {
				continue
			}
			if len(e.Frames) == maxFrames {
				return e
			}
			seen[frame] = true
			e.Frames = append(e.Frames, frame)
		}
	}
	if a := c.Assertion; a != nil && a.File != "" && a.Line > 0 {
		e.Assertion = Assertion{a.Condition, a.File, a.Line}
	}
	return e
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

// paths are the files of the table that a printed path may be: that which it ends in, or
// all of its name when it has no directory.
func (t *lineTable) paths(printed string) []string {
	printed = path.Clean(strings.ReplaceAll(printed, "\\", "/"))
	list := t.bases[path.Base(printed)]
	for p := printed; ; {
		if _, ok := t.files[p]; ok {
			return []string{p}
		}
		_, rest, ok := strings.Cut(p, "/")
		if !ok {
			break
		}
		p = rest
	}
	if strings.Contains(printed, "/") {
		return nil
	}
	return list
}
