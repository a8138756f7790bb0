package analyze

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/objects"
	"github.com/hacrash/hacrash/pkg/redact"
	"github.com/hacrash/hacrash/pkg/source"
	"github.com/hacrash/hacrash/pkg/trim"
)

// Trim makes a small core of the one that o names, and gives it to use while the files of the
// process are open.
func Trim(ctx context.Context, o Options, use func(trim.Result) error) error {
	return oneInput(ctx, o, func(in *source.Input) error {
		if in.Kind != source.Core {
			return fmt.Errorf("%s: not a core; trim makes cores small", in.Name)
		}
		r := runner{o: o}
		core, err := r.openCore(ctx, in) // one that is compressed is read once, and not unpacked
		if err != nil {
			return fmt.Errorf("%s: %w", in.Name, err)
		}
		modules := module.New(ctx, core, o.Modules)
		defer modules.Close()
		part, _, err := r.partOf(ctx, core, modules, in)
		if err != nil {
			return fmt.Errorf("%s: %w", in.Name, err)
		}
		program := trim.Program{Report: reportOf(part.Crash, in.Name)}
		program.Objects = func(number func(addr, size uint64)) {
			again := part.Crash
			readObjects(core, modules, &again, func(uint64) string { return "" }, objects.Options{Numbers: number})
		}
		out, err := trim.Core(ctx, core, modules, program)
		if err != nil {
			return fmt.Errorf("%s: %w", in.Name, err)
		}
		return use(out)
	})
}

// Bounds on the report within a small core.
const (
	maxReport        = 4 << 20
	maxReportThreads = 256 // with frames, if it would be too long
)

// reportOf is what a small core keeps of what the original told: what may be shown of it.
// Whoever hands over a core could write its memory as well as its notes, so it is believed.
func reportOf(c crash.Crash, input string) []byte {
	c.Evidence, c.Missing = slices.Clone(c.Evidence), slices.DeleteFunc(slices.Clone(c.Missing), ofFiles)
	for i := range c.Evidence {
		if c.Evidence[i].Source == input {
			c.Evidence[i].Source = ""
		}
	}
	redact.Crash(&c, redact.Options{})
	b, err := json.Marshal(&c)
	if len(b) > maxReport {
		for i := maxReportThreads; i < len(c.Threads); i++ {
			c.Threads[i].Frames = nil
		}
		b, err = json.Marshal(&c)
	}
	if err != nil || len(b) > maxReport {
		return nil
	}
	return b
}

// useReport takes the report of the original, and walks the stacks again: the files at hand may
// tell more than those of the sender did.
func (r *runner) useReport(ctx context.Context, c *elfcore.Core, modules *module.Set, part *join.Part) bool {
	var told crash.Crash
	if len(c.Report) > maxReport || json.Unmarshal(c.Report, &told) != nil || len(told.Threads) != len(c.Threads) {
		return false
	}
	for i := range told.Evidence {
		if e := &told.Evidence[i]; e.Source == "" {
			e.Source = part.Input
		}
	}
	byLWP := map[int]*crash.Thread{}
	for i := range told.Threads {
		byLWP[told.Threads[i].LWP] = &told.Threads[i]
	}
	walked, more := walkStacks(ctx, c, modules, r.o.Symbols), false
	for i := range c.Threads {
		w := walked.threads[i]
		if t := byLWP[c.Threads[i].LWP]; t != nil && tellsMore(w.frames, t.Frames) {
			t.Frames, t.Broken = hideBlank(w.frames), w.broken
			more = more || i == 0
		}
	}
	if more {
		for _, l := range modules.Missing() {
			told.Missing = append(told.Missing, missing(l))
		}
	}
	told.Missing = append(told.Missing, crash.Missing{
		What:   "most of the memory, which hacrash trim took out",
		Effect: "what was read there is told as the original told it; other words of it are redacted or not kept",
		Remedy: "give the files of the process with --exe, --sysroot and --debug-dir: stacks are shown by them where they tell more",
	})
	if p := told.Process; p != nil {
		part.PID = p.PID
	}
	part.Crash = told
	return true
}

// ofFiles says whether something is missing on the disk where a core was analysed.
func ofFiles(m crash.Missing) bool {
	return m.ID == crash.LacksExecutable || m.ID == crash.LacksLibrary || m.ID == crash.LacksDebug
}

// tellsMore says whether a stack has more names, lines or arguments than another, and less of
// none.
func tellsMore(a, b []crash.Frame) bool {
	x, y := tells(a), tells(b)
	more := false
	for i := range x {
		if x[i] < y[i] {
			return false
		}
		more = more || x[i] > y[i]
	}
	return more
}

func tells(frames []crash.Frame) (n [4]int) {
	for i := range frames {
		f := &frames[i]
		n[0]++
		if f.Function != "" {
			n[1]++
		}
		if f.Line > 0 {
			n[2]++
		}
		n[3] += len(f.Arguments)
	}
	return n
}

// hideBlank says of arguments whose bytes were taken out that they were.
func hideBlank(frames []crash.Frame) []crash.Frame {
	for i := range frames {
		for k := range frames[i].Arguments {
			if a := &frames[i].Arguments[k]; trim.IsBlank(a.Value) {
				a.Value = redacted
			}
		}
	}
	return frames
}

const redacted = "<redacted>"
