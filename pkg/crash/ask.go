package crash

import (
	"slices"
	"strings"
)

// Faulty gives the thread that the crash is about: the marked one, else the only one.
// It is nil when nothing says which.
func (c *Crash) Faulty() *Thread {
	for i := range c.Threads {
		if c.Threads[i].Faulty {
			return &c.Threads[i]
		}
	}
	if len(c.Threads) == 1 {
		return &c.Threads[0]
	}
	return nil
}

// Version gives the version as it was read; empty when none is known.
func (c *Crash) Version() string {
	if c.Process == nil {
		return ""
	}
	return c.Process.Version
}

// SignalName gives the signal that ended the process, from whoever told: the signal
// itself, else the parent's exit code. It is empty when neither is known.
func (c *Crash) SignalName() string {
	switch {
	case c.Signal != nil && c.Signal.Name != "":
		return c.Signal.Name
	case c.Exit != nil:
		return c.Exit.Signal
	}
	return ""
}

// Executable gives the path of the program: that of the main module, else what the
// process was said to be.
func (c *Crash) Executable() string {
	for i := range c.Modules {
		if c.Modules[i].Main {
			return c.Modules[i].Path
		}
	}
	if c.Process == nil {
		return ""
	}
	return c.Process.Executable
}

// Lacks says that something of that sort is missing.
func (c *Crash) Lacks(what Lack) bool {
	return slices.ContainsFunc(c.Missing, func(m Missing) bool { return m.ID == what })
}

// Interrupted gives the frames of the code that the last signal interrupted: all of
// them when there is no frame of a signal. What stands inside of one is the handler,
// and not what went wrong.
func (t *Thread) Interrupted() []Frame {
	for i := len(t.Frames) - 1; i >= 0; i-- {
		if t.Frames[i].Signal || t.Frames[i].Function == "__restore_rt" {
			return t.Frames[i+1:]
		}
	}
	return t.Frames
}

// Gap says whether frames are missing before the i-th: a text that showed them was cut.
func (t *Thread) Gap(i int) bool {
	n := t.Frames[i].Number
	return n != 0 && (i == 0 || n != t.Frames[i-1].Number+1)
}

// Culprit gives the innermost frame that does not only lead to the end of the process
// (Frame.Lead) and is no signal's own. It is nil when there is none, or when it is not
// shown. The frame need not have a name: an unnamed function is the culprit all the same.
func (t *Thread) Culprit() *Frame {
	for i := range t.Frames {
		if t.Gap(i) {
			return nil
		}
		if f := &t.Frames[i]; !f.Lead && !f.Signal {
			return f
		}
	}
	return nil
}

// Named gives the commits of matches and suspects, each once.
func (v *Verdict) Named() []string {
	var ids []string
	add := func(list ...string) {
		for _, id := range list {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	for _, m := range slices.Concat(v.Matches, v.Near) {
		add(m.Fixes...)
		add(m.ExposedBy...)
		add(m.IntroducedBy...)
	}
	for i := range v.Suspects {
		add(v.Suspects[i].Commit)
	}
	return ids
}

// Short is the name of a field without the role of the object that holds it.
func (f *Field) Short(role string) string { return strings.TrimPrefix(f.Name, role+".") }
