package report

import (
	"path"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/ending"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// at says where in memory, for faults that have an address.
func at(c *crash.Crash) string {
	t := c.Faulty()
	wild := t != nil && ending.WildCall(t.Frames)
	if c.Signal == nil || c.Signal.Address == nil {
		if wild {
			return " by a call to address " + pointer(t.Frames[0].Address)
		}
		return ""
	}
	if a := *c.Signal.Address; !wild || a != t.Frames[0].Address {
		return " at address " + pointer(a)
	}
	return " by a call to address " + pointer(*c.Signal.Address)
}

// pointer is an address with a word on what it likely is.
func pointer(a crash.Addr) string {
	switch {
	case a == 0:
		return "0x0 (a null pointer)"
	case a < 0x1000:
		return a.String() + " (close to a null pointer)"
	}
	return a.String()
}

// in names the function where the trouble was, for kinds whose message does
// not.
func in(c *crash.Crash, q quoter) string {
	t := c.Faulty()
	if t == nil {
		return ""
	}
	if name := culprit(c, t, q); name != "" {
		return " in " + name
	}
	if t.Task != nil && t.Task.Function != "" {
		return " in task " + q(t.Task.Function)
	}
	return ""
}

// culprit names the first frame that does not only report the crash. A function of a
// library says little: then it is told who called it. One of the executable that has no
// name is said to have none: its caller is not to blame for it.
func culprit(c *crash.Crash, t *crash.Thread, q quoter) string {
	said := ""
	for i := range t.Frames {
		f := &t.Frames[i]
		if t.Gap(i) {
			break // who is to blame is not shown
		}
		if f.Lead || f.Signal || haproxy.ReportsCrash(f.LikelyFunction()) {
			continue
		}
		inside := f.Module == "" || f.Module == c.Executable()
		named := f.Function != "" || f.Symbol != "" || f.ModuleOffset != 0
		if said != "" {
			if inside && named {
				return said + ", called from " + functionName(f, q)
			}
			continue
		}
		switch {
		case f.Function != "" && inside:
			return q(f.Function)
		case !inside && strings.Contains(path.Base(f.Module), ".so") && !haproxy.KnownLibrary(f.Module):
			// Folklore: traces of HAProxy's own name a library without its .so.
			return foreignFunction(f, q)
		case f.Function != "":
			said = q(f.Function)
		case inside && named:
			return functionName(f, q)
		}
	}
	return said
}

// functionName is the function of a frame in a sentence.
func functionName(f *crash.Frame, q quoter) string {
	switch at := f.Module != "" && f.ModuleOffset != 0; {
	case f.Function != "":
		return q(f.Function)
	case f.Matched != nil:
		return q(guessedName(f.Matched))
	case at && f.Symbol == "":
		return q(moduleOffset(f)) // nobody looked for a name
	case at:
		return "an unnamed function at " + q(moduleOffset(f))
	case f.Symbol != "" && f.Symbol != "??":
		return "an unnamed function " + q(frameName(f))
	}
	return "an unnamed function"
}

// foreignFunction is a function of a module that is neither HAProxy's nor of a library that
// it is built with: whoever looks for a bug of HAProxy's looks there first.
func foreignFunction(f *crash.Frame, q quoter) string {
	name := q(path.Base(f.Module))
	if f.Function != "" {
		name = q(f.Function) + " of " + name
	} else if f.ModuleOffset != 0 {
		name = q(moduleOffset(f))
	}
	return name + " (no part of HAProxy)"
}

// said are the last words of the C library.
func said(c *crash.Crash, q quoter) string {
	text, ok := strings.CutPrefix(c.Text, "*** ")
	if !ok {
		return ""
	}
	text, _, ok = strings.Cut(text, " ***")
	if !ok || len(text) > 64 {
		return ""
	}
	return ": " + q(text)
}
